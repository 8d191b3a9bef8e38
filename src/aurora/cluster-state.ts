/**
 * The states of an Aurora cluster that are known.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Status.html and the SDK's own waiters.
 */
export const ClusterState = {
  /** The cluster is up. */
  available: 'available',
  /** A backup is being made. */
  backingUp: 'backing-up',
  /** The cluster is being taken back in time. */
  backtracking: 'backtracking',
  /** Cloning another cluster failed. */
  cloningFailed: 'cloning-failed',
  /** The IAM authentication is being changed; RDS also says so of clusters, though it lists it for instances alone. */
  configuringIamDatabaseAuth: 'configuring-iam-database-auth',
  /** The cluster is being created. */
  creating: 'creating',
  /** The cluster does not exist any more; RDS itself never says so. */
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

/** The state of an Aurora cluster: a known one, or one that is newer than this package, as RDS tells it. */
export type ClusterState = (typeof ClusterState)[keyof typeof ClusterState] | (string & Record<never, never>);

/** The cluster is up, or will be, without anybody's doing; it cannot be stopped yet. */
const onTheWayToAvailable: ReadonlySet<ClusterState> = new Set([
  ClusterState.backingUp,
  ClusterState.backtracking,
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

/** Only a deletion, or somebody's repair, leads out of these. */
const deadEnds: ReadonlySet<ClusterState> = new Set([
  ClusterState.cloningFailed,
  ClusterState.failed,
  ClusterState.inaccessibleEncryptionCredentials,
  ClusterState.incompatibleParameters,
  ClusterState.incompatibleRestore,
  ClusterState.migrationFailed,
]);

/** Whether a cluster stays in this state until somebody changes it: what RDS refuses now, it will refuse later. */
export function isAtRest(state: ClusterState): boolean {
  return (
    state === ClusterState.available ||
    state === ClusterState.inaccessibleEncryptionCredentialsRecoverable ||
    deadEnds.has(state)
  );
}

/** What a start or a stop has to do about the present state. */
export type PowerStep = 'send' | 'done' | 'wait' | 'refuse';

/** What starting a cluster in this state takes. */
export function nextStartStep(state: ClusterState): PowerStep {
  if (state === ClusterState.stopped) return 'send';
  if (state === ClusterState.inaccessibleEncryptionCredentialsRecoverable) return 'send';
  if (state === ClusterState.available || onTheWayToAvailable.has(state)) return 'done';
  return state === ClusterState.stopping ? 'wait' : 'refuse';
}

/** What stopping a cluster in this state takes. */
export function nextStopStep(state: ClusterState): PowerStep {
  if (state === ClusterState.available) return 'send';
  if (state === ClusterState.stopping || state === ClusterState.stopped) return 'done';
  return onTheWayToAvailable.has(state) ? 'wait' : 'refuse';
}

/**
 * Whether the wanted state cannot come any more. A stopped cluster may still become available: somebody may start it, and
 * RDS does after a week; so only a deletion and the dead ends are told.
 */
export function isOutOfReach(wanted: ClusterState, seen: ClusterState): boolean {
  if (wanted === seen || wanted === ClusterState.deleted) return false;
  if (seen === ClusterState.deleting) return true;
  return deadEnds.has(seen) && wanted !== ClusterState.deleting;
}
