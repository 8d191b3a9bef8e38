import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Backend, openBackend } from '../support/backend.js';
import { seedTable } from './seed/dynamo-db.js';

const TableName = 'swaps';
const Key = { id: { S: 'orders' } };

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
  await seedTable(backend, { name: TableName });
});

function put(Item: Record<string, AttributeValue>) {
  return backend.clients.dynamoDb.send(new PutItemCommand({ TableName, Item: { ...Key, ...Item } }));
}

function update(input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) {
  return backend.clients.dynamoDb.send(new UpdateItemCommand({ TableName, Key, ...input }));
}

async function stored() {
  const command = new GetItemCommand({ TableName, Key, ConsistentRead: true });
  return (await backend.clients.dynamoDb.send(command)).Item;
}

const failed = Symbol('The condition failed');

/** Updates the item on a condition. Returns the symbol when the condition failed. */
async function updateIf(
  ConditionExpression: string,
  values: Record<string, AttributeValue> = {},
  names?: Record<string, string>,
) {
  try {
    await update({
      UpdateExpression: 'SET lastWrite = :lastWrite',
      ConditionExpression,
      ExpressionAttributeValues: { ':lastWrite': { S: 'this' }, ...values },
      ...(names && { ExpressionAttributeNames: names }),
    });
    return 'written';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return failed;
    throw error;
  }
}

const lock = {
  holder: { S: 'd-1' },
  version: { N: '7' },
  expires: { N: '1000.5' },
  tags: { SS: ['a', 'b'] },
  steps: { L: [{ S: 'prepare' }, { S: 'test' }] },
  claim: { M: { expiresAt: { N: '90' } } },
};

