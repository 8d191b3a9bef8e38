import { InvalidDBClusterStateFault } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AuroraTools, type AuroraToolsOptions } from '../../../src/aurora/index.js';
import { AccessDeniedError, ResourceStateError } from '../../../src/core/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function createTools(options: Partial<AuroraToolsOptions> = {}) {
  return new AuroraTools({
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as AuroraToolsOptions);
}

const awsError = (name: string, message: string) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

const statuses = () => cloud.rds.instances('blue').map((it) => it.status);

/** The number of calls of an operation, by their outcome. */
function callsOf(action: string): Record<string, number> {
  const outcomes = cloud.calls.filter((it) => it.action === action).map((it) => it.outcome);
  return Object.fromEntries(
    [...new Set(outcomes)].map((it) => [it, outcomes.filter((outcome) => outcome === it).length]),
  );
}

describe('AuroraTools', () => {
  describe('deleteDatabase, obstacles that RDS shows beforehand', () => {
    const arn = 'arn:aws:rds:us-east-1:111111111111:cluster:other';

    test.each([
      ['deletion protection', { deletionProtection: true }, /protection off/],
      ['membership in a global database', { globalClusterIdentifier: 'world' }, /RemoveFromGlobalCluster/],
      ['a replication source', { replicationSourceIdentifier: arn }, /PromoteReadReplicaDBCluster/],
      ['read replicas', { readReplicaIdentifiers: [arn] }, /PromoteReadReplicaDBCluster/],
      ['the state stopped', { status: 'stopped' }, /startDatabase/],
      ['a key out of reach', { status: 'inaccessible-encryption-credentials' }, /finalSnapshot: "skip"/],
      [
        'a key out of reach for now',
        { status: 'inaccessible-encryption-credentials-recoverable' },
        /finalSnapshot: "skip"/,
      ],
    ])('throws ResourceStateError before anything is deleted for %s', async (_, settings, remedy) => {
      const cluster = cloud.rds.addCluster({ name: 'blue', readers: 2, ...settings });
      const before = statuses();

      const deleted = createTools().deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(ResourceStateError);
      await expect(deleted).rejects.toThrowError(remedy);
      expect([cluster.status, ...statuses()]).toEqual([cluster.status, ...before]);
      expect(cloud.calls.map((it) => it.action).filter((it) => !it.startsWith('rds:Describe'))).toEqual([]);
    });

    test.each([
      [undefined, []],
      [true, []],
      [false, ['blue']],
    ])('keeps the automated backups only with deleteAutomatedBackups: false (%s)', async (value, kept) => {
      cloud.rds.addCluster({ name: 'blue', readers: 1 });

      await createTools().deleteDatabase('blue', { deleteAutomatedBackups: value });

      expect(cloud.rds.retainedBackups).toEqual(kept);
    });

    test('deletes a cluster whose key is out of reach without a snapshot', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 1, status: 'inaccessible-encryption-credentials' });

      const deleted = await createTools({ finalSnapshot: 'skip' }).deleteDatabase('blue');

      expect(deleted).toEqual({ finalSnapshotIdentifier: undefined });
      expect(cloud.rds.cluster('blue').status).toBe('deleting');
    });

    test('throws ResourceStateError before anything is deleted when the snapshot exceeds the quota', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      cloud.rds.clusterSnapshotQuota = 0;

      const deleted = createTools().deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(ResourceStateError);
      await expect(deleted).rejects.toThrowError(/0 of 0 in use.*finalSnapshot: "skip"/);
      expect(statuses()).toEqual(['available', 'available', 'available']);
      await expect(createTools({ finalSnapshot: 'skip' }).deleteDatabase('blue')).resolves.toBeDefined();
    });

    test('deletes the cluster when the quota cannot be read, and warns', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const kind = awsError('NotImplemented', 'not in this Region');
      cloud.injectFault({ kind, action: 'rds:DescribeAccountAttributes' });

      await createTools({ logger }).deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(logger.warn).toHaveBeenCalledOnce();
    });

    test('throws AccessDeniedError before anything is deleted when reading the quota is denied', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.injectFault({ kind: 'accessDenied', action: 'rds:DescribeAccountAttributes' });

      await expect(createTools().deleteDatabase('blue')).rejects.toThrowError(AccessDeniedError);

      expect(statuses()).toEqual(['available', 'available']);
    });

    test.each(['modifying', 'a-state-of-tomorrow'])(
      'waits for a cluster that is %s before anything is deleted',
      async (status) => {
        const cluster = cloud.rds.addCluster({ name: 'blue' });
        cluster.status = status;
        const deletionsAtChange: unknown[] = [];
        cloud.clock.schedule(90, () => {
          deletionsAtChange.push(callsOf('rds:DeleteDBInstance'));
          cluster.status = 'available';
        });

        await createTools().deleteDatabase('blue');

        expect(deletionsAtChange).toEqual([{}]);
        expect(cluster.status).toBe('deleting');
      },
    );

    test('throws WaitTimeoutError that names an unknown state', async () => {
      cloud.rds.addCluster({ name: 'blue' }).status = 'a-state-of-tomorrow';

      await expect(createTools().deleteDatabase('blue')).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'a-state-of-tomorrow',
      });
    });

    test.each(['blue-writer', 'blue-reader-2'])(
      'throws ResourceStateError before anything is deleted when %s is changing with onTransition: fail',
      async (busy) => {
        const cluster = cloud.rds.addCluster({ name: 'blue', readers: 2 });
        for (const it of cluster.members) if (it.identifier === busy) it.status = 'a-state-of-tomorrow';

        const deleted = createTools({ onTransition: 'fail' }).deleteDatabase('blue');

        await expect(deleted).rejects.toThrowError(`${busy} a-state-of-tomorrow`);
        expect(callsOf('rds:DeleteDBInstance')).toEqual({});
      },
    );

    test('throws ResourceStateError at once for a changing cluster with onTransition: fail', async () => {
      cloud.rds.addCluster({ name: 'blue' }).status = 'modifying';

      await expect(createTools({ onTransition: 'fail' }).deleteDatabase('blue')).rejects.toMatchObject({
        name: 'ResourceStateError',
        actual: 'modifying',
      });
    });
  });

  describe('deleteDatabase, refusals that RDS does not show beforehand', () => {
    test.each([
      ['SnapshotQuotaExceededFault', 'rds:DeleteDBCluster', 'blue-reader-1, blue-reader-2, blue-writer'],
      [
        'DBClusterAutomatedBackupQuotaExceededFault',
        'rds:DeleteDBCluster',
        'blue-reader-1, blue-reader-2, blue-writer',
      ],
      ['KMSKeyNotAccessibleFault', 'rds:DeleteDBCluster', 'blue-reader-1, blue-reader-2, blue-writer'],
      ['InvalidGlobalClusterStateFault', 'rds:DeleteDBCluster', 'blue-reader-1, blue-reader-2, blue-writer'],
    ])('throws %s with the members that are already deleted', async (name, action, deleted) => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      const error = awsError(name, 'The reason of AWS');
      cloud.injectFault({ kind: error, action, times: Number.POSITIVE_INFINITY });
      const start = cloud.clock.now();

      await expect(createTools({ logger }).deleteDatabase('blue')).rejects.toMatchObject({
        name: 'ResourceStateError',
        message: expect.stringMatching(new RegExp(`The reason of AWS; already deleted: ${deleted}`)),
        cause: error,
      });

      expect(cloud.clock.now()).toBe(start);
      expect(logger.warn.mock.calls).toEqual([
        [
          'Deleted only a part of database cluster',
          expect.objectContaining({ resource: 'blue', instances: deleted.split(', ') }),
        ],
      ]);
    });

    test('throws the final refusal of the last member with the members that are already deleted', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      const { DeleteDBInstance } = cloud.rds.operations;
      vi.spyOn(cloud.rds.operations, 'DeleteDBInstance').mockImplementation((input) => {
        if (input.DBInstanceIdentifier === 'blue-writer')
          throw awsError(
            'InvalidDBClusterStateFault',
            'Cannot delete the last instance of the master cluster',
          );
        return DeleteDBInstance(input);
      });

      await expect(createTools().deleteDatabase('blue')).rejects.toMatchObject({
        name: 'ResourceStateError',
        message: expect.stringMatching(/last instance.*already deleted: blue-reader-1, blue-reader-2/),
      });
      expect(callsOf('rds:DeleteDBInstance')).toEqual({ ok: 2, InvalidDBClusterStateFault: 1 });
    });

    test('names the member among several that RDS refuses permanently', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      const { DeleteDBInstance } = cloud.rds.operations;
      vi.spyOn(cloud.rds.operations, 'DeleteDBInstance').mockImplementation((input) => {
        if (input.DBInstanceIdentifier === 'blue-reader-2')
          throw awsError('SomethingFinal', 'The reason of AWS');
        return DeleteDBInstance(input);
      });

      const deleted = createTools().deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(
        /blue-reader-2.*The reason of AWS.*already deleted: blue-reader-1/,
      );
    });

    test('throws an error as it is when nothing has been deleted', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const error = awsError('SomethingElse', 'unheard of');
      cloud.injectFault({ kind: error, action: 'rds:DeleteDBInstance', times: Number.POSITIVE_INFINITY });

      await expect(createTools().deleteDatabase('blue')).rejects.toBe(error);
    });

    test('keeps the class of AccessDeniedError after members are deleted', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.injectFault({ kind: 'accessDenied', action: 'rds:DeleteDBCluster' });

      await expect(createTools().deleteDatabase('blue')).rejects.toThrowError(AccessDeniedError);
    });

    test.each([
      'InvalidDBClusterSnapshotStateFault',
      'InvalidDBShardGroupStateFault',
      'InvalidSomethingOfTomorrowState',
      'Throttling',
    ])('retries DeleteDBCluster while RDS refuses with %s', async (name) => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      cloud.injectFault({ kind: awsError(name, 'not now'), action: 'rds:DeleteDBCluster', times: 4 });

      await createTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
    });

    test('waits while RDS still counts a deleted member', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', readers: 0 });
      const [writer] = cluster.members;
      vi.spyOn(cloud.rds.operations, 'DeleteDBInstance').mockReturnValue({});
      cloud.clock.schedule(100, () => {
        if (writer !== undefined) writer.status = 'deleting';
      });

      await createTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(callsOf('rds:DeleteDBInstance')).toEqual({ ok: 1 });
    });

    test('throws WaitTimeoutError with the last refusal and the deleted members', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const kind = awsError('InvalidDBClusterSnapshotStateFault', 'A snapshot is being made');
      cloud.injectFault({ kind, action: 'rds:DeleteDBCluster', times: Number.POSITIVE_INFINITY });

      await expect(createTools().deleteDatabase('blue', { maxWaitSeconds: 60 })).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'available (A snapshot is being made); already deleted: blue-reader-1, blue-writer',
        cause: expect.objectContaining({ name: 'InvalidDBClusterSnapshotStateFault' }),
      });
    });
  });

  describe('deleteDatabase, number of calls', () => {
    test('sends one deletion for each member and one for the cluster', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });

      await createTools().deleteDatabase('blue');

      expect(callsOf('rds:DeleteDBInstance')).toEqual({ ok: 3 });
      expect(callsOf('rds:DeleteDBCluster')).toEqual({ ok: 1 });
      expect(cloud.calls.length).toBeLessThanOrEqual(11);
    });

    test.each(['modifying', 'a-state-of-tomorrow'])(
      'sends one more deletion for a member that is %s for ten minutes',
      async (status) => {
        const cluster = cloud.rds.addCluster({ name: 'blue', readers: 2 });
        const [, busy] = cluster.members;
        if (busy !== undefined) busy.status = status;
        cloud.clock.schedule(600, () => {
          if (busy !== undefined) busy.status = 'available';
        });

        await createTools().deleteDatabase('blue', { maxWaitSeconds: 1800 });

        expect(cluster.status).toBe('deleting');
        expect(callsOf('rds:DeleteDBInstance')).toEqual({ ok: 3, InvalidDBInstanceStateFault: 1 });
      },
    );

    test('sends one deletion for each state of a member', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const [, busy] = cluster.members;
      const states = ['creating', 'configuring-enhanced-monitoring', 'modifying', 'available'];
      for (const [index, state] of states.entries())
        cloud.clock.schedule(index * 120, () => {
          if (busy !== undefined) busy.status = state;
        });
      if (busy !== undefined) busy.status = 'creating';

      await createTools().deleteDatabase('blue');

      expect(callsOf('rds:DeleteDBInstance')).toEqual({ ok: 2, InvalidDBInstanceStateFault: 3 });
    });

    test('sends few deletions of a member that RDS refuses although it shows it as available', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const kind = awsError('InvalidDBInstanceStateFault', 'A failover is under way');
      cloud.injectFault({ kind, action: 'rds:DeleteDBInstance', times: Number.POSITIVE_INFINITY });

      const deleted = createTools().deleteDatabase('blue', { maxWaitSeconds: 1800 });

      await expect(deleted).rejects.toMatchObject({ name: 'WaitTimeoutError' });
      expect(callsOf('rds:DeleteDBInstance')['InvalidDBInstanceStateFault']).toBeLessThanOrEqual(20);
    });

    test('sends few deletions of a cluster whose members RDS still counts', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const message = 'The cluster still contains DB instances in non-deleting state';
      const kind = new InvalidDBClusterStateFault({ message, $metadata: { httpStatusCode: 400 } });
      cloud.injectFault({ kind, action: 'rds:DeleteDBCluster' });

      await createTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(callsOf('rds:DeleteDBCluster')).toEqual({ InvalidDBClusterStateFault: 1, ok: 1 });
    });
  });
});
