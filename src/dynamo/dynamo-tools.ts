import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type CallOptions, callAws, isAwsError, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ResourceStateError } from '../core/errors.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { nonEmptyString, stackPair } from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { mayBeSameResource, parseInput, requireDistinct } from '../core/validate.js';
import { defaultBackupName, takeBackup } from './table-backup.js';
import type {
  DeleteTableOptions,
  DeleteTableResult,
  DynamoStackOptions,
  DynamoToolsClients,
  DynamoToolsOptions,
} from './types.js';

const defaultMaxWaitSeconds = 900;

/** DynamoDB refuses to delete a table in these states. */
const statesInUse: readonly string[] = ['CREATING', 'UPDATING'];

const optionsSchema = v.object(stackPair(v.object({ tableName: nonEmptyString })));

const deletionSchema = v.object({
  whileInUse: v.optional(v.picklist(['wait', 'fail'])),
  backup: v.optional(
    v.union([
      v.boolean(),
      v.object({
        name: v.pipe(
          v.string(),
          v.check((name) => /^[\w.-]{3,255}$/.test(name), '3 to 255 letters, digits, "_", "." and "-"'),
        ),
      }),
    ]),
    false,
  ),
});

/**
 * Deletes the table of a stack that is at rest.
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

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a table. */
  constructor(options: DynamoToolsOptions) {
    const stacks = parseInput('DynamoTools options', optionsSchema, options);
    const [blue, green] = [[stacks.blue.tableName], [stacks.green.tableName]];
    requireDistinct('DynamoTools options', 'tableName', blue, green, mayBeSameResource);
    this.#stacks = stacks;
    this.#dynamoDb = resolveClients<DynamoToolsClients>(options, { dynamoDb: DynamoDBClient }).dynamoDb;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * Deletes the stack's table with everything in it. Returns when DynamoDB has accepted the deletion; the table is gone
   * later ({@link waitForTableDeleted}). A table that is being deleted or gone counts as success. Deletion protection is told
   * before anything is done, and never taken off.
   *
   * @param options - `maxWaitSeconds` is 900 by default, for each wait: for a table in use, and for the backup.
   * @remarks IAM: dynamodb:DescribeTable, dynamodb:DeleteTable; with `backup` also dynamodb:ListBackups,
   * dynamodb:CreateBackup, dynamodb:DescribeBackup
   * @throws ResourceStateError when the table is protected, or in use with `whileInUse: 'fail'`; WaitTimeoutError,
   * InvalidInputError, AccessDeniedError, OperationAbortedError. The table was not deleted then.
   */
  async deleteTable(stack: StackReference, options: DeleteTableOptions = {}): Promise<DeleteTableResult> {
    const { tableName } = this.#stacks[parseStackReference(stack)];
    const { backup } = parseInput('deleteTable options', deletionSchema, options);
    const startedAt = this.#clock.now();
    if ((await this.#readDeletable(tableName, options)) === undefined) return {};
    const name = backup === true ? defaultBackupName(tableName, startedAt) : backup ? backup.name : undefined;
    const backupArn = name === undefined ? undefined : await this.#backUp(tableName, name, options);
    await this.#deleteWhenPossible(tableName, options);
    return backupArn === undefined ? {} : { backupArn };
  }

  /**
   * Waits until the stack's table is gone. It does not delete it: see {@link deleteTable}.
   *
   * @param options - `maxWaitSeconds` is 600 by default.
   * @remarks IAM: dynamodb:DescribeTable
   * @throws WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async waitForTableDeleted(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    const { tableName } = this.#stacks[parseStackReference(stack)];
    await pollUntil({
      resource: tableName,
      expected: 'no such table',
      maxWaitSeconds: options.maxWaitSeconds ?? 600,
      signal: options.signal,
      intervalSeconds: 5,
      clock: this.#clock,
      observe: () => this.#read(tableName, options),
      isDone: (table) => table === undefined,
      describe: (table) => `the table ${table?.TableStatus}`,
    });
  }

  /** The table once it can be deleted, or `undefined` when it is going or gone already. */
  async #readDeletable(
    tableName: string,
    options: DeleteTableOptions,
  ): Promise<TableDescription | undefined> {
    const table = await pollUntil({
      resource: tableName,
      expected: 'a table that can be deleted',
      maxWaitSeconds: options.maxWaitSeconds ?? defaultMaxWaitSeconds,
      signal: options.signal,
      intervalSeconds: 5,
      clock: this.#clock,
      observe: () => this.#read(tableName, options),
      isDone: (seen) => {
        if (seen === undefined || seen.TableStatus === 'DELETING') return true;
        requireUnprotected(tableName, seen);
        if (!statesInUse.includes(seen.TableStatus ?? '')) return true;
        if (options.whileInUse === 'fail') throw inUse(tableName, seen);
        return false;
      },
      describe: (seen) => `${seen?.TableStatus}`,
    });
    return table?.TableStatus === 'DELETING' ? undefined : table;
  }

  /** The backup's ARN, or `undefined` when somebody else has deleted the table meanwhile. */
  async #backUp(tableName: string, name: string, options: DeleteTableOptions): Promise<string | undefined> {
    const elapsed = stopwatch(this.#clock);
    const context = {
      dynamoDb: this.#dynamoDb,
      clock: this.#clock,
      tableName,
      maxWaitSeconds: options.maxWaitSeconds ?? defaultMaxWaitSeconds,
      signal: options.signal,
    };
    try {
      const backupArn = await takeBackup(context, name);
      this.#logger.info('Backed up table', {
        resource: tableName,
        backup: backupArn,
        durationMs: elapsed(),
      });
      return backupArn;
    } catch (error) {
      const mayBeGone = isAwsError(error, 'TableNotFoundException', 'TableInUseException');
      if (mayBeGone && (await this.#readDeletable(tableName, options)) === undefined) return undefined;
      throw error;
    }
  }

  /** The table may have begun to change, or to go, since it was read. */
  async #deleteWhenPossible(tableName: string, options: DeleteTableOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    await pollUntil({
      resource: tableName,
      expected: 'a table that DynamoDB deletes',
      maxWaitSeconds: options.maxWaitSeconds ?? defaultMaxWaitSeconds,
      signal: options.signal,
      intervalSeconds: 5,
      clock: this.#clock,
      observe: async () => {
        if (await this.#delete(tableName, elapsed, options)) return undefined;
        const table = await this.#readDeletable(tableName, options);
        if (table !== undefined && options.whileInUse === 'fail') throw inUse(tableName, table);
        return table;
      },
      isDone: (table) => table === undefined,
      describe: (table) => `a table in use, ${table?.TableStatus}`,
    });
  }

  /** Whether the table is going or gone; it is not when it is in use. */
  async #delete(tableName: string, elapsed: () => number, { signal }: CallOptions): Promise<boolean> {
    const command = new DeleteTableCommand({ TableName: tableName });
    try {
      await callAws({ action: 'dynamodb:DeleteTable', resource: tableName, signal }, (http) =>
        this.#dynamoDb.send(command, http),
      );
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return true;
      if (isAwsError(error, 'ResourceInUseException')) return false;
      // Deletion protection may have been put on since the table was read.
      if (isAwsError(error, 'ValidationException'))
        requireUnprotected(tableName, await this.#read(tableName, { signal }));
      throw error;
    }
    this.#logger.info('Deleted table', { resource: tableName, durationMs: elapsed() });
    return true;
  }

  async #read(tableName: string, { signal }: CallOptions): Promise<TableDescription | undefined> {
    const call = { action: 'dynamodb:DescribeTable', resource: tableName, signal };
    const command = new DescribeTableCommand({ TableName: tableName });
    try {
      const { Table } = await callAws(call, (http) => this.#dynamoDb.send(command, http));
      return requireField(Table, 'Table', call);
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }
}

function requireUnprotected(resource: string, table: TableDescription | undefined): void {
  if (!table?.DeletionProtectionEnabled) return;
  throw new ResourceStateError(`Table ${resource} was not deleted`, {
    resource,
    expected: 'deletion protection off',
    actual: 'deletion protection on',
    remedy: 'Turn its deletion protection off first, if the data may go',
  });
}

function inUse(resource: string, { TableStatus }: TableDescription): ResourceStateError {
  return new ResourceStateError(`Table ${resource} was not deleted`, {
    resource,
    expected: 'a table at rest',
    actual: `a table in use, ${TableStatus}`,
    remedy: "Wait until it is ACTIVE, or delete it with whileInUse: 'wait'",
  });
}
