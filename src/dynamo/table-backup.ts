import {
  type BackupSummary,
  CreateBackupCommand,
  DescribeBackupCommand,
  type DynamoDBClient,
  ListBackupsCommand,
  type ListBackupsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { callAws, collectPages, isAwsError, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/describe-error.js';
import { ResourceStateError, WaitTimeoutError } from '../core/errors.js';
import { pollUntil } from '../core/poll-until.js';
import { sleep } from '../core/sleep.js';
import { OutcomeUnknownError, sendOnce } from './send-once.js';

/** Seconds until a request is looked for, or made again. */
const intervalSeconds = 10;

/** What a backup is taken with. */
interface BackupContext {
  readonly dynamoDb: DynamoDBClient;
  readonly clock: Clock;
  readonly tableName: string;
  readonly maxWaitSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** The name of a backup that nobody has named. A table may be given by its ARN; names take no colons or slashes. */
export function defaultBackupName(tableName: string, now: number): string {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${tableName.replace(/^.*[:/]/, '').slice(-200)}-${time}`;
}

/**
 * Takes one on-demand backup and waits until it is available. CreateBackup has no idempotency token, and DynamoDB lets
 * several backups have the same name: so a request whose answer was lost is not sent again before the list of backups
 * has shown that it made none.
 */
export async function takeBackup(context: BackupContext, name: string): Promise<string> {
  const earlier = new Set(await listBackups(context, name));
  const backupArn = await createBackup(context, name, earlier);
  await waitUntilAvailable(context, backupArn);
  return backupArn;
}

async function createBackup(
  context: BackupContext,
  name: string,
  earlier: ReadonlySet<string>,
): Promise<string> {
  const { clock, tableName, maxWaitSeconds, signal } = context;
  const deadline = clock.now() + maxWaitSeconds * 1000;
  for (;;) {
    const attempt = await tryToCreateBackup(context, name);
    if (typeof attempt === 'string') return attempt;
    if (clock.now() >= deadline) {
      throw new WaitTimeoutError({
        resource: tableName,
        maxWaitSeconds,
        expected: `the backup ${name} begun`,
        actual: messageOf(attempt.obstacle),
        remedy: 'The table was not deleted',
        cause: attempt.obstacle,
      });
    }
    await sleep(clock, intervalSeconds * 1000, { signal, resource: tableName });
    const begun = (await listBackups(context, name)).find((arn) => !earlier.has(arn));
    if (begun !== undefined) return begun;
  }
}

/** The backup's ARN, or what made it uncertain or impossible for now. */
async function tryToCreateBackup(
  { dynamoDb, tableName, signal }: BackupContext,
  name: string,
): Promise<string | { obstacle: unknown }> {
  const call = { action: 'dynamodb:CreateBackup', resource: tableName, signal };
  const command = sendOnce(new CreateBackupCommand({ TableName: tableName, BackupName: name }));
  try {
    const { BackupDetails } = await callAws(call, (http) => dynamoDb.send(command, http));
    return requireField(BackupDetails?.BackupArn, 'BackupArn', call);
  } catch (error) {
    if (error instanceof OutcomeUnknownError) return { obstacle: error.failure };
    // Another backup of this table is being made.
    if (isAwsError(error, 'BackupInUseException')) return { obstacle: error };
    throw error;
  }
}

/** The ARNs of the table's own backups of this name. */
async function listBackups({ dynamoDb, tableName, signal }: BackupContext, name: string): Promise<string[]> {
  const call = { action: 'dynamodb:ListBackups', resource: tableName, signal };
  const backups = await collectPages<ListBackupsCommandOutput, BackupSummary>(
    call,
    (http) => pagesOfBackups(dynamoDb, tableName, http),
    (page) => page.BackupSummaries,
  );
  return backups
    .filter(({ BackupName }) => BackupName === name)
    .map(({ BackupArn }) => requireField(BackupArn, 'BackupArn', call));
}

/** The SDK has no paginator for this operation. */
async function* pagesOfBackups(
  dynamoDb: DynamoDBClient,
  TableName: string,
  http: { abortSignal?: AbortSignal },
): AsyncGenerator<ListBackupsCommandOutput> {
  let start: string | undefined;
  do {
    const input = { TableName, BackupType: 'USER' as const, ExclusiveStartBackupArn: start };
    const page = await dynamoDb.send(new ListBackupsCommand(input), http);
    yield page;
    const next = page.LastEvaluatedBackupArn;
    if (next === start) return;
    start = next;
  } while (start !== undefined);
}

async function waitUntilAvailable(context: BackupContext, backupArn: string): Promise<void> {
  const { dynamoDb, clock, maxWaitSeconds, signal } = context;
  const call = { action: 'dynamodb:DescribeBackup', resource: backupArn, signal };
  const command = new DescribeBackupCommand({ BackupArn: backupArn });
  await pollUntil({
    resource: backupArn,
    expected: 'the backup AVAILABLE',
    maxWaitSeconds,
    signal,
    intervalSeconds,
    clock,
    observe: async () => {
      const { BackupDescription } = await callAws(call, (http) => dynamoDb.send(command, http));
      return requireField(BackupDescription?.BackupDetails?.BackupStatus, 'BackupStatus', call);
    },
    isDone: (status) => {
      if (status === 'DELETED') throw deletedMeanwhile(backupArn);
      return status === 'AVAILABLE';
    },
    describe: (status) => `${status}, and left the table as it was`,
  });
}

function deletedMeanwhile(resource: string): ResourceStateError {
  return new ResourceStateError('The backup was deleted before it was available', {
    resource,
    remedy: 'The table was not deleted; find out who deletes its backups',
  });
}
