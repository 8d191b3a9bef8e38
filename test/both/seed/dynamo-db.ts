import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { Backend } from '../../support/backend.js';

/** Creates a table, and waits until it is `ACTIVE`. */
export async function seedTable(
  { cloud, clients }: Backend,
  {
    name,
    deletionProtection = false,
    partitionKey = 'id',
  }: { name: string; deletionProtection?: boolean; partitionKey?: string },
): Promise<void> {
  if (cloud !== undefined) {
    cloud.dynamoDb.addTable({ name, deletionProtection, partitionKey });
    return;
  }
  await clients.dynamoDb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: partitionKey, AttributeType: 'S' }],
      KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
      DeletionProtectionEnabled: deletionProtection,
    }),
  );
  await waitUntilTableExists({ client: clients.dynamoDb, maxWaitTime: 120 }, { TableName: name });
}
