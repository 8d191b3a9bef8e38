import { InvalidDBClusterStateFault, InvalidDBInstanceStateFault } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AuroraTools, type AuroraToolsOptions, ClusterState } from '../../../src/aurora/index.js';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function makeTools(options: Partial<AuroraToolsOptions> = {}) {
  return new AuroraTools({
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as AuroraToolsOptions);
}

/** A refusal of RDS that does not go away. */
function alwaysRefuse(action: string, error: Error) {
  cloud.injectFault({ kind: error, action, times: Number.POSITIVE_INFINITY });
}

const clusterRefusal = () =>
  new InvalidDBClusterStateFault({ message: 'The cluster belongs to a global database', $metadata: {} });
const instanceRefusal = () =>
  new InvalidDBInstanceStateFault({ message: 'An instance is busy', $metadata: {} });

const bounds = (cluster: string) => {
  const { minCapacity, maxCapacity } = cloud.applicationAutoScaling.target('rds', `cluster:${cluster}`);
  return { minimum: minCapacity, maximum: maxCapacity };
};

describe('Class: AuroraTools', () => {
  describe('Method: constructor', () => {
    test('names every option that is wrong', () => {
      const make = () =>
        makeTools({
          blue: { clusterIdentifier: 'arn:aws:rds:eu-west-1:123456789012:cluster:blue' },
          minimumReaderCount: 16,
          readerTags: { 'aws:cloudformation:stack-name': 'orders' },
          // @ts-expect-error not one of the choices
          finalSnapshot: 'maybe',
        });

      expect(make).toThrowError(InvalidInputError);
      expect(make).toThrowError(
        expect.objectContaining({
          problems: [
            expect.objectContaining({ field: 'blue.clusterIdentifier' }),
            expect.objectContaining({ field: 'minimumReaderCount' }),
            expect.objectContaining({ field: 'finalSnapshot' }),
            expect.objectContaining({ field: 'readerTags["aws:cloudformation:stack-name"]' }),
          ],
        }),
      );
    });

    test('refuses a pair that shares a cluster, in whatever case it is written', () => {
      expect(() => makeTools({ blue: { clusterIdentifier: 'Green' } })).toThrowError(InvalidInputError);
    });
  });

  describe('Method: getClusterState', () => {
    test.each(['available', 'backing-up', 'a-state-of-tomorrow'])('gives %s as it is', async (status) => {
      cloud.rds.addCluster({ name: 'blue', status });

      expect(await makeTools().getClusterState('blue')).toBe(status);
    });

    test('takes an identifier in any case', async () => {
      cloud.rds.addCluster({ name: 'blue' });

      const state = await makeTools({ blue: { clusterIdentifier: 'BLUE' } }).getClusterState('blue');

      expect(state).toBe(ClusterState.available);
    });

    test('says that a cluster does not exist', async () => {
      await expect(makeTools().getClusterState('blue')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('fails at once and names the IAM action when a permission is missing', async () => {
      cloud.injectFault({ kind: 'accessDenied', times: Number.POSITIVE_INFINITY });

      const state = makeTools().getClusterState('blue');

      await expect(state).rejects.toThrowError(AccessDeniedError);
      await expect(state).rejects.toMatchObject({ action: 'rds:DescribeDBClusters' });
    });

    test('refuses a reference that is no stack', async () => {
      // @ts-expect-error no stack
      await expect(makeTools().getClusterState('red')).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('Method: waitForClusterState', () => {
    test('waits until the cluster is in the state', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      const tools = makeTools();
      await tools.startDatabase('green');
      const start = cloud.clock.now();

      await tools.waitForClusterState('green', 'available');

      expect(cluster.status).toBe('available');
      expect(cloud.clock.now() - start).toBe(360_000);
    });

    test('takes a cluster that is gone for deleted', async () => {
      await expect(makeTools().waitForClusterState('blue', 'deleted')).resolves.toBeUndefined();
    });

    test('does not wait for a cluster that is gone, or was never there', async () => {
      const wait = makeTools().waitForClusterState('blue', 'available');

      await expect(wait).rejects.toThrowError(ResourceNotFoundError);
    });

    test('fails at once when the state cannot come any more', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'deleting' });
      const start = cloud.clock.now();

      const wait = makeTools().waitForClusterState('blue', 'available');

      await expect(wait).rejects.toThrowError(ResourceStateError);
      await expect(wait).rejects.toMatchObject({ expected: 'available', actual: 'deleting' });
      expect(cloud.clock.now()).toBe(start);
    });

    test('gives up with what it saw', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped' });

      const wait = makeTools().waitForClusterState('blue', 'available', { maxWaitSeconds: 100 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({ maxWaitSeconds: 100, actual: 'stopped' });
    });

    test('ends when the signal is aborted', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped' });
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const wait = makeTools().waitForClusterState('blue', 'available', { signal: controller.signal });

      await expect(wait).rejects.toThrowError(OperationAbortedError);
    });

    test('refuses an empty state', async () => {
      await expect(makeTools().waitForClusterState('blue', '')).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('Method: getReaderCount', () => {
    test('counts the readers that are or will be in service', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      cloud.rds.addReader('blue', { status: 'creating' });
      cloud.rds.addReader('blue', { status: 'deleting' });
      cloud.rds.addReader('blue', { status: 'failed' });

      expect(await makeTools().getReaderCount('blue')).toBe(3);
    });

    test('counts the instances of its cluster alone, over all pages', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 130 });
      cloud.rds.addCluster({ name: 'blue-too', readers: 4 });

      expect(await makeTools().getReaderCount('blue')).toBe(130);
    });

    test('has none in a stopped cluster', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2, status: 'stopped' });

      expect(await makeTools().getReaderCount('blue')).toBe(0);
    });

    test('says that a cluster does not exist', async () => {
      await expect(makeTools().getReaderCount('blue')).rejects.toThrowError(ResourceNotFoundError);
    });
  });

  describe('Method: scaleOut', () => {
    test('brings the cluster to the size of its partner', async () => {
      const autoscaling = { minCapacity: 1, maxCapacity: 6 };
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1, autoscaling });

      await expect(makeTools().scaleOut('green')).resolves.toEqual({ minimum: 3, maximum: 6 });

      expect(bounds('green')).toEqual({ minimum: 3, maximum: 6 });
      await cloud.clock.sleep(600_000);
      expect(cloud.rds.instances('green').map((it) => it.status)).toEqual(Array(4).fill('available'));
    });

    test('scales a cluster that is still starting when it is available', async () => {
      const autoscaling = { minCapacity: 1, maxCapacity: 6 };
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1, status: 'stopped', autoscaling });
      const tools = makeTools();
      await tools.startDatabase('green');

      await tools.scaleOut('green');

      await cloud.clock.sleep(1200_000);
      expect(await tools.getReaderCount('green')).toBe(3);
    });

    test('never goes below the configured minimum', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 0 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 6 } });

      await makeTools({ minimumReaderCount: 2 }).scaleOut('green');

      expect(bounds('green')).toEqual({ minimum: 2, maximum: 6 });
    });

    test('lifts a maximum that is below the needed minimum', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      cloud.rds.addCluster({ name: 'blue', readers: 5 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 3 } });

      await makeTools({ logger }).scaleOut('green');

      expect(bounds('green')).toEqual({ minimum: 5, maximum: 5 });
      expect(logger.info.mock.calls).toEqual([
        [
          'Changed reader bounds',
          {
            resource: 'green',
            from: { minimum: 1, maximum: 3 },
            to: { minimum: 5, maximum: 5 },
            durationMs: 0,
          },
        ],
      ]);
    });

    test('refuses to lift the maximum, when told so', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 5 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 3 } });

      const scaled = makeTools({ onMaxCapacityTooLow: 'refuse' }).scaleOut('green');

      await expect(scaled).rejects.toThrowError(ResourceStateError);
      expect(bounds('green')).toEqual({ minimum: 1, maximum: 3 });
    });

    test('leaves what is right as it is', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 3, maxCapacity: 6 } });

      await makeTools().scaleOut('green');

      expect(cloud.calls.map((it) => it.action)).not.toContain(
        'application-autoscaling:RegisterScalableTarget',
      );
    });

    test('is not misled by a look at the bounds that is older than a scale-in', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 3, maxCapacity: 6 } });
      const tools = makeTools();
      await tools.scaleIn('green');
      cloud.injectFault({ kind: 'staleRead', action: 'application-autoscaling:DescribeScalableTargets' });

      await tools.scaleOut('green');

      expect(bounds('green')).toEqual({ minimum: 3, maximum: 6 });
    });

    test('says that the cluster is not scaled', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addCluster({ name: 'green' });

      await expect(makeTools().scaleOut('green')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('waits for another change of the scalable target', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 6 } });
      const busy = Object.assign(new Error('busy'), { name: 'ConcurrentUpdateException' });
      cloud.injectFault({ kind: busy, action: 'application-autoscaling:RegisterScalableTarget', times: 2 });

      await makeTools().scaleOut('green');

      expect(bounds('green').minimum).toBe(3);
    });

    test('does not wait for it for ever', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 6 } });
      const busy = Object.assign(new Error('busy'), { name: 'ConcurrentUpdateException' });
      alwaysRefuse('application-autoscaling:RegisterScalableTarget', busy);

      await expect(makeTools().scaleOut('green')).rejects.toBe(busy);
    });
  });

  describe('Method: scaleIn', () => {
    test('sets the configured minimum and leaves the maximum', async () => {
      cloud.rds.addCluster({ name: 'blue', autoscaling: { minCapacity: 4, maxCapacity: 6 } });

      await makeTools({ minimumReaderCount: 2 }).scaleIn('blue');

      expect(bounds('blue')).toEqual({ minimum: 2, maximum: 6 });
    });
  });

  describe('Method: startDatabase', () => {
    test.each(['stopped', 'starting', 'available'])('succeeds on a cluster that is %s', async (status) => {
      const cluster = cloud.rds.addCluster({ name: 'green', status });

      await makeTools().startDatabase('green');

      expect(['starting', 'available']).toContain(cluster.status);
    });

    test('waits for a cluster that is being stopped', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green' });
      const tools = makeTools();
      await tools.stopDatabase('green');

      await tools.startDatabase('green');

      expect(cluster.status).toBe('starting');
    });

    test('fails on a cluster that is being stopped, when told so', async () => {
      cloud.rds.addCluster({ name: 'green', status: 'stopping' });

      const started = makeTools({ onTransition: 'fail' }).startDatabase('green');

      await expect(started).rejects.toThrowError(ResourceStateError);
      await expect(started).rejects.toMatchObject({ actual: 'stopping' });
    });

    test('waits for no longer than allowed', async () => {
      cloud.rds.addCluster({ name: 'green', status: 'stopping' });

      const started = makeTools().startDatabase('green', { maxWaitSeconds: 60 });

      await expect(started).rejects.toThrowError(WaitTimeoutError);
    });

    test.each(['deleting', 'failed', 'a-state-of-tomorrow'])(
      'says clearly that a cluster which is %s cannot be started',
      async (status) => {
        cloud.rds.addCluster({ name: 'green', status });

        const started = makeTools().startDatabase('green');

        await expect(started).rejects.toThrowError(ResourceStateError);
        await expect(started).rejects.toMatchObject({ actual: status });
      },
    );

    test('says that a cluster does not exist', async () => {
      await expect(makeTools().startDatabase('green')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('accepts that the cluster is starting when RDS refuses', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      cloud.injectFault({ kind: 'lostResponse', action: 'rds:StartDBCluster' });

      await makeTools({ onTransition: 'fail' }).startDatabase('green');

      expect(cluster.status).toBe('starting');
    });

    test('starts a cluster that RDS still shows as available after it was stopped', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const tools = makeTools();
      await tools.stopDatabase('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'rds:DescribeDBClusters', times: 2 });

      await tools.startDatabase('blue');
      await tools.waitForClusterState('blue', 'available');

      await cloud.clock.sleep(3_600_000);
      expect(cluster.status).toBe('available');
    });

    test('believes that a cluster is available when RDS goes on saying so', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const tools = makeTools();
      await tools.stopDatabase('blue');
      cluster.status = 'available';

      await tools.startDatabase('blue', { maxWaitSeconds: 60 });

      expect(cloud.calls.map((it) => it.action)).not.toContain('rds:StartDBCluster');
    });

    test('gives up with the reason when RDS goes on refusing in a state in which it should not', async () => {
      cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      alwaysRefuse('rds:StartDBCluster', clusterRefusal());

      const started = makeTools().startDatabase('green');

      await expect(started).rejects.toThrowError(/belongs to a global database/);
      await expect(started).rejects.toBeInstanceOf(ResourceStateError);
    });
  });

  describe('Method: stopDatabase', () => {
    test('stops the cluster with its members', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      const tools = makeTools();

      await tools.stopDatabase('blue');
      await tools.waitForClusterState('blue', 'stopped');

      expect(cloud.rds.instances('blue').map((it) => it.status)).toEqual(Array(4).fill('stopped'));
    });

    test('waits for a cluster that is being started', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', status: 'stopped' });
      const tools = makeTools();
      await tools.startDatabase('blue');

      await tools.stopDatabase('blue');

      expect(cluster.status).toBe('stopping');
    });

    test('fails on a cluster that is being started, when told so', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'starting' });

      const stopped = makeTools({ onTransition: 'fail' }).stopDatabase('blue');

      await expect(stopped).rejects.toThrowError(ResourceStateError);
    });

    test('stops a cluster that RDS still shows as stopped after it was started', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      const tools = makeTools();
      await tools.startDatabase('green');
      cloud.injectFault({ kind: 'staleRead', action: 'rds:DescribeDBClusters', times: 2 });

      await tools.stopDatabase('green');

      await cloud.clock.sleep(3_600_000);
      expect(cluster.status).toBe('stopped');
    });

    test('waits for a reader that is just being created', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const reader = cloud.rds.addReader('blue', { status: 'creating' });
      cloud.clock.schedule(400, () => {
        reader.status = 'available';
      });

      await makeTools().stopDatabase('blue');

      expect(cluster.status).toBe('stopping');
    });

    test('tells which member it waited for in vain', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { identifier: 'late-reader', status: 'creating' });

      const stopped = makeTools().stopDatabase('blue', { maxWaitSeconds: 60 });

      await expect(stopped).rejects.toThrowError(WaitTimeoutError);
      await expect(stopped).rejects.toMatchObject({ actual: expect.stringContaining('late-reader') });
    });

    test('gives up when RDS goes on refusing in a state in which it should not', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      alwaysRefuse('rds:StopDBCluster', clusterRefusal());

      await expect(makeTools().stopDatabase('blue')).rejects.toThrowError(/belongs to a global database/);
    });

    test('passes other errors through untouched', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const error = Object.assign(new Error('unheard of'), { name: 'SomethingElse' });
      alwaysRefuse('rds:StopDBCluster', error);

      await expect(makeTools().stopDatabase('blue')).rejects.toBe(error);
    });
  });

  describe('Method: deleteDatabase', () => {
    test('deletes the members, then the cluster, and leaves a final snapshot', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1 });
      const tools = makeTools();

      const { finalSnapshotIdentifier } = await tools.deleteDatabase('blue');
      await tools.waitForClusterState('blue', 'deleted');

      expect(cloud.rds.hasCluster('blue')).toBe(false);
      expect(cloud.rds.snapshots).toEqual([{ identifier: finalSnapshotIdentifier, cluster: 'blue' }]);
      expect(cloud.rds.instances('green').map((it) => it.status)).toEqual(['available', 'available']);
    });

    test('leaves no snapshot when told so', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const tools = makeTools({ finalSnapshot: 'skip' });

      await expect(tools.deleteDatabase('blue')).resolves.toEqual({ finalSnapshotIdentifier: undefined });

      expect(cloud.rds.cluster('blue').status).toBe('deleting');
      expect(cloud.rds.snapshots).toEqual([]);
    });

    test('deletes the readers before the writer, so that nothing fails over', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });

      await makeTools().deleteDatabase('blue');

      const writers = cloud.rds.instances('blue').filter((it) => it.isWriter);
      expect(writers.map((it) => it.identifier)).toEqual(['blue-writer']);
    });

    test('touches no member while deletion protection is on', async () => {
      cloud.rds.addCluster({ name: 'blue', deletionProtection: true });

      const deleted = makeTools().deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(ResourceStateError);
      await expect(deleted).rejects.toMatchObject({ actual: 'deletion protection on' });
      expect(cloud.rds.instances('blue').map((it) => it.status)).toEqual(['available', 'available']);
    });

    test('says that a stopped cluster has to be started first', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped' });

      const deleted = makeTools().deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(/startDatabase/);
      expect(cloud.rds.instances('blue').map((it) => it.status)).toEqual(['stopped', 'stopped']);
    });

    test('goes on with a half-done deletion', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', readers: 2 });
      const [, reader] = cluster.members;
      if (reader) reader.status = 'deleting';

      await makeTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
    });

    test('goes on after a crash at each of its calls', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      await makeTools().deleteDatabase('blue');
      const calls = cloud.calls.length;

      for (let atCall = 1; atCall <= calls; atCall += 1) {
        cloud = new SimulatedCloud();
        cloud.rds.addCluster({ name: 'blue', readers: 2 });
        cloud.injectFault({ kind: 'crashAfter', atCall });
        await expect(makeTools().deleteDatabase('blue')).rejects.toThrowError();
        cloud.restart();
        await makeTools().deleteDatabase('blue');
        await makeTools().waitForClusterState('blue', 'deleted');
        expect(cloud.rds.snapshots).toHaveLength(1);
      }
    });

    test.each(['gone', 'deleting'])('succeeds on a cluster that is %s', async (status) => {
      if (status !== 'gone') cloud.rds.addCluster({ name: 'blue', status });

      await expect(makeTools().deleteDatabase('blue')).resolves.toEqual({
        finalSnapshotIdentifier: undefined,
      });
    });

    test('waits for a member that cannot be deleted yet', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const reader = cloud.rds.addReader('blue', { status: 'creating' });
      cloud.clock.schedule(400, () => {
        reader.status = 'available';
      });

      await makeTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(cloud.clock.now()).toBeGreaterThanOrEqual(Date.parse('2026-01-01T00:06:40Z'));
    });

    test('fails on a member that cannot be deleted yet, when told so', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { identifier: 'late-reader', status: 'creating' });

      const deleted = makeTools({ onTransition: 'fail' }).deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(/late-reader/);
      await expect(deleted).rejects.toBeInstanceOf(ResourceStateError);
      expect(cluster.status).toBe('available');
    });

    test('tells which member it waited for in vain', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { identifier: 'late-reader', status: 'creating' });

      const deleted = makeTools().deleteDatabase('blue', { maxWaitSeconds: 60 });

      await expect(deleted).rejects.toThrowError(WaitTimeoutError);
      await expect(deleted).rejects.toMatchObject({ actual: expect.stringContaining('late-reader') });
    });

    test('also deletes a reader that a scale-out adds in the middle', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      cloud.injectFault({
        kind: new InvalidDBClusterStateFault({ message: 'members', $metadata: {} }),
        action: 'rds:DeleteDBCluster',
      });
      cloud.clock.schedule(1, () => void cloud.rds.addReader('blue', { identifier: 'newcomer' }));

      await makeTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(cluster.members.find((it) => it.identifier === 'newcomer')?.status).toBe('deleting');
    });

    test('a member that refuses once, and then is being deleted, is no error', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.injectFault({ kind: instanceRefusal(), action: 'rds:DeleteDBInstance' });

      await makeTools().deleteDatabase('blue');

      expect(cloud.rds.cluster('blue').status).toBe('deleting');
    });

    test('takes another snapshot name when the first one is taken', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const taken = Object.assign(new Error('taken'), { name: 'DBClusterSnapshotAlreadyExistsFault' });
      cloud.injectFault({ kind: taken, action: 'rds:DeleteDBCluster' });

      const { finalSnapshotIdentifier } = await makeTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(cloud.rds.snapshots).toEqual([{ identifier: finalSnapshotIdentifier, cluster: 'blue' }]);
    });

    test('gives up with the reason when RDS goes on refusing in a state in which it should not', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      alwaysRefuse('rds:DeleteDBInstance', clusterRefusal());

      await expect(makeTools().deleteDatabase('blue')).rejects.toThrowError(/belongs to a global database/);
    });

    test('waits for no end of a failure, of which there is none, when RDS takes no final snapshot in it', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'failed' });
      alwaysRefuse('rds:DeleteDBCluster', clusterRefusal());
      const start = cloud.clock.now();

      await expect(makeTools().deleteDatabase('blue')).rejects.toThrowError(ResourceStateError);

      expect(cloud.clock.now() - start).toBeLessThan(60_000);
    });

    test('does not send a deletion twice because of a stale answer', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 1 });
      // The second look at the instances, after the reader's deletion was accepted.
      cloud.injectFault({ kind: 'staleRead', action: 'rds:DescribeDBInstances', atCall: 2 });

      await makeTools().deleteDatabase('blue');

      const deletions = cloud.calls.filter((it) => it.action === 'rds:DeleteDBInstance');
      expect(deletions.map((it) => it.outcome)).toEqual(['ok', 'ok']);
    });

    test('passes other errors through untouched', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const error = Object.assign(new Error('no quota'), { name: 'SnapshotQuotaExceededFault' });
      alwaysRefuse('rds:DeleteDBCluster', error);

      await expect(makeTools().deleteDatabase('blue')).rejects.toBe(error);
    });
  });

  describe('faults of the original toolkit', () => {
    test('deleting a cluster with a snapshot failed, because no snapshot name was sent', async () => {
      cloud.rds.addCluster({ name: 'blue' });

      await makeTools({ finalSnapshot: 'create' }).deleteDatabase('blue');

      expect(cloud.rds.snapshots).toEqual([
        { identifier: expect.stringMatching(/^blue-final-/), cluster: 'blue' },
      ]);
    });

    test('a cluster in any state but four made it throw', async () => {
      for (const status of Object.values(ClusterState)) {
        cloud = new SimulatedCloud();
        cloud.rds.addCluster({ name: 'blue', status });

        expect(await makeTools().getClusterState('blue')).toBe(status);
      }
    });

    test('the reader count assumed that there is a writer', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', readers: 2 });
      cluster.members = cluster.members.filter((it) => !it.isWriter);

      expect(await makeTools().getReaderCount('blue')).toBe(2);
    });

    test.each(['aws-cn', 'aws-us-gov'] as const)('ARNs of %s were wrong', async (partition) => {
      cloud = new SimulatedCloud({ partition });
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({
        name: 'green',
        status: 'stopped',
        autoscaling: { minCapacity: 1, maxCapacity: 3 },
      });
      const tools = makeTools();

      await tools.startDatabase('green');
      await tools.waitForClusterState('green', 'available');
      await tools.scaleOut('green');
      await tools.deleteDatabase('blue');

      expect(cloud.rds.cluster('blue').status).toBe('deleting');
    });
  });
});
