import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import { callAws, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { unlessMissing } from '../core/not-found.js';
import { type Poll, pollUntil } from '../core/poll-until.js';
import type { RecentWrites } from '../core/recent-writes.js';
import type { TableBackup, WantedName } from './table-backup.js';

/** One deletion of a table: its dependencies and its options. */
export interface DeletionRun {
  readonly tableName: string;
  readonly dynamoDb: DynamoDBClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The IDs of the tables that this tool has deleted, by name. */
  readonly deletedTables: RecentWrites<string>;
  /** The backups that this tool has begun, by table and name. */
  readonly startedBackups: RecentWrites<TableBackup>;
  readonly maxWaitSeconds: number;
  readonly signal: AbortSignal | undefined;
  readonly whileInUse: 'wait' | 'fail';
  readonly backup: WantedName | undefined;
}

/** Reads a table; `undefined` when it does not exist. */
export async function readTable({
  dynamoDb,
  tableName,
  signal,
}: Pick<DeletionRun, 'dynamoDb' | 'tableName' | 'signal'>): Promise<TableDescription | undefined> {
  const call = { action: 'dynamodb:DescribeTable', resource: tableName, signal };
  const command = new DescribeTableCommand({ TableName: tableName });
  const response = callAws(call, (http) => dynamoDb.send(command, http));
  const found = await unlessMissing(response, 'ResourceNotFoundException');
  if (found === undefined) return undefined;
  const table = requireField(found.Table, 'Table', call);
  requireField(table.TableStatus, 'TableStatus', call);
  return table;
}

/** Reads a table; `undefined` when it is being deleted or gone, also when the read is too old to show that. */
export async function readPresentTable(run: DeletionRun): Promise<TableDescription | undefined> {
  const table = await readTable(run);
  if (table === undefined || table.TableStatus === 'DELETING') return undefined;
  const deleted = run.deletedTables.get(run.tableName);
  return deleted !== undefined && deleted === table.TableId ? undefined : table;
}

/** A wait of the deletion; without a resource of its own it is about the table. */
export function pollInRun<T>(
  { tableName, maxWaitSeconds, signal, clock }: DeletionRun,
  poll: Pick<
    Poll<T>,
    'expected' | 'intervalSeconds' | 'observe' | 'isDone' | 'describe' | 'causeOf' | 'remedy'
  > & {
    readonly resource?: string;
  },
): Promise<T> {
  return pollUntil({ resource: tableName, ...poll, maxWaitSeconds, signal, clock });
}
