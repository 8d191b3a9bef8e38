import type { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import * as step from 'aws-blue-green-toolkit/swap';

/** Steps of the database within the plan. */
export type DatabaseSteps = (database: AuroraTools) => ReturnType<typeof startedDatabase>;

/** Both databases exist. The idle one is stopped. */
export function startedDatabase(database: AuroraTools) {
  return {
    provide: [step.startDatabase(database, { maxWaitSeconds: 660 }), step.scaleOutReaders(database)],
    settle: [step.scaleInReaders(database, { stack: 'incoming' })],
    remove: step.stopDatabase(database),
  };
}

/** Only the live database exists. Each swap creates the next one, and deletes the last one with a final snapshot. */
export const createdDatabase: DatabaseSteps = (database) => ({
  provide: [step.createDatabase(database, { from: 'empty' })],
  settle: [],
  remove: step.deleteDatabase(database),
});
