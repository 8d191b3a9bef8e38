import type { CallOptions } from '../core/aws-call.js';
import { isRefusedForNow } from '../core/failures.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { stopwatch } from '../core/stopwatch.js';
import { ClusterState, isAtRest, observeCluster } from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds } from './context.js';
import type { CreationApi } from './creation-api.js';
import { isComplete, isOfCreation } from './creation-step.js';
import type { CreatedDatabaseDeletion, DatabaseCreationState } from './creation-types.js';
import { DatabaseDeleter } from './database-deletion.js';
import type { RdsApi } from './rds-api.js';

/** State of the creation of a cluster that has `members` instances when it is complete. */
export async function readCreationState(
  api: RdsApi,
  { cluster, members, creationId }: { cluster: string; members: number; creationId: string | undefined },
  options: CallOptions,
): Promise<DatabaseCreationState> {
  const found = await api.findCluster(cluster, options);
  if (found === undefined) return 'none';
  if (!isOfCreation(found, creationId)) return 'other';
  if (found.Status === ClusterState.deleting) return 'deleting';
  const instances = await api.listInstances(cluster, options);
  return isComplete(found, instances, members) ? 'complete' : 'inProgress';
}

/** Deletes a cluster of this creation, without a snapshot, even when it has the deletion protection of the partner. */
export async function deleteCreated(
  context: AuroraContext,
  creation: CreationApi,
  { cluster, creationId, ...options }: WaitOptions & { cluster: string; creationId: string },
): Promise<CreatedDatabaseDeletion> {
  const found = await context.api.findCluster(cluster, options);
  if (found === undefined || !isOfCreation(found, creationId)) return { deleted: false };
  if (found.DeletionProtection === true) await unprotect(context, creation, cluster, options);
  await new DatabaseDeleter(context, cluster, {
    ...options,
    withSnapshot: false,
    deleteAutomatedBackups: undefined,
  }).run();
  return { deleted: true };
}

interface Protection {
  readonly isOff: boolean;
  readonly text: string;
  readonly refusal?: Error;
}

async function unprotect(
  { api, clock, logger }: AuroraContext,
  creation: CreationApi,
  cluster: string,
  options: WaitOptions,
): Promise<void> {
  const elapsed = stopwatch(clock);
  await pollUntil<Protection>({
    resource: cluster,
    expected: 'deletion protection off',
    maxWaitSeconds: options.maxWaitSeconds ?? defaultWaitSeconds,
    signal: options.signal,
    intervalSeconds: pollSeconds,
    clock,
    isDone: ({ isOff }) => isOff,
    describe: ({ text }) => text,
    causeOf: ({ refusal }) => refusal,
    async observe() {
      const found = await api.findCluster(cluster, options);
      if (found?.DeletionProtection !== true) return { isOff: true, text: 'off' };
      const { state, text } = observeCluster(found);
      if (!isAtRest(state)) return { isOff: false, text };
      try {
        await creation.modifyCluster(cluster, { DeletionProtection: false, ApplyImmediately: true }, options);
      } catch (error) {
        if (error instanceof Error && isRefusedForNow(error)) return { isOff: false, text, refusal: error };
        throw error;
      }
      logger.info('Removed deletion protection of database cluster', {
        resource: cluster,
        durationMs: elapsed(),
      });
      return { isOff: true, text };
    },
  });
}
