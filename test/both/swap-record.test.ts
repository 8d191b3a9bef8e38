import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { toAttributes } from '../../src/swap/dynamo/attributes.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/index.js';
import { testSwapRecord } from '../contract/swap-record.js';
import { openBackend } from '../support/backend.js';
import { recordItem } from '../support/swap-record-items.js';
import { seedTable } from './seed/dynamo-db.js';

const tableName = 'stack-swaps';

testSwapRecord('DynamoSwapRecord', async (stored) => {
  const backend = await openBackend();
  const { clients, clock } = backend;
  await seedTable(backend, { name: tableName, partitionKey: 'application' });
  if (stored !== undefined) {
    const Item = toAttributes({ item: stored, text: JSON.stringify(stored) });
    await clients.dynamoDb.send(new PutItemCommand({ TableName: tableName, Item }));
  }
  const open = () => new DynamoSwapRecord({ tableName, clients, clock });
  return { record: open(), other: open() };
});

describe('DynamoSwapRecord', () => {
  test('throws ResourceNotFoundError when the table does not exist', async () => {
    const { clients, clock } = await openBackend();
    const record = new DynamoSwapRecord({ tableName, clients, clock });

    await expect(record.read('orders')).rejects.toMatchObject({ name: 'ResourceNotFoundError' });
    await expect(record.write(recordItem())).rejects.toMatchObject({ name: 'ResourceNotFoundError' });
  });

  test('throws ResourceStateError when the table has another key', async () => {
    const backend = await openBackend();
    await seedTable(backend, { name: tableName });
    const { clients, clock } = backend;
    const record = new DynamoSwapRecord({ tableName, clients, clock });

    await expect(record.read('orders')).rejects.toMatchObject({ name: 'ResourceStateError' });
    await expect(record.write(recordItem())).rejects.toMatchObject({ name: 'ResourceStateError' });
  });
});
