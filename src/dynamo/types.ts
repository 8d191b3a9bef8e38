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

/** How {@link DynamoTools} is made. */
export type DynamoToolsOptions = ToolOptions<DynamoStackOptions, DynamoToolsClients>;

/** A backup with a name of your own. */
export interface NamedBackup {
  /** 3 to 255 letters, digits, `_`, `.` and `-`. */
  readonly name: string;
}

/** How {@link DynamoTools.deleteTable} deletes; `maxWaitSeconds` bounds each of its waits. */
export interface DeleteTableOptions extends WaitOptions {
  /**
   * Take an on-demand backup first, and delete the table only when the backup is available: `true` for a name made of
   * the table's and the time, or a name of your own. Every call that
   * finds the table takes a new backup; one of the same name from an earlier call does not count.
   * @default false
   */
  readonly backup?: boolean | NamedBackup | undefined;
  /**
   * What to do while the table is `CREATING` or `UPDATING`, when DynamoDB refuses to delete it: wait for the end of
   * it, or fail with a ResourceStateError.
   * @default 'wait'
   */
  readonly whileInUse?: 'wait' | 'fail' | undefined;
}

/** What {@link DynamoTools.deleteTable} did. */
export interface DeleteTableResult {
  /** The ARN of the backup that was taken; none without `backup`, or when the table was gone already. */
  readonly backupArn?: string;
}
