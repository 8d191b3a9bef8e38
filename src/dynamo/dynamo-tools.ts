import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import {
  nonEmptyString,
  stackPair,
  strictObject,
  waitOptionsEntries,
  waitOptionsSchema,
} from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { mayBeSameResource, parseInput, requireDistinct } from '../core/validate.js';
import { deleteTable } from './delete-table.js';
import { readTable } from './deletion-run.js';
import { defaultBackupName, type TableBackup } from './table-backup.js';
import { describeTable } from './table-state.js';
import type {
  DeleteTableOptions,
  DeleteTableResult,
  DynamoStackOptions,
  DynamoToolsClients,
  DynamoToolsOptions,
} from './types.js';

const optionsSchema = strictObject({
  ...stackPair(strictObject({ tableName: nonEmptyString })),
  ...toolOptionsEntries,
});

const backupName = v.pipe(
  v.string(),
  v.check((name) => /^[\w.-]{3,255}$/.test(name), '3 to 255 letters, digits, "_", "." and "-"'),
);

const deletionSchema = strictObject({
  ...waitOptionsEntries,
  whileInUse: v.optional(v.picklist(['wait', 'fail']), 'wait'),
  // Not a union, whose message would not name the wrong key.
  backup: v.optional(
    v.lazy((value) => (typeof value === 'object' ? strictObject({ name: backupName }) : v.boolean())),
    false,
  ),
});

/**
 * Deletes the table of the idle stack.
 *
 * @example
 * ```ts
 * import { DynamoTools } from 'aws-blue-green-toolkit/dynamo';
 *
 * const tables = new DynamoTools({
 *   blue: { tableName: 'orders-blue' },
 *   green: { tableName: 'orders-green' },
 * });
 *
 * await tables.deleteTable('blue', { backup: true });
 * await tables.waitForTableDeleted('blue', { maxWaitSeconds: 600 });
 * ```
 */
export class DynamoTools {
  readonly #stacks: StackPair<DynamoStackOptions>;
  readonly #dynamoDb: DynamoDBClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #deletedTables: RecentWrites<string>;
  readonly #startedBackups: RecentWrites<TableBackup>;

  /** @throws InvalidInputError when an option is missing, malformed or unknown, or when both stacks share a table. */
  constructor(options: DynamoToolsOptions) {
    const parsed = parseInput('DynamoTools options', optionsSchema, options);
    const { blue, green } = parsed;
    const { clock, logger } = toolDependencies(parsed);
    const [one, other] = [[blue.tableName], [green.tableName]];
    requireDistinct('DynamoTools options', 'tableName', one, other, mayBeSameResource);
    this.#stacks = { blue, green };
    this.#dynamoDb = resolveClients<DynamoToolsClients>(options, { dynamoDb: DynamoDBClient }).dynamoDb;
    this.#clock = clock;
    this.#logger = logger;
    this.#deletedTables = new RecentWrites(clock);
    this.#startedBackups = new RecentWrites(clock);
  }

  /**
   * Deletes the stack's table with everything in it. Returns when DynamoDB has accepted the deletion; the table is gone
   * later ({@link waitForTableDeleted}). A table that is being deleted or gone counts as success. Deletion protection is
   * reported before anything is done, and never turned off.
   *
   * With `backup`, a repeated call uses the backup of an earlier one again when the table was not deleted then. A table
   * that has older backups of the same name is reported as a warning.
   *
   * @param options - `maxWaitSeconds` is 900 by default, for each wait: for a table in use, for a limit on simultaneous
   * operations, and for the backup.
   * @remarks IAM: dynamodb:DescribeTable, dynamodb:DeleteTable; with `backup` also dynamodb:ListBackups,
   * dynamodb:CreateBackup, dynamodb:DescribeBackup
   * @throws ResourceStateError when the table is protected, or in use with `whileInUse: 'fail'`; WaitTimeoutError,
   * InvalidInputError, AccessDeniedError, OperationAbortedError. The table was not deleted then.
   */
  async deleteTable(stack: StackReference, options: DeleteTableOptions = {}): Promise<DeleteTableResult> {
    const { tableName } = this.#stacks[parseStackReference(stack)];
    const parsed = parseInput('deleteTable options', deletionSchema, options);
    const backupArn = await deleteTable({
      tableName,
      dynamoDb: this.#dynamoDb,
      clock: this.#clock,
      logger: this.#logger,
      deletedTables: this.#deletedTables,
      startedBackups: this.#startedBackups,
      maxWaitSeconds: parsed.maxWaitSeconds ?? 900,
      signal: parsed.signal,
      whileInUse: parsed.whileInUse,
      backup: this.#wantedBackup(tableName, parsed.backup),
    });
    return backupArn === undefined ? {} : { backupArn };
  }

  /**
   * Waits until the stack's table is gone. It does not delete the table: see {@link deleteTable}.
   *
   * @param options - `maxWaitSeconds` is 600 by default.
   * @remarks IAM: dynamodb:DescribeTable
   * @throws WaitTimeoutError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async waitForTableDeleted(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    const { tableName } = this.#stacks[parseStackReference(stack)];
    const parsed = parseInput('waitForTableDeleted options', waitOptionsSchema, options);
    const { maxWaitSeconds = 600, signal } = parsed;
    await pollUntil({
      resource: tableName,
      expected: 'no such table',
      maxWaitSeconds,
      signal,
      intervalSeconds: 5,
      clock: this.#clock,
      observe: () => readTable({ dynamoDb: this.#dynamoDb, tableName, signal }),
      isDone: (table) => table === undefined,
      describe: (table) => (table === undefined ? 'no table' : `the table ${describeTable(table)}`),
    });
  }

  #wantedBackup(tableName: string, backup: boolean | { readonly name: string }) {
    if (backup === false) return undefined;
    if (backup === true) return { name: defaultBackupName(tableName, this.#clock.now()), isDefault: true };
    return { name: backup.name, isDefault: false };
  }
}
