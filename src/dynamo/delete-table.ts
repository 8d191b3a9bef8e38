import { DeleteTableCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import { callAws, isAwsError } from '../core/aws-call.js';
import { isRefusedForNow } from '../core/failures.js';
import { stopwatch } from '../core/stopwatch.js';
import { type DeletionRun, pollInRun, readPresentTable, readTable } from './deletion-run.js';
import { describeTable, isAtRest, requireUnprotected, tableInUse } from './table-state.js';
import { takeBackup } from './take-backup.js';

const intervalSeconds = 5;

/** Deletes the table, after its backup if one is wanted. Returns the ARN of the backup. */
export async function deleteTable(run: DeletionRun): Promise<string | undefined> {
  const table = await waitUntilDeletable(run);
  if (table === undefined) return undefined;
  if (run.backup === undefined) {
    await deleteWhenPossible(run, table);
    return undefined;
  }
  const backupArn = await takeBackup(run, table, run.backup);
  if (backupArn !== undefined) await deleteWhenPossible(run, table);
  return backupArn;
}

/** The table once it can be deleted; `undefined` when it is being deleted or gone. */
function waitUntilDeletable(run: DeletionRun): Promise<TableDescription | undefined> {
  return pollInRun(run, {
    expected: 'a table that can be deleted',
    intervalSeconds,
    observe: () => readPresentTable(run),
    isDone: (table) => table === undefined || isDeletable(run, table),
    describe: (table) => (table === undefined ? 'no table' : describeTable(table)),
  });
}

/** False while the table is in use. Throws when it is protected, or when waiting is not wanted. */
function isDeletable({ tableName, whileInUse }: DeletionRun, table: TableDescription): boolean {
  requireUnprotected(tableName, table);
  if (isAtRest(table)) return true;
  if (whileInUse === 'fail') throw tableInUse(tableName, { state: describeTable(table) });
  return false;
}

/** The table may have begun to change, or to be deleted, since it was read. */
async function deleteWhenPossible(run: DeletionRun, table: TableDescription): Promise<void> {
  const elapsed = stopwatch(run.clock);
  let refusal: Error | undefined;
  await pollInRun(run, {
    expected: 'a table that DynamoDB deletes',
    intervalSeconds,
    observe: async () => {
      const present = refusal === undefined ? table : await readPresentTable(run);
      if (present === undefined || (refusal !== undefined && !isDeletable(run, present))) return present;
      refusal = await requestDeletion(run, present, elapsed);
      return refusal === undefined ? undefined : afterRefusal(run, refusal);
    },
    isDone: (present) => present === undefined,
    describe: (present) => describePending(present, refusal),
    causeOf: () => refusal,
  });
}

/** The error with which DynamoDB refuses the deletion for now; `undefined` when it is accepted or not needed. */
async function requestDeletion(
  run: DeletionRun,
  { TableId }: TableDescription,
  elapsed: () => number,
): Promise<Error | undefined> {
  const { dynamoDb, tableName, signal, logger, deletedTables } = run;
  const command = new DeleteTableCommand({ TableName: tableName });
  try {
    await callAws({ action: 'dynamodb:DeleteTable', resource: tableName, signal }, (http) =>
      dynamoDb.send(command, http),
    );
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    if (error instanceof Error && isRefusedForNow(error)) return error;
    // Deletion protection may have been turned on since the table was read.
    if (isAwsError(error, 'ValidationException')) requireUnprotected(tableName, await readTable(run));
    throw error;
  }
  if (TableId !== undefined) deletedTables.record([tableName], TableId);
  logger.info('Deleted table', { resource: tableName, durationMs: elapsed() });
  return undefined;
}

/** The table that DynamoDB refuses to delete for now; `undefined` when it is being deleted or gone after all. */
async function afterRefusal(run: DeletionRun, cause: Error): Promise<TableDescription | undefined> {
  const table = await readPresentTable(run);
  if (table === undefined) return undefined;
  requireUnprotected(run.tableName, table);
  if (run.whileInUse === 'fail' && isAwsError(cause, 'ResourceInUseException'))
    throw tableInUse(run.tableName, { state: describeTable(table), cause });
  return table;
}

function describePending(table: TableDescription | undefined, refusal: Error | undefined): string {
  const state = table === undefined ? 'no table' : describeTable(table);
  if (refusal === undefined) return state;
  const use = isAwsError(refusal, 'ResourceInUseException') ? 'a table in use, ' : 'a table ';
  return `${use}${state} (${refusal.message})`;
}
