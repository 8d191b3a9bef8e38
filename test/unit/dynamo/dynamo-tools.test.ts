import { CreateBackupCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceStateError,
  UnexpectedResponseError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { DynamoTools } from '../../../src/dynamo/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.dynamoDb.addTable({ name: 'green' });
});

function makeTools({ blue = 'blue', logger }: { blue?: string; logger?: Console } = {}) {
  return new DynamoTools({
    blue: { tableName: blue },
    green: { tableName: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

function statusOf(name: string): string {
  return cloud.dynamoDb.findTable(name)?.status ?? 'none';
}

function failWith(name: string, action: string, options: { atCall?: number; times?: number } = {}): void {
  const kind = Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
  cloud.injectFault({ kind, action, ...options });
}

describe('Class: DynamoTools', () => {
  describe('Method: constructor', () => {
    test('refuses a name and the ARN that ends in it', () => {
      const tableName = 'arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/orders';

      expect(
        () =>
          new DynamoTools({ blue: { tableName: 'orders' }, green: { tableName }, clients: cloud.clients }),
      ).toThrowError(InvalidInputError);
    });

    test('names every option that is wrong', () => {
      const options = { blue: { tableName: '' }, green: {}, clients: cloud.clients };

      // @ts-expect-error the table of green is missing
      expect(() => new DynamoTools(options)).toThrowError(
        expect.objectContaining({
          name: 'InvalidInputError',
          problems: [
            expect.objectContaining({ field: 'blue.tableName' }),
            expect.objectContaining({ field: 'green.tableName' }),
          ],
        }),
      );
    });

    test('refuses a pair that shares a table', () => {
      expect(() => makeTools({ blue: 'green' })).toThrowError(InvalidInputError);
    });
  });

  describe('Method: deleteTable', () => {
    test('deletes the table of the stack and no other', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });

      const result = await makeTools().deleteTable('blue');

      expect(result).toEqual({});
      expect([statusOf('blue'), statusOf('green')]).toEqual(['DELETING', 'ACTIVE']);
      expect(cloud.dynamoDb.backups).toEqual([]);
    });

    test('takes an ARN, too', async () => {
      const { arn } = cloud.dynamoDb.addTable({ name: 'blue' });

      const { backupArn } = await makeTools({ blue: arn }).deleteTable('blue', { backup: true });

      expect(statusOf('blue')).toBe('DELETING');
      expect(cloud.dynamoDb.backups).toEqual([
        expect.objectContaining({ arn: backupArn, name: 'blue-20260101T000000Z' }),
      ]);
    });

    test('succeeds, and changes nothing, when the table is being deleted or gone', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const logger = { ...console, info: vi.fn() };
      const tools = makeTools({ logger });
      await tools.deleteTable('blue');

      await tools.deleteTable('blue', { backup: true });
      await cloud.clock.sleep(60_000);
      await tools.deleteTable('blue', { backup: true });

      expect(statusOf('blue')).toBe('none');
      expect(logger.info.mock.calls).toEqual([['Deleted table', { resource: 'blue', durationMs: 0 }]]);
    });

    test('says that the table is protected before it does anything', async () => {
      cloud.dynamoDb.addTable({ name: 'blue', status: 'CREATING', deletionProtection: true });

      const deletion = makeTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      await expect(deletion).rejects.toMatchObject({
        resource: 'blue',
        actual: 'deletion protection on',
        remedy: expect.any(String),
      });
      expect(cloud.calls.map(({ action }) => action)).toEqual(['dynamodb:DescribeTable']);
    });

    test('says that the table is protected when the protection comes later', async () => {
      const table = cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.clock.schedule(30, () => {
        table.deletionProtection = true;
      });

      const deletion = makeTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toMatchObject({
        name: 'ResourceStateError',
        actual: 'deletion protection on',
      });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('passes on what else DynamoDB has against the deletion', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ValidationException', 'dynamodb:DeleteTable');

      await expect(makeTools().deleteTable('blue')).rejects.toMatchObject({ name: 'ValidationException' });
    });

    test.each(['CREATING', 'UPDATING'])('waits until the table is no longer %s', async (status) => {
      cloud.dynamoDb.addTable({ name: 'blue', ...(status === 'CREATING' && { status }) });
      if (status === 'UPDATING') cloud.dynamoDb.updateTable('blue', 300);

      await makeTools().deleteTable('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('fails while the table is in use, when told to', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.dynamoDb.updateTable('blue', 300);

      const deletion = makeTools().deleteTable('blue', { whileInUse: 'fail' });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      await expect(deletion).rejects.toMatchObject({ actual: 'a table in use, UPDATING' });
      expect(statusOf('blue')).toBe('UPDATING');
    });

    test('gives up when the table stays in use', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.dynamoDb.updateTable('blue', 1000);

      await expect(makeTools().deleteTable('blue')).rejects.toThrowError(WaitTimeoutError);

      expect(statusOf('blue')).toBe('UPDATING');
    });

    test('tries again when DynamoDB finds the table in use at the last moment', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ResourceInUseException', 'dynamodb:DeleteTable', { times: 2 });

      await makeTools().deleteTable('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('gives up when DynamoDB keeps finding the table in use', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ResourceInUseException', 'dynamodb:DeleteTable', { times: Number.POSITIVE_INFINITY });

      const deletion = makeTools().deleteTable('blue', { maxWaitSeconds: 20 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      await expect(deletion).rejects.toMatchObject({ actual: 'a table in use, ACTIVE' });
    });

    test('refuses another way to treat a table in use than the two, and deletes nothing', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });

      // @ts-expect-error not one of the choices
      const deletion = makeTools().deleteTable('blue', { whileInUse: 'FAIL' });

      await expect(deletion).rejects.toMatchObject({ problems: [{ field: 'whileInUse' }] });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('fails when DynamoDB finds the table in use at the last moment, when told to', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ResourceInUseException', 'dynamodb:DeleteTable');

      const deletion = makeTools().deleteTable('blue', { whileInUse: 'fail' });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
    });

    test.each([
      ['ResourceNotFoundException', 'gone'],
      ['ResourceInUseException', 'going'],
    ])('succeeds when somebody else was faster (%s)', async (error) => {
      const table = cloud.dynamoDb.addTable({ name: 'blue' });
      failWith(error, 'dynamodb:DeleteTable');
      cloud.clock.schedule(30, () => {
        table.status = 'DELETING';
      });

      await makeTools().deleteTable('blue', { backup: true });

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('fails at once and names the IAM action when a permission is missing', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.injectFault({ kind: 'accessDenied', action: 'dynamodb:DeleteTable' });

      const deletion = makeTools().deleteTable('blue');

      await expect(deletion).rejects.toThrowError(AccessDeniedError);
      await expect(deletion).rejects.toMatchObject({ action: 'dynamodb:DeleteTable' });
    });

    test('ends when the signal is aborted', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const deletion = makeTools().deleteTable('blue', { backup: true, signal: controller.signal });

      await expect(deletion).rejects.toThrowError(OperationAbortedError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });
  });

  describe('Method: deleteTable with a backup', () => {
    beforeEach(() => {
      cloud.dynamoDb.addTable({ name: 'blue' });
    });

    test('deletes the table only when the backup is available', async () => {
      const logger = { ...console, info: vi.fn() };
      const start = cloud.clock.now();

      const { backupArn } = await makeTools({ logger }).deleteTable('blue', {
        backup: { name: 'last-orders' },
      });

      expect(cloud.clock.now() - start).toBeGreaterThanOrEqual(60_000);
      expect(cloud.dynamoDb.backups).toEqual([
        expect.objectContaining({ arn: backupArn, name: 'last-orders', status: 'AVAILABLE' }),
      ]);
      expect(logger.info.mock.calls).toEqual([
        ['Backed up table', { resource: 'blue', backup: backupArn, durationMs: 60_000 }],
        ['Deleted table', { resource: 'blue', durationMs: 0 }],
      ]);
    });

    test('refuses a name that DynamoDB would refuse', async () => {
      const deletion = makeTools().deleteTable('blue', { backup: { name: 'last orders' } });

      await expect(deletion).rejects.toThrowError(InvalidInputError);
      expect(cloud.calls).toEqual([]);
    });

    test.each(['lostResponse', 'timeout', 'serverError'] as const)(
      'takes exactly one backup when the request for it ends in %s',
      async (kind) => {
        cloud.injectFault({ kind, action: 'dynamodb:CreateBackup' });

        const { backupArn } = await makeTools().deleteTable('blue', { backup: { name: 'last-orders' } });

        expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([backupArn]);
        expect(statusOf('blue')).toBe('DELETING');
      },
    );

    test('takes a new backup although an earlier one has the same name, also when an answer is lost', async () => {
      const earlier = { TableName: 'blue', BackupName: 'last-orders' };
      const { BackupDetails } = await cloud.clients.dynamoDb.send(new CreateBackupCommand(earlier));
      await cloud.clock.sleep(300_000);
      cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:CreateBackup' });

      const { backupArn } = await makeTools().deleteTable('blue', { backup: { name: 'last-orders' } });

      expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([BackupDetails?.BackupArn, backupArn]);
      expect(backupArn).not.toBe(BackupDetails?.BackupArn);
    });

    test('finds its backup also on a later page of the list', async () => {
      for (let index = 0; index < 205; index += 1) {
        cloud.dynamoDb.backups.push({
          arn: `arn:backup-${index}`,
          name: 'daily',
          tableName: 'blue',
          tableId: 'an older table',
          createdAt: 0,
          status: 'AVAILABLE',
        });
      }
      cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:CreateBackup' });

      const { backupArn } = await makeTools().deleteTable('blue', { backup: { name: 'last-orders' } });

      expect(cloud.dynamoDb.backups.filter(({ name }) => name === 'last-orders')).toEqual([
        expect.objectContaining({ arn: backupArn }),
      ]);
    });

    test('waits for another backup of the table', async () => {
      await cloud.clients.dynamoDb.send(new CreateBackupCommand({ TableName: 'blue', BackupName: 'daily' }));

      await makeTools().deleteTable('blue', { backup: { name: 'last-orders' } });

      expect(cloud.dynamoDb.backups.map(({ name }) => name)).toEqual(['daily', 'last-orders']);
    });

    test('leaves the table alone when no backup can be begun', async () => {
      failWith('BackupInUseException', 'dynamodb:CreateBackup', { times: Number.POSITIVE_INFINITY });

      const deletion = makeTools().deleteTable('blue', { backup: true, maxWaitSeconds: 30 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      await expect(deletion).rejects.toMatchObject({ actual: 'BackupInUseException' });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('leaves the table alone when the backup is refused', async () => {
      failWith('LimitExceededException', 'dynamodb:CreateBackup', { times: Number.POSITIVE_INFINITY });

      const deletion = makeTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toMatchObject({ name: 'LimitExceededException' });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('leaves the table alone when the backup does not become available', async () => {
      const deletion = makeTools().deleteTable('blue', { backup: true, maxWaitSeconds: 30 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('leaves the table alone when somebody deletes the backup', async () => {
      cloud.clock.schedule(30, () => {
        for (const backup of cloud.dynamoDb.backups) backup.status = 'DELETED';
      });

      const deletion = makeTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('leaves the table alone when the answer does not tell the backup', async () => {
      vi.spyOn(cloud.dynamoDb.operations, 'CreateBackup').mockReturnValue({ BackupDetails: undefined });

      const deletion = makeTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toThrowError(UnexpectedResponseError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('succeeds without a backup when somebody else deletes the table just then', async () => {
      const before = cloud.dynamoDb.operations.CreateBackup;
      vi.spyOn(cloud.dynamoDb.operations, 'CreateBackup').mockImplementation((input) => {
        cloud.dynamoDb.operations.DeleteTable({ TableName: 'blue' });
        return before(input);
      });

      const result = await makeTools().deleteTable('blue', { backup: true });

      expect(result).toEqual({});
      expect(cloud.dynamoDb.backups).toEqual([]);
    });

    test('does not take a table for gone that is only in use', async () => {
      failWith('TableInUseException', 'dynamodb:CreateBackup');

      const deletion = makeTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toMatchObject({ name: 'TableInUseException' });
      expect(statusOf('blue')).toBe('ACTIVE');
    });
  });

  describe('Method: waitForTableDeleted', () => {
    test('waits until the table is gone', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const tools = makeTools();
      await tools.deleteTable('blue');

      await tools.waitForTableDeleted('blue');

      expect(statusOf('blue')).toBe('none');
    });

    test('gives up with what it saw', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });

      const wait = makeTools().waitForTableDeleted('blue', { maxWaitSeconds: 10 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({ maxWaitSeconds: 10, actual: 'the table ACTIVE' });
    });

    test('does not take a denied permission for a table that is gone', async () => {
      cloud.injectFault({ kind: 'accessDenied', action: 'dynamodb:DescribeTable' });

      await expect(makeTools().waitForTableDeleted('blue')).rejects.toThrowError(AccessDeniedError);
    });
  });
});
