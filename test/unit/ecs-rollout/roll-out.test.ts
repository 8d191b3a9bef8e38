import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AccessDeniedError, InvalidInputError, type LogData } from '../../../src/core/index.js';
import type { RollOutInput, RollOutOptions } from '../../../src/ecs-rollout/index.js';
import { type FaultKind, SimulatedCloud } from '../../../src/testing/index.js';
import type { Check, CheckContext } from '../../../src/traffic/index.js';
import { brokenLogger } from '../../support/broken-logger.js';
import {
  expectNothingLeft,
  failureOf,
  fargateWorld,
  instanceWorld,
  nextOf,
  noLeftovers,
  type RolloutWorld,
  rolloutOf,
  stableDefinition,
  workerWorld,
} from '../../support/rollout-world.js';

let cloud: SimulatedCloud;
let world: RolloutWorld;

beforeEach(() => {
  cloud = new SimulatedCloud();
  world = fargateWorld(cloud, { isQuick: true });
});

function rollOut(options: RollOutOptions = {}, input: RollOutInput = { taskDefinition: world.next }) {
  return world.rollout.rollOut(input, options);
}

function always(kind: FaultKind | Error, action: string) {
  cloud.injectFault({ kind, action, times: Number.POSITIVE_INFINITY });
}

describe('EcsRollout', () => {
  describe('rollOut', () => {
    test.each<[RollOutOptions, RegExp]>([
      [{ idleSeconds: -1 }, /idleSeconds/],
      [{ rolloutId: '' }, /rolloutId/],
      [{ rolloutId: 'a*b' }, /rolloutId/],
      [{ containerInstance: ' ' }, /containerInstance/],
      [{ limits: { drainingSeconds: Number.NaN } }, /limits\.drainingSeconds/],
      [{ policy: { intervalSeconds: 0 } }, /policy\.intervalSeconds/],
      [
        {
          checks: [
            { name: 'a', evaluate: vi.fn() },
            { name: 'a', evaluate: vi.fn() },
          ],
        },
        /checks/,
      ],
      [{ onAbort: 'halt' as 'leave' }, /onAbort/],
    ])('throws InvalidInputError for a wrong option before any call: %j', async (options, message) => {
      await expect(rollOut(options)).rejects.toThrowError(message);
      await expect(rollOut(options)).rejects.toThrowError(InvalidInputError);
      expect(cloud.calls).toEqual([]);
    });

    test.each<[unknown, RegExp]>([
      [{}, /taskDefinition/],
      [{ taskDefinition: '' }, /taskDefinition/],
      [{ taskDefinition: 'web:2', service: { serviceName: 'api' } }, /service\.serviceName.*web.*"api"/],
    ])('throws InvalidInputError for an invalid input: %j', async (input, message) => {
      await expect(rollOut({}, input as RollOutInput)).rejects.toThrowError(message);
      expect(cloud.calls).toEqual([]);
    });

    test('throws for an unknown task definition', async () => {
      const failure = await failureOf(rollOut({}, { taskDefinition: 'web:9' }));

      expect(failure).toMatchObject({ phase: 'registerTaskDefinition', service: 'unchanged' });
      expect(failure.message).toContain('Task definition web:9 not found');
    });

    test('throws for an unknown service', async () => {
      const failure = await failureOf(
        rolloutOf(cloud, { service: 'api' }).rollOut({ taskDefinition: 'web:1' }),
      );

      expect(failure).toMatchObject({ phase: 'prepare', service: 'unchanged', resource: 'shop/api' });
    });

    test('throws for a service that CodeDeploy deploys', async () => {
      cloud.ecs.addService({
        cluster: 'shop',
        name: 'api',
        desiredCount: 1,
        deploymentController: 'CODE_DEPLOY',
      });

      const failure = await failureOf(
        rolloutOf(cloud, { service: 'api' }).rollOut({ taskDefinition: 'web:1' }),
      );

      expect(failure.message).toContain('got CODE_DEPLOY');
    });

    test('throws for a service behind a Classic Load Balancer', async () => {
      const { settings } = cloud.ecs.service('shop', 'web');
      settings.loadBalancers = [{ loadBalancerName: 'old', containerName: 'app', containerPort: 8080 }];

      expect((await failureOf(rollOut())).message).toContain('a Classic Load Balancer');
    });

    test('throws for an unknown container instance', async () => {
      world = instanceWorld(new SimulatedCloud());

      const failure = await failureOf(rollOut({ containerInstance: 'i-0badbadbadbadbad0' }));

      expect(failure).toMatchObject({ phase: 'startCanary', service: 'unchanged' });
      expect(failure.message).toContain('Container instance i-0badbadbadbadbad0 not found in cluster shop');
    });

    test('throws with the IAM action when a permission is missing', async () => {
      always('accessDenied', 'ecs:RunTask');

      const failure = await failureOf(rollOut());

      expect(failure.cause).toBeInstanceOf(AccessDeniedError);
      expect(failure.message).toContain('Allow the IAM action ecs:RunTask');
    });

    test('emits every event to a listener that throws', async () => {
      const error = vi.fn();
      const silent = () => {};
      const logger = { debug: silent, info: silent, warn: silent, error };
      world = fargateWorld(new SimulatedCloud(), { isQuick: true, logger });

      const result = await rollOut({
        onEvent: () => {
          throw new Error('not my day');
        },
      });

      expect(result.service).toBe('updated');
      expect(error).toHaveBeenCalledWith('Event listener of the rollout failed', {
        resource: 'shop/web',
        event: 'phaseStarted',
        error: 'Error: not my day',
      });
    });

    test('waits at the end for the promises of the listener', async () => {
      cloud = new SimulatedCloud();
      world = fargateWorld(cloud);
      const heard: string[] = [];

      await rollOut({
        onEvent: async ({ type }) => {
          await cloud.clock.sleep(1000);
          heard.push(type);
        },
      });

      expect(heard.at(-1)).toBe('succeeded');
    });

    test('succeeds although its logger fails', async () => {
      world = fargateWorld(new SimulatedCloud(), { isQuick: true, logger: brokenLogger });

      expect((await rollOut()).service).toBe('updated');
    });

    test('logs each change with one line', async () => {
      const lines: [string, LogData][] = [];
      const info = (...line: [string, LogData]) => void lines.push(line);
      const silent = () => {};
      world = fargateWorld(new SimulatedCloud(), {
        isQuick: true,
        logger: { debug: silent, info, warn: silent, error: silent },
      });

      await rollOut();

      expect(lines.map(([message]) => message)).toEqual([
        'Registered task definition',
        'Started canary',
        'Registered canary',
        'Registered canary',
        'Updated service',
        'Deregistered canary',
        'Deregistered canary',
        'Stopped canary',
      ]);
      // Logged when the task has stopped.
      expect(lines.at(-1)?.[1]['durationMs']).toBeGreaterThan(5_000);
    });

    test('stops a canary whose start got no response', async () => {
      cloud.injectFault({ kind: 'lostResponse', action: 'ecs:RunTask', times: 3 });

      const failure = await failureOf(rollOut());

      expect(failure).toMatchObject({ phase: 'startCanary', service: 'unchanged', leftovers: noLeftovers });
      expect(cloud.ecs.tasks('shop').filter(({ group }) => group !== 'service:web')).toHaveLength(1);
      expectNothingLeft(world);
    });

    test('starts one canary although the first response was lost', async () => {
      cloud.injectFault({ kind: 'lostResponse', action: 'ecs:RunTask' });

      await rollOut();

      expect(cloud.ecs.tasks('shop').filter(({ group }) => group !== 'service:web')).toHaveLength(1);
    });

    test('waits past readings that are older than the update', async () => {
      cloud.injectFault({ kind: 'staleRead', action: 'ecs:DescribeServices', times: 2 });

      await expect(rollOut()).resolves.toMatchObject({ service: 'updated' });
      expect(stableDefinition(world)).toBe(nextOf(world));
    });

    test('rolls back although the readings are older than the update', async () => {
      const controller = new AbortController();
      const onEvent: RollOutOptions['onEvent'] = ({ type }) => {
        if (type !== 'serviceUpdated') return;
        controller.abort();
        cloud.injectFault({ kind: 'staleRead', action: 'ecs:DescribeServices', times: 2 });
      };

      const failure = await failureOf(rollOut({ signal: controller.signal, onEvent }));

      expect(failure.service).toBe('rolledBack');
      expect(stableDefinition(world)).toBe(world.before);
    });

    test('rolls back to the last good task definition, not to one that failed before', async () => {
      cloud.ecs.service('shop', 'web').circuitBreaker = { rollback: false };
      cloud.ecs.failTasks({ image: 'web:bad', among: 'service' }, { kind: 'exits' });
      cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
      const [container] = world.next.containerDefinitions ?? [];
      const bad = { ...world.next, containerDefinitions: [{ ...container, image: 'web:bad' }] };
      await failureOf(rollOut({ onUnstable: 'leave' }, { taskDefinition: bad }));

      const failure = await failureOf(rollOut());

      expect(failure.service).toBe('rolledBack');
      expect(stableDefinition(world)).toBe(world.before);
      expectNothingLeft(world);
    });

    test('lists a canary that cannot be read in the leftovers', async () => {
      world = workerWorld(new SimulatedCloud());
      world.cloud.injectFault({
        kind: Object.assign(new Error('none'), {
          name: 'ClientException',
          $metadata: { httpStatusCode: 400 },
        }),
        action: 'ecs:DescribeTasks',
        times: 99,
      });

      const failure = await failureOf(rollOut());

      expect(failure).toMatchObject({ phase: 'startCanary', service: 'unchanged' });
      expect(failure.leftovers.problems).toHaveLength(1);
    });

    describe('checks', () => {
      const contexts: CheckContext[] = [];
      const check = (...outcomes: ('pass' | 'fail' | 'inconclusive')[]): Check => ({
        name: 'errors',
        evaluate: async (context) => {
          contexts.push(context);
          return { outcome: outcomes.shift() ?? 'pass', detail: 'seen' };
        },
      });

      beforeEach(() => {
        contexts.length = 0;
      });

      test('receive the stack of the service as the incoming one', async () => {
        await rollOut({ checks: [check()], observeSeconds: 60, stack: 'blue' });

        expect(contexts[0]).toMatchObject({
          incoming: 'blue',
          outgoing: 'green',
          weights: { blue: 100, green: 0 },
        });
        expect((contexts[0]?.now ?? 0) - (contexts[0]?.weightsSince ?? 0)).toBe(60_000);
        expect(contexts[0]?.startedAt).toBe(contexts[0]?.weightsSince);
      });

      test('tolerate as many failures as the policy allows', async () => {
        const checks = [check('fail', 'pass')];

        await expect(rollOut({ checks, policy: { failureThreshold: 2 } })).resolves.toMatchObject({
          service: 'updated',
        });
      });

      test('delay the rollout until they have passed', async () => {
        const checks = [check('inconclusive', 'inconclusive', 'pass')];

        await rollOut({ checks, observeSeconds: 60 });

        expect(contexts).toHaveLength(3);
      });

      test('fail the rollout when they have not passed in time', async () => {
        const inconclusive = check(...Array.from({ length: 99 }, () => 'inconclusive' as const));

        const failure = await failureOf(
          rollOut({
            checks: [inconclusive],
            observeSeconds: 60,
            policy: { inconclusiveThreshold: 50 },
            limits: { checksSeconds: 120 },
          }),
        );

        expect(failure.message).toContain('no pass of errors');
        expectNothingLeft(world);
      });

      test('of a dry run decide nothing', async () => {
        const dry: Check = { ...check('fail', 'fail', 'fail'), dryRun: true };

        const { history } = await rollOut({ checks: [dry], observeSeconds: 120 });

        expect(history).toContainEqual(expect.objectContaining({ type: 'checkEvaluated', dryRun: true }));
      });

      test('do not hide a canary that becomes unhealthy', async () => {
        const checks: Check[] = [
          {
            name: 'errors',
            evaluate: async () => {
              cloud.ecs.failTasks({ image: 'web:2', among: 'standalone' }, { kind: 'targetUnhealthy' });
              return { outcome: 'pass', detail: 'seen' };
            },
          },
        ];

        const failure = await failureOf(rollOut({ checks }));

        expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged' });
        expect(failure.message).toContain('did not stay healthy');
        expectNothingLeft(world);
      });
    });
  });
});
