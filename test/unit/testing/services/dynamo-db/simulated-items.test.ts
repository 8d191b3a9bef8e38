import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const TableName = 'swaps';
const Key = { id: { S: 'orders' } };

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.dynamoDb.addTable({ name: TableName, readLagSeconds: 1 });
});

function put(Item: Record<string, AttributeValue>, ConditionExpression?: string) {
  return cloud.clients.dynamoDb.send(
    new PutItemCommand({
      TableName,
      Item: { ...Key, ...Item },
      ...(ConditionExpression !== undefined && { ConditionExpression }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
}

async function read(ConsistentRead: boolean) {
  return (await cloud.clients.dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead }))).Item;
}

const version = (N: string) => ({ version: { N } });

describe('SimulatedDynamoDb.readLagSeconds', () => {
  test('returns an older item from an eventually consistent read, and the current one from a consistent read', async () => {
    await put(version('1'));
    await cloud.clock.sleep(1_000);
    await put(version('2'));

    expect([await read(false), await read(true)]).toEqual([
      { ...Key, ...version('1') },
      { ...Key, ...version('2') },
    ]);
    await cloud.clock.sleep(1_000);
    expect(await read(false)).toEqual({ ...Key, ...version('2') });
  });

  test('checks a condition on the current item', async () => {
    await put(version('1'));

    expect(await read(false)).toBeUndefined();
    await expect(put(version('2'), 'attribute_not_exists(id)')).rejects.toThrowError(
      ConditionalCheckFailedException,
    );
  });

  test('returns an older list of items from a query', async () => {
    const query = (ConsistentRead: boolean) =>
      cloud.clients.dynamoDb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'id = :id',
          ExpressionAttributeValues: { ':id': Key.id },
          ConsistentRead,
        }),
      );
    await put(version('1'));

    expect([(await query(false)).Count, (await query(true)).Count]).toEqual([0, 1]);
  });
});

describe('faults of DynamoDB', () => {
  test('lets no consistent read be stale', async () => {
    await put(version('1'));
    await read(true);
    await put(version('2'));
    cloud.injectFault({ kind: 'staleRead', action: 'dynamodb:GetItem', times: 2 });

    expect(await read(true)).toMatchObject(version('2'));
  });

  test('retries a write whose response was lost, which then meets its own item', async () => {
    cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:PutItem' });

    const error: unknown = await put({ writeId: { S: 'w1' } }, 'attribute_not_exists(id)').catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { ...Key, writeId: { S: 'w1' } },
    });
  });

  test('retries a transaction whose response was lost, and writes once', async () => {
    await put(version('1'));
    cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:TransactWriteItems' });

    await cloud.clients.dynamoDb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              TableName,
              Key,
              UpdateExpression: 'ADD version :one',
              ConditionExpression: 'version = :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
        ],
      }),
    );

    expect(cloud.dynamoDb.items(TableName)).toEqual([{ ...Key, ...version('2') }]);
    expect(cloud.calls.filter(({ action }) => action === 'dynamodb:TransactWriteItems')).toHaveLength(2);
  });

  test('refuses a token of a transaction for other parameters until it expires', async () => {
    const transact = (N: string) =>
      cloud.clients.dynamoDb.send(
        new TransactWriteItemsCommand({
          ClientRequestToken: 'token',
          TransactItems: [{ Put: { TableName, Item: { ...Key, ...version(N) } } }],
        }),
      );
    await transact('1');

    await expect(transact('2')).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
    await cloud.clock.sleep(600_000);
    await transact('2');
    expect(cloud.dynamoDb.items(TableName)).toEqual([{ ...Key, ...version('2') }]);
  });

  test('retries a throttled write', async () => {
    cloud.injectFault({ kind: 'throttle', action: 'dynamodb:PutItem', times: 2 });

    await put(version('1'));

    expect(cloud.calls.map(({ outcome }) => outcome)).toEqual([
      'ThrottlingException',
      'ThrottlingException',
      'ok',
    ]);
  });
});