describe('conditions on an item', () => {
  test.each([
    ['attribute_exists(id)', {}, true],
    ['attribute_not_exists(id)', {}, false],
    ['attribute_exists(claim.expiresAt)', {}, true],
    ['attribute_not_exists(claim.writer)', {}, true],
    ['version = :v', { ':v': { N: '7.0' } }, true],
    ['version = :v', { ':v': { S: '7' } }, false],
    ['version <> :v', { ':v': { N: '8' } }, true],
    ['absent = :v', { ':v': { N: '8' } }, false],
    ['absent <> :v', { ':v': { N: '8' } }, true],
    ['absent < :v', { ':v': { N: '8' } }, false],
    ['version < :v', { ':v': { N: '10' } }, true],
    ['version <= :v', { ':v': { N: '7' } }, true],
    ['version > :v', { ':v': { N: '7' } }, false],
    ['version >= :v', { ':v': { N: '7' } }, true],
    ['expires < :v', { ':v': { N: '1000.51' } }, true],
    ['version BETWEEN :low AND :high', { ':low': { N: '7' }, ':high': { N: '9' } }, true],
    ['version between :low and :high', { ':low': { N: '8' }, ':high': { N: '9' } }, false],
    ['holder IN (:a, :b)', { ':a': { S: 'd-0' }, ':b': { S: 'd-1' } }, true],
    ['holder IN (:a)', { ':a': { S: 'd-0' } }, false],
    ['begins_with(holder, :v)', { ':v': { S: 'd-' } }, true],
    ['contains(holder, :v)', { ':v': { S: '-1' } }, true],
    ['contains(tags, :v)', { ':v': { S: 'b' } }, true],
    ['contains(tags, :v)', { ':v': { S: 'c' } }, false],
    ['contains(steps, :v)', { ':v': { S: 'test' } }, true],
    ['size(tags) = :v', { ':v': { N: '2' } }, true],
    ['size(holder) > :v', { ':v': { N: '3' } }, false],
    ['steps[1] = :v', { ':v': { S: 'test' } }, true],
    ['attribute_type(tags, :v)', { ':v': { S: 'SS' } }, true],
    ['NOT version = :v', { ':v': { N: '8' } }, true],
    ['version = :v OR version = :w AND holder = :w', { ':v': { N: '7' }, ':w': { S: 'x' } }, true],
    ['(version = :v OR version = :w) AND holder = :w', { ':v': { N: '7' }, ':w': { S: 'x' } }, false],
    ['holder = :v AND NOT attribute_exists(absent)', { ':v': { S: 'd-1' } }, true],
  ] as const)('evaluates %s with %j to %s', async (condition, values, isMet) => {
    await put(lock);

    expect(await updateIf(condition, values)).toBe(isMet ? 'written' : failed);
    expect((await stored())?.['lastWrite']).toEqual(isMet ? { S: 'this' } : undefined);
  });

  test('takes a missing item as one without attributes', async () => {
    expect(await updateIf('attribute_exists(id)')).toBe(failed);
    expect(await stored()).toBeUndefined();
    expect(await updateIf('attribute_not_exists(id)')).toBe('written');
    expect(await stored()).toEqual({ ...Key, lastWrite: { S: 'this' } });
  });

  test('accepts a reserved word only by an attribute name', async () => {
    await put({ status: { S: 'on' } });

    await expect(updateIf('status = :v', { ':v': { S: 'on' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('reserved keyword'),
    });
    expect(await updateIf('#status = :v', { ':v': { S: 'on' } }, { '#status': 'status' })).toBe('written');
  });

  test.each([
    ['unknown(version)', {}],
    ['version = :v', { ':v': { N: '7' }, ':unused': { N: '7' } }],
  ])('throws ValidationException for %s', async (condition, values) => {
    await put(lock);

    await expect(updateIf(condition, values)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('returns the stored item of a failed condition with ALL_OLD, and none without', async () => {
    await put(lock);
    const conditional = (ReturnValuesOnConditionCheckFailure?: 'ALL_OLD') =>
      backend.clients.dynamoDb.send(
        new PutItemCommand({
          TableName,
          Item: { ...Key, holder: { S: 'd-2' } },
          ConditionExpression: 'attribute_not_exists(id)',
          ...(ReturnValuesOnConditionCheckFailure && { ReturnValuesOnConditionCheckFailure }),
        }),
      );

    const withItem: unknown = await conditional('ALL_OLD').catch((error: unknown) => error);
    const withoutItem: unknown = await conditional().catch((error: unknown) => error);

    expect(withItem).toBeInstanceOf(ConditionalCheckFailedException);
    expect(withItem).toMatchObject({ message: 'The conditional request failed', Item: { ...Key, ...lock } });
    expect(withoutItem).toBeInstanceOf(ConditionalCheckFailedException);
    expect((withoutItem as ConditionalCheckFailedException).Item).toBeUndefined();
  });
});

describe('updates of an item', () => {
  test('sets, removes, adds and deletes in one update', async () => {
    await put(lock);

    const { Attributes } = await update({
      UpdateExpression:
        'SET holder = :holder, claim.expiresAt = claim.expiresAt + :seconds, startedAt = if_not_exists(startedAt, :now), steps = list_append(steps, :more) ' +
        'REMOVE expires ADD version :one DELETE tags :gone',
      ExpressionAttributeValues: {
        ':holder': { S: 'd-2' },
        ':seconds': { N: '30' },
        ':now': { N: '5' },
        ':more': { L: [{ S: 'switch' }] },
        ':one': { N: '1' },
        ':gone': { SS: ['a'] },
      },
      ReturnValues: 'ALL_NEW',
    });

    const changed = {
      ...Key,
      holder: { S: 'd-2' },
      version: { N: '8' },
      tags: { SS: ['b'] },
      steps: { L: [{ S: 'prepare' }, { S: 'test' }, { S: 'switch' }] },
      claim: { M: { expiresAt: { N: '120' } } },
      startedAt: { N: '5' },
    };
    expect(Attributes).toEqual(changed);
    expect(await stored()).toEqual(changed);
  });

  test.each([
    ['ALL_OLD', { ...Key, ...lock }],
    ['UPDATED_OLD', { version: { N: '7' } }],
    ['UPDATED_NEW', { version: { N: '8' } }],
    ['NONE', undefined],
  ] as const)('returns %s', async (ReturnValues, expected) => {
    await put(lock);

    const { Attributes } = await update({
      UpdateExpression: 'SET version = version + :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues,
    });

    expect(Attributes).toEqual(expected);
  });

  test('computes every value from the item before the update', async () => {
    await put({ alpha: { S: '1' }, beta: { S: '2' } });

    await update({ UpdateExpression: 'SET alpha = beta, beta = alpha' });

    expect(await stored()).toEqual({ ...Key, alpha: { S: '2' }, beta: { S: '1' } });
  });

  test.each([
    ['SET id = :v', { ':v': { S: 'x' } }],
    ['SET count = absent + :v', { ':v': { N: '1' } }],
    ['SET a.b = :v', { ':v': { N: '1' } }],
    ['SET a = :v SET b = :v', { ':v': { N: '1' } }],
    ['SET a = :v, a = :w', { ':v': { N: '1' }, ':w': { N: '1' } }],
  ])('throws ValidationException for %s', async (UpdateExpression, ExpressionAttributeValues) => {
    await put(lock);

    await expect(update({ UpdateExpression, ExpressionAttributeValues })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(await stored()).toEqual({ ...Key, ...lock });
  });

  test('deletes an item on a condition', async () => {
    await put(lock);
    const remove = (holder: string) =>
      backend.clients.dynamoDb.send(
        new DeleteItemCommand({
          TableName,
          Key,
          ConditionExpression: 'holder = :holder',
          ExpressionAttributeValues: { ':holder': { S: holder } },
          ReturnValues: 'ALL_OLD',
        }),
      );

    await expect(remove('d-2')).rejects.toThrowError(ConditionalCheckFailedException);
    expect((await remove('d-1')).Attributes).toEqual({ ...Key, ...lock });
    expect(await stored()).toBeUndefined();
  });
});

describe('transactions', () => {
  const other = { id: { S: 'payments' } };

  test('writes all or nothing, with a reason for each action', async () => {
    await put(lock);
    const transact = (version: string) =>
      backend.clients.dynamoDb.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: other } },
            {
              Update: {
                TableName,
                Key,
                UpdateExpression: 'SET holder = :holder',
                ConditionExpression: 'version = :version',
                ExpressionAttributeValues: { ':holder': { S: 'd-2' }, ':version': { N: version } },
                ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
              },
            },
          ],
        }),
      );

    const error: unknown = await transact('6').catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect((error as TransactionCanceledException).CancellationReasons).toEqual([
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { ...Key, ...lock },
      },
    ]);
    expect((await stored())?.['holder']).toEqual({ S: 'd-1' });

    await transact('7');
    expect((await stored())?.['holder']).toEqual({ S: 'd-2' });
    const command = new GetItemCommand({ TableName, Key: other, ConsistentRead: true });
    expect((await backend.clients.dynamoDb.send(command)).Item).toEqual(other);
  });

  test('refuses two actions on one item', async () => {
    const transaction = backend.clients.dynamoDb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: Key } },
          { ConditionCheck: { TableName, Key, ConditionExpression: 'attribute_not_exists(id)' } },
        ],
      }),
    );

    await expect(transaction).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('queries', () => {
  test('returns the items of a partition that match the filter', async () => {
    await put(lock);
    const query = (FilterExpression: string) =>
      backend.clients.dynamoDb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'id = :id',
          FilterExpression,
          ProjectionExpression: 'holder, claim.expiresAt',
          ExpressionAttributeValues: { ':id': Key.id, ':holder': { S: 'd-1' } },
          ConsistentRead: true,
        }),
      );

    const found = await query('holder = :holder');
    const none = await query('holder <> :holder');

    expect(found.Items).toEqual([{ holder: { S: 'd-1' }, claim: { M: { expiresAt: { N: '90' } } } }]);
    expect(none).toMatchObject({ Items: [], Count: 0, ScannedCount: 1 });
  });
});

