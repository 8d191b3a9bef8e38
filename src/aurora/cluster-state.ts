import type { DBCluster, DBClusterStatusInfo } from '@aws-sdk/client-rds';
import { requireField } from '../core/aws-call.js';

/**
 * The known states of an Aurora cluster.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Status.html and the SDK's own waiters.
 */
export const ClusterState = {
  /** The cluster is up. */
  available: 'available',
  /** A backup is being made. */
  backingUp: 'backing-up',
  /** The cluster is being rewound to an earlier time. */
  backtracking: 'backtracking',
  /** Cloning another cluster failed. */
  cloningFailed: 'cloning-failed',
  /** Enhanced Monitoring is being turned on or off. */
  configuringEnhancedMonitoring: 'configuring-enhanced-monitoring',
  /** The IAM authentication is being changed; RDS reports it for clusters, too, although it lists it for instances alone. */
  configuringIamDatabaseAuth: 'configuring-iam-database-auth',
  /** The cluster is being created. */
  creating: 'creating',
  /** The cluster does not exist any more; RDS itself never reports it. */
  deleted: 'deleted',
  /** The cluster is being deleted. */
  deleting: 'deleting',
  /** The cluster has failed. */
  failed: 'failed',
  /** A reader is becoming the writer. */
  failingOver: 'failing-over',
  /** The KMS key of the cluster cannot be used. */
  inaccessibleEncryptionCredentials: 'inaccessible-encryption-credentials',
  /** The KMS key of the cluster cannot be used; starting the cluster once it can be brings it back. */
  inaccessibleEncryptionCredentialsRecoverable: 'inaccessible-encryption-credentials-recoverable',
  /** The engine refuses its parameters. */
  incompatibleParameters: 'incompatible-parameters',
  /** A restore to a point in time is not possible. */
  incompatibleRestore: 'incompatible-restore',
  /** A maintenance update is being applied. */
  maintenance: 'maintenance',
  /** A snapshot is being restored to the cluster. */
  migrating: 'migrating',
  /** The migration failed. */
  migrationFailed: 'migration-failed',
  /** A setting is being changed. */
  modifying: 'modifying',
  /** Data is about to be migrated. */
  preparingDataMigration: 'preparing-data-migration',
  /** A read replica is becoming a cluster of its own. */
  promoting: 'promoting',
  /** The cluster is being restarted. */
  rebooting: 'rebooting',
  /** The cluster is being renamed. */
  renaming: 'renaming',
  /** The master credentials are being reset. */
  resettingMasterCredentials: 'resetting-master-credentials',
  /** The compute capacity is being changed. */
  scalingCompute: 'scaling-compute',
  /** The storage is being changed. */
  scalingStorage: 'scaling-storage',
  /** The cluster is being started. */
  starting: 'starting',
  /** The cluster is stopped; RDS starts it by itself after seven days. */
  stopped: 'stopped',
  /** The cluster is being stopped. */
  stopping: 'stopping',
  /** The storage is being optimized. */
  storageOptimization: 'storage-optimization',
  /** The IAM authentication is being changed. */
  updateIamDbAuth: 'update-iam-db-auth',
  /** The engine is being upgraded. */
  upgrading: 'upgrading',
} as const;

/** The state of an Aurora cluster: a known one, or one that is newer than this package, as RDS reports it. */
export type ClusterState = (typeof ClusterState)[keyof typeof ClusterState] | (string & Record<never, never>);

/** States that RDS leaves for `available` by itself. A state that is missing here is waited for, and named in the error. */
const onTheWayToAvailable: ReadonlySet<ClusterState> = new Set([
  ClusterState.backingUp,
  ClusterState.backtracking,
  ClusterState.configuringEnhancedMonitoring,
  ClusterState.configuringIamDatabaseAuth,
  ClusterState.creating,
  ClusterState.failingOver,
  ClusterState.maintenance,
  ClusterState.migrating,
  ClusterState.modifying,
  ClusterState.preparingDataMigration,
  ClusterState.promoting,
  ClusterState.rebooting,
  ClusterState.renaming,
  ClusterState.resettingMasterCredentials,
  ClusterState.scalingCompute,
  ClusterState.scalingStorage,
  ClusterState.starting,
  ClusterState.storageOptimization,
  ClusterState.updateIamDbAuth,
  ClusterState.upgrading,
]);

/** States that only a deletion or a repair ends. */
const deadEnds: ReadonlySet<ClusterState> = new Set([
  ClusterState.cloningFailed,
  ClusterState.failed,
  ClusterState.inaccessibleEncryptionCredentials,
  ClusterState.incompatibleParameters,
  ClusterState.incompatibleRestore,
  ClusterState.migrationFailed,
]);

/** One read of a cluster. */
export interface ObservedCluster {
  readonly state: ClusterState;
  /** The state with RDS's reasons for it. */
  readonly text: string;
}

/** The state of a cluster, and RDS's reasons for it. */
export function observeCluster({
  DBClusterIdentifier = '',
  Status,
  StatusInfos,
}: DBCluster): ObservedCluster {
  const call = { action: 'rds:DescribeDBClusters', resource: DBClusterIdentifier };
  const state: ClusterState = requireField(Status, 'Status', call);
  return { state, text: withReasons(state, StatusInfos) };
}

/** A state with RDS's reasons for it, such as a replication that has failed. */
export function withReasons(
  state: string,
  infos: readonly Pick<DBClusterStatusInfo, 'Normal' | 'Status' | 'Message'>[] = [],
): string {
  const reasons = infos
    .filter((it) => it.Normal === false || it.Message)
    .map((it) => [it.Status, it.Message].filter(Boolean).join(': '));
  return reasons.length > 0 ? `${state} (${reasons.join('; ')})` : state;
}

/** True for a state that lasts until the cluster is changed. A change that RDS refuses in it now will be refused later too. */
export function isAtRest(state: ClusterState): boolean {
  return (
    state === ClusterState.available ||
    state === ClusterState.inaccessibleEncryptionCredentialsRecoverable ||
    deadEnds.has(state)
  );
}

/** The next step of a start or a stop in the present state. */
export type PowerStep = 'send' | 'done' | 'wait' | 'refuse';

export function nextStartStep(state: ClusterState): PowerStep {
  if (state === ClusterState.stopped) return 'send';
  if (state === ClusterState.inaccessibleEncryptionCredentialsRecoverable) return 'send';
  if (state === ClusterState.available || onTheWayToAvailable.has(state)) return 'done';
  return needsRepair(state) ? 'refuse' : 'wait';
}

export function nextStopStep(state: ClusterState): PowerStep {
  if (state === ClusterState.available) return 'send';
  if (state === ClusterState.stopping || state === ClusterState.stopped) return 'done';
  if (state === ClusterState.inaccessibleEncryptionCredentialsRecoverable) return 'refuse';
  return needsRepair(state) ? 'refuse' : 'wait';
}

/**
 * True when the wanted state cannot be reached any more. A stopped cluster may still become available: it may be started,
 * and RDS starts it after a week. So only a deletion and the dead ends count.
 */
export function isOutOfReach(wanted: ClusterState, actual: ClusterState): boolean {
  if (wanted === actual || wanted === ClusterState.deleted) return false;
  if (actual === ClusterState.deleting) return true;
  return deadEnds.has(actual) && wanted !== ClusterState.deleting;
}

function needsRepair(state: ClusterState): boolean {
  return state === ClusterState.deleting || state === ClusterState.deleted || deadEnds.has(state);
}
