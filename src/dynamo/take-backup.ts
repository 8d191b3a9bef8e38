import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { isAwsError } from '../core/aws-call.js';
import { messageOf } from '../core/describe-error.js';
import { ResourceStateError } from '../core/errors.js';
import { stopwatch } from '../core/stopwatch.js';
import { type DeletionRun, pollInRun, readPresentTable } from './deletion-run.js';
import {
  findEarlierBackup,
  matchingBackups,
  type TableBackup,
  TableBackups,
  type WantedName,
} from './table-backup.js';
import { describeTable, tableInUse } from './table-state.js';

const intervalSeconds = 10;
const notDeleted = 'The table was not deleted';

/** The ARN of a requested backup, or the error in its way; `undefined` when there is no table any more. */
type Attempt = string | { readonly obstacle: unknown } | undefined;

/**
 * Takes an on-demand backup and waits until it is available. One that an earlier deletion of the same table has requested
 * is used again.
 *
 * @returns its ARN; `undefined` when another process has deleted the table meanwhile.
 */
export async function takeBackup(
  run: DeletionRun,
  { TableId: tableId }: TableDescription,
  wanted: WantedName,
): Promise<string | undefined> {
  const { clock, logger, tableName: resource } = run;
  const elapsed = stopwatch(clock);
  const backups = new TableBackups(run.dynamoDb, run.tableName, run);
  const listed = await backups.list();
  const candidates = withStarted(run, wanted, matchingBackups(listed, wanted, { ...run, tableId }), tableId);
  const earlier = findEarlierBackup(candidates, wanted, { ...run, now: clock.now() });
  if (earlier !== undefined) {
    await waitUntilAvailable(run, backups, earlier.arn);
    logger.info('Found backup of table', { resource, backup: earlier.arn, durationMs: elapsed() });
    return earlier.arn;
  }
  const isBusy = listed.some((it) => it.tableId === tableId && it.status === 'CREATING');
  if (isBusy && run.whileInUse === 'fail')
    throw tableInUse(resource, { state: 'a backup of it is being made' });
  const arn = await createBackup(run, backups, wanted, listed);
  if (arn === undefined) return undefined;
  run.startedBackups.record([keyOf(run, wanted)], {
    ...{ arn, tableId, name: wanted.name },
    ...{ status: 'CREATING', createdAt: clock.now() },
  });
  await waitUntilAvailable(run, backups, arn);
  logger.info('Backed up table', { resource, backup: arn, durationMs: elapsed() });
  if (candidates.length > 0) {
    const older = candidates.map((it) => it.arn);
    logger.warn('Found older backups of the same name', { resource, backups: older });
  }
  return arn;
}

/** Adds a backup that this tool has requested recently and the list may not show yet. */
function withStarted(
  run: DeletionRun,
  wanted: WantedName,
  listed: readonly TableBackup[],
  tableId: string | undefined,
): readonly TableBackup[] {
  const started = run.startedBackups.get(keyOf(run, wanted));
  if (started === undefined || started.tableId !== tableId) return listed;
  return listed.some(({ arn }) => arn === started.arn) ? listed : [started, ...listed];
}

function keyOf({ tableName }: DeletionRun, { name, isDefault }: WantedName): string {
  return `${tableName} ${isDefault ? '' : name}`;
}

/**
 * Requests a backup until it has started. CreateBackup has no idempotency token, and DynamoDB lets several backups have the
 * same name: a request whose response was lost is not sent again before the list has shown that it made none.
 */
async function createBackup(
  run: DeletionRun,
  backups: TableBackups,
  { name }: WantedName,
  former: readonly TableBackup[],
): Promise<string | undefined> {
  const isNew = (it: TableBackup) => it.name === name && former.every(({ arn }) => arn !== it.arn);
  let isRepeated = false;
  const attempt = await pollInRun<Attempt>(run, {
    expected: `the backup ${name} started`,
    intervalSeconds,
    remedy: notDeleted,
    observe: async () => {
      const started = isRepeated ? (await backups.list()).find(isNew) : undefined;
      isRepeated = true;
      return started?.arn ?? requestBackup(run, backups, name);
    },
    isDone: (it) => typeof it !== 'object',
    describe: (it) => (typeof it === 'object' ? messageOf(it.obstacle) : 'a backup'),
    causeOf: (it) => (typeof it === 'object' ? it.obstacle : undefined),
  });
  return typeof attempt === 'string' ? attempt : undefined;
}

async function requestBackup(run: DeletionRun, backups: TableBackups, name: string): Promise<Attempt> {
  const attempt = await backups.create(name);
  if (typeof attempt === 'string') return attempt;
  const { obstacle } = attempt;
  const isOfTable = isAwsError(
    obstacle,
    'TableNotFoundException',
    'TableInUseException',
    'BackupInUseException',
  );
  if (!isOfTable) return attempt;
  const table = await readPresentTable(run);
  if (table === undefined) return undefined;
  if (obstacle.name === 'TableNotFoundException') throw obstacle;
  if (run.whileInUse === 'fail')
    throw tableInUse(run.tableName, { state: describeTable(table), cause: obstacle });
  return attempt;
}

async function waitUntilAvailable(run: DeletionRun, backups: TableBackups, arn: string): Promise<void> {
  await pollInRun(run, {
    resource: arn,
    expected: 'the backup AVAILABLE',
    intervalSeconds,
    remedy: notDeleted,
    observe: () => backups.status(arn),
    isDone: (status) => {
      if (status === 'DELETED') throw deletedMeanwhile(arn);
      return status === 'AVAILABLE';
    },
    describe: (status) => status ?? 'no such backup',
  });
}

function deletedMeanwhile(resource: string): ResourceStateError {
  return new ResourceStateError(`Backup ${resource} was deleted before it was available`, {
    resource,
    remedy: `${notDeleted}. Find out what deletes its backups`,
  });
}
