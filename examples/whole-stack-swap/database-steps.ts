import type { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import {
  createDatabase,
  deleteDatabase,
  scaleInReaders,
  scaleOutReaders,
  startDatabase,
  stopDatabase,
} from 'aws-blue-green-toolkit/swap';

/** Steps of the database within the plan. */
export type DatabaseSteps = (database: AuroraTools) => ReturnType<typeof startedDatabase>;

/** Both databases exist. The idle one is stopped. */
export function startedDatabase(database: AuroraTools) {
  return {
    provide: [startDatabase(database, { maxWaitSeconds: 660 }), scaleOutReaders(database)],
    settle: [scaleInReaders(database, { stack: 'incoming' })],
    remove: stopDatabase(database),
  };
}

/** Only the live database exists. Each swap creates the next one, and deletes the last one with a final snapshot. */
export const createdDatabase: DatabaseSteps = (database) => ({
  provide: [createDatabase(database, { from: 'empty' })],
  settle: [],
  remove: deleteDatabase(database),
});
