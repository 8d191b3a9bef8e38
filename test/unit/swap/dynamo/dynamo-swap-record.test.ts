import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { AccessDeniedError, ResourceNotFoundError, ResourceStateError } from '../../../../src/core/errors.js';
import { classifyFailure } from '../../../../src/core/failures.js';
import { InvalidInputError } from '../../../../src/core/index.js';
import { toAttributes } from '../../../../src/swap/dynamo/attributes.js';
import { DynamoSwapRecord, type DynamoSwapRecordOptions } from '../../../../src/swap/dynamo/index.js';
import type { SwapRecordItem } from '../../../../src/swap/record/types.js';
import { type Fault, SimulatedCloud } from '../../../../src/testing/index.js';
import { recordItem } from '../../../support/swap-record-items.js';

const tableName = 'stack-swaps';

let cloud: SimulatedCloud;
let record: DynamoSwapRecord;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.dynamoDb.addTable({ name: tableName, partitionKey: 'application', readLagSeconds: 60 });
  record = new DynamoSwapRecord({ tableName, clients: cloud.clients, clock: cloud.clock });
});

function always(action: string, kind: Fault['kind']) {
  cloud.injectFault({ kind, action, times: Number.POSITIVE_INFINITY });
}

async function put(item: SwapRecordItem, text = JSON.stringify(item)) {
  const Item = toAttributes({ item, text });
  await cloud.clients.dynamoDb.send(new PutItemCommand({ TableName: tableName, Item }));
}

