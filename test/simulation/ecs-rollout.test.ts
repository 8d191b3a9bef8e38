import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RolloutError, RolloutEvent, RolloutPhase } from '../../src/ecs/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import type { Check } from '../../src/traffic/index.js';
import {
  canariesOf,
  expectNothingLeft,
  failureOf,
  fargateWorld,
  hostNetworkWorld,
  instanceWorld,
  nextOf,
  type RolloutWorld,
  stableDefinition,
  strayTargets,
  workerWorld,
} from '../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function callsOf(action: string) {
  return cloud.calls.filter((call) => call.action === action);
}

function registeredTargets({ targetGroupArns: [arn = ''] }: RolloutWorld) {
  const { targets } = cloud.elasticLoadBalancing.targetGroup(arn);
  return targets.filter(({ drainingUntil }) => drainingUntil === undefined);
}

const passes: Check = { name: 'errors', evaluate: async () => ({ outcome: 'pass', detail: 'none' }) };
const fails: Check = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: '7 % of 5xx' }) };

describe('a rollout that goes well', () => {
  test('Fargate behind two target groups: healthy in both, then updated, then cleaned up', async () => {
    const world = fargateWorld(cloud);
    const events: RolloutEvent[] = [];

    const result = await world.tools.rollOut(
      'blue',
      { taskDefinition: world.next },
      { onEvent: (event) => events.push(event) },
    );

    expect(result).toMatchObject({
      rolloutId: 'shop/web',
      service: 'updated',
      serviceIntact: true,
      taskDefinitionBefore: world.before,
      taskDefinitionAfter: nextOf(world),
      canaryTaskArn: expect.stringContaining(':task/shop/'),
    });
    expect(result.endedAt).toBeGreaterThan(result.startedAt);
    expect(result.history).toEqual(events);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'canaryRegistered')).toHaveLength(2);
    expect(types.lastIndexOf('targetHealthChanged')).toBeLessThan(types.indexOf('serviceUpdated'));
    expect(types.indexOf('serviceStable')).toBeLessThan(types.indexOf('canaryDeregistered'));
    expect(types.lastIndexOf('canaryDeregistered')).toBeLessThan(types.indexOf('canaryStopped'));
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test("Fargate: the canary has the service's own settings and tags", async () => {
    const world = fargateWorld(cloud);

    await world.tools.rollOut('blue', { taskDefinition: world.next }, { rolloutId: 'release 7' });

    const [call] = callsOf('ecs:RunTask');
    expect(call?.input).toMatchObject({
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'] } },
      tags: [
        { key: 'aws-blue-green-toolkit:rollout', value: 'release 7' },
        { key: 'aws-blue-green-toolkit:previous-task-definition', value: world.before },
        { key: 'team', value: 'shop' },
      ],
    });
  });

  test('EC2 behind a target group of instances: registered by the instance and its host port', async () => {
    const world = instanceWorld(cloud);

    const result = await world.tools.rollOut('blue', { taskDefinition: world.next });

    expect(result.service).toBe('updated');
    expect(callsOf('elasticloadbalancing:RegisterTargets')[0]?.input).toMatchObject({
      Targets: [{ Id: expect.stringMatching(/^i-/), Port: expect.any(Number) }],
    });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('EC2 with the network of the host: registered by the instance and the port of the container', async () => {
    const world = hostNetworkWorld(cloud);

    const result = await world.tools.rollOut('blue', { taskDefinition: world.next });

    expect(result.service).toBe('updated');
    expect(callsOf('elasticloadbalancing:RegisterTargets')[0]?.input).toMatchObject({
      Targets: [{ Id: expect.stringMatching(/^i-/), Port: 8080 }],
    });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expect(canariesOf(world)).toEqual([]);
    expect(registeredTargets(world)).toHaveLength(1);
  });

  test.each(['the EC2 instance ID', 'the ARN', 'the container instance ID'])(
    'EC2: the canary is placed on a given container instance, by %s',
    async (by) => {
      const world = instanceWorld(cloud);
      const { containerInstanceArn, ec2InstanceId } = cloud.ecs.addContainerInstance({ cluster: 'shop' });
      const containerInstance =
        by === 'the ARN'
          ? containerInstanceArn
          : by === 'the EC2 instance ID'
            ? ec2InstanceId
            : containerInstanceArn.replace(/^.*\//, '');

      const { canaryTaskArn } = await world.tools.rollOut(
        'blue',
        { taskDefinition: world.next },
        { containerInstance },
      );

      const canary = cloud.ecs.tasks('shop').find(({ taskArn }) => taskArn === canaryTaskArn);
      expect(canary?.containerInstanceArn).toBe(containerInstanceArn);
      expect(stableDefinition(world)).toBe(nextOf(world));
      expectNothingLeft(world);
    },
  );

  test('no load balancer: the canary runs for the idle time', async () => {
    const world = workerWorld(cloud);

    const result = await world.tools.rollOut('blue', { taskDefinition: world.next }, { idleSeconds: 90 });

    const at = (type: RolloutEvent['type']) => result.history.find((event) => event.type === type)?.at ?? 0;
    expect(at('serviceUpdated') - at('canaryStarted')).toBeGreaterThanOrEqual(90_000);
    expect(callsOf('ecs:RunTask')[0]?.input).toMatchObject({
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
    });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('container health checks are waited for', async () => {
    const world = fargateWorld(cloud, { healthCheck: true });

    const { history } = await world.tools.rollOut('blue', { taskDefinition: world.next });

    const types = history.map((event) => (event.type === 'canaryChanged' ? event.health : event.type));
    expect(types.indexOf('HEALTHY')).toBeLessThan(types.indexOf('canaryRegistered'));
    expect(types).toContain('HEALTHY');
    expectNothingLeft(world);
  });

  test('checks pass while the canary takes traffic', async () => {
    const world = fargateWorld(cloud);

    const { history } = await world.tools.rollOut(
      'blue',
      { taskDefinition: world.next },
      { checks: [passes], observeSeconds: 240 },
    );

    expect(history.filter(({ type }) => type === 'checkEvaluated')).toHaveLength(4);
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('a task definition that is registered already is taken by its ARN', async () => {
    const world = fargateWorld(cloud);
    const registered = cloud.ecs.addTaskDefinition(world.next);

    const result = await world.tools.rollOut('blue', { taskDefinition: registered });

    expect(result.taskDefinitionAfter).toBe(registered);
    expect(callsOf('ecs:RegisterTaskDefinition')).toEqual([]);
    expect(stableDefinition(world)).toBe(registered);
  });

  test('a service that runs the task definition already is only waited for', async () => {
    const world = fargateWorld(cloud);
    await world.tools.rollOut('blue', { taskDefinition: world.next });
    const calls = cloud.calls.length;

    const again = await world.tools.rollOut('blue', { taskDefinition: world.next });

    expect(again).toMatchObject({ service: 'unchanged', canaryTaskArn: undefined });
    expect(cloud.ecs.taskDefinitions('web')).toHaveLength(2);
    expect(cloud.calls.slice(calls).map(({ action }) => action)).not.toContain('ecs:UpdateService');
  });

  test("the service's other settings are updated, too, when that is asked for", async () => {
    const world = fargateWorld(cloud);
    const service = {
      serviceName: 'web',
      desiredCount: 9,
      launchType: 'FARGATE',
      healthCheckGracePeriodSeconds: 33,
    } as const;

    await world.tools.rollOut('blue', { taskDefinition: world.next, service }, { updateSettings: true });

    const { settings, desiredCount } = cloud.ecs.service('shop', 'web');
    expect({ grace: settings.healthCheckGracePeriodSeconds, desiredCount }).toEqual({
      grace: 33,
      desiredCount: 2,
    });
  });
});

describe('a canary that fails leaves the service intact', () => {
  const cases: Record<
    string,
    {
      phase: RolloutPhase;
      arrange: (world: RolloutWorld) => void;
      expected: Partial<RolloutError>;
      message: RegExp;
      make?: (cloud: SimulatedCloud) => RolloutWorld;
    }
  > = {
    'a bad image: the task stops at once': {
      phase: 'startCanary',
      arrange: () => cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'imageNotFound' }),
      expected: { stoppedReason: expect.stringContaining('CannotPullContainerError'), exitCodes: {} },
      message: /CannotPullContainerError/,
    },
    'exit 1: the task stops at once': {
      phase: 'startCanary',
      arrange: () => cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'exits' }),
      expected: {
        stoppedReason: expect.stringContaining('Essential container in task exited'),
        exitCodes: { app: 1 },
      },
      message: /app exited with 1/,
    },
    'the task exits once it takes traffic': {
      phase: 'targetHealth',
      arrange: () =>
        cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'exits', exitCode: 137, afterSeconds: 20 }),
      expected: { exitCodes: { app: 137 } },
      message: /app exited with 137/,
    },
    'the task never runs': {
      phase: 'startCanary',
      arrange: () => cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'staysPending' }),
      expected: { stoppedReason: undefined },
      message: /not ready after 600 s.*PENDING/,
    },
    'there is no room': {
      phase: 'startCanary',
      arrange: () => cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'noCapacity' }),
      expected: { canaryTaskArn: undefined },
      message: /Capacity is unavailable/,
    },
    'the container health check fails': {
      phase: 'containerHealth',
      arrange: () => cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'containerUnhealthy' }),
      make: (it) => fargateWorld(it, { healthCheck: true }),
      expected: {},
      message: /UNHEALTHY/,
    },
    'the target is never healthy': {
      phase: 'targetHealth',
      arrange: () => cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'targetUnhealthy' }),
      expected: {},
      message: /not ready after 900 s.*unhealthy/,
    },
    'the target is never healthy in one of two target groups': {
      phase: 'targetHealth',
      arrange: () =>
        cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'targetUnhealthy', targetGroup: 'admin' }),
      expected: {},
      message: /unhealthy in [^,]*\/admin\//,
    },
  };

  test.each(Object.entries(cases))('%s', async (_title, { phase, arrange, expected, message, make }) => {
    const world = (make ?? fargateWorld)(cloud);
    arrange(world);

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase, service: 'unchanged', serviceIntact: true, leftovers: [] });
    expect(failure).toMatchObject(expected);
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain('The service is intact');
    expect(stableDefinition(world)).toBe(world.before);
    expect(callsOf('ecs:UpdateService')).toEqual([]);
    expectNothingLeft(world);
  });

  test('an instance target that is never healthy', async () => {
    const world = instanceWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'targetUnhealthy' });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', service: 'unchanged' });
    expectNothingLeft(world);
  });

  test('a check that fails while it takes traffic', async () => {
    const world = fargateWorld(cloud);

    const failure = await failureOf(
      world.tools.rollOut('blue', { taskDefinition: world.next }, { checks: [fails] }),
    );

    expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged', serviceIntact: true });
    expect(failure.message).toContain('7 % of 5xx');
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('a worker that exits during its idle time', async () => {
    const world = workerWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'exits', exitCode: 3, afterSeconds: 8 });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged', exitCodes: { app: 3 } });
    expectNothingLeft(world);
  });
});

