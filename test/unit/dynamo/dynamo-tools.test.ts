import { CreateBackupCommand, type TableStatus } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  type Clock,
  InvalidInputError,
  OperationAbortedError,
  ResourceStateError,
  UnexpectedResponseError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { DynamoTools } from '../../../src/dynamo/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { SettableClock } from '../../support/settable-clock.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.dynamoDb.addTable({ name: 'green' });
});

function createTools({
  blue = 'blue',
  logger,
  clock,
}: {
  blue?: string;
  logger?: Console;
  clock?: Clock;
} = {}) {
  return new DynamoTools({
    blue: { tableName: blue },
    green: { tableName: 'green' },
    clients: cloud.clients,
    clock: clock ?? cloud.clock,
    logger,
  });
}

function statusOf(name: string): string {
  return cloud.dynamoDb.findTable(name)?.status ?? 'none';
}

function failWith(
  name: string,
  action: string,
  { message = name, ...options }: { times?: number; message?: string } = {},
): void {
  const kind = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
  cloud.injectFault({ kind, action, ...options });
}

const deletions = () => cloud.calls.filter(({ action }) => action === 'dynamodb:DeleteTable').length;

describe('DynamoTools', () => {
  describe('constructor', () => {
    test('throws InvalidInputError for a name and the ARN that ends in it', () => {
      const tableName = 'arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/orders';

      expect(
        () =>
          new DynamoTools({ blue: { tableName: 'orders' }, green: { tableName }, clients: cloud.clients }),
      ).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError that names every wrong option', () => {
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

    test('throws InvalidInputError when both stacks share a table', () => {
      expect(() => createTools({ blue: 'green' })).toThrowError(InvalidInputError);
    });
  });

  describe('deleteTable', () => {
    test('deletes the table of the stack and no other', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });

      const result = await createTools().deleteTable('blue');

      expect(result).toEqual({});
      expect([statusOf('blue'), statusOf('green')]).toEqual(['DELETING', 'ACTIVE']);
      expect(cloud.dynamoDb.backups).toEqual([]);
    });

    test('accepts an ARN', async () => {
      const { arn } = cloud.dynamoDb.addTable({ name: 'blue' });

      const { backupArn } = await createTools({ blue: arn }).deleteTable('blue', { backup: true });

      expect(statusOf('blue')).toBe('DELETING');
      expect(cloud.dynamoDb.backups).toEqual([
        expect.objectContaining({ arn: backupArn, name: 'blue-20260101T000000Z' }),
      ]);
    });

    test('succeeds, and changes nothing, when the table is being deleted or gone', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const logger = { ...console, info: vi.fn() };
      const tools = createTools({ logger });
      await tools.deleteTable('blue');

      await tools.deleteTable('blue', { backup: true });
      await cloud.clock.sleep(60_000);
      await tools.deleteTable('blue', { backup: true });

      expect(statusOf('blue')).toBe('none');
      expect(logger.info.mock.calls).toEqual([['Deleted table', { resource: 'blue', durationMs: 0 }]]);
    });

    test('throws ResourceStateError before anything is done when the table is protected', async () => {
      cloud.dynamoDb.addTable({ name: 'blue', status: 'CREATING', deletionProtection: true });

      const deletion = createTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      await expect(deletion).rejects.toMatchObject({
        resource: 'blue',
        actual: 'deletion protection on',
        remedy: expect.any(String),
      });
      expect(cloud.calls.map(({ action }) => action)).toEqual(['dynamodb:DescribeTable']);
    });

    test('throws ResourceStateError when the protection is turned on during the backup', async () => {
      const table = cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.clock.schedule(30, () => {
        table.deletionProtection = true;
      });

      const deletion = createTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toMatchObject({
        name: 'ResourceStateError',
        actual: 'deletion protection on',
      });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('throws another refusal of DynamoDB as it is', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ValidationException', 'dynamodb:DeleteTable');

      await expect(createTools().deleteTable('blue')).rejects.toMatchObject({ name: 'ValidationException' });
    });

    test.each(['CREATING', 'UPDATING'])('waits until the table is no longer %s', async (status) => {
      cloud.dynamoDb.addTable({ name: 'blue', ...(status === 'CREATING' && { status }) });
      if (status === 'UPDATING') cloud.dynamoDb.updateTable('blue', 300);

      await createTools().deleteTable('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('throws ResourceStateError while the table is in use with whileInUse: fail', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.dynamoDb.updateTable('blue', 300);

      const deletion = createTools().deleteTable('blue', { whileInUse: 'fail' });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      await expect(deletion).rejects.toMatchObject({ actual: 'a table in use, UPDATING' });
      expect(statusOf('blue')).toBe('UPDATING');
    });

    test('throws WaitTimeoutError when the table stays in use', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.dynamoDb.updateTable('blue', 1000);

      await expect(createTools().deleteTable('blue')).rejects.toThrowError(WaitTimeoutError);

      expect(statusOf('blue')).toBe('UPDATING');
    });

    test.each(['ARCHIVING', 'A_STATE_OF_TOMORROW'])(
      'waits until the table is no longer %s',
      async (status) => {
        const table = cloud.dynamoDb.addTable({ name: 'blue' });
        table.status = status as TableStatus;
        cloud.clock.schedule(90, () => {
          table.status = 'ACTIVE';
        });

        await createTools().deleteTable('blue');

        expect(statusOf('blue')).toBe('DELETING');
        expect(deletions()).toBe(1);
      },
    );

    test('throws WaitTimeoutError that names an unknown state', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' }).status = 'A_STATE_OF_TOMORROW' as TableStatus;

      await expect(createTools().deleteTable('blue')).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'A_STATE_OF_TOMORROW',
      });
    });

    test.each(['INACCESSIBLE_ENCRYPTION_CREDENTIALS', 'ARCHIVED', 'REPLICATION_NOT_AUTHORIZED'] as const)(
      'deletes a table that is %s',
      async (status) => {
        cloud.dynamoDb.addTable({ name: 'blue' }).status = status;

        await createTools().deleteTable('blue');

        expect(statusOf('blue')).toBe('DELETING');
      },
    );

    test('waits until a backup of the table is finished', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      await cloud.clients.dynamoDb.send(new CreateBackupCommand({ TableName: 'blue', BackupName: 'daily' }));

      await createTools().deleteTable('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('retries while too many table operations run at the same time', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const message = 'Too many table operations at the same time';
      failWith('LimitExceededException', 'dynamodb:DeleteTable', { times: 6, message });

      await createTools().deleteTable('blue', { maxWaitSeconds: 900 });

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('throws WaitTimeoutError with the last refusal when the limit does not free itself', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const message = 'Too many table operations at the same time';
      failWith('LimitExceededException', 'dynamodb:DeleteTable', {
        times: Number.POSITIVE_INFINITY,
        message,
      });

      const deletion = createTools().deleteTable('blue', { maxWaitSeconds: 60 });

      await expect(deletion).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        message: expect.stringContaining(message),
        cause: expect.objectContaining({ name: 'LimitExceededException' }),
      });
    });

    test('sends a deletion once when a later read is stale', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const tools = createTools();
      await tools.deleteTable('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'dynamodb:DescribeTable' });

      const result = await tools.deleteTable('blue', { backup: true });

      expect(result).toEqual({});
      expect(deletions()).toBe(1);
    });

    test('waits no longer than maxWaitSeconds when the clock is set back', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const clock = new SettableClock(cloud.clock);
      cloud.clock.schedule(30, () => clock.setBack(7200));
      failWith('BackupInUseException', 'dynamodb:CreateBackup', { times: Number.POSITIVE_INFINITY });
      const start = cloud.clock.now();

      const deletion = createTools({ clock }).deleteTable('blue', { backup: true, maxWaitSeconds: 60 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      expect(cloud.clock.now() - start).toBeLessThanOrEqual(70_000);
    });

    test('retries when DynamoDB finds the table in use at the last moment', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ResourceInUseException', 'dynamodb:DeleteTable', { times: 2 });

      await createTools().deleteTable('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('throws WaitTimeoutError with the reason when DynamoDB keeps finding the table in use', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ResourceInUseException', 'dynamodb:DeleteTable', { times: Number.POSITIVE_INFINITY });

      const deletion = createTools().deleteTable('blue', { maxWaitSeconds: 20 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      await expect(deletion).rejects.toMatchObject({
        actual: 'a table in use, ACTIVE (ResourceInUseException)',
        cause: expect.objectContaining({ name: 'ResourceInUseException' }),
      });
    });

    test('throws InvalidInputError for an unknown whileInUse and deletes nothing', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });

      // @ts-expect-error not one of the choices
      const deletion = createTools().deleteTable('blue', { whileInUse: 'FAIL' });

      await expect(deletion).rejects.toMatchObject({ problems: [{ field: 'whileInUse' }] });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('throws ResourceStateError with the reason when DynamoDB finds the table in use with whileInUse: fail', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ResourceInUseException', 'dynamodb:DeleteTable');

      const deletion = createTools().deleteTable('blue', { whileInUse: 'fail' });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
    });

    test.each([
      ['ResourceNotFoundException', 'gone'],
      ['ResourceInUseException', 'going'],
    ])('succeeds when another process was faster (%s)', async (error) => {
      const table = cloud.dynamoDb.addTable({ name: 'blue' });
      failWith(error, 'dynamodb:DeleteTable');
      cloud.clock.schedule(30, () => {
        table.status = 'DELETING';
      });

      await createTools().deleteTable('blue', { backup: true });

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      cloud.injectFault({ kind: 'accessDenied', action: 'dynamodb:DeleteTable' });

      const deletion = createTools().deleteTable('blue');

      await expect(deletion).rejects.toThrowError(AccessDeniedError);
      await expect(deletion).rejects.toMatchObject({ action: 'dynamodb:DeleteTable' });
    });

    test('throws OperationAbortedError when the signal is aborted', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const deletion = createTools().deleteTable('blue', { backup: true, signal: controller.signal });

      await expect(deletion).rejects.toThrowError(OperationAbortedError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });
  });

  describe('deleteTable with a backup', () => {
    beforeEach(() => {
      cloud.dynamoDb.addTable({ name: 'blue' });
    });

    test('deletes the table only when the backup is available', async () => {
      const logger = { ...console, info: vi.fn() };
      const start = cloud.clock.now();

      const { backupArn } = await createTools({ logger }).deleteTable('blue', {
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

    test('throws InvalidInputError for a name that DynamoDB would refuse', async () => {
      const deletion = createTools().deleteTable('blue', { backup: { name: 'last orders' } });

      await expect(deletion).rejects.toThrowError(InvalidInputError);
      expect(cloud.calls).toEqual([]);
    });

    test.each(['lostResponse', 'timeout', 'serverError'] as const)(
      'takes exactly one backup when the request for it ends in %s',
      async (kind) => {
        cloud.injectFault({ kind, action: 'dynamodb:CreateBackup' });

        const { backupArn } = await createTools().deleteTable('blue', { backup: { name: 'last-orders' } });

        expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([backupArn]);
        expect(statusOf('blue')).toBe('DELETING');
      },
    );

    test('takes a new backup when one of the same name is 5 minutes old, also when a response is lost', async () => {
      const earlier = { TableName: 'blue', BackupName: 'last-orders' };
      const { BackupDetails } = await cloud.clients.dynamoDb.send(new CreateBackupCommand(earlier));
      await cloud.clock.sleep(300_000);
      cloud.injectFault({ kind: 'lostResponse', action: 'dynamodb:CreateBackup' });

      const { backupArn } = await createTools().deleteTable('blue', { backup: { name: 'last-orders' } });

      expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([BackupDetails?.BackupArn, backupArn]);
      expect(backupArn).not.toBe(BackupDetails?.BackupArn);
    });

    test('finds its backup on a later page of the list', async () => {
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

      const { backupArn } = await createTools().deleteTable('blue', { backup: { name: 'last-orders' } });

      expect(cloud.dynamoDb.backups.filter(({ name }) => name === 'last-orders')).toEqual([
        expect.objectContaining({ arn: backupArn }),
      ]);
    });

    test('waits for another backup of the table', async () => {
      await cloud.clients.dynamoDb.send(new CreateBackupCommand({ TableName: 'blue', BackupName: 'daily' }));

      await createTools().deleteTable('blue', { backup: { name: 'last-orders' } });

      expect(cloud.dynamoDb.backups.map(({ name }) => name)).toEqual(['daily', 'last-orders']);
    });

    test('keeps the table when no backup can be started', async () => {
      failWith('BackupInUseException', 'dynamodb:CreateBackup', { times: Number.POSITIVE_INFINITY });

      const deletion = createTools().deleteTable('blue', { backup: true, maxWaitSeconds: 30 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      await expect(deletion).rejects.toMatchObject({ actual: 'BackupInUseException' });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('keeps the table when the backup is refused permanently', async () => {
      failWith('SomethingFinalException', 'dynamodb:CreateBackup', { times: Number.POSITIVE_INFINITY });
      const start = cloud.clock.now();

      const deletion = createTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toMatchObject({ name: 'SomethingFinalException' });
      expect(statusOf('blue')).toBe('ACTIVE');
      expect(cloud.clock.now()).toBe(start);
    });

    test.each(['LimitExceededException', 'BackupInUseException', 'TableInUseException'])(
      'retries the backup while DynamoDB refuses it with %s',
      async (name) => {
        failWith(name, 'dynamodb:CreateBackup', { times: 6 });

        const { backupArn } = await createTools().deleteTable('blue', { backup: true });

        expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([backupArn]);
        expect(statusOf('blue')).toBe('DELETING');
      },
    );

    test('throws WaitTimeoutError with the last refusal when the limit does not free itself', async () => {
      failWith('LimitExceededException', 'dynamodb:CreateBackup', { times: Number.POSITIVE_INFINITY });

      const deletion = createTools().deleteTable('blue', { backup: true, maxWaitSeconds: 60 });

      await expect(deletion).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        cause: expect.objectContaining({ name: 'LimitExceededException' }),
        remedy: 'The table was not deleted',
      });
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('throws before its backup when another one is being created with whileInUse: fail', async () => {
      await cloud.clients.dynamoDb.send(new CreateBackupCommand({ TableName: 'blue', BackupName: 'daily' }));

      const deletion = createTools().deleteTable('blue', { backup: true, whileInUse: 'fail' });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      expect(cloud.dynamoDb.backups.map(({ name }) => name)).toEqual(['daily']);
    });

    test.each([
      ['a default name', true],
      ['a name of its own', { name: 'last-orders' }],
    ])('reuses the backup of a failed deletion (%s)', async (_, backup) => {
      failWith('ValidationException', 'dynamodb:DeleteTable');
      await expect(createTools().deleteTable('blue', { backup })).rejects.toThrowError();

      const { backupArn } = await createTools().deleteTable('blue', { backup });

      expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([backupArn]);
      expect(statusOf('blue')).toBe('DELETING');
    });

    test('reuses a backup that an earlier call did not wait for', async () => {
      const impatient = createTools().deleteTable('blue', { backup: true, maxWaitSeconds: 30 });
      await expect(impatient).rejects.toThrowError(WaitTimeoutError);

      const { backupArn } = await createTools().deleteTable('blue', { backup: true });

      expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([backupArn]);
      expect(statusOf('blue')).toBe('DELETING');
    });

    test('reuses a backup that the list does not show yet', async () => {
      const tools = createTools();
      failWith('ValidationException', 'dynamodb:DeleteTable');
      await expect(tools.deleteTable('blue', { backup: true })).rejects.toThrowError();
      cloud.injectFault({ kind: 'staleRead', action: 'dynamodb:ListBackups' });

      const { backupArn } = await tools.deleteTable('blue', { backup: true });

      expect(cloud.dynamoDb.backups.map(({ arn }) => arn)).toEqual([backupArn]);
    });

    test('takes a new backup of a table that was created again, and of one that may have changed since', async () => {
      const logger = { ...console, info: vi.fn(), warn: vi.fn() };
      const tools = createTools({ logger });
      await tools.deleteTable('blue', { backup: true });
      await tools.waitForTableDeleted('blue');
      cloud.dynamoDb.addTable({ name: 'blue' });
      failWith('ValidationException', 'dynamodb:DeleteTable');
      await expect(tools.deleteTable('blue', { backup: true })).rejects.toThrowError();
      expect(logger.warn).not.toHaveBeenCalled();
      await cloud.clock.sleep(900_000);

      const { backupArn } = await tools.deleteTable('blue', { backup: true });

      const [, second, third] = cloud.dynamoDb.backups.map(({ arn }) => arn);
      expect(cloud.dynamoDb.backups).toHaveLength(3);
      expect(backupArn).toBe(third);
      expect(logger.warn.mock.calls).toEqual([
        ['Found older backups of the same name', { resource: 'blue', backups: [second] }],
      ]);
    });

    test('finds a backup that no read shows at first', async () => {
      failWith('BackupNotFoundException', 'dynamodb:DescribeBackup', { times: 2 });

      await createTools().deleteTable('blue', { backup: true });

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('keeps the table when the backup does not become available', async () => {
      const deletion = createTools().deleteTable('blue', { backup: true, maxWaitSeconds: 30 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('keeps the table when the backup is deleted meanwhile', async () => {
      cloud.clock.schedule(30, () => {
        for (const backup of cloud.dynamoDb.backups) backup.status = 'DELETED';
      });

      const deletion = createTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('keeps the table when the response lacks the backup', async () => {
      vi.spyOn(cloud.dynamoDb.operations, 'CreateBackup').mockReturnValue({ BackupDetails: undefined });

      const deletion = createTools().deleteTable('blue', { backup: true });

      await expect(deletion).rejects.toThrowError(UnexpectedResponseError);
      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('succeeds without a backup when another process deletes the table first', async () => {
      const before = cloud.dynamoDb.operations.CreateBackup;
      vi.spyOn(cloud.dynamoDb.operations, 'CreateBackup').mockImplementation((input) => {
        cloud.dynamoDb.operations.DeleteTable({ TableName: 'blue' });
        return before(input);
      });

      const result = await createTools().deleteTable('blue', { backup: true });

      expect(result).toEqual({});
      expect(cloud.dynamoDb.backups).toEqual([]);
    });
  });

  describe('waitForTableDeleted', () => {
    test('waits until the table is gone', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });
      const tools = createTools();
      await tools.deleteTable('blue');

      await tools.waitForTableDeleted('blue');

      expect(statusOf('blue')).toBe('none');
    });

    test('throws WaitTimeoutError with the last state', async () => {
      cloud.dynamoDb.addTable({ name: 'blue' });

      const wait = createTools().waitForTableDeleted('blue', { maxWaitSeconds: 10 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({ maxWaitSeconds: 10, actual: 'the table ACTIVE' });
    });

    test('throws AccessDeniedError instead of reporting that the table is gone', async () => {
      cloud.injectFault({ kind: 'accessDenied', action: 'dynamodb:DescribeTable' });

      await expect(createTools().waitForTableDeleted('blue')).rejects.toThrowError(AccessDeniedError);
    });
  });
});
