import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { EcsTools, type EcsToolsOptions } from '../../../src/ecs/index.js';
import { SimulatedCloud, SimulatedCrash } from '../../../src/testing/index.js';

const memory = 'aws-blue-green-toolkit:suspended';
const nothingSuspended = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: false,
};
const everythingSuspended = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
};

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addService({
    cluster: 'shop',
    name: 'blue',
    desiredCount: 3,
    circuitBreaker: { rollback: true },
  });
  cloud.ecs.addService({ cluster: 'shop', name: 'green', desiredCount: 0 });
});

function createTools(options: Partial<EcsToolsOptions> = {}) {
  return new EcsTools({
    blue: { cluster: 'shop', service: 'blue', desiredCount: 3 },
    green: { cluster: 'shop', service: 'green', desiredCount: 3 },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as EcsToolsOptions);
}

function scale(name: string, options: { min?: number; max?: number; suspendedState?: object } = {}) {
  return cloud.applicationAutoScaling.addTarget({
    namespace: 'ecs',
    resourceId: `service/shop/${name}`,
    dimension: 'ecs:service:DesiredCount',
    minCapacity: options.min ?? 2,
    maxCapacity: options.max ?? 10,
    suspendedState: options.suspendedState ?? {},
  });
}

function scaleTo(desiredCount: number) {
  const command = new UpdateServiceCommand({ cluster: 'shop', service: 'blue', desiredCount });
  return cloud.clients.ecs.send(command);
}

function updateTaskDefinition(taskDefinition: string, service = 'blue') {
  cloud.ecs.addTaskDefinition(taskDefinition);
  return cloud.clients.ecs.send(new UpdateServiceCommand({ cluster: 'shop', service, taskDefinition }));
}

function writes() {
  return cloud.calls.map(({ action }) => action).filter((action) => !/:(Describe|List)/.test(action));
}

describe('EcsTools', () => {
  describe('constructor', () => {
    test('throws InvalidInputError with every malformed option', () => {
      const options = {
        blue: { cluster: 'shop', service: '', desiredCount: 1.5 },
        green: { cluster: 'shop', service: 'green', desiredCount: 1 },
      };

      expect(() => new EcsTools(options)).toThrowError(
        expect.objectContaining({
          problems: [
            { field: 'blue.service', expected: 'a string that is not empty', actual: 'an empty string' },
            { field: 'blue.desiredCount', expected: 'a whole number, 0 or more', actual: '1.5' },
          ],
        }),
      );
    });

    test('throws InvalidInputError when both stacks have the same service, also when one is an ARN', () => {
      const { serviceArn, clusterArn } = cloud.ecs.service('shop', 'blue');

      expect(() =>
        createTools({ green: { cluster: clusterArn, service: serviceArn, desiredCount: 1 } }),
      ).toThrowError(InvalidInputError);
    });
  });

  describe.each(['enableService', 'disableService', 'waitForServiceStable'] as const)('%s', (method) => {
    test('throws ResourceNotFoundError without the service', async () => {
      const tools = createTools({ blue: { cluster: 'shop', service: 'brown', desiredCount: 1 } });

      const call = tools[method]('blue');

      await expect(call).rejects.toThrowError(ResourceNotFoundError);
      await expect(call).rejects.toMatchObject({ resource: 'shop/brown', actual: 'MISSING' });
    });

    test('throws ResourceNotFoundError without the cluster', async () => {
      const tools = createTools({ blue: { cluster: 'shed', service: 'blue', desiredCount: 1 } });

      const call = tools[method]('blue');

      await expect(call).rejects.toThrowError(ResourceNotFoundError);
      await expect(call).rejects.toMatchObject({ resource: 'shed' });
    });

    test('throws ResourceNotFoundError for a deleted service', async () => {
      cloud.ecs.service('shop', 'blue').status = 'INACTIVE';

      const call = createTools()[method]('blue');

      await expect(call).rejects.toThrowError(ResourceNotFoundError);
      await expect(call).rejects.toMatchObject({ actual: 'INACTIVE' });
    });

    test('throws ResourceStateError for a service that is being deleted', async () => {
      cloud.ecs.service('shop', 'blue').status = 'DRAINING';

      const call = createTools()[method]('blue');

      await expect(call).rejects.toThrowError(ResourceStateError);
      await expect(call).rejects.toMatchObject({ expected: 'the status ACTIVE', actual: 'DRAINING' });
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      cloud.injectFault({ kind: 'accessDenied', action: 'ecs:DescribeServices' });

      const call = createTools()[method]('blue');

      await expect(call).rejects.toThrowError(AccessDeniedError);
      await expect(call).rejects.toMatchObject({ action: 'ecs:DescribeServices' });
    });

    test('throws OperationAbortedError when the signal is aborted', async () => {
      const call = createTools()[method]('blue', { signal: AbortSignal.abort('enough') });

      await expect(call).rejects.toThrowError(OperationAbortedError);
    });

    test('throws InvalidInputError for an unknown stack', async () => {
      // @ts-expect-error there is no red stack
      await expect(createTools()[method]('red')).rejects.toThrowError(InvalidInputError);
    });
  });

  describe.each(['enableService', 'disableService'] as const)('%s', (method) => {
    test('throws ResourceStateError for a daemon', async () => {
      cloud.ecs.addService({ cluster: 'shop', name: 'agent', desiredCount: 2, schedulingStrategy: 'DAEMON' });

      const call = createTools({ blue: { cluster: 'shop', service: 'agent', desiredCount: 2 } })[method](
        'blue',
      );

      await expect(call).rejects.toThrowError(ResourceStateError);
      await expect(call).rejects.toMatchObject({ actual: 'DAEMON' });
      await expect(call).rejects.toThrowError(/does not support a desired count/);
      expect(cloud.calls.map(({ action }) => action)).toEqual(['ecs:DescribeServices']);
    });
  });

  describe('disableService', () => {
    test('stops every task of one stack, and leaves the other unchanged', async () => {
      cloud.ecs.addService({ cluster: 'shop', name: 'other', desiredCount: 2 });

      await createTools({ green: { cluster: 'shop', service: 'other', desiredCount: 2 } }).disableService(
        'blue',
      );

      await cloud.clock.sleep(60_000);
      expect(cloud.ecs.service('shop', 'blue').deployments).toMatchObject([{ runningCount: 0 }]);
      expect(cloud.ecs.service('shop', 'other').deployments).toMatchObject([{ runningCount: 2 }]);
    });

    test('writes nothing when the service is disabled', async () => {
      scale('blue');
      await createTools().disableService('blue');
      const before = writes().length;

      await createTools().disableService('blue');

      expect(writes()).toHaveLength(before);
    });

    test('logs its changes', async () => {
      scale('blue');
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

      await createTools({ logger }).disableService('blue');

      expect(logger.info.mock.calls).toEqual([
        [
          'Suspended scaling',
          { resource: 'service/shop/blue', parts: expect.any(String), durationMs: expect.any(Number) },
        ],
        ['Set desired count', { resource: 'shop/blue', from: 3, to: 0, durationMs: expect.any(Number) }],
      ]);
    });

    test('stops a service that CodeDeploy deploys', async () => {
      const service = cloud.ecs.addService({
        cluster: 'shop',
        name: 'web',
        desiredCount: 2,
        deploymentController: 'CODE_DEPLOY',
      });

      await createTools({ blue: { cluster: 'shop', service: 'web', desiredCount: 2 } }).disableService(
        'blue',
      );

      await cloud.clock.sleep(60_000);
      expect(service.taskSets).toMatchObject([{ status: 'PRIMARY', runningCount: 0 }]);
    });

    describe('with Application Auto Scaling', () => {
      test('suspends the scaling, so that it does not start the tasks again', async () => {
        scale('blue');

        await createTools().disableService('blue');

        await cloud.clock.sleep(600_000);
        expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(0);
        expect(cloud.applicationAutoScaling.target('ecs', 'service/shop/blue').suspendedState).toEqual(
          everythingSuspended,
        );
      });

      test('finds the scalable target when cluster and service are ARNs', async () => {
        const target = scale('blue');
        const { clusterArn, serviceArn } = cloud.ecs.service('shop', 'blue');

        await createTools({
          blue: { cluster: clusterArn, service: serviceArn, desiredCount: 3 },
        }).disableService('blue');

        expect(target.suspendedState).toEqual(everythingSuspended);
      });

      test('leaves a target unchanged whose scaling its owner has suspended completely', async () => {
        const target = scale('blue', { suspendedState: everythingSuspended });

        await createTools().disableService('blue');

        expect(target.tags).toEqual({});
        expect(writes()).toEqual(['ecs:UpdateService']);
      });

      test('suspends the scaling of a service that already has no tasks', async () => {
        cloud.ecs.service('shop', 'green');
        scale('green');

        await createTools().disableService('green');

        await cloud.clock.sleep(600_000);
        expect(cloud.ecs.service('shop', 'green').desiredCount).toBe(0);
      });

      test('sets the count to 0 again when AWS has raised it during the update of the target', async () => {
        scale('green');
        const { applicationAutoScaling } = cloud.clients;
        applicationAutoScaling.middlewareStack.add(
          (next, context) => async (args) => {
            const answer = await next(args);
            const isUpdate =
              'commandName' in context && context.commandName === 'RegisterScalableTargetCommand';
            if (isUpdate) cloud.ecs.service('shop', 'green').desiredCount = 2;
            return answer;
          },
          { step: 'initialize' },
        );

        await createTools().disableService('green');

        expect(cloud.ecs.service('shop', 'green').desiredCount).toBe(0);
      });

      test('records the state that the owner has set since the last disable', async () => {
        const target = scale('blue');
        await createTools().disableService('blue');
        target.suspendedState = { ...nothingSuspended, ScheduledScalingSuspended: true };

        await createTools().disableService('blue');

        await createTools().enableService('blue');
        expect(target.suspendedState).toEqual({ ...nothingSuspended, ScheduledScalingSuspended: true });
      });
    });

    test('waits for another change of the scalable target', async () => {
      scale('blue');
      const busy = Object.assign(new Error('busy'), { name: 'ConcurrentUpdateException' });
      cloud.injectFault({ kind: busy, action: 'application-autoscaling:RegisterScalableTarget', times: 2 });

      await createTools().disableService('blue');

      expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(0);
      expect(cloud.applicationAutoScaling.target('ecs', 'service/shop/blue').suspendedState).toEqual(
        everythingSuspended,
      );
    });
  });

  describe('enableService', () => {
    test('starts the normal number of tasks', async () => {
      await createTools().enableService('green');

      await cloud.clock.sleep(60_000);
      expect(cloud.ecs.service('shop', 'green').deployments).toMatchObject([{ runningCount: 3 }]);
    });

    test('writes nothing when the service is enabled', async () => {
      scale('blue');

      await createTools().enableService('blue');

      expect(writes()).toEqual([]);
    });

    test('sets a count that is not scaled to its normal value', async () => {
      cloud.ecs.addService({ cluster: 'shop', name: 'large', desiredCount: 8 });

      await createTools({ blue: { cluster: 'shop', service: 'large', desiredCount: 3 } }).enableService(
        'blue',
      );

      expect(cloud.ecs.service('shop', 'large').desiredCount).toBe(3);
    });

    test.each([
      ['disableService', 'enableService', 'blue', 3],
      ['enableService', 'disableService', 'green', 0],
    ] as const)('after %s, %s is not misled by an older look', async (first, second, stack, count) => {
      const tools = createTools();
      await tools[first](stack);
      cloud.injectFault({ kind: 'staleRead', action: 'ecs:DescribeServices' });

      await tools[second](stack);

      expect(cloud.ecs.service('shop', stack).desiredCount).toBe(count);
    });

    test('writes nothing after a disable that failed for a missing permission', async () => {
      cloud.injectFault({
        kind: 'accessDenied',
        action: 'ecs:UpdateService',
        times: Number.POSITIVE_INFINITY,
      });
      const tools = createTools();
      await expect(tools.disableService('blue')).rejects.toThrowError(AccessDeniedError);

      await expect(tools.enableService('blue')).resolves.toBeUndefined();
    });

    describe('with Application Auto Scaling', () => {
      test('keeps the count that scaling has set since the service was enabled', async () => {
        scale('blue', { max: 20 });
        const tools = createTools();
        await tools.disableService('blue');
        await tools.enableService('blue');
        await scaleTo(10);
        await cloud.clients.ecs.send(new DescribeServicesCommand({ cluster: 'shop', services: ['blue'] }));
        await scaleTo(20);
        cloud.injectFault({ kind: 'staleRead', action: 'ecs:DescribeServices' });

        await tools.enableService('blue');

        expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(20);
      });

      test.each([
        ['nothing', nothingSuspended],
        ['scheduled scaling', { ...nothingSuspended, ScheduledScalingSuspended: true }],
        ['everything except scaling out', { ...everythingSuspended, DynamicScalingOutSuspended: false }],
        ['everything', everythingSuspended],
      ])('restores a target of which %s was suspended before', async (_, before) => {
        const target = scale('blue', { suspendedState: before });
        target.tags = { team: 'shop' };
        await createTools().disableService('blue');
        await createTools().disableService('blue');

        await createTools().enableService('blue');

        expect(target.suspendedState).toEqual(before);
        expect(target.tags).toEqual({ team: 'shop' });
        expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(3);
      });

      test('does not resume scaling that its owner has suspended', async () => {
        const target = scale('green', { suspendedState: everythingSuspended });

        await createTools().enableService('green');

        expect(target.suspendedState).toEqual(everythingSuspended);
      });

      test.each([
        ['a higher minimum', { min: 5 }, 5],
        ['a lower maximum', { max: 2 }, 2],
      ])('keeps the count within the bounds: %s', async (_, bounds, expected) => {
        scale('green', bounds);

        await createTools().enableService('green');

        expect(cloud.ecs.service('shop', 'green').desiredCount).toBe(expected);
      });

      test('leaves a count unchanged that scaling has raised', async () => {
        cloud.ecs.addService({ cluster: 'shop', name: 'busy', desiredCount: 8 });
        scale('busy');

        await createTools({ blue: { cluster: 'shop', service: 'busy', desiredCount: 3 } }).enableService(
          'blue',
        );

        expect(cloud.ecs.service('shop', 'busy').desiredCount).toBe(8);
      });

      test('resumes even when a stale read shows the target as not suspended', async () => {
        const target = scale('blue');
        await createTools().disableService('blue');
        cloud.injectFault({ kind: 'staleRead', action: 'application-autoscaling:DescribeScalableTargets' });

        await createTools().enableService('blue');

        expect(target.suspendedState).toEqual(nothingSuspended);
        expect(target.tags).toEqual({});
      });
    });
  });

  describe('after a crash', () => {
    const before = { ...nothingSuspended, ScheduledScalingSuspended: true };

    /** Crashes the process at every call of the method, one after the other. */
    async function dieAtEachCall(
      act: (tools: EcsTools) => Promise<void>,
      { arrange, verify }: { arrange: (tools: EcsTools) => Promise<void>; verify: () => void },
    ) {
      for (const kind of ['crashBefore', 'crashAfter'] as const) {
        for (let atCall = 1; ; atCall += 1) {
          cloud = new SimulatedCloud();
          cloud.ecs.addService({ cluster: 'shop', name: 'blue', desiredCount: 3 });
          cloud.ecs.addService({ cluster: 'shop', name: 'green', desiredCount: 0 });
          scale('blue', { suspendedState: before });
          await arrange(createTools());
          cloud.injectFault({ kind, atCall });
          const death = await act(createTools()).catch((error: unknown) => error);
          if (death === undefined) break;
          expect(death).toBeInstanceOf(SimulatedCrash);
          cloud.restart();
          await act(createTools());
          verify();
        }
      }
    }

    test('restores everything when a crashed disable is repeated and then enabled', async () => {
      await dieAtEachCall((tools) => tools.disableService('blue'), {
        arrange: async () => {},
        verify: () => {
          const { suspendedState, tags } = cloud.applicationAutoScaling.target('ecs', 'service/shop/blue');
          expect(suspendedState).toEqual(everythingSuspended);
          expect(tags).toEqual({ [memory]: 'DynamicScalingInSuspended DynamicScalingOutSuspended' });
          expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(0);
        },
      });
    });

    test('restores everything when a crashed enable is repeated', async () => {
      await dieAtEachCall((tools) => tools.enableService('blue'), {
        arrange: (tools) => tools.disableService('blue'),
        verify: () => {
          const { suspendedState, tags } = cloud.applicationAutoScaling.target('ecs', 'service/shop/blue');
          expect(suspendedState).toEqual(before);
          expect(tags).toEqual({});
          expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(3);
        },
      });
    });

    test('restores everything when a crashed disable is followed by an enable', async () => {
      for (let atCall = 1; atCall <= 5; atCall += 1) {
        cloud = new SimulatedCloud();
        cloud.ecs.addService({ cluster: 'shop', name: 'blue', desiredCount: 3 });
        const target = scale('blue', { suspendedState: before });
        cloud.injectFault({ kind: 'crashAfter', atCall });
        await expect(createTools().disableService('blue')).rejects.toThrowError(SimulatedCrash);
        cloud.restart();

        await createTools().enableService('blue');

        expect(target.suspendedState).toEqual(before);
        expect(target.tags).toEqual({});
        expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(3);
      }
    });

    test('warns when scaling stays suspended without a tag', async () => {
      scale('blue', { suspendedState: everythingSuspended });
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

      await createTools({ logger }).enableService('blue');

      expect(logger.warn.mock.calls).toEqual([
        [
          'Left scaling suspended',
          { resource: 'service/shop/blue', reason: expect.stringContaining(memory) },
        ],
      ]);
    });
  });

  describe('waitForServiceStable', () => {
    test('waits until every task runs, and returns the task definition', async () => {
      const tools = createTools();
      await tools.enableService('green');
      const start = cloud.clock.now();

      const stable = await tools.waitForServiceStable('green');

      expect(stable).toEqual({
        serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/shop/green',
        taskDefinition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/green:1',
        runningCount: 3,
      });
      expect(cloud.clock.now() - start).toBe(20_000);
    });

    test('waits until the tasks of a disabled service are gone', async () => {
      const tools = createTools();
      await tools.disableService('blue');

      await expect(tools.waitForServiceStable('blue')).resolves.toMatchObject({ runningCount: 0 });
    });

    test.each(['blue:2', 'arn:aws:ecs:eu-west-1:123456789012:task-definition/blue:2'])(
      'waits until the wanted task definition has replaced the old one (%s)',
      async (taskDefinition) => {
        await updateTaskDefinition('blue:2');

        const stable = await createTools().waitForServiceStable('blue', { taskDefinition });

        expect(stable.taskDefinition).toMatch(/\/blue:2$/);
        expect(cloud.ecs.service('shop', 'blue').deployments).toHaveLength(1);
      },
    );

    test('throws ResourceStateError for a service that is stable because it was rolled back', async () => {
      cloud.ecs.breakTaskDefinition('blue:2');
      await updateTaskDefinition('blue:2');

      const wait = createTools().waitForServiceStable('blue');

      await expect(wait).rejects.toThrowError(ResourceStateError);
      await expect(wait).rejects.toMatchObject({
        expected: expect.stringMatching(/\/blue:2$/),
        actual: expect.stringMatching(/\/blue:1 .*rolling back.*\/blue:2 .*FAILED, .*tasks failed to start/),
      });
    });

    test('throws ResourceStateError even long after the rollback', async () => {
      cloud.ecs.breakTaskDefinition('blue:2');
      await updateTaskDefinition('blue:2');
      await cloud.clock.sleep(600_000);

      const wait = createTools().waitForServiceStable('blue', { taskDefinition: 'blue:2' });

      await expect(wait).rejects.toMatchObject({
        expected: 'blue:2',
        actual: expect.stringMatching(/\/blue:1 /),
      });
    });

    test('throws ResourceStateError at once for a failed rollout without a rollback', async () => {
      cloud.ecs.addService({
        cluster: 'shop',
        name: 'stuck',
        desiredCount: 2,
        circuitBreaker: { rollback: false },
      });
      cloud.ecs.breakTaskDefinition('stuck:2');
      await updateTaskDefinition('stuck:2', 'stuck');

      const wait = createTools({
        blue: { cluster: 'shop', service: 'stuck', desiredCount: 2 },
      }).waitForServiceStable('blue');

      await expect(wait).rejects.toMatchObject({ actual: expect.stringMatching(/\/stuck:2 .*FAILED/) });
    });

    test('does not treat a read from before the update as a rollback', async () => {
      await cloud.clients.ecs.send(new DescribeServicesCommand({ cluster: 'shop', services: ['blue'] }));
      await updateTaskDefinition('blue:2');
      cloud.injectFault({ kind: 'staleRead', action: 'ecs:DescribeServices' });

      const wait = createTools().waitForServiceStable('blue', { taskDefinition: 'blue:2' });

      await expect(wait).resolves.toMatchObject({ taskDefinition: expect.stringMatching(/\/blue:2$/) });
    });

    test.each([
      ['enable', 'green', 3],
      ['disable', 'blue', 0],
    ] as const)('does not take the look before an %s for the one after it', async (change, stack, count) => {
      const tools = createTools();
      await tools.waitForServiceStable(stack);
      await (change === 'enable' ? tools.enableService(stack) : tools.disableService(stack));
      cloud.injectFault({ kind: 'staleRead', action: 'ecs:DescribeServices' });

      const { runningCount } = await tools.waitForServiceStable(stack);

      expect(runningCount).toBe(count);
    });

    test('accepts a count that another process has set, when the next reading is the same', async () => {
      const tools = createTools();
      await tools.enableService('green');
      const command = new UpdateServiceCommand({ cluster: 'shop', service: 'green', desiredCount: 5 });
      await cloud.clients.ecs.send(command);

      await expect(tools.waitForServiceStable('green')).resolves.toMatchObject({ runningCount: 5 });
    });

    test('throws WaitTimeoutError with the last reading', async () => {
      cloud.ecs.addService({ cluster: 'shop', name: 'slow', desiredCount: 1 });
      cloud.ecs.breakTaskDefinition('slow:2');
      await updateTaskDefinition('slow:2', 'slow');

      const wait = createTools({
        blue: { cluster: 'shop', service: 'slow', desiredCount: 1 },
      }).waitForServiceStable('blue', { maxWaitSeconds: 30 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({
        maxWaitSeconds: 30,
        actual: expect.stringMatching(/\/slow:2 with 0 of 1 tasks \(IN_PROGRESS/),
      });
    });

    test('throws InvalidInputError for a task definition without a revision', async () => {
      const wait = createTools().waitForServiceStable('blue', { taskDefinition: 'blue' });

      await expect(wait).rejects.toThrowError(InvalidInputError);
    });

    describe('of a service that CodeDeploy deploys', () => {
      const web = { cluster: 'shop', service: 'web', desiredCount: 2 };

      function addWeb() {
        return cloud.ecs.addService({
          cluster: 'shop',
          name: 'web',
          desiredCount: 2,
          deploymentController: 'CODE_DEPLOY',
        });
      }

      test('waits for the wanted task set to appear, to be PRIMARY and to be steady', async () => {
        const service = addWeb();
        cloud.clock.schedule(60, () => {
          const { id } = cloud.ecs.createTaskSet(service, { taskDefinition: 'web:2' });
          cloud.clock.schedule(60, () => cloud.ecs.setPrimaryTaskSet(service, id));
        });
        const start = cloud.clock.now();

        await createTools({ blue: web }).waitForServiceStable('blue', { taskDefinition: 'web:2' });

        expect(cloud.clock.now() - start).toBe(120_000);
      });

      test('throws ResourceStateError when the wanted task set was rolled back', async () => {
        const service = addWeb();
        const { id } = cloud.ecs.createTaskSet(service, { taskDefinition: 'web:2' });
        cloud.clock.schedule(30, () => cloud.ecs.deleteTaskSet(service, id));

        const wait = createTools({ blue: web }).waitForServiceStable('blue', { taskDefinition: 'web:2' });

        await expect(wait).rejects.toThrowError(ResourceStateError);
        await expect(wait).rejects.toMatchObject({
          expected: 'web:2',
          actual: expect.stringMatching(/\/web:1 with 2 of 2 tasks \(STEADY_STATE\)/),
        });
      });

      test('throws ResourceStateError when the wanted task set is gone', async () => {
        const service = addWeb();
        cloud.ecs.createTaskSet(service, { taskDefinition: 'web:2' });
        cloud.clock.schedule(15, () => {
          service.taskSets.length = 1;
        });
        const start = cloud.clock.now();

        const wait = createTools({ blue: web }).waitForServiceStable('blue', { taskDefinition: 'web:2' });

        await expect(wait).rejects.toThrowError(ResourceStateError);
        expect(cloud.clock.now() - start).toBe(20_000);
      });

      test('waits for a first task set', async () => {
        const service = addWeb();
        const taskSets = service.taskSets.splice(0);
        cloud.clock.schedule(30, () => {
          service.taskSets.push(...taskSets);
        });

        await expect(createTools({ blue: web }).waitForServiceStable('blue')).resolves.toMatchObject({
          runningCount: 2,
        });
      });
    });
  });
});

describe('EcsTools, unlike the original toolkit', () => {
  test('sends the cluster with UpdateService', async () => {
    cloud.ecs.addService({ cluster: 'default', name: 'blue', desiredCount: 1 });

    await createTools().disableService('blue');

    expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(0);
    expect(cloud.ecs.service('default', 'blue').desiredCount).toBe(1);
  });

  test('uses the ARN of the service in any partition', async () => {
    cloud = new SimulatedCloud({ partition: 'aws-us-gov', region: 'us-gov-west-1' });
    cloud.ecs.addService({ cluster: 'shop', name: 'blue', desiredCount: 3 });
    const target = scale('blue');

    await createTools().disableService('blue');
    await createTools().enableService('blue');

    expect(target.suspendedState).toEqual(nothingSuspended);
    expect(cloud.ecs.service('shop', 'blue').desiredCount).toBe(3);
  });
});
