import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { ClusterState } from './cluster-state.js';

/** What comes next in the deletion of a cluster. */
export type DeletionStep =
  | { readonly kind: 'done' }
  | { readonly kind: 'refuse'; readonly because: 'protected' | 'stopped' }
  | { readonly kind: 'deleteMembers'; readonly instances: readonly string[] }
  | { readonly kind: 'deleteCluster' };

/**
 * Decides on what is seen alone, so that a half-done deletion is taken up where it was left. Readers go before the writer,
 * which would otherwise fail over to them. Members that are being deleted need not be waited for
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html).
 */
export function nextDeletionStep(
  cluster: DBCluster | undefined,
  instances: readonly DBInstance[],
): DeletionStep {
  if (cluster === undefined || cluster.Status === ClusterState.deleting) return { kind: 'done' };
  if (cluster.DeletionProtection === true) return { kind: 'refuse', because: 'protected' };
  if (cluster.Status === ClusterState.stopped || cluster.Status === ClusterState.stopping)
    return { kind: 'refuse', because: 'stopped' };
  const present = instances
    .filter((it) => it.DBInstanceStatus !== 'deleting')
    .flatMap((it) => it.DBInstanceIdentifier ?? []);
  if (present.length === 0) return { kind: 'deleteCluster' };
  const writers = cluster.DBClusterMembers?.filter((it) => it.IsClusterWriter) ?? [];
  const readers = present.filter((id) => !writers.some((it) => it.DBInstanceIdentifier === id));
  return { kind: 'deleteMembers', instances: readers.length > 0 ? readers : present };
}

/**
 * A name that RDS takes (1 to 255 letters, digits and single hyphens), and that no former cluster of the same identifier
 * has used. It need not be remembered: whoever repeats a deletion that was accepted finds the cluster being deleted.
 */
export function finalSnapshotIdentifier(cluster: string, now: number): string {
  const second = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${cluster}-final-${second}`;
}
