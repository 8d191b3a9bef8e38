import { CreateBackupCommand, ListBackupsCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceStateError } from '../../src/core/index.js';
import { DynamoTools } from '../../src/dynamo/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedTable } from './seed/dynamo-db.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

function createTools() {
  return new DynamoTools({
    blue: { tableName: 'orders-blue' },
    green: { tableName: 'orders-green' },
    clients: backend.clients,
    clock: backend.clock,
  });
}

describe('DynamoTools', () => {
  test('backs the table of one stack up and deletes it', async () => {
    for (const name of ['orders-blue', 'orders-green']) await seedTable(backend, { name });
    const tools = createTools();

    const { backupArn } = await tools.deleteTable('blue', { backup: { name: 'last-orders' } });
    await tools.waitForTableDeleted('blue');

    const { BackupSummaries } = await backend.clients.dynamoDb.send(new ListBackupsCommand({}));
    expect(BackupSummaries).toEqual([
      expect.objectContaining({ BackupArn: backupArn, BackupName: 'last-orders', BackupStatus: 'AVAILABLE' }),
    ]);
    expect(await tableNames()).toEqual(['orders-green']);
  });

  test('reuses a recent backup', async () => {
    await seedTable(backend, { name: 'orders-blue' });
    const input = { TableName: 'orders-blue', BackupName: 'last-orders' };
    const { BackupDetails } = await backend.clients.dynamoDb.send(new CreateBackupCommand(input));

    const { backupArn } = await createTools().deleteTable('blue', { backup: { name: 'last-orders' } });

    const { BackupSummaries } = await backend.clients.dynamoDb.send(new ListBackupsCommand({}));
    expect(BackupSummaries?.map((it) => it.BackupArn)).toEqual([BackupDetails?.BackupArn]);
    expect(backupArn).toBe(BackupDetails?.BackupArn);
  });

  test('succeeds when the table is gone', async () => {
    const tools = createTools();

    await tools.deleteTable('blue');
    await tools.waitForTableDeleted('blue');

    expect(await tableNames()).toEqual([]);
  });

  test('throws ResourceStateError for a protected table', async () => {
    await seedTable(backend, { name: 'orders-blue', deletionProtection: true });

    const deletion = createTools().deleteTable('blue');

    await expect(deletion).rejects.toThrowError(ResourceStateError);
    expect(await tableNames()).toEqual(['orders-blue']);
  });
});

async function tableNames(): Promise<string[] | undefined> {
  const { cloud, clients } = backend;
  // SimulatedCloud simulates only the operations of the tools.
  if (cloud !== undefined)
    return ['orders-blue', 'orders-green'].filter((name) => cloud.dynamoDb.findTable(name));
  return (await clients.dynamoDb.send(new ListTablesCommand({}))).TableNames;
}