describe('a service that does not become stable', () => {
  test('is rolled back to its previous task definition, and tells why its tasks stopped', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits', exitCode: 9 });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({
      phase: 'serviceStable',
      service: 'rolledBack',
      serviceIntact: true,
      exitCodes: { app: 9 },
      leftovers: [],
    });
    expect(failure.message).toContain('rolled back to its previous task definition');
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('is left as it is when that is asked for', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

    const failure = await failureOf(
      world.tools.rollOut('blue', { taskDefinition: world.next }, { onUnstable: 'leave' }),
    );

    expect(failure).toMatchObject({ phase: 'serviceStable', service: 'unsettled', serviceIntact: false });
    expect(callsOf('ecs:UpdateService')).toHaveLength(1);
    expectNothingLeft(world);
  });

  test.each([{ onUnstable: 'rollBack' }, { onUnstable: 'leave' }] as const)(
    'and that the circuit breaker rolled back by itself is a failure, not a success ($onUnstable)',
    async (options) => {
      const world = fargateWorld(cloud, { circuitBreaker: { rollback: true } });
      cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

      const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }, options));

      expect(failure).toMatchObject({ phase: 'serviceStable', service: 'rolledBack', serviceIntact: true });
      expect(failure.message).toContain('failed or was rolled back');
      expect(stableDefinition(world)).toBe(world.before);
      expectNothingLeft(world);
    },
  );

  test('and whose circuit breaker only gave up is rolled back', async () => {
    const world = fargateWorld(cloud, { circuitBreaker: { rollback: false } });
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'serviceStable', service: 'rolledBack' });
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('gets its settings back with its task definition', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    cloud.ecs.service('shop', 'web').settings = {
      ...cloud.ecs.service('shop', 'web').settings,
      healthCheckGracePeriodSeconds: 11,
    };

    await failureOf(
      world.tools.rollOut(
        'blue',
        { taskDefinition: world.next, service: { healthCheckGracePeriodSeconds: 33 } },
        { updateSettings: true },
      ),
    );

    expect(cloud.ecs.service('shop', 'web').settings.healthCheckGracePeriodSeconds).toBe(11);
    expect(stableDefinition(world)).toBe(world.before);
  });

  test('and cannot be rolled back is told to be unsettled; the canary is cleaned up all the same', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    let updates = 0;
    const rollout = world.tools.rollOut(
      'blue',
      { taskDefinition: world.next },
      {
        onEvent: ({ type }) => {
          if (type === 'serviceUpdated' && ++updates === 1)
            cloud.injectFault({
              kind: 'accessDenied',
              action: 'ecs:UpdateService',
              times: Number.POSITIVE_INFINITY,
            });
        },
      },
    );

    const failure = await failureOf(rollout);

    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(failure.leftovers.join()).toContain('could not be rolled back');
    expectNothingLeft(world);
  });

  test.each(['throttle', 'serverError'] as const)(
    'and that cannot be looked at for some seconds is not rolled back: %s',
    async (kind) => {
      const world = fargateWorld(cloud);
      const onEvent = ({ type }: RolloutEvent) => {
        if (type === 'serviceUpdated') cloud.injectFault({ kind, action: 'ecs:DescribeServices', times: 6 });
      };

      const { service } = await world.tools.rollOut('blue', { taskDefinition: world.next }, { onEvent });

      expect(service).toBe('updated');
      expect(stableDefinition(world)).toBe(nextOf(world));
      expectNothingLeft(world);
    },
  );

  test('an update that AWS refuses leaves it unchanged', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:UpdateService', times: Number.POSITIVE_INFINITY });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'updateService', service: 'unchanged', serviceIntact: true });
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });
});

