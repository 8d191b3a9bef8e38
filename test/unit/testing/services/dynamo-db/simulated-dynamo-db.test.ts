import {
  BackupNotFoundException,
  CreateBackupCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeTableCommand,
  ListBackupsCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TableInUseException,
  TableNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function describeTable(TableName: string | undefined) {
  return cloud.clients.dynamoDb.send(new DescribeTableCommand({ TableName }));
}

function deleteTable(TableName: string) {
  return cloud.clients.dynamoDb.send(new DeleteTableCommand({ TableName }));
}

function backUp(TableName: string, BackupName = 'daily') {
  return cloud.clients.dynamoDb.send(new CreateBackupCommand({ TableName, BackupName }));
}

describe('SimulatedDynamoDb', () => {
  test('creates a table over time', async () => {
    cloud.dynamoDb.addTable({ name: 'orders', status: 'CREATING' });
    const before = await describeTable('orders');

    await cloud.clock.sleep(60_000);

    expect(before.Table?.TableStatus).toBe('CREATING');
    expect((await describeTable('orders')).Table?.TableStatus).toBe('ACTIVE');
  });

  test('deletes a table over time, and accepts a repeated deletion', async () => {
    cloud.dynamoDb.addTable({ name: 'orders' });

    const answers = [await deleteTable('orders'), await deleteTable('orders')];

    expect(answers.map(({ TableDescription }) => TableDescription?.TableStatus)).toEqual([
      'DELETING',
      'DELETING',
    ]);
    await cloud.clock.sleep(60_000);
    await expect(describeTable('orders')).rejects.toThrowError(ResourceNotFoundException);
  });

  test('refuses to delete a table in use, a protected one, and a missing one', async () => {
    cloud.dynamoDb.addTable({ name: 'changing' });
    cloud.dynamoDb.updateTable('changing', 60);
    cloud.dynamoDb.addTable({ name: 'protected', deletionProtection: true });

    await expect(deleteTable('changing')).rejects.toThrowError(ResourceInUseException);
    await expect(deleteTable('protected')).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(deleteTable('none')).rejects.toThrowError(ResourceNotFoundException);
  });

  test('refuses a request without required members', async () => {
    await expect(describeTable(undefined)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('creates a backup over time, which outlives its table', async () => {
    cloud.dynamoDb.addTable({ name: 'orders' });
    const { BackupDetails } = await backUp('orders');

    await cloud.clock.sleep(120_000);
    await deleteTable('orders');
    await cloud.clock.sleep(60_000);

    const command = new DescribeBackupCommand({ BackupArn: BackupDetails?.BackupArn });
    const { BackupDescription } = await cloud.clients.dynamoDb.send(command);
    expect([BackupDetails?.BackupStatus, BackupDescription?.BackupDetails?.BackupStatus]).toEqual([
      'CREATING',
      'AVAILABLE',
    ]);
  });

  test('refuses to delete a table while a backup of it is being created', async () => {
    cloud.dynamoDb.addTable({ name: 'orders' });
    cloud.dynamoDb.addTable({ name: 'others' });
    await backUp('orders');

    await expect(deleteTable('orders')).rejects.toThrowError(ResourceInUseException);
    await expect(deleteTable('others')).resolves.toBeDefined();
    await cloud.clock.sleep(60_000);
    await expect(deleteTable('orders')).resolves.toBeDefined();
  });

  test('refuses a backup that cannot be created', async () => {
    cloud.dynamoDb.addTable({ name: 'orders' });
    cloud.dynamoDb.addTable({ name: 'new', status: 'CREATING' });

    await expect(backUp('orders', 'a name')).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(backUp('none')).rejects.toThrowError(TableNotFoundException);
    await expect(backUp('new')).rejects.toThrowError(TableInUseException);
    await backUp('orders');
    await expect(backUp('orders')).rejects.toMatchObject({ name: 'BackupInUseException' });
  });

  test('throws BackupNotFoundException for a missing backup', async () => {
    const command = new DescribeBackupCommand({ BackupArn: 'arn:none' });

    await expect(cloud.clients.dynamoDb.send(command)).rejects.toThrowError(BackupNotFoundException);
  });

  test('lists the backups of one table or of all, page by page', async () => {
    for (const name of ['blue', 'green']) {
      cloud.dynamoDb.addTable({ name });
      await backUp(name);
    }
    const list = (input: {
      TableName?: string;
      Limit?: number;
      ExclusiveStartBackupArn?: string | undefined;
    }) => cloud.clients.dynamoDb.send(new ListBackupsCommand(input));

    const first = await list({ Limit: 1 });
    const second = await list({ Limit: 1, ExclusiveStartBackupArn: first.LastEvaluatedBackupArn });
    const green = await list({ TableName: 'green' });

    const tables = [first, second, green].map(({ BackupSummaries }) =>
      BackupSummaries?.map((it) => it.TableName),
    );
    expect(tables).toEqual([['blue'], ['green'], ['green']]);
    expect(second.LastEvaluatedBackupArn).toBeUndefined();
  });
});
