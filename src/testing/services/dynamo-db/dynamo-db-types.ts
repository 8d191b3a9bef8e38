import type { BackupStatus, TableStatus } from '@aws-sdk/client-dynamodb';
import type { SimulatedKeyAttribute } from './simulated-items.js';

/** A table of the `SimulatedDynamoDb`. */
export interface SimulatedTable {
  /** The table's name. */
  readonly name: string;
  /** The table's ARN. */
  readonly arn: string;
  /** Differs for each table that ever had this name. */
  readonly id: string;
  /** `CREATING`, `UPDATING`, `ACTIVE` or `DELETING`. */
  status: TableStatus;
  /** True when DynamoDB refuses to delete the table. */
  deletionProtection: boolean;
}

/** A table for `SimulatedDynamoDb.addTable`. */
export interface SimulatedTableOptions {
  /** The table's name. */
  readonly name: string;
  /**
   * A `CREATING` table becomes `ACTIVE` after 20 s.
   * @default 'ACTIVE'
   */
  readonly status?: 'ACTIVE' | 'CREATING';
  /** @default false */
  readonly deletionProtection?: boolean;
  /**
   * The partition key; a name alone is that of a string.
   * @default 'id'
   */
  readonly partitionKey?: string | SimulatedKeyAttribute;
  /**
   * The sort key; a name alone is that of a string.
   * @default none
   */
  readonly sortKey?: string | SimulatedKeyAttribute;
  /**
   * Seconds by which eventually consistent reads are behind the writes. Reads with `ConsistentRead` are current.
   * @default 0
   */
  readonly readLagSeconds?: number;
}

/** An on-demand backup of the `SimulatedDynamoDb`. */
export interface SimulatedBackup {
  /** The backup's ARN. */
  readonly arn: string;
  /** The backup's name, which is not unique. */
  readonly name: string;
  /** The name of its table. */
  readonly tableName: string;
  /** The identifier of its table. */
  readonly tableId: string;
  /** The virtual time of the request, in milliseconds since 1970. */
  readonly createdAt: number;
  /** `CREATING`, `AVAILABLE`, or `DELETED` when a test sets it. */
  status: BackupStatus;
}