describe('an abort', () => {
  const phases: readonly RolloutPhase[] = [
    'prepare',
    'registerTaskDefinition',
    'startCanary',
    'containerHealth',
    'targetHealth',
    'observe',
    'updateService',
    'serviceStable',
  ];

  /** Aborts as soon as the phase begins, or some seconds later. */
  function rollOutAndAbort(
    world: RolloutWorld,
    phase: RolloutPhase,
    afterSeconds: number,
    onAbort = 'rollBack',
  ) {
    const controller = new AbortController();
    const abort = () => controller.abort(new Error('Enough'));
    return world.tools.rollOut(
      'blue',
      { taskDefinition: world.next },
      {
        signal: controller.signal,
        checks: [passes],
        onAbort: onAbort as 'rollBack' | 'leave',
        onEvent: (event) => {
          if (event.type !== 'phaseStarted' || event.phase !== phase) return;
          if (afterSeconds === 0) abort();
          else cloud.clock.schedule(afterSeconds, abort);
        },
      },
    );
  }

  test.each(phases)(
    'as the phase %s begins leaves the service as it was, and nothing behind',
    async (phase) => {
      const world = fargateWorld(cloud, { healthCheck: true });

      const failure = await failureOf(rollOutAndAbort(world, phase, 0));

      expect(failure).toMatchObject({ phase, serviceIntact: true, leftovers: [] });
      expect(failure.message).toContain('Aborted');
      expect(stableDefinition(world)).toBe(world.before);
      expectNothingLeft(world);
    },
  );

  test.each(['startCanary', 'containerHealth', 'targetHealth', 'observe', 'serviceStable'] as const)(
    'in the middle of the phase %s leaves the service as it was, and nothing behind',
    async (phase) => {
      const world = fargateWorld(cloud, { healthCheck: true });

      const failure = await failureOf(rollOutAndAbort(world, phase, 3));

      const service = phase === 'serviceStable' ? 'rolledBack' : 'unchanged';
      expect(failure).toMatchObject({ phase, service, serviceIntact: true, leftovers: [] });
      expect(stableDefinition(world)).toBe(world.before);
      expectNothingLeft(world);
    },
  );

  test.each([0, 3])(
    'during the cleaning up comes too late: the rollout succeeds (after %d s)',
    async (after) => {
      const world = fargateWorld(cloud);

      await expect(rollOutAndAbort(world, 'cleanUp', after)).resolves.toMatchObject({ service: 'updated' });

      expect(stableDefinition(world)).toBe(nextOf(world));
      expectNothingLeft(world);
    },
  );

  test('after the update leaves the service to ECS, when that is asked for', async () => {
    const world = fargateWorld(cloud);

    const failure = await failureOf(rollOutAndAbort(world, 'serviceStable', 3, 'leave'));
    await cloud.clock.sleep(300_000);

    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('before anything was begun changes nothing', async () => {
    const world = fargateWorld(cloud);

    const failure = await failureOf(
      world.tools.rollOut('blue', { taskDefinition: world.next }, { signal: AbortSignal.abort() }),
    );

    expect(failure).toMatchObject({ phase: 'prepare', service: 'unchanged' });
    expect(cloud.calls).toEqual([]);
  });
});

describe('cleaning up', () => {
  test('that is refused is a failure, though the service is updated', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:StopTask', times: Number.POSITIVE_INFINITY });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'cleanUp', service: 'updated', serviceIntact: true });
    expect(failure.leftovers).toHaveLength(1);
    expect(strayTargets(world)).toEqual([]);
  });

  test('ends the traffic to a canary whose health cannot be read, and stops it', async () => {
    const world = fargateWorld(cloud);
    const action = 'elasticloadbalancing:DescribeTargetHealth';
    cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', service: 'unchanged' });
    expect(failure.leftovers.join()).toContain(action);
    expectNothingLeft(world);
  });

  test.each(['canaryStarted', 'canaryRegistered', 'serviceUpdated'])(
    'of a canary that cannot be looked at any more ends its traffic and stops it: after %s',
    async (when) => {
      const world = fargateWorld(cloud);
      const onEvent = ({ type }: RolloutEvent) => {
        const action = 'ecs:DescribeTasks';
        if (type === when)
          cloud.injectFault({ kind: 'serverError', action, times: Number.POSITIVE_INFINITY });
      };

      const failure = await failureOf(
        world.tools.rollOut('blue', { taskDefinition: world.next }, { onEvent }),
      );
      await cloud.clock.sleep(60_000);

      expect(failure.leftovers).toHaveLength(1);
      expectNothingLeft(world);
    },
  );

  test('is done by the next run of the same rollout', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({
      kind: 'accessDenied',
      action: 'elasticloadbalancing:DeregisterTargets',
      times: Number.POSITIVE_INFINITY,
    });
    await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));
    expect(canariesOf(world)).toHaveLength(1);
    expect(strayTargets(world)).toHaveLength(2);
    cloud.clearFaults();

    const { history } = await world.tools.rollOut('blue', { taskDefinition: world.next });

    expect(history.map(({ type }) => type)).toContain('leftoverFound');
    expectNothingLeft(world);
  });

  test('leaves the canaries of another rollout alone', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({
      kind: 'accessDenied',
      action: 'elasticloadbalancing:DeregisterTargets',
      times: Number.POSITIVE_INFINITY,
    });
    await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }, { rolloutId: 'one' }));
    cloud.clearFaults();

    await world.tools.rollOut('blue', { taskDefinition: world.next }, { rolloutId: 'other' });

    expect(canariesOf(world)).toHaveLength(1);
  });

  test('takes a canary with the network of its host out of its target group, after a crash', async () => {
    const world = hostNetworkWorld(cloud);
    cloud.injectFault({ kind: 'crashAfter', action: 'elasticloadbalancing:RegisterTargets' });
    await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));
    cloud.restart();
    expect(registeredTargets(world)).toHaveLength(2);

    await world.tools.rollOut('blue', { taskDefinition: world.before });

    expect(canariesOf(world)).toEqual([]);
    expect(registeredTargets(world)).toHaveLength(1);
  });

  test('takes a canary that stopped by itself out of its target groups, also after a crash', async () => {
    const world = fargateWorld(cloud);
    const crash = { kind: 'crashBefore', action: 'ecs:UpdateService' } as const;
    cloud.injectFault(crash);
    await world.tools.rollOut('blue', { taskDefinition: world.next }).catch(() => undefined);
    cloud.restart();
    cloud.clearFaults();
    const [canary] = canariesOf(world);
    await cloud.clients.ecs.send(new StopTaskCommand({ cluster: 'shop', task: canary?.taskArn }));
    await cloud.clock.sleep(60_000);
    expect(canariesOf(world)).toEqual([]);
    expect(strayTargets(world)).toHaveLength(2);

    await world.tools.rollOut('blue', { taskDefinition: world.next });

    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });
});

describe('faults of canarycage', () => {
  test('a panic in the middle is swallowed and reported as success', async () => {
    const world = fargateWorld(cloud);
    const panics: Check = {
      name: 'panics',
      evaluate: () => {
        throw new TypeError('nil pointer');
      },
    };

    const failure = await failureOf(
      world.tools.rollOut(
        'blue',
        { taskDefinition: world.next },
        { checks: [panics], policy: { errorThreshold: 1 } },
      ),
    );

    expect(failure.message).toContain('nil pointer');
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('a panic in the middle is swallowed: a broken answer of AWS is a failure, too', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({
      kind: new TypeError('broken answer'),
      action: 'elasticloadbalancing:DescribeTargetHealth',
      times: 1,
    });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', serviceIntact: true });
    expectNothingLeft(world);
  });

  test('nothing is rolled back once the service is updated', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'targetUnhealthy' });

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure.service).toBe('rolledBack');
    expect(stableDefinition(world)).toBe(world.before);
  });
});
