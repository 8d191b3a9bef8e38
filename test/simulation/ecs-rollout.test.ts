import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RolloutError, RolloutEvent, RolloutPhase } from '../../src/ecs-rollout/index.js';
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
  noLeftovers,
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

describe('EcsRollout › rollOut › of a good task definition', () => {
  test('updates the service after the canary is healthy in both target groups, and then cleans up (Fargate)', async () => {
    const world = fargateWorld(cloud);
    const events: RolloutEvent[] = [];

    const result = await world.rollout.rollOut(
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

  test("starts the canary with the service's own settings and tags (Fargate)", async () => {
    const world = fargateWorld(cloud);

    await world.rollout.rollOut({ taskDefinition: world.next }, { rolloutId: 'release 7' });

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

  test('registers the instance and the host port (EC2, bridge)', async () => {
    const world = instanceWorld(cloud);

    const result = await world.rollout.rollOut({ taskDefinition: world.next });

    expect(result.service).toBe('updated');
    expect(callsOf('elasticloadbalancing:RegisterTargets')[0]?.input).toMatchObject({
      Targets: [{ Id: expect.stringMatching(/^i-/), Port: expect.any(Number) }],
    });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('registers the instance and the port of the container (EC2, host)', async () => {
    const world = hostNetworkWorld(cloud);

    const result = await world.rollout.rollOut({ taskDefinition: world.next });

    expect(result.service).toBe('updated');
    expect(callsOf('elasticloadbalancing:RegisterTargets')[0]?.input).toMatchObject({
      Targets: [{ Id: expect.stringMatching(/^i-/), Port: 8080 }],
    });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expect(canariesOf(world)).toEqual([]);
    expect(registeredTargets(world)).toHaveLength(1);
  });

  test.each(['the EC2 instance ID', 'the ARN', 'the container instance ID'])(
    'places the canary on a given container instance by %s (EC2)',
    async (by) => {
      const world = instanceWorld(cloud);
      const { containerInstanceArn, ec2InstanceId } = cloud.ecs.addContainerInstance({ cluster: 'shop' });
      const containerInstance =
        by === 'the ARN'
          ? containerInstanceArn
          : by === 'the EC2 instance ID'
            ? ec2InstanceId
            : containerInstanceArn.replace(/^.*\//, '');

      const { canaryTaskArn } = await world.rollout.rollOut(
        { taskDefinition: world.next },
        { containerInstance },
      );

      const canary = cloud.ecs.tasks('shop').find(({ taskArn }) => taskArn === canaryTaskArn);
      expect(canary?.containerInstanceArn).toBe(containerInstanceArn);
      expect(stableDefinition(world)).toBe(nextOf(world));
      expectNothingLeft(world);
    },
  );

  test('watches the canary for the idle time without a load balancer', async () => {
    const world = workerWorld(cloud);

    const result = await world.rollout.rollOut({ taskDefinition: world.next }, { idleSeconds: 90 });

    const at = (type: RolloutEvent['type']) => result.history.find((event) => event.type === type)?.at ?? 0;
    expect(at('serviceUpdated') - at('canaryStarted')).toBeGreaterThanOrEqual(90_000);
    expect(callsOf('ecs:RunTask')[0]?.input).toMatchObject({
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
    });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('waits for container health checks', async () => {
    const world = fargateWorld(cloud, { healthCheck: true });

    const { history } = await world.rollout.rollOut({ taskDefinition: world.next });

    const types = history.map((event) => (event.type === 'canaryChanged' ? event.health : event.type));
    expect(types.indexOf('HEALTHY')).toBeLessThan(types.indexOf('canaryRegistered'));
    expect(types).toContain('HEALTHY');
    expectNothingLeft(world);
  });

  test('evaluates the checks while the canary takes traffic', async () => {
    const world = fargateWorld(cloud);

    const { history } = await world.rollout.rollOut(
      { taskDefinition: world.next },
      { checks: [passes], observeSeconds: 240 },
    );

    expect(history.filter(({ type }) => type === 'checkEvaluated')).toHaveLength(4);
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('accepts the ARN of a registered task definition', async () => {
    const world = fargateWorld(cloud);
    const registered = cloud.ecs.addTaskDefinition(world.next);

    const result = await world.rollout.rollOut({ taskDefinition: registered });

    expect(result.taskDefinitionAfter).toBe(registered);
    expect(callsOf('ecs:RegisterTaskDefinition')).toEqual([]);
    expect(stableDefinition(world)).toBe(registered);
  });

  test('only waits for a service that runs the task definition already', async () => {
    const world = fargateWorld(cloud);
    await world.rollout.rollOut({ taskDefinition: world.next });
    const calls = cloud.calls.length;

    const again = await world.rollout.rollOut({ taskDefinition: world.next });

    expect(again).toMatchObject({ service: 'unchanged', canaryTaskArn: undefined });
    expect(cloud.ecs.taskDefinitions('web')).toHaveLength(2);
    expect(cloud.calls.slice(calls).map(({ action }) => action)).not.toContain('ecs:UpdateService');
  });

  test("updates the service's other settings with updateSettings", async () => {
    const world = fargateWorld(cloud);
    const service = {
      serviceName: 'web',
      desiredCount: 9,
      launchType: 'FARGATE',
      healthCheckGracePeriodSeconds: 33,
    } as const;

    await world.rollout.rollOut({ taskDefinition: world.next, service }, { updateSettings: true });

    const { settings, desiredCount } = cloud.ecs.service('shop', 'web');
    expect({ grace: settings.healthCheckGracePeriodSeconds, desiredCount }).toEqual({
      grace: 33,
      desiredCount: 2,
    });
  });
});

describe('EcsRollout › rollOut › leaves the service intact after a failed canary', () => {
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

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({
      phase,
      service: 'unchanged',
      serviceIntact: true,
      leftovers: noLeftovers,
    });
    expect(failure).toMatchObject(expected);
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain('The service is intact');
    expect(stableDefinition(world)).toBe(world.before);
    expect(callsOf('ecs:UpdateService')).toEqual([]);
    expectNothingLeft(world);
  });

  test('fails for an instance target that is never healthy', async () => {
    const world = instanceWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'targetUnhealthy' });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', service: 'unchanged' });
    expectNothingLeft(world);
  });

  test('fails for a check that fails while the canary takes traffic', async () => {
    const world = fargateWorld(cloud);

    const failure = await failureOf(
      world.rollout.rollOut({ taskDefinition: world.next }, { checks: [fails] }),
    );

    expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged', serviceIntact: true });
    expect(failure.message).toContain('7 % of 5xx');
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('fails for a worker that exits during its idle time', async () => {
    const world = workerWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'exits', exitCode: 3, afterSeconds: 8 });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged', exitCodes: { app: 3 } });
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › when the service does not become stable', () => {
  test('rolls back, and throws with the reason why the tasks stopped', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits', exitCode: 9 });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({
      phase: 'serviceStable',
      service: 'rolledBack',
      serviceIntact: true,
      exitCodes: { app: 9 },
      leftovers: noLeftovers,
    });
    expect(failure.message).toContain('rolled back to its previous task definition');
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('leaves the service as it is with onUnstable leave', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

    const failure = await failureOf(
      world.rollout.rollOut({ taskDefinition: world.next }, { onUnstable: 'leave' }),
    );

    expect(failure).toMatchObject({ phase: 'serviceStable', service: 'unsettled', serviceIntact: false });
    expect(callsOf('ecs:UpdateService')).toHaveLength(1);
    expectNothingLeft(world);
  });

  test.each([{ onUnstable: 'rollBack' }, { onUnstable: 'leave' }] as const)(
    'throws when the circuit breaker rolled it back ($onUnstable)',
    async (options) => {
      const world = fargateWorld(cloud, { circuitBreaker: { rollback: true } });
      cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

      const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }, options));

      expect(failure).toMatchObject({ phase: 'serviceStable', service: 'rolledBack', serviceIntact: true });
      expect(failure.message).toContain('failed or was rolled back');
      expect(stableDefinition(world)).toBe(world.before);
      expectNothingLeft(world);
    },
  );

  test('rolls back after a circuit breaker without rollback', async () => {
    const world = fargateWorld(cloud, { circuitBreaker: { rollback: false } });
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'serviceStable', service: 'rolledBack' });
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('restores the settings with the task definition', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    cloud.ecs.service('shop', 'web').settings = {
      ...cloud.ecs.service('shop', 'web').settings,
      healthCheckGracePeriodSeconds: 11,
    };

    await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next, service: { healthCheckGracePeriodSeconds: 33 } },
        { updateSettings: true },
      ),
    );

    expect(cloud.ecs.service('shop', 'web').settings.healthCheckGracePeriodSeconds).toBe(11);
    expect(stableDefinition(world)).toBe(world.before);
  });

  test('returns unsettled when the rollback fails, and cleans up the canary', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    let updates = 0;
    const rollout = world.rollout.rollOut(
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
    expect(failure.leftovers.problems.join()).toContain('could not be rolled back');
    expectNothingLeft(world);
  });

  test.each(['throttle', 'serverError'] as const)(
    'does not roll back a service that cannot be read for some seconds: %s',
    async (kind) => {
      const world = fargateWorld(cloud);
      const onEvent = ({ type }: RolloutEvent) => {
        if (type === 'serviceUpdated') cloud.injectFault({ kind, action: 'ecs:DescribeServices', times: 6 });
      };

      const { service } = await world.rollout.rollOut({ taskDefinition: world.next }, { onEvent });

      expect(service).toBe('updated');
      expect(stableDefinition(world)).toBe(nextOf(world));
      expectNothingLeft(world);
    },
  );

  test('leaves the service unchanged when AWS refuses the update', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:UpdateService', times: Number.POSITIVE_INFINITY });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'updateService', service: 'unchanged', serviceIntact: true });
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › after an abort', () => {
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
    return world.rollout.rollOut(
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
    'leaves the service unchanged, without leftovers: at the start of the phase %s',
    async (phase) => {
      const world = fargateWorld(cloud, { healthCheck: true });

      const failure = await failureOf(rollOutAndAbort(world, phase, 0));

      expect(failure).toMatchObject({ phase, serviceIntact: true, leftovers: noLeftovers });
      expect(failure.message).toContain('Aborted');
      expect(stableDefinition(world)).toBe(world.before);
      expectNothingLeft(world);
    },
  );

  test.each(['startCanary', 'containerHealth', 'targetHealth', 'observe', 'serviceStable'] as const)(
    'leaves the service unchanged, without leftovers: during the phase %s',
    async (phase) => {
      const world = fargateWorld(cloud, { healthCheck: true });

      const failure = await failureOf(rollOutAndAbort(world, phase, 3));

      const service = phase === 'serviceStable' ? 'rolledBack' : 'unchanged';
      expect(failure).toMatchObject({ phase, service, serviceIntact: true, leftovers: noLeftovers });
      expect(stableDefinition(world)).toBe(world.before);
      expectNothingLeft(world);
    },
  );

  test.each([0, 3])('succeeds after an abort %d s into the cleanup', async (after) => {
    const world = fargateWorld(cloud);

    await expect(rollOutAndAbort(world, 'cleanUp', after)).resolves.toMatchObject({ service: 'updated' });

    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('leaves the updated service to ECS with onAbort leave', async () => {
    const world = fargateWorld(cloud);

    const failure = await failureOf(rollOutAndAbort(world, 'serviceStable', 3, 'leave'));
    await cloud.clock.sleep(300_000);

    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('changes nothing when it is aborted before its first call', async () => {
    const world = fargateWorld(cloud);

    const failure = await failureOf(
      world.rollout.rollOut({ taskDefinition: world.next }, { signal: AbortSignal.abort() }),
    );

    expect(failure).toMatchObject({ phase: 'prepare', service: 'unchanged' });
    expect(cloud.calls).toEqual([]);
  });
});

describe('EcsRollout › rollOut › in its cleanup', () => {
  test('fails when the cleanup is refused, although the service is updated', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:StopTask', times: Number.POSITIVE_INFINITY });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'cleanUp', service: 'updated', serviceIntact: true });
    expect(failure.leftovers.problems).toHaveLength(1);
    expect(strayTargets(world)).toEqual([]);
  });

  test('ends the traffic to a canary whose health cannot be read, and stops it', async () => {
    const world = fargateWorld(cloud);
    const action = 'elasticloadbalancing:DescribeTargetHealth';
    cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', service: 'unchanged' });
    expect(failure.leftovers.problems.join()).toContain(action);
    expectNothingLeft(world);
  });

  test.each(['canaryStarted', 'canaryRegistered', 'serviceUpdated'])(
    'ends the traffic to a canary that cannot be read any more, and stops it: after %s',
    async (when) => {
      const world = fargateWorld(cloud);
      const onEvent = ({ type }: RolloutEvent) => {
        const action = 'ecs:DescribeTasks';
        if (type === when)
          cloud.injectFault({ kind: 'serverError', action, times: Number.POSITIVE_INFINITY });
      };

      const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }, { onEvent }));
      await cloud.clock.sleep(60_000);

      expect(failure.leftovers.problems).toHaveLength(1);
      expectNothingLeft(world);
    },
  );

  test('cleans up the canary of an earlier run of the same rollout', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({
      kind: 'accessDenied',
      action: 'elasticloadbalancing:DeregisterTargets',
      times: Number.POSITIVE_INFINITY,
    });
    await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));
    expect(canariesOf(world)).toHaveLength(1);
    expect(strayTargets(world)).toHaveLength(2);
    cloud.clearFaults();

    const { history } = await world.rollout.rollOut({ taskDefinition: world.next });

    expect(history.map(({ type }) => type)).toContain('leftoverFound');
    expectNothingLeft(world);
  });

  test('leaves the canaries of another rollout unchanged', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({
      kind: 'accessDenied',
      action: 'elasticloadbalancing:DeregisterTargets',
      times: Number.POSITIVE_INFINITY,
    });
    await failureOf(world.rollout.rollOut({ taskDefinition: world.next }, { rolloutId: 'one' }));
    cloud.clearFaults();

    await world.rollout.rollOut({ taskDefinition: world.next }, { rolloutId: 'other' });

    expect(canariesOf(world)).toHaveLength(1);
  });

  test('deregisters a canary on the host network after a crash', async () => {
    const world = hostNetworkWorld(cloud);
    cloud.injectFault({ kind: 'crashAfter', action: 'elasticloadbalancing:RegisterTargets' });
    await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));
    cloud.restart();
    expect(registeredTargets(world)).toHaveLength(2);

    await world.rollout.rollOut({ taskDefinition: world.before });

    expect(canariesOf(world)).toEqual([]);
    expect(registeredTargets(world)).toHaveLength(1);
  });

  test('deregisters a canary that stopped by itself, even after a crash', async () => {
    const world = fargateWorld(cloud);
    const crash = { kind: 'crashBefore', action: 'ecs:UpdateService' } as const;
    cloud.injectFault(crash);
    await world.rollout.rollOut({ taskDefinition: world.next }).catch(() => undefined);
    cloud.restart();
    cloud.clearFaults();
    const [canary] = canariesOf(world);
    await cloud.clients.ecs.send(new StopTaskCommand({ cluster: 'shop', task: canary?.taskArn }));
    await cloud.clock.sleep(60_000);
    expect(canariesOf(world)).toEqual([]);
    expect(strayTargets(world)).toHaveLength(2);

    await world.rollout.rollOut({ taskDefinition: world.next });

    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › unlike canarycage', () => {
  test('fails when an unexpected error is thrown in the middle', async () => {
    const world = fargateWorld(cloud);
    const panics: Check = {
      name: 'panics',
      evaluate: () => {
        throw new TypeError('nil pointer');
      },
    };

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next },
        { checks: [panics], policy: { errorThreshold: 1 } },
      ),
    );

    expect(failure.message).toContain('nil pointer');
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('fails after a malformed response of AWS', async () => {
    const world = fargateWorld(cloud);
    cloud.injectFault({
      kind: new TypeError('broken response'),
      action: 'elasticloadbalancing:DescribeTargetHealth',
      times: Number.POSITIVE_INFINITY,
    });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', serviceIntact: true });
    expect(failure.cause).toMatchObject({ name: 'WaitTimeoutError' });
    expect(failure.message).toContain('no response');
    expect(failure.message).toContain('broken response');
    expectNothingLeft(world);
  });

  test('rolls back after the update of the service', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'targetUnhealthy' });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure.service).toBe('rolledBack');
    expect(stableDefinition(world)).toBe(world.before);
  });
});
