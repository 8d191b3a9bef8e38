import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { ClusterState, isAtRest, withReasons } from './cluster-state.js';

/** A member that is not being deleted. */
export interface PresentMember {
  readonly identifier: string;
  readonly state: string;
  /** The state with RDS's reasons for it. */
  readonly text: string;
}

/** A reason for which RDS refuses to delete a cluster, and which it shows beforehand. */
export type DeletionObstacle =
  | 'protected'
  | 'stopped'
  | 'globalDatabase'
  | 'replica'
  | 'replicated'
  | 'keyNotUsable';

/** The next step in the deletion of a cluster. */
export type DeletionStep =
  | { readonly kind: 'done' }
  | { readonly kind: 'refuse'; readonly because: DeletionObstacle }
  | { readonly kind: 'wait' }
  | { readonly kind: 'unprotect' }
  | { readonly kind: 'deleteMembers'; readonly members: readonly PresentMember[] }
  | { readonly kind: 'deleteCluster' };

/**
 * States in which RDS deletes a member. In every other one, also in one that RDS has added since, the member is changing.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
 */
const deletableMemberStates =
  /^(available|failed|incompatible-.*|inaccessible-encryption-credentials.*|insufficient-capacity|restore-error|storage-full)$/;

/** True for a member that RDS can delete, as far as its state shows. */
export function isDeletableMember({ state }: Pick<PresentMember, 'state'>): boolean {
  return deletableMemberStates.test(state);
}

/**
 * Decides from the state in RDS alone, so that a half-done deletion continues where it stopped. Readers are deleted before
 * the writer, which would otherwise fail over to them. There is no need to wait for members that are being deleted
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html).
 */
export function nextDeletionStep(
  cluster: DBCluster | undefined,
  instances: readonly DBInstance[],
  {
    withSnapshot = false,
    mayUnprotect = false,
  }: { readonly withSnapshot?: boolean; readonly mayUnprotect?: boolean } = {},
): DeletionStep {
  if (cluster === undefined || cluster.Status === ClusterState.deleting) return { kind: 'done' };
  const isProtected = cluster.DeletionProtection === true;
  const because =
    isProtected && !mayUnprotect
      ? 'protected'
      : (findObstacle(cluster) ?? (withSnapshot ? findSnapshotObstacle(cluster) : undefined));
  if (because !== undefined) return { kind: 'refuse', because };
  if (!isAtRest(cluster.Status ?? '')) return { kind: 'wait' };
  // Last, so that a deletion which RDS would refuse leaves the protection on.
  if (isProtected) return { kind: 'unprotect' };
  const present = presentMembers(instances);
  if (present.length === 0) return { kind: 'deleteCluster' };
  const writers = cluster.DBClusterMembers?.filter((it) => it.IsClusterWriter) ?? [];
  const readers = present.filter(
    ({ identifier }) => !writers.some((it) => it.DBInstanceIdentifier === identifier),
  );
  return { kind: 'deleteMembers', members: readers.length > 0 ? readers : present };
}

/**
 * RDS does not delete the last member of a replica or of its source, nor a member of a global database. It refuses only
 * once the other members are gone (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html).
 */
function findObstacle(cluster: DBCluster): DeletionObstacle | undefined {
  if (cluster.GlobalClusterIdentifier) return 'globalDatabase';
  if (cluster.ReplicationSourceIdentifier) return 'replica';
  if (cluster.ReadReplicaIdentifiers !== undefined && cluster.ReadReplicaIdentifiers.length > 0)
    return 'replicated';
  const isStopped = cluster.Status === ClusterState.stopped || cluster.Status === ClusterState.stopping;
  return isStopped ? 'stopped' : undefined;
}

/** RDS makes no snapshot without the KMS key of the cluster. It refuses only once the members are gone. */
function findSnapshotObstacle({ Status = '' }: DBCluster): DeletionObstacle | undefined {
  return Status.startsWith(ClusterState.inaccessibleEncryptionCredentials) ? 'keyNotUsable' : undefined;
}

/** The members that are not being deleted. */
export function presentMembers(instances: readonly DBInstance[]): PresentMember[] {
  return instances.flatMap(presentMember);
}

function presentMember({
  DBInstanceIdentifier: identifier,
  DBInstanceStatus: state = 'unknown',
  StatusInfos,
}: DBInstance): PresentMember[] {
  if (identifier === undefined || state === 'deleting') return [];
  return [{ identifier, state, text: withReasons(state, StatusInfos) }];
}

/**
 * A name that RDS accepts (1 to 255 letters, digits and single hyphens), and that no former cluster of the same identifier
 * has used. It need not be stored: a repeated deletion that was accepted finds the cluster being deleted.
 */
export function finalSnapshotIdentifier(cluster: string, now: number): string {
  const second = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${cluster}-final-${second}`;
}
