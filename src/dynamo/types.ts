import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { WaitOptions } from '../core/poll-until.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The table of one stack. */
export interface DynamoStackOptions {
  /** The table's name, or its ARN. Two tables of one name are both given by ARN. */
  readonly tableName: string;
}

/** The clients that {@link DynamoTools} works with. */
export interface DynamoToolsClients {
  /** The client for DynamoDB. */
  readonly dynamoDb: DynamoDBClient;
}

/** Options of {@link DynamoTools}. */
export type DynamoToolsOptions = ToolOptions<DynamoStackOptions, DynamoToolsClients>;

/** A backup with a name of your own. */
export interface NamedBackup {
  /** 3 to 255 letters, digits, `_`, `.` and `-`. */
  readonly name: string;
}

/** Options of {@link DynamoTools.deleteTable}; `maxWaitSeconds` bounds each of its waits. */
export interface DeleteTableOptions extends WaitOptions {
  /**
   * Takes an on-demand backup first, and deletes the table only when the backup is available: `true` for a name made of
   * the table's name and the time, or a name of your own. A repeated call does not take a second backup: it reuses the one
   * of an earlier call that did not delete the table. That is a backup with such a default name that is no older than
   * `maxWaitSeconds`, or one with your own name that is younger than 5 minutes. The reused backup lacks later writes to the
   * table.
   * @default false
   */
  readonly backup?: boolean | NamedBackup | undefined;
  /**
   * The reaction to a table in use, which DynamoDB refuses to delete: one that is being created, changed, archived or
   * backed up. Wait until that is over, or fail with a ResourceStateError.
   * @default 'wait'
   */
  readonly whileInUse?: 'wait' | 'fail' | undefined;
}

/** Result of {@link DynamoTools.deleteTable}. */
export interface DeleteTableResult {
  /** The ARN of the backup that was taken; none without `backup`, or when the table was gone already. */
  readonly backupArn?: string;
}
