import type { CallOptions } from '../core/aws-call.js';
import type { WaitOptions } from '../core/poll-until.js';
import { ClusterState } from './cluster-state.js';
import type { AuroraContext } from './context.js';
import type { CreationApi } from './creation-api.js';
import { isComplete, isOfCreation } from './creation-step.js';
import type { CreatedDatabaseDeletion, DatabaseCreationState } from './creation-types.js';
import { DatabaseDeleter } from './database-deletion.js';
import { presentMembers } from './deletion-step.js';
import { isServing, servesWithoutInstance } from './member-state.js';
import type { RdsApi } from './rds-api.js';

/** State of the creation of a cluster that has `members` instances when it is complete. */
export async function readCreationState(
  api: RdsApi,
  { cluster, members, creationId }: { cluster: string; members: number; creationId: string | undefined },
  options: CallOptions,
): Promise<DatabaseCreationState> {
  const found = await api.findCluster(cluster, options);
  if (found === undefined) return 'none';
  if (!isOfCreation(found, creationId)) {
    if (!isServing(found.Status) || servesWithoutInstance(found)) return 'other';
    const present = presentMembers(await api.listInstances(cluster, options));
    return present.length === 0 ? 'otherWithoutInstance' : 'other';
  }
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
  await new DatabaseDeleter(context, cluster, {
    ...options,
    withSnapshot: false,
    deleteAutomatedBackups: undefined,
    resourceId: found.DbClusterResourceId,
    unprotect: () =>
      creation.modifyCluster(cluster, { DeletionProtection: false, ApplyImmediately: true }, options),
  }).run();
  return { deleted: true };
}