describe('SimulatedDynamoDb refuses', () => {
  test.each([
    ['version = :absent', 'An expression attribute value used in expression is not defined'],
    ['#absent = :v', 'An expression attribute name used in the document path is not defined'],
    ['version = ', 'Syntax error'],
    ['version ? :v', 'Syntax error'],
    ['(version = :v', 'Syntax error'],
    ['version = :v version', 'Syntax error'],
    ['', 'The expression can not be empty'],
    ['SIZE(version) = :v', 'Invalid function name'],
    ['attribute_exists(version, version)', 'Incorrect number of operands'],
    ['attribute_exists(:v)', 'requires a document path'],
    ['version = version', 'must be distinct'],
  ])('the condition %j', async (ConditionExpression, message) => {
    const update = cloud.clients.dynamoDb.send(
      new UpdateItemCommand({
        TableName,
        Key,
        ConditionExpression,
        ExpressionAttributeValues: { ':v': { N: '1' } },
      }),
    );

    await expect(update).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [{ id: { N: '1' } }, 'Type mismatch for key id'],
    [{ id: { S: '' } }, 'empty string'],
    [{ n: { N: 'ten' } }, 'cannot be converted to a numeric value'],
    [{ n: { N: '1'.repeat(39) } }, '38 significant digits'],
    [{ tags: { SS: [] } }, 'may not be empty'],
    [{ tags: { SS: ['a', 'a'] } }, 'duplicates'],
    [{ text: { S: 'x'.repeat(410_000) } }, 'Item size has exceeded'],
  ] as const)('the item with %j', async (attributes, message) => {
    await expect(put(attributes as Record<string, AttributeValue>)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  test('a read before the table is active, and a key that does not fit', async () => {
    cloud.dynamoDb.addTable({ name: 'new', status: 'CREATING' });
    const get = (TableName: string, Key: Record<string, AttributeValue>) =>
      cloud.clients.dynamoDb.send(new GetItemCommand({ TableName, Key }));

    await expect(get('new', Key)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(get(TableName, { name: { S: 'x' } })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('SimulatedDynamoDb.Query', () => {
  function query(input: Partial<QueryCommandInput>) {
    return cloud.clients.dynamoDb.send(
      new QueryCommand({
        TableName: 'history',
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': Key.id },
        ...input,
      }),
    );
  }
  const numbers = ({ Items = [] }: { Items?: Record<string, AttributeValue>[] | undefined }) =>
    Items.map((item) => item['number']?.N);

  beforeEach(async () => {
    cloud.dynamoDb.addTable({ name: 'history', sortKey: { name: 'number', type: 'N' } });
    for (const N of ['10', '2', '1']) {
      const Item = { ...Key, number: { N } };
      await cloud.clients.dynamoDb.send(new PutItemCommand({ TableName: 'history', Item }));
    }
  });

  test('returns items in the order of the sort key, page by page', async () => {
    const first = await query({ Limit: 2 });
    const second = await query({ Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey });
    const newestFirst = await query({ ScanIndexForward: false, Limit: 1 });

    expect([first, second, newestFirst].map(numbers)).toEqual([['1', '2'], ['10'], ['10']]);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  test('limits the sort key', async () => {
    const found = await query({
      KeyConditionExpression: 'id = :id AND #number BETWEEN :low AND :high',
      ExpressionAttributeNames: { '#number': 'number' },
      ExpressionAttributeValues: { ':id': Key.id, ':low': { N: '2' }, ':high': { N: '20' } },
    });

    expect(numbers(found)).toEqual(['2', '10']);
  });

  test.each(['#number = :id', 'id > :id', 'id = :id OR #number = :id', 'NOT id = :id'])(
    'refuses the key condition %s',
    async (KeyConditionExpression) => {
      const names = KeyConditionExpression.includes('#') && {
        ExpressionAttributeNames: { '#number': 'number' },
      };

      await expect(query({ KeyConditionExpression, ...names })).rejects.toMatchObject({
        name: 'ValidationException',
      });
    },
  );

  test('reads items of several tables in a transaction', async () => {
    await put(version('1'));

    const { Responses } = await cloud.clients.dynamoDb.send(
      new TransactGetItemsCommand({
        TransactItems: [
          { Get: { TableName, Key } },
          { Get: { TableName: 'history', Key: { ...Key, number: { N: '3' } } } },
        ],
      }),
    );

    expect(Responses).toEqual([{ Item: { ...Key, ...version('1') } }, {}]);
  });
});
