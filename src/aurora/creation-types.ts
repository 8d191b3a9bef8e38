import type { WaitOptions } from '../core/poll-until.js';
import type { DatabaseSetting, DatabaseSettings } from './database-settings.js';

/**
 * Source of a database:
 * - `'clone'`: a copy-on-write clone of the partner's cluster, at its latest restorable time;
 * - `'empty'`: no data. RDS creates the password of the master user and keeps it in Secrets Manager;
 * - `snapshotIdentifier`: a snapshot of a cluster, by identifier or ARN.
 */
export type DatabaseSource = 'clone' | 'empty' | SnapshotSource;

/** Snapshot from which a database is restored. */
export interface SnapshotSource {
  /** Identifier or ARN of the snapshot of a cluster. */
  readonly snapshotIdentifier: string;
}

/** Options of `AuroraTools.createDatabase`. */
export interface CreateDatabaseOptions extends WaitOptions {
  /** Source of the data. */
  readonly from: DatabaseSource;
  /**
   * Settings that differ from those of the partner's database.
   * @default all settings are the partner's
   */
  readonly settings?: DatabaseSettings | undefined;
  /**
   * ID of this creation, such as the ID of a swap. A cluster of another creation is refused, even with the same source: its data
   * may be old.
   * @default a cluster with the same source is continued, whoever created it
   */
  readonly creationId?: string | undefined;
}

/** Options of `AuroraTools.getDatabaseCreation`. */
export type DatabaseCreationQuery = Pick<CreateDatabaseOptions, 'creationId'>;

/** Result of `AuroraTools.createDatabase`. */
export interface DatabaseCreation {
  /** `created` by this call, `continued` from an earlier one, or `existing` when nothing was missing. */
  readonly outcome: 'created' | 'continued' | 'existing';
  /** The cluster. */
  readonly clusterIdentifier: string;
  /** Its instances, also those that are still being created. */
  readonly instanceIdentifiers: readonly string[];
  /** Settings that were copied from the partner. Empty for an existing database. */
  readonly copiedSettings: readonly DatabaseSetting[];
  /**
   * Kind of a clone. AWS makes a full copy, which takes time and storage, when a cluster has 15 clones already. `undefined` when
   * the database is no clone, or when RDS does not show the kind.
   */
  readonly copy: 'copyOnWrite' | 'full' | undefined;
  /** ARN of the secret with the password of the master user, when RDS manages it. */
  readonly masterUserSecretArn: string | undefined;
}

/**
 * State of a creation:
 * - `none`: the cluster does not exist;
 * - `other`: the cluster exists, and this creation did not create it;
 * - `otherWithoutInstance`: as `other`, and it is available without an instance, so it serves nothing;
 * - `inProgress`: the creation began, and something is still missing, or is not available yet;
 * - `complete`: the cluster and its instances are available;
 * - `deleting`: the cluster of this creation is being deleted.
 */
export type DatabaseCreationState =
  | 'none'
  | 'other'
  | 'otherWithoutInstance'
  | 'inProgress'
  | 'complete'
  | 'deleting';

/** Options of `AuroraTools.deleteCreatedDatabase`. */
export interface DeleteCreatedDatabaseOptions extends WaitOptions {
  /** ID that `createDatabase` was called with. */
  readonly creationId: string;
}

/** Result of `AuroraTools.deleteCreatedDatabase`. */
export interface CreatedDatabaseDeletion {
  /** False when there is no cluster of this creation. */
  readonly deleted: boolean;
}
