import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { toAttributes } from '../../src/swap/dynamo/attributes.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/index.js';
import { InMemorySwapRecord } from '../../src/swap/record/in-memory-swap-record.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { testSwapRecord } from './swap-record.js';

testSwapRecord('InMemorySwapRecord', async (stored) => {
  const record = new InMemorySwapRecord(stored && { items: { [stored.application]: stored } });
  return { record, other: record };
});

testSwapRecord('DynamoSwapRecord', async (stored) => {
  const cloud = new SimulatedCloud();
  const TableName = 'stack-swaps';
  cloud.dynamoDb.addTable({ name: TableName, partitionKey: 'application', readLagSeconds: 60 });
  const { clients, clock } = cloud;
  if (stored !== undefined) {
    const Item = toAttributes({ item: stored, text: JSON.stringify(stored) });
    await clients.dynamoDb.send(new PutItemCommand({ TableName, Item }));
  }
  const open = () => new DynamoSwapRecord({ tableName: TableName, clients, clock });
  return { record: open(), other: open() };
});
