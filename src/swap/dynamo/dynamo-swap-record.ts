import {
  type ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type CallOptions, isAwsError, requireField } from '../../core/aws-call.js';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import type { Clock } from '../../core/clock.js';
import type { Permission } from '../../core/permissions.js';
import { retryOnConflict } from '../../core/retry-on-conflict.js';
import { callOptionsSchema, nonEmptyString, strictObject } from '../../core/schemas.js';
import { clientOptionsEntries, clockSchema, toolDependencies } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import { encodeSwapRecordItem } from '../record/parse-record-item.js';
import type { SwapRecord, SwapRecordItem, SwapWriteResult } from '../record/types.js';
import { fromAttributes, keyOf, toAttributes } from './attributes.js';
import { dynamoSwapRecordPermissions } from './permissions.js';
import { explainTableError, type RecordAccess } from './table-errors.js';

/** Clients of {@link DynamoSwapRecord}. */
export interface DynamoSwapRecordClients {
  /** Client for DynamoDB. */
  readonly dynamoDb: DynamoDBClient;
}

/** Options of {@link DynamoSwapRecord}. */
export type DynamoSwapRecordOptions = ClientOptions<DynamoSwapRecordClients> & {
  /**
   * Name or ARN of the table. Its partition key is the string `application`, and it has no sort key. One table holds the
   * records of many applications.
   */
  readonly tableName: string;
  /**
   * Source of the time and of waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
};

const optionsSchema = strictObject({
  tableName: nonEmptyString,
  ...clientOptionsEntries,
  clock: v.optional(clockSchema),
});

/** A claim is renewed every 30 seconds, and a late renewal must not use up the rest of its 90. */
const maxWaitSeconds = 15;

/**
 * Swap records in a DynamoDB table: one item for each application, with strongly consistent reads and conditional writes. The
 * table has the partition key `application` (string) and no sort key. Items never expire, and their size is limited to
 * 256,000 bytes.
 *
 * Replicas of a global table with eventual consistency see a write late: all drivers of one application use the table in one
 * Region.
 *
 * @remarks IAM: dynamodb:GetItem, dynamodb:PutItem
 * @example
 * ```ts
 * import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
 *
 * const record = new DynamoSwapRecord({ tableName: 'stack-swaps' });
 * ```
 */
export class DynamoSwapRecord implements SwapRecord {
  /** `table stack-swaps` */
  readonly description: string;
  /** Permissions of both methods. */
  readonly permissions: readonly Permission[] = [
    ...dynamoSwapRecordPermissions['DynamoSwapRecord.read'],
    ...dynamoSwapRecordPermissions['DynamoSwapRecord.write'],
  ];
  readonly #tableName: string;
  readonly #dynamoDb: DynamoDBClient;
  readonly #clock: Clock;

  /** @throws InvalidInputError when an option is missing, malformed or unknown. */
  constructor(options: DynamoSwapRecordOptions) {
    const parsed = parseInput('DynamoSwapRecord options', optionsSchema, options);
    this.#tableName = parsed.tableName;
    this.#clock = toolDependencies(parsed).clock;
    const factories = { dynamoDb: DynamoDBClient };
    this.#dynamoDb = resolveClients<DynamoSwapRecordClients>(options, factories).dynamoDb;
    this.description = `table ${parsed.tableName}`;
  }

  /**
   * Returns the stored item of an application; undefined when there is none.
   *
   * @remarks IAM: dynamodb:GetItem
   * @throws InvalidInputError for a damaged item; ResourceNotFoundError when the table does not exist; ResourceStateError
   * when it has another key, or while DynamoDB throttles or does not respond; AccessDeniedError, OperationAbortedError
   */
  async read(application: string, options: CallOptions = {}): Promise<unknown> {
    const key = parseInput('Application', nonEmptyString, application);
    const command = new GetItemCommand({
      TableName: this.#tableName,
      Key: keyOf(key),
      ConsistentRead: true,
    });
    const access = { tableName: this.#tableName, application: key, verb: 'read' } as const;
    const { Item } = await this.#send('dynamodb:GetItem', access, options, (http) =>
      this.#dynamoDb.send(command, http),
    );
    return Item && fromAttributes(Item, key);
  }

  /**
   * Stores an item on the condition of its version. The write can be repeated with the same item after any error: a stored item
   * with its `writeId` counts as written. The condition of a repeated write fails on the own item when the response of the first
   * attempt was lost.
   *
   * @remarks IAM: dynamodb:PutItem
   * @throws InvalidInputError for an item that could not be read again or is larger than 256,000 bytes, and when the stored
   * item is damaged; nothing was written. The other errors are those of {@link read}; after a ResourceStateError the write may
   * have taken effect.
   */
  async write(item: SwapRecordItem, options: CallOptions = {}): Promise<SwapWriteResult> {
    const encoded = encodeSwapRecordItem(item);
    const { application, version, writeId } = encoded.item;
    const command = new PutItemCommand({
      TableName: this.#tableName,
      Item: toAttributes(encoded),
      ...conditionOf(version),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const access = { tableName: this.#tableName, application, verb: 'written' } as const;
    try {
      await this.#send('dynamodb:PutItem', access, options, (http) => this.#dynamoDb.send(command, http));
      return { status: 'written' };
    } catch (error) {
      if (!isFailedCondition(error)) throw error;
      if (error.Item?.['writeId']?.S === writeId) return { status: 'written' };
      const call = { action: 'dynamodb:PutItem', resource: this.description };
      // Without the item it would look as if nothing were stored.
      const stored = version === 1 ? requireField(error.Item, 'Item', call) : error.Item;
      return { status: 'conflict', current: stored && fromAttributes(stored, application) };
    }
  }

  async #send<T>(
    action: string,
    access: RecordAccess,
    options: CallOptions,
    send: Parameters<typeof retryOnConflict<T>>[2],
  ): Promise<T> {
    const { signal } = parseInput('Call options', callOptionsSchema, options);
    const call = { action, resource: this.description, signal };
    try {
      return await retryOnConflict(call, { clock: this.#clock, maxWaitSeconds }, send);
    } catch (error) {
      throw explainTableError(error, access);
    }
  }
}

/** Returns the condition of a write: the version before is stored, or nothing. */
function conditionOf(version: number) {
  if (version === 1) {
    return {
      ConditionExpression: 'attribute_not_exists(#application)',
      ExpressionAttributeNames: { '#application': 'application' },
    };
  }
  return {
    ConditionExpression: '#version = :before',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':before': { N: String(version - 1) } },
  };
}

/** True also for the error of another copy of the SDK. */
function isFailedCondition(error: unknown): error is ConditionalCheckFailedException {
  return isAwsError(error, 'ConditionalCheckFailedException');
}