describe('DynamoSwapRecord', () => {
  test('stores the item under the string key application, beside what its condition needs', async () => {
    await record.write(recordItem());

    const Key = { application: { S: 'orders' } };
    const { Item } = await cloud.clients.dynamoDb.send(new GetItemCommand({ TableName: tableName, Key }));
    await cloud.clock.sleep(60_000);
    const read = await cloud.clients.dynamoDb.send(new GetItemCommand({ TableName: tableName, Key }));

    expect(Item).toBeUndefined();
    expect(read.Item).toEqual({
      ...Key,
      format: { N: '1' },
      version: { N: '1' },
      writeId: { S: 'write-1' },
      record: { S: JSON.stringify(recordItem()) },
    });
  });

  test('declares the actions of its calls', async () => {
    await record.write(recordItem());
    await record.read('orders');

    expect(record.permissions.map(({ action }) => action).toSorted()).toEqual(
      [...new Set(cloud.calls.map(({ action }) => action))].toSorted(),
    );
  });

  test.each([1, 2])(
    'counts its own write of version %i as written after a lost response',
    async (version) => {
      if (version === 2) await record.write(recordItem());
      cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:PutItem' });

      expect(await record.write(recordItem({ version }))).toEqual({ status: 'written' });

      expect(await record.read('orders')).toEqual(recordItem({ version }));
    },
  );

  test('counts its own write as written in a later call, after every response was lost', async () => {
    cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:PutItem', times: 3 });

    await expect(record.write(recordItem())).rejects.toThrowError(
      /^Swap record of orders may not have been written: expected a response of DynamoDB, got .*Check the network path/,
    );

    expect(await record.write(recordItem())).toEqual({ status: 'written' });
  });

  test('returns a conflict when another process has written after a lost response', async () => {
    cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:PutItem', times: 3 });
    await record.write(recordItem()).catch(() => {});
    const other = recordItem({ version: 2, writeId: 'other' });
    await record.write(other);

    expect(await record.write(recordItem())).toEqual({ status: 'conflict', current: other });
  });

  test.each(['throttle', 'serverError', 'timeout'] as const)('succeeds after one fault: %s', async (kind) => {
    cloud.injectFault({ kind, action: 'dynamodb:PutItem' });
    expect(await record.write(recordItem())).toEqual({ status: 'written' });

    cloud.injectFault({ kind, action: 'dynamodb:GetItem' });
    expect(await record.read('orders')).toEqual(recordItem());
  });

  test.each([
    ['TransactionConflictException', 'Transaction is ongoing for the item'],
    ['ReplicatedWriteConflictException', 'Another Region writes the item'],
  ])('retries %s', async (name, message) => {
    const conflict = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
    cloud.injectFault({ kind: conflict, action: 'dynamodb:PutItem', times: 2 });

    expect(await record.write(recordItem())).toEqual({ status: 'written' });
  });

  test.each([
    ['GetItem', 'was not read'],
    ['PutItem', 'may not have been written'],
  ])('throws a passing ResourceStateError while %s is throttled', async (operation, was) => {
    always(`dynamodb:${operation}`, 'throttle');
    const startedAt = cloud.clock.now();

    const error: unknown = await (operation === 'GetItem'
      ? record.read('orders')
      : record.write(recordItem())
    ).catch((it: unknown) => it);

    expect(error).toBeInstanceOf(ResourceStateError);
    expect(error).toMatchObject({
      message: expect.stringContaining(`Swap record of orders ${was}`),
      remedy: expect.stringContaining('on-demand capacity for table stack-swaps'),
    });
    expect(classifyFailure(error)).toBe('passing');
    expect(cloud.clock.now() - startedAt).toBeLessThan(30_000);
  });

  test.each(['serverError', 'timeout'] as const)(
    'throws a passing ResourceStateError for %s',
    async (kind) => {
      always('dynamodb:GetItem', kind);

      const error: unknown = await record.read('orders').catch((it: unknown) => it);

      expect(error).toMatchObject({
        name: 'ResourceStateError',
        remedy: expect.stringMatching(/VPC endpoint.*can be repeated/),
      });
      expect(classifyFailure(error)).toBe('passing');
    },
  );

  test('throws AccessDeniedError with the action', async () => {
    always('dynamodb:PutItem', 'accessDenied');

    await expect(record.write(recordItem())).rejects.toThrowError(AccessDeniedError);
    await expect(record.write(recordItem())).rejects.toThrowError(/dynamodb:PutItem/);
  });

  test('throws ResourceNotFoundError, with the key to create, when the table does not exist', async () => {
    const missing = new DynamoSwapRecord({
      tableName: 'missing',
      clients: cloud.clients,
      clock: cloud.clock,
    });

    for (const call of [() => missing.read('orders'), () => missing.write(recordItem())]) {
      await expect(call()).rejects.toThrowError(ResourceNotFoundError);
      await expect(call()).rejects.toThrowError(/partition key application \(string\) and no sort key/);
    }
  });

  test.each([
    ['another name', { partitionKey: 'id' }],
    ['another type', { partitionKey: { name: 'application', type: 'N' as const } }],
    ['a sort key', { partitionKey: 'application', sortKey: 'swap' }],
  ])('throws ResourceStateError for a table whose key has %s', async (_, key) => {
    cloud.dynamoDb.addTable({ name: 'other', ...key });
    const other = new DynamoSwapRecord({ tableName: 'other', clients: cloud.clients, clock: cloud.clock });

    for (const call of [() => other.read('orders'), () => other.write(recordItem())])
      await expect(call()).rejects.toThrowError(
        /^Table other cannot hold swap records: expected the partition key application \(string\)/,
      );
  });

  test.each<[string, () => Promise<void>]>([
    ['record: expected an item as JSON', () => put(recordItem(), '{"format":1,')],
    ['record: expected an item as JSON', () => put(recordItem(), '[]')],
    ['version: expected 1, got "3"', () => put(recordItem({ version: 3 }), JSON.stringify(recordItem()))],
    ['writeId: expected "write-1"', () => put(recordItem({ writeId: '' }), JSON.stringify(recordItem()))],
  ])('throws InvalidInputError for a changed item, and leaves it: %s', async (problem, change) => {
    await change();

    for (const call of [() => record.read('orders'), () => record.write(recordItem({ version: 9 }))]) {
      await expect(call()).rejects.toThrowError(InvalidInputError);
      await expect(call()).rejects.toThrowError(problem);
      await expect(call()).rejects.toThrowError(/restore it from a backup/);
    }
  });

  test('throws UnexpectedResponseError when a failed condition of the first write shows no item', async () => {
    const failed = Object.assign(new Error('The conditional request failed'), {
      name: 'ConditionalCheckFailedException',
      $metadata: { httpStatusCode: 400 },
    });
    cloud.injectFault({ kind: failed, action: 'dynamodb:PutItem' });

    await expect(record.write(recordItem())).rejects.toMatchObject({ name: 'UnexpectedResponseError' });
  });

  test('recognizes its own write in the error of another copy of the SDK', async () => {
    const failed = Object.assign(new Error('The conditional request failed'), {
      name: 'ConditionalCheckFailedException',
      $metadata: { httpStatusCode: 400 },
      Item: { writeId: { S: 'write-2' } },
    });
    cloud.injectFault({ kind: failed, action: 'dynamodb:PutItem' });

    expect(await record.write(recordItem({ version: 2 }))).toEqual({ status: 'written' });
  });

  test.each([
    [{}, 'tableName: expected'],
    [{ tableName: '' }, 'tableName: expected a string that is not empty'],
    [{ tableName, table: 'x' }, 'table: unknown option; did you mean tableName?'],
    [{ tableName, clients: { dynamodb: {} } }, 'did you mean dynamoDb?'],
    [{ tableName, clients: { dynamoDb: {} } }, 'clients.dynamoDb: expected an SDK client'],
    [{ tableName, clock: {} }, 'clock: expected a clock'],
  ])('throws InvalidInputError for the options %j', (options, problem) => {
    expect(() => new DynamoSwapRecord(options as DynamoSwapRecordOptions)).toThrowError(problem);
  });

  test('names its table', () => {
    expect(record.description).toBe('table stack-swaps');
  });
});
