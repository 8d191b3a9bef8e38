import {
  type BackupSummary,
  CreateBackupCommand,
  DescribeBackupCommand,
  type DynamoDBClient,
  ListBackupsCommand,
  type ListBackupsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type CallOptions, callAws, collectPages, isAwsError, requireField } from '../core/aws-call.js';
import { isRefusedForNow } from '../core/failures.js';
import { unlessMissing } from '../core/not-found.js';
import { OutcomeUnknownError, sendOnce } from './send-once.js';

/** One on-demand backup. */
export interface TableBackup {
  readonly arn: string;
  readonly name: string;
  /** Differs for each table that ever had the name. */
  readonly tableId: string | undefined;
  readonly status: string | undefined;
  /** The time of the request, in milliseconds since 1970. */
  readonly createdAt: number;
}

/** The name of the backup of a deletion: the user's own, or a default name. */
export interface WantedName {
  readonly name: string;
  readonly isDefault: boolean;
}

/** Maximum age of a backup with the user's own name to be reused. An older one may come from a schedule. */
const maxReuseSeconds = 300;

const timestamp = /^\d{8}T\d{6}Z$/;

/** The options may hold the ARN of the table; the names of backups have no colons or slashes. */
function defaultPrefix(tableName: string): string {
  return `${tableName.replace(/^.*[:/]/, '').slice(-200)}-`;
}

export function defaultBackupName(tableName: string, now: number): string {
  return defaultPrefix(tableName) + new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Returns the backups of this table with the wanted name, newest first. */
export function matchingBackups(
  backups: readonly TableBackup[],
  { name, isDefault }: WantedName,
  { tableName, tableId }: { tableName: string; tableId: string | undefined },
): TableBackup[] {
  const prefix = defaultPrefix(tableName);
  const hasWantedName = (it: TableBackup) =>
    it.name === name ||
    (isDefault && it.name.startsWith(prefix) && timestamp.test(it.name.slice(prefix.length)));
  return backups
    .filter((it) => hasWantedName(it) && it.tableId === tableId && it.status !== 'DELETED')
    .sort((one, other) => other.createdAt - one.createdAt);
}

/**
 * Finds the backup of an earlier deletion that did not succeed. A backup with a default name is reused for as long as a
 * single deletion may take from its backup to the deleted table; one with the user's own name for `maxReuseSeconds`. Older
 * backups lack too many later writes to the table.
 */
export function findEarlierBackup(
  candidates: readonly TableBackup[],
  { isDefault }: WantedName,
  { now, maxWaitSeconds }: { now: number; maxWaitSeconds: number },
): TableBackup | undefined {
  const maxSeconds = isDefault ? Math.max(maxWaitSeconds, maxReuseSeconds) : maxReuseSeconds;
  return candidates.find(({ createdAt }) => now - createdAt < maxSeconds * 1000);
}

/** The calls that create and read the backups of one table. */
export class TableBackups {
  readonly #dynamoDb: DynamoDBClient;
  readonly #tableName: string;
  readonly #options: CallOptions;

  constructor(dynamoDb: DynamoDBClient, tableName: string, { signal }: CallOptions) {
    this.#dynamoDb = dynamoDb;
    this.#tableName = tableName;
    this.#options = { signal };
  }

  /** The on-demand backups of this name, of this table and of its predecessors. */
  async list(): Promise<TableBackup[]> {
    const call = { action: 'dynamodb:ListBackups', resource: this.#tableName, ...this.#options };
    const backups = await collectPages<ListBackupsCommandOutput, BackupSummary>(
      call,
      (http) => this.#pages(http),
      (page) => page.BackupSummaries,
    );
    return backups.map((it) => ({
      arn: requireField(it.BackupArn, 'BackupArn', call),
      name: requireField(it.BackupName, 'BackupName', call),
      tableId: it.TableId,
      status: it.BackupStatus,
      createdAt: it.BackupCreationDateTime?.getTime() ?? 0,
    }));
  }

  /** Requests a backup: its ARN, or the error that makes the outcome uncertain, or the backup impossible for now. */
  async create(name: string): Promise<string | { readonly obstacle: unknown }> {
    const call = { action: 'dynamodb:CreateBackup', resource: this.#tableName, ...this.#options };
    const command = sendOnce(new CreateBackupCommand({ TableName: this.#tableName, BackupName: name }));
    try {
      const { BackupDetails } = await callAws(call, (http) => this.#dynamoDb.send(command, http));
      return requireField(BackupDetails?.BackupArn, 'BackupArn', call);
    } catch (error) {
      if (error instanceof OutcomeUnknownError) return { obstacle: error.failure };
      // Without its table there is no backup: the caller reads the table again.
      if (isRefusedForNow(error) || isAwsError(error, 'TableNotFoundException')) return { obstacle: error };
      throw error;
    }
  }

  /** The status of a backup; `undefined` while a read does not show it. */
  async status(arn: string): Promise<string | undefined> {
    const call = { action: 'dynamodb:DescribeBackup', resource: arn, ...this.#options };
    const command = new DescribeBackupCommand({ BackupArn: arn });
    const response = callAws(call, (http) => this.#dynamoDb.send(command, http));
    const found = await unlessMissing(response, 'BackupNotFoundException');
    return found && requireField(found.BackupDescription?.BackupDetails?.BackupStatus, 'BackupStatus', call);
  }

  /** The SDK has no paginator for this operation. */
  async *#pages(http: { abortSignal?: AbortSignal }): AsyncGenerator<ListBackupsCommandOutput> {
    let start: string | undefined;
    do {
      const input = {
        TableName: this.#tableName,
        BackupType: 'USER' as const,
        ExclusiveStartBackupArn: start,
      };
      const page = await this.#dynamoDb.send(new ListBackupsCommand(input), http);
      yield page;
      const next = page.LastEvaluatedBackupArn;
      if (next === start) return;
      start = next;
    } while (start !== undefined);
  }
}
