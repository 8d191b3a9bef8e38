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

function createTools(options: Partial<AuroraToolsOptions> = {}) {
  return new AuroraTools({
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as AuroraToolsOptions);
}

/** Injects a permanent refusal of RDS. */
function alwaysRefuse(action: string, error: Error) {
  cloud.injectFault({ kind: error, action, times: Number.POSITIVE_INFINITY });
}

const awsError = (name: string, message: string) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

const clusterRefusal = () =>
  new InvalidDBClusterStateFault({ message: 'The cluster belongs to a global database', $metadata: {} });
const instanceRefusal = () =>
  new InvalidDBInstanceStateFault({ message: 'An instance is busy', $metadata: {} });

const bounds = (cluster: string) => {
  const { minCapacity, maxCapacity } = cloud.applicationAutoScaling.target('rds', `cluster:${cluster}`);
  return { minimum: minCapacity, maximum: maxCapacity };
};

describe('AuroraTools', () => {
  describe('constructor', () => {
    test('throws InvalidInputError that names every wrong option', () => {
      const make = () =>
        createTools({
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

    test.each([
      ['half of a surrogate pair', { team: '\ud800' }],
      ['a reserved key', { 'rds:team': 'orders' }],
      ['an array', ['orders']],
      ['a number', { team: 1 }],
    ])('throws InvalidInputError for reader tags with %s', (_, readerTags) => {
      // @ts-expect-error some of the tags are malformed
      expect(() => createTools({ readerTags })).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError when both stacks share a cluster, in any case', () => {
      expect(() => createTools({ blue: { clusterIdentifier: 'Green' } })).toThrowError(InvalidInputError);
    });
  });

  describe('getClusterState', () => {
    test.each(['available', 'backing-up', 'a-state-of-tomorrow'])('returns %s as it is', async (status) => {
      cloud.rds.addCluster({ name: 'blue', status });

      expect(await createTools().getClusterState('blue')).toBe(status);
    });

    test('accepts an identifier in any case', async () => {
      cloud.rds.addCluster({ name: 'blue' });

      const state = await createTools({ blue: { clusterIdentifier: 'BLUE' } }).getClusterState('blue');

      expect(state).toBe(ClusterState.available);
    });

    test('throws ResourceNotFoundError when the cluster does not exist', async () => {
      await expect(createTools().getClusterState('blue')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      cloud.injectFault({ kind: 'accessDenied', times: Number.POSITIVE_INFINITY });

      const state = createTools().getClusterState('blue');

      await expect(state).rejects.toThrowError(AccessDeniedError);
      await expect(state).rejects.toMatchObject({ action: 'rds:DescribeDBClusters' });
    });

    test('throws InvalidInputError for an unknown stack', async () => {
      // @ts-expect-error no stack
      await expect(createTools().getClusterState('red')).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('waitForClusterState', () => {
    test('waits until the cluster is in the state', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      const tools = createTools();
      await tools.startDatabase('green');
      const start = cloud.clock.now();

      await tools.waitForClusterState('green', 'available');

      expect(cluster.status).toBe('available');
      expect(cloud.clock.now() - start).toBe(360_000);
    });

    test('returns when deleted is wanted and the cluster is gone', async () => {
      await expect(createTools().waitForClusterState('blue', 'deleted')).resolves.toBeUndefined();
    });

    test('throws ResourceNotFoundError for a cluster that is gone', async () => {
      const wait = createTools().waitForClusterState('blue', 'available');

      await expect(wait).rejects.toThrowError(ResourceNotFoundError);
    });

    test('throws ResourceStateError at once when the state cannot be reached any more', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'deleting' });
      const start = cloud.clock.now();

      const wait = createTools().waitForClusterState('blue', 'available');

      await expect(wait).rejects.toThrowError(ResourceStateError);
      await expect(wait).rejects.toMatchObject({ expected: 'available', actual: 'deleting' });
      expect(cloud.clock.now()).toBe(start);
    });

    test('throws WaitTimeoutError with the last state', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped' });

      const wait = createTools().waitForClusterState('blue', 'available', { maxWaitSeconds: 100 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({ maxWaitSeconds: 100, actual: 'stopped' });
    });

    test('throws the reasons of RDS for the state', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', status: 'failed' });
      vi.spyOn(cloud.rds.operations, 'DescribeDBClusters').mockReturnValue({
        DBClusters: [
          {
            DBClusterIdentifier: cluster.name,
            Status: cluster.status,
            StatusInfos: [
              { StatusType: 'read replication', Normal: true, Status: 'replicating' },
              { StatusType: 'storage', Normal: false, Status: 'error', Message: 'The key is disabled' },
            ],
          },
        ],
      });

      const wait = createTools().waitForClusterState('blue', 'available');

      await expect(wait).rejects.toMatchObject({
        name: 'ResourceStateError',
        actual: 'failed (error: The key is disabled)',
      });
    });

    test('throws OperationAbortedError when the signal is aborted', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped' });
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const wait = createTools().waitForClusterState('blue', 'available', { signal: controller.signal });

      await expect(wait).rejects.toThrowError(OperationAbortedError);
    });

    test('throws InvalidInputError for an empty state', async () => {
      await expect(createTools().waitForClusterState('blue', '')).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('getReaderCount', () => {
    test('counts the readers that are or will be in service', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      cloud.rds.addReader('blue', { status: 'creating' });
      cloud.rds.addReader('blue', { status: 'deleting' });
      cloud.rds.addReader('blue', { status: 'failed' });

      expect(await createTools().getReaderCount('blue')).toBe(3);
    });

    test('counts the instances of its cluster only, over all pages', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 130 });
      cloud.rds.addCluster({ name: 'blue-too', readers: 4 });

      expect(await createTools().getReaderCount('blue')).toBe(130);
    });

    test('returns 0 for a stopped cluster', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2, status: 'stopped' });

      expect(await createTools().getReaderCount('blue')).toBe(0);
    });

    test('throws ResourceNotFoundError when the cluster does not exist', async () => {
      await expect(createTools().getReaderCount('blue')).rejects.toThrowError(ResourceNotFoundError);
    });
  });

  describe('scaleOut', () => {
    test('scales the cluster to the size of its partner', async () => {
      const autoscaling = { minCapacity: 1, maxCapacity: 6 };
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1, autoscaling });

      await expect(createTools().scaleOut('green')).resolves.toEqual({ minimum: 3, maximum: 6 });

      expect(bounds('green')).toEqual({ minimum: 3, maximum: 6 });
      await cloud.clock.sleep(600_000);
      expect(cloud.rds.instances('green').map((it) => it.status)).toEqual(Array(4).fill('available'));
    });

    test('scales a starting cluster once it is available', async () => {
      const autoscaling = { minCapacity: 1, maxCapacity: 6 };
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1, status: 'stopped', autoscaling });
      const tools = createTools();
      await tools.startDatabase('green');

      await tools.scaleOut('green');

      await cloud.clock.sleep(1200_000);
      expect(await tools.getReaderCount('green')).toBe(3);
    });

    test('never sets less than the configured minimum', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 0 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 6 } });

      await createTools({ minimumReaderCount: 2 }).scaleOut('green');

      expect(bounds('green')).toEqual({ minimum: 2, maximum: 6 });
    });

    test('raises a maximum that is below the needed minimum', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      cloud.rds.addCluster({ name: 'blue', readers: 5 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 3 } });

      await createTools({ logger }).scaleOut('green');

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

    test('throws ResourceStateError for a low maximum with onMaxCapacityTooLow: refuse', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 5 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 3 } });

      const scaled = createTools({ onMaxCapacityTooLow: 'refuse' }).scaleOut('green');

      await expect(scaled).rejects.toThrowError(ResourceStateError);
      expect(bounds('green')).toEqual({ minimum: 1, maximum: 3 });
    });

    test('writes nothing when the bounds are right', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 3, maxCapacity: 6 } });

      await createTools().scaleOut('green');

      expect(cloud.calls.map((it) => it.action)).not.toContain(
        'application-autoscaling:RegisterScalableTarget',
      );
    });

    test('sets the minimum again when a read of the bounds is older than a scale-in', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 3, maxCapacity: 6 } });
      const tools = createTools();
      await tools.scaleIn('green');
      cloud.injectFault({ kind: 'staleRead', action: 'application-autoscaling:DescribeScalableTargets' });

      await tools.scaleOut('green');

      expect(bounds('green')).toEqual({ minimum: 3, maximum: 6 });
    });

    test('reports suspended scaling in its result and as a warning', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1, autoscaling: { minCapacity: 1, maxCapacity: 4 } });
      cloud.applicationAutoScaling.target('rds', 'cluster:green').suspendedState = {
        DynamicScalingInSuspended: true,
        DynamicScalingOutSuspended: true,
        ScheduledScalingSuspended: true,
      };
      const suspended = ['DynamicScalingIn', 'DynamicScalingOut', 'ScheduledScaling'];
      const tools = createTools({ logger });

      const results = [await tools.scaleOut('green'), await tools.scaleOut('green')];

      expect(results).toEqual(Array(2).fill({ minimum: 3, maximum: 4, suspended }));
      expect(logger.warn.mock.calls).toEqual(
        Array(2).fill(['Found suspended scaling of readers', { resource: 'green', suspended }]),
      );
    });

    test('does not warn about a suspension that has no effect on it', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1, autoscaling: { minCapacity: 1, maxCapacity: 4 } });
      cloud.applicationAutoScaling.target('rds', 'cluster:green').suspendedState.DynamicScalingInSuspended =
        true;
      const tools = createTools({ logger });

      const result = await tools.scaleOut('green');
      expect(logger.warn).not.toHaveBeenCalled();
      await tools.scaleIn('green');

      expect(result).toEqual({ minimum: 3, maximum: 4, suspended: ['DynamicScalingIn'] });
      expect(logger.warn).toHaveBeenCalledOnce();
    });

    test('throws ResourceNotFoundError when the cluster is not scaled', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addCluster({ name: 'green' });

      await expect(createTools().scaleOut('green')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('waits for another change of the scalable target', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 6 } });
      const busy = Object.assign(new Error('busy'), { name: 'ConcurrentUpdateException' });
      cloud.injectFault({ kind: busy, action: 'application-autoscaling:RegisterScalableTarget', times: 2 });

      await createTools().scaleOut('green');

      expect(bounds('green').minimum).toBe(3);
    });

    test('throws the last refusal when the other change does not end', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', autoscaling: { minCapacity: 1, maxCapacity: 6 } });
      const busy = Object.assign(new Error('busy'), { name: 'ConcurrentUpdateException' });
      alwaysRefuse('application-autoscaling:RegisterScalableTarget', busy);

      await expect(createTools().scaleOut('green')).rejects.toBe(busy);
    });
  });

  describe('scaleIn', () => {
    test('sets the configured minimum and leaves the maximum', async () => {
      cloud.rds.addCluster({ name: 'blue', autoscaling: { minCapacity: 4, maxCapacity: 6 } });

      await createTools({ minimumReaderCount: 2 }).scaleIn('blue');

      expect(bounds('blue')).toEqual({ minimum: 2, maximum: 6 });
    });
  });

  describe('startDatabase', () => {
    test.each(['stopped', 'starting', 'available'])('succeeds on a cluster that is %s', async (status) => {
      const cluster = cloud.rds.addCluster({ name: 'green', status });

      await createTools().startDatabase('green');

      expect(['starting', 'available']).toContain(cluster.status);
    });

    test('waits for a cluster that is being stopped', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green' });
      const tools = createTools();
      await tools.stopDatabase('green');

      await tools.startDatabase('green');

      expect(cluster.status).toBe('starting');
    });

    test.each(['wait', 'fail'] as const)(
      'waits for capacity with onTransition: %s, and throws the sentence of AWS in time',
      async (onTransition) => {
        const cluster = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
        const refusal = Object.assign(new Error('There is not enough capacity.'), {
          name: 'InsufficientDBClusterCapacityFault',
          $metadata: { httpStatusCode: 403 },
        });
        cloud.injectFault({ kind: refusal, action: 'rds:StartDBCluster', times: 20 });
        const tools = createTools({ onTransition });

        await expect(tools.startDatabase('green', { maxWaitSeconds: 60 })).rejects.toThrowError(
          /There is not enough capacity/,
        );
        await tools.startDatabase('green');

        expect(cluster.status).toBe('starting');
      },
    );

    test('throws ResourceStateError for a cluster that is being stopped with onTransition: fail', async () => {
      cloud.rds.addCluster({ name: 'green', status: 'stopping' });

      const started = createTools({ onTransition: 'fail' }).startDatabase('green');

      await expect(started).rejects.toThrowError(ResourceStateError);
      await expect(started).rejects.toMatchObject({ actual: 'stopping' });
    });

    test('throws WaitTimeoutError when the cluster is not stopped in time', async () => {
      cloud.rds.addCluster({ name: 'green', status: 'stopping' });

      const started = createTools().startDatabase('green', { maxWaitSeconds: 60 });

      await expect(started).rejects.toThrowError(WaitTimeoutError);
    });

    test.each(['deleting', 'failed', 'incompatible-restore'])(
      'throws ResourceStateError at once for a cluster that is %s',
      async (status) => {
        cloud.rds.addCluster({ name: 'green', status });

        const started = createTools().startDatabase('green');

        await expect(started).rejects.toThrowError(ResourceStateError);
        await expect(started).rejects.toMatchObject({ actual: status });
      },
    );

    test('throws ResourceNotFoundError when the cluster does not exist', async () => {
      await expect(createTools().startDatabase('green')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('accepts that the cluster is starting when RDS refuses', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      cloud.injectFault({ kind: 'lostResponse', action: 'rds:StartDBCluster' });

      await createTools({ onTransition: 'fail' }).startDatabase('green');

      expect(cluster.status).toBe('starting');
    });

    test.each(['configuring-enhanced-monitoring', 'a-state-of-tomorrow'])(
      'waits for a cluster that is %s',
      async (status) => {
        const cluster = cloud.rds.addCluster({ name: 'green', status });
        cloud.clock.schedule(90, () => {
          cluster.status = 'available';
        });

        await createTools().startDatabase('green');
        await createTools().waitForClusterState('green', 'available');

        expect(cloud.calls.map((it) => it.action)).not.toContain('rds:StartDBCluster');
      },
    );

    test('does not treat an unknown state as started', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green', status: 'a-state-of-tomorrow' });
      cloud.clock.schedule(90, () => {
        cluster.status = 'stopped';
      });

      await createTools().startDatabase('green');

      expect(cluster.status).toBe('starting');
    });

    test('throws WaitTimeoutError that names an unknown state', async () => {
      cloud.rds.addCluster({ name: 'green', status: 'a-state-of-tomorrow' });

      await expect(createTools().startDatabase('green')).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'a-state-of-tomorrow',
      });
    });

    test('starts a cluster that a stale read shows as available after it was stopped', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const tools = createTools();
      await tools.stopDatabase('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'rds:DescribeDBClusters', times: 2 });

      await tools.startDatabase('blue');
      await tools.waitForClusterState('blue', 'available');

      await cloud.clock.sleep(3_600_000);
      expect(cluster.status).toBe('available');
    });

    test('accepts repeated reads that show the cluster as available', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const tools = createTools();
      await tools.stopDatabase('blue');
      cluster.status = 'available';

      await tools.startDatabase('blue', { maxWaitSeconds: 60 });

      expect(cloud.calls.map((it) => it.action)).not.toContain('rds:StartDBCluster');
    });

    test('throws ResourceStateError with the reason when RDS keeps refusing in a state that allows it', async () => {
      cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      alwaysRefuse('rds:StartDBCluster', clusterRefusal());

      const started = createTools().startDatabase('green');

      await expect(started).rejects.toThrowError(/belongs to a global database/);
      await expect(started).rejects.toBeInstanceOf(ResourceStateError);
    });
  });

  describe('stopDatabase', () => {
    test('stops the cluster with its members', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      const tools = createTools();

      await tools.stopDatabase('blue');
      await tools.waitForClusterState('blue', 'stopped');

      expect(cloud.rds.instances('blue').map((it) => it.status)).toEqual(Array(4).fill('stopped'));
    });

    test('waits for a cluster that is being started', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', status: 'stopped' });
      const tools = createTools();
      await tools.startDatabase('blue');

      await tools.stopDatabase('blue');

      expect(cluster.status).toBe('stopping');
    });

    test('throws ResourceStateError for a cluster that is being started with onTransition: fail', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'starting' });

      const stopped = createTools({ onTransition: 'fail' }).stopDatabase('blue');

      await expect(stopped).rejects.toThrowError(ResourceStateError);
    });

    test('stops a cluster that a stale read shows as stopped after it was started', async () => {
      const cluster = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
      const tools = createTools();
      await tools.startDatabase('green');
      cloud.injectFault({ kind: 'staleRead', action: 'rds:DescribeDBClusters', times: 2 });

      await tools.stopDatabase('green');

      await cloud.clock.sleep(3_600_000);
      expect(cluster.status).toBe('stopped');
    });

    test('waits for a reader that is being created', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const reader = cloud.rds.addReader('blue', { status: 'creating' });
      cloud.clock.schedule(400, () => {
        reader.status = 'available';
      });

      await createTools().stopDatabase('blue');

      expect(cluster.status).toBe('stopping');
    });

    test('throws WaitTimeoutError that names the member it waited for', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { identifier: 'late-reader', status: 'creating' });

      const stopped = createTools().stopDatabase('blue', { maxWaitSeconds: 60 });

      await expect(stopped).rejects.toThrowError(WaitTimeoutError);
      await expect(stopped).rejects.toMatchObject({ actual: expect.stringContaining('late-reader') });
    });

    test.each(['configuring-enhanced-monitoring', 'a-state-of-tomorrow'])(
      'waits for a cluster that is %s',
      async (status) => {
        const cluster = cloud.rds.addCluster({ name: 'blue' });
        cluster.status = status;
        cloud.clock.schedule(90, () => {
          cluster.status = 'available';
        });

        await createTools().stopDatabase('blue');

        expect(cluster.status).toBe('stopping');
      },
    );

    test('throws WaitTimeoutError that names an unknown state', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'a-state-of-tomorrow' });

      await expect(createTools().stopDatabase('blue')).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'a-state-of-tomorrow',
      });
    });

    test.each([
      'InvalidDBClusterStateFault',
      'InvalidDBInstanceState',
      'InvalidDBShardGroupStateFault',
      'InvalidDBClusterSnapshotStateFault',
      'InvalidSomethingOfTomorrowStateFault',
      'Throttling',
    ])('retries while RDS refuses with %s', async (name) => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const kind = awsError(name, 'not in this state');
      cloud.injectFault({ kind, action: 'rds:StopDBCluster', times: name === 'Throttling' ? 6 : 1 });

      await createTools().stopDatabase('blue');

      expect(cluster.status).toBe('stopping');
    });

    test('throws WaitTimeoutError with the last refusal', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      alwaysRefuse('rds:StopDBCluster', awsError('InvalidDBShardGroupStateFault', 'The shard group is busy'));

      await expect(createTools().stopDatabase('blue')).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'available (The shard group is busy)',
        cause: expect.objectContaining({ name: 'InvalidDBShardGroupStateFault' }),
      });
    });

    test.each([
      'Cannot stop a DB cluster that has a cross-Region read replica',
      'The cluster is a member of a global cluster',
    ])('throws the reason of RDS instead of advice to wait: %s', async (reason) => {
      cloud.rds.addCluster({ name: 'blue' });
      alwaysRefuse('rds:StopDBCluster', awsError('InvalidDBClusterStateFault', reason));
      const start = cloud.clock.now();

      const stopped = createTools().stopDatabase('blue');

      await expect(stopped).rejects.toThrowError(ResourceStateError);
      await expect(stopped).rejects.toThrowError(reason);
      await expect(stopped).rejects.not.toThrowError(/expected available|wait/i);
      expect(cloud.clock.now() - start).toBeLessThanOrEqual(15_000);
    });

    test('throws ResourceStateError when RDS keeps refusing in a state that allows it', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      alwaysRefuse('rds:StopDBCluster', clusterRefusal());

      await expect(createTools().stopDatabase('blue')).rejects.toThrowError(/belongs to a global database/);
    });

    test('throws other errors as they are', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const error = Object.assign(new Error('unheard of'), { name: 'SomethingElse' });
      alwaysRefuse('rds:StopDBCluster', error);

      await expect(createTools().stopDatabase('blue')).rejects.toBe(error);
    });
  });

  describe('deleteDatabase', () => {
    test('deletes the members, then the cluster, and leaves a final snapshot', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({ name: 'green', readers: 1 });
      const tools = createTools();

      const { finalSnapshotIdentifier } = await tools.deleteDatabase('blue');
      await tools.waitForClusterState('blue', 'deleted');

      expect(cloud.rds.hasCluster('blue')).toBe(false);
      expect(cloud.rds.snapshots).toEqual([{ identifier: finalSnapshotIdentifier, cluster: 'blue' }]);
      expect(cloud.rds.instances('green').map((it) => it.status)).toEqual(['available', 'available']);
    });

    test('leaves no snapshot with finalSnapshot: skip', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const tools = createTools({ finalSnapshot: 'skip' });

      await expect(tools.deleteDatabase('blue')).resolves.toEqual({ finalSnapshotIdentifier: undefined });

      expect(cloud.rds.cluster('blue').status).toBe('deleting');
      expect(cloud.rds.snapshots).toEqual([]);
    });

    test('deletes the readers before the writer, so that nothing fails over', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });

      await createTools().deleteDatabase('blue');

      const writers = cloud.rds.instances('blue').filter((it) => it.isWriter);
      expect(writers.map((it) => it.identifier)).toEqual(['blue-writer']);
    });

    test('deletes no member while deletion protection is on', async () => {
      cloud.rds.addCluster({ name: 'blue', deletionProtection: true });

      const deleted = createTools().deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(ResourceStateError);
      await expect(deleted).rejects.toMatchObject({ actual: 'deletion protection on' });
      expect(cloud.rds.instances('blue').map((it) => it.status)).toEqual(['available', 'available']);
    });

    test('throws ResourceStateError that names startDatabase for a stopped cluster', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped' });

      const deleted = createTools().deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(/startDatabase/);
      expect(cloud.rds.instances('blue').map((it) => it.status)).toEqual(['stopped', 'stopped']);
    });

    test('continues a half-done deletion', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', readers: 2 });
      const [, reader] = cluster.members;
      if (reader) reader.status = 'deleting';

      await createTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
    });

    test('continues after a crash at each of its calls', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2 });
      await createTools().deleteDatabase('blue');
      const calls = cloud.calls.length;

      for (let atCall = 1; atCall <= calls; atCall += 1) {
        cloud = new SimulatedCloud();
        cloud.rds.addCluster({ name: 'blue', readers: 2 });
        cloud.injectFault({ kind: 'crashAfter', atCall });
        await expect(createTools().deleteDatabase('blue')).rejects.toThrowError();
        cloud.restart();
        await createTools().deleteDatabase('blue');
        await createTools().waitForClusterState('blue', 'deleted');
        expect(cloud.rds.snapshots).toHaveLength(1);
      }
    });

    test.each(['gone', 'deleting'])('succeeds on a cluster that is %s', async (status) => {
      if (status !== 'gone') cloud.rds.addCluster({ name: 'blue', status });

      await expect(createTools().deleteDatabase('blue')).resolves.toEqual({
        finalSnapshotIdentifier: undefined,
      });
    });

    test('waits for a member that cannot be deleted yet', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const reader = cloud.rds.addReader('blue', { status: 'creating' });
      cloud.clock.schedule(400, () => {
        reader.status = 'available';
      });

      await createTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(cloud.clock.now()).toBeGreaterThanOrEqual(Date.parse('2026-01-01T00:06:40Z'));
    });

    test('throws ResourceStateError before anything is deleted when a member cannot be deleted yet with onTransition: fail', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { identifier: 'late-reader', status: 'creating' });

      const deleted = createTools({ onTransition: 'fail' }).deleteDatabase('blue');

      await expect(deleted).rejects.toThrowError(/late-reader/);
      await expect(deleted).rejects.toBeInstanceOf(ResourceStateError);
      expect(cluster.status).toBe('available');
      expect(cluster.members.map((it) => it.status)).toEqual(['available', 'available', 'creating']);
    });

    test('throws WaitTimeoutError that names the member it waited for', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { identifier: 'late-reader', status: 'creating' });

      const deleted = createTools().deleteDatabase('blue', { maxWaitSeconds: 60 });

      await expect(deleted).rejects.toThrowError(WaitTimeoutError);
      await expect(deleted).rejects.toMatchObject({ actual: expect.stringContaining('late-reader') });
    });

    test('deletes a reader that a scale-out adds meanwhile', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      cloud.injectFault({
        kind: new InvalidDBClusterStateFault({ message: 'members', $metadata: {} }),
        action: 'rds:DeleteDBCluster',
      });
      cloud.clock.schedule(1, () => void cloud.rds.addReader('blue', { identifier: 'newcomer' }));

      await createTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(cluster.members.find((it) => it.identifier === 'newcomer')?.status).toBe('deleting');
    });

    test('retries a member that RDS refuses once', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.injectFault({ kind: instanceRefusal(), action: 'rds:DeleteDBInstance' });

      await createTools().deleteDatabase('blue');

      expect(cloud.rds.cluster('blue').status).toBe('deleting');
    });

    test('uses another snapshot name when the first one is in use', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const taken = Object.assign(new Error('taken'), { name: 'DBClusterSnapshotAlreadyExistsFault' });
      cloud.injectFault({ kind: taken, action: 'rds:DeleteDBCluster' });

      const { finalSnapshotIdentifier } = await createTools().deleteDatabase('blue');

      expect(cluster.status).toBe('deleting');
      expect(cloud.rds.snapshots).toEqual([{ identifier: finalSnapshotIdentifier, cluster: 'blue' }]);
    });

    test('throws ResourceStateError with the reason when RDS keeps refusing in a state that allows it', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      alwaysRefuse('rds:DeleteDBInstance', clusterRefusal());

      await expect(createTools().deleteDatabase('blue')).rejects.toThrowError(/belongs to a global database/);
    });

    test('throws ResourceStateError within a minute when RDS refuses the final snapshot of a failed cluster', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'failed' });
      alwaysRefuse('rds:DeleteDBCluster', clusterRefusal());
      const start = cloud.clock.now();

      await expect(createTools().deleteDatabase('blue')).rejects.toThrowError(ResourceStateError);

      expect(cloud.clock.now() - start).toBeLessThan(60_000);
    });

    test('sends each deletion once when a read is stale', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 1 });
      // The second read of the instances, after the reader's deletion was accepted.
      cloud.injectFault({ kind: 'staleRead', action: 'rds:DescribeDBInstances', atCall: 2 });

      await createTools().deleteDatabase('blue');

      const deletions = cloud.calls.filter((it) => it.action === 'rds:DeleteDBInstance');
      expect(deletions.map((it) => it.outcome)).toEqual(['ok', 'ok']);
    });
  });

  describe('Faults of the original toolkit', () => {
    test('sends the name of the final snapshot', async () => {
      cloud.rds.addCluster({ name: 'blue' });

      await createTools({ finalSnapshot: 'create' }).deleteDatabase('blue');

      expect(cloud.rds.snapshots).toEqual([
        { identifier: expect.stringMatching(/^blue-final-/), cluster: 'blue' },
      ]);
    });

    test('returns every known state', async () => {
      for (const status of Object.values(ClusterState)) {
        cloud = new SimulatedCloud();
        cloud.rds.addCluster({ name: 'blue', status });

        expect(await createTools().getClusterState('blue')).toBe(status);
      }
    });

    test('counts the readers of a cluster without a writer', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', readers: 2 });
      cluster.members = cluster.members.filter((it) => !it.isWriter);

      expect(await createTools().getReaderCount('blue')).toBe(2);
    });

    test.each(['aws-cn', 'aws-us-gov'] as const)('works in the partition %s', async (partition) => {
      cloud = new SimulatedCloud({ partition });
      cloud.rds.addCluster({ name: 'blue', readers: 3 });
      cloud.rds.addCluster({
        name: 'green',
        status: 'stopped',
        autoscaling: { minCapacity: 1, maxCapacity: 3 },
      });
      const tools = createTools();

      await tools.startDatabase('green');
      await tools.waitForClusterState('green', 'available');
      await tools.scaleOut('green');
      await tools.deleteDatabase('blue');

      expect(cloud.rds.cluster('blue').status).toBe('deleting');
    });
  });
});
