import { ClusterState } from './cluster-state.js';
import type { DeletionObstacle } from './deletion-step.js';

/** The parts of an error message. */
export interface ObstacleDetails {
  readonly expected: string;
  readonly actual: string;
  readonly remedy: string;
}

/** The obstacle in words, with what removes it. */
export function obstacleDetails(because: DeletionObstacle): ObstacleDetails {
  return details[because];
}

const details: Readonly<Record<DeletionObstacle, ObstacleDetails>> = {
  protected: {
    expected: 'deletion protection off',
    actual: 'deletion protection on',
    remedy: 'Turn the deletion protection off (ModifyDBCluster) if the data may be deleted',
  },
  stopped: {
    expected: ClusterState.available,
    actual: 'a stopped cluster, which RDS does not delete',
    remedy: 'Start it (startDatabase), wait until it is available (waitForClusterState), then delete it',
  },
  globalDatabase: {
    expected: 'a cluster outside of a global database',
    actual: 'a member of a global database (GlobalClusterIdentifier)',
    remedy: 'Remove it from the global database (RemoveFromGlobalCluster), then delete it',
  },
  replica: {
    expected: 'a cluster that replicates no other one',
    actual: 'a read replica (ReplicationSourceIdentifier)',
    remedy: 'Promote it (PromoteReadReplicaDBCluster), then delete it',
  },
  replicated: {
    expected: 'a cluster without read replicas',
    actual: 'a cluster with read replicas (ReadReplicaIdentifiers)',
    remedy: 'Promote its replicas (PromoteReadReplicaDBCluster) or delete them, then delete it',
  },
  keyNotUsable: {
    expected: 'a KMS key that can be used for the final snapshot',
    actual: 'a cluster whose key cannot be used (inaccessible-encryption-credentials)',
    remedy: 'Enable the key or its grants again, or set finalSnapshot: "skip"',
  },
};

/** The quota of cluster snapshots in words. */
export function quotaDetails({ used, max }: { used: number; max: number }): ObstacleDetails {
  return {
    expected: 'room for a final snapshot in the quota of manual cluster snapshots',
    actual: `${used} of ${max} in use`,
    remedy:
      'Delete snapshots that are no longer needed, ask for a higher quota, or set finalSnapshot: "skip"',
  };
}
