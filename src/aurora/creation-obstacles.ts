import type { CreationIdentity } from './creation-step.js';
import type { ObstacleDetails } from './deletion-obstacles.js';

/** Words for a cluster that `createDatabase` did not create from this source. */
export function foreignDetails(
  wanted: CreationIdentity,
  found: CreationIdentity | undefined,
): ObstacleDetails {
  return {
    expected: `no cluster, or one that was created as ${describe(wanted)}`,
    actual:
      found === undefined ? 'a cluster that createDatabase did not create' : `one of ${describe(found)}`,
    remedy:
      'Use the present cluster (startDatabase), or delete it (deleteDatabase) and repeat createDatabase',
  };
}

/** Words for a cluster that can get no instance. */
export function refusedDetails(because: 'failed' | 'stopped', text: string): ObstacleDetails {
  return because === 'stopped'
    ? {
        expected: 'an available cluster, because instances are missing',
        actual: text,
        remedy: 'Start it (startDatabase), then repeat createDatabase',
      }
    : {
        expected: 'a cluster that becomes available',
        actual: text,
        remedy: 'Delete it (deleteDatabase), remove the reason, then repeat createDatabase',
      };
}

/** Words for a call that AWS refuses, with AWS's own sentence. */
export function unfinishedDetails(
  cause: Error,
  { text }: { readonly text: string },
): ObstacleDetails & { readonly cause: Error } {
  return {
    expected: 'RDS to accept the creation',
    actual: `a refusal with ${text}: ${cause.name}: ${cause.message}`,
    remedy:
      'Remove the reason for the refusal, then repeat createDatabase: it continues where it stopped. deleteCreatedDatabase or deleteDatabase removes what exists',
    cause,
  };
}

function describe({ source, creationId }: CreationIdentity): string {
  return creationId === undefined ? source : `${source} by ${creationId}`;
}