describe('a response that is lost', () => {
  /** Drops the first response, after which the SDK sends the request again. */
  function loseFirstResponse(): void {
    let isLost = false;
    backend.clients.dynamoDb.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        if (isLost) return result;
        isLost = true;
        throw Object.assign(new Error('Connection timed out before a response arrived'), {
          name: 'TimeoutError',
        });
      },
      { step: 'finalizeRequest', priority: 'low', name: 'loseFirstResponse' },
    );
  }

  test('makes a conditional write fail on its own item, which ALL_OLD returns', async () => {
    loseFirstResponse();

    const error: unknown = await backend.clients.dynamoDb
      .send(
        new PutItemCommand({
          TableName,
          Item: { ...Key, writeId: { S: 'w1' } },
          ConditionExpression: 'attribute_not_exists(id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { ...Key, writeId: { S: 'w1' } },
    });
    expect(await stored()).toEqual({ ...Key, writeId: { S: 'w1' } });
  });

  test('makes an unconditional counter count twice', async () => {
    await put({ version: { N: '1' } });
    loseFirstResponse();

    await update({ UpdateExpression: 'ADD version :one', ExpressionAttributeValues: { ':one': { N: '1' } } });

    expect(await stored()).toEqual({ ...Key, version: { N: '3' } });
  });
});
