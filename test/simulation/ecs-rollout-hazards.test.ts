import { type Service, StopTaskCommand, type Task, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { EcsRollout, type RollOutOptions, type RolloutEvent } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  canariesOf,
  expectNothingLeft,
  failureOf,
  fargateWorld,
  instanceWorld,
  nextOf,
  noLeftovers,
  type RolloutWorld,
  stableDefinition,
  workerWorld,
} from '../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

/** Acts at the first event of a type. */
function at(type: RolloutEvent['type'], act: () => void): Pick<RollOutOptions, 'onEvent'> {
  let isDone = false;
  return {
    onEvent: (event) => {
      if (event.type !== type || isDone) return;
      isDone = true;
      act();
    },
  };
}

interface EcsResponse {
  readonly tasks?: Task[];
  readonly services?: Service[];
}

/** Changes the responses of an operation of ECS. */
function changeResponses(operation: string, change: (response: EcsResponse) => object): void {
  cloud.clients.ecs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        const isMeant = commandName === `${operation}Command`;
        return isMeant
          ? { ...answer, output: { ...answer.output, ...change(answer.output as EcsResponse) } }
          : answer;
      },
    { step: 'initialize' },
  );
}

describe('EcsRollout › rollOut › with target groups of weight 0', () => {
  test('waits until the canary is healthy in them', async () => {
    const world = fargateWorld(cloud, { isIdle: true });

    const result = await world.rollout.rollOut({ taskDefinition: world.next });

    const states = result.history.flatMap((event) =>
      event.type === 'targetHealthChanged' ? event.state : [],
    );
    expect(states.filter((state) => state === 'healthy')).toHaveLength(2);
    expect(states).not.toContain('unused');
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('fails when the canary is unhealthy in one of them', async () => {
    const world = fargateWorld(cloud, { isIdle: true });
    cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'targetUnhealthy', targetGroup: 'admin' });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', service: 'unchanged' });
    expect(failure.message).toMatch(/unhealthy in [^,]*\/admin\//);
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › with target groups that no listener and no rule names', () => {
  test('fails after a minute, not after the whole time limit', async () => {
    const world = fargateWorld(cloud, { isDetached: true });
    const startedAt = cloud.clock.now();

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', service: 'unchanged' });
    expect(failure.message).toMatch(/is not in use.*Target\.NotInUse.*weight 0.*unusedTargets/s);
    expect(cloud.clock.now() - startedAt).toBeLessThan(180_000);
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test("waits for the idle time with unusedTargets: 'accept'", async () => {
    const world = fargateWorld(cloud, { isDetached: true });

    const result = await world.rollout.rollOut(
      { taskDefinition: world.next },
      { unusedTargets: 'accept', idleSeconds: 120 },
    );

    const timeOf = (type: RolloutEvent['type']) =>
      result.history.find((event) => event.type === type)?.at ?? 0;
    expect(timeOf('serviceUpdated') - timeOf('canaryRegistered')).toBeGreaterThanOrEqual(120_000);
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('fails when checks have no data', async () => {
    const world = fargateWorld(cloud, { isDetached: true });
    const evaluate = async () => ({ outcome: 'inconclusive', detail: 'no data' }) as const;

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next },
        { unusedTargets: 'accept', checks: [{ name: 'errors', evaluate }] },
      ),
    );

    expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged' });
  });
});

describe('EcsRollout › rollOut', () => {
  test('waits an hour for the draining of a target group', async () => {
    const world = fargateWorld(cloud, { drainingSeconds: 3600 });

    const result = await world.rollout.rollOut({ taskDefinition: world.next });

    expect(result).toMatchObject({ service: 'updated' });
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › with a canary', () => {
  test('fails when a container becomes unhealthy while the canary is watched', async () => {
    const world = fargateWorld(cloud, { healthCheck: true });
    const rollout = world.rollout.rollOut(
      { taskDefinition: world.next },
      {
        observeSeconds: 600,
        ...at('canaryRegistered', () => {
          cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'containerUnhealthy' });
        }),
      },
    );

    const failure = await failureOf(rollout);

    expect(failure).toMatchObject({
      phase: expect.stringMatching(/targetHealth|observe/),
      service: 'unchanged',
    });
    expect(failure.message).toContain('UNHEALTHY');
    expectNothingLeft(world);
  });

  test('keeps the target of the service task that has the address of a stopped canary', async () => {
    const world = fargateWorld(cloud);
    let address: string | undefined;
    changeResponses('DescribeTasks', ({ tasks = [] }) => {
      const interfaces = tasks.find(({ group }) => group === 'service:web')?.containers?.[0]
        ?.networkInterfaces;
      if (address !== undefined && interfaces?.[0]) interfaces[0].privateIpv4Address = address;
      return { tasks };
    });

    const result = await world.rollout.rollOut(
      { taskDefinition: world.next },
      at('serviceUpdated', () => {
        const [canary] = canariesOf(world);
        address = canary?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address;
        void cloud.clients.ecs.send(new StopTaskCommand({ cluster: 'shop', task: canary?.taskArn }));
      }),
    );

    expect(result.service).toBe('updated');
    expect(address).toBeDefined();
    expect(cloud.calls.map(({ action }) => action)).not.toContain('elasticloadbalancing:DeregisterTargets');
  });

  test('keeps the target of the service task that gets the port of the canary during a repeated deregistration', async () => {
    const world = instanceWorld(cloud, { isQuick: true });
    const stop = (task: Task | undefined) =>
      cloud.ecs.operations.StopTask({ cluster: 'shop', task: task?.taskArn });
    const portOf = (task: Task | undefined) => task?.containers?.[0]?.networkBindings?.[0]?.hostPort;
    const canary = () => canariesOf(world)[0];
    let port: number | undefined;

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next },
        at('canaryRegistered', () => {
          cloud.injectFault({
            kind: 'serverError',
            action: 'elasticloadbalancing:DeregisterTargets',
            times: 30,
          });
          port = portOf(canary());
          stop(canary());
          cloud.clock.schedule(12, () => {
            const [own] = cloud.ecs.tasks('shop').filter(({ group }) => group === 'service:web');
            stop(own);
          });
        }),
      ),
    );

    const running = cloud.ecs
      .tasks('shop')
      .filter(({ group, lastStatus }) => group === 'service:web' && lastStatus === 'RUNNING');
    expect(running.map(portOf)).toEqual([port]);
    const { targets } = cloud.elasticLoadBalancing.targetGroups.group(world.targetGroupArns[0] ?? '');
    const serving = targets.filter(({ drainingUntil }) => drainingUntil === undefined);
    expect(serving.map((target) => target.port)).toEqual([port]);
    expect(failure.leftovers).toEqual(noLeftovers);
  });

  test('stops a canary that ECS does not list yet', async () => {
    const world = workerWorld(cloud);
    const controller = new AbortController();
    let knownFrom = Number.POSITIVE_INFINITY;
    changeResponses('DescribeTasks', ({ tasks }) => ({ tasks: cloud.clock.now() < knownFrom ? [] : tasks }));
    const refusal = Object.assign(new Error('The referenced task was not found.'), {
      name: 'InvalidParameterException',
    });
    cloud.injectFault({ kind: refusal, action: 'ecs:StopTask', times: 2 });

    await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next },
        {
          signal: controller.signal,
          ...at('canaryStarted', () => {
            knownFrom = cloud.clock.now() + 8000;
            controller.abort();
          }),
        },
      ),
    );

    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › after an earlier rollout', () => {
  test('does not clean up its canary again', async () => {
    const world = fargateWorld(cloud);
    await world.rollout.rollOut({ taskDefinition: world.next });
    const calls = cloud.calls.length;

    const { history } = await world.rollout.rollOut({ taskDefinition: world.before });

    expect(history.map(({ type }) => type)).not.toContain('leftoverFound');
    const deregistered = cloud.calls.slice(calls).filter(({ action }) => /DeregisterTargets$/.test(action));
    expect(deregistered).toHaveLength(2);
    expect(stableDefinition(world)).toBe(world.before);
  });
});

describe('EcsRollout › rollOut › concurrently with another process', () => {
  test('leaves an update by another process in place', async () => {
    const world = fargateWorld(cloud);
    const foreign = cloud.ecs.addTaskDefinition({ ...world.next, family: 'foreign' });
    const rollout = world.rollout.rollOut(
      { taskDefinition: world.next },
      at('serviceUpdated', () => {
        const update = { cluster: 'shop', service: 'web', taskDefinition: foreign };
        void cloud.clients.ecs.send(new UpdateServiceCommand(update));
      }),
    );

    const failure = await failureOf(rollout);
    await cloud.clock.sleep(600_000);

    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(failure.leftovers.problems.join()).toContain('was updated outside of this rollout');
    expect(stableDefinition(world)).toBe(foreign);
    expectNothingLeft(world);
  });

  test('throws with the reason when another run of the same rollout stopped the canary', async () => {
    const world = fargateWorld(cloud);
    let second: Promise<unknown> | undefined;
    const first = world.rollout.rollOut(
      { taskDefinition: world.next },
      at('canaryRegistered', () => {
        second ??= world.rollout.rollOut({ taskDefinition: world.next });
      }),
    );

    const failure = await failureOf(first);
    await second;

    expect(failure.message).toContain('Another run of this rollout stopped it');
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › with new settings alone', () => {
  test('restores settings with which the service does not become stable', async () => {
    const world = workerWorld(cloud);
    const heal = cloud.ecs.failTasks({ image: 'web:1', among: 'service' }, { kind: 'exits' });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };
    const rollout = world.rollout.rollOut(
      { taskDefinition: world.before, service: { networkConfiguration } },
      { updateSettings: true, ...at('rollingBack', heal) },
    );

    const failure = await failureOf(rollout);

    expect(failure).toMatchObject({ service: 'rolledBack', serviceIntact: true, leftovers: noLeftovers });
    expect(
      cloud.ecs.service('shop', 'web').settings.networkConfiguration?.awsvpcConfiguration?.subnets,
    ).toEqual(['subnet-1', 'subnet-2']);
  });

  test('waits for the restored settings despite stale reads', async () => {
    const world = workerWorld(cloud, { circuitBreaker: { rollback: false } });
    const heal = cloud.ecs.failTasks({ image: 'web:1', among: 'service' }, { kind: 'exits' });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };
    const rollout = world.rollout.rollOut(
      { taskDefinition: world.before, service: { networkConfiguration } },
      {
        updateSettings: true,
        ...at('rollingBack', () => {
          heal();
          cloud.injectFault({ kind: 'staleRead', action: 'ecs:DescribeServices', times: 2 });
        }),
      },
    );

    const failure = await failureOf(rollout);

    expect(failure).toMatchObject({ service: 'rolledBack', leftovers: noLeftovers });
    expect(stableDefinition(world)).toBe(world.before);
  });

  test('fails when the circuit breaker rolls the settings back', async () => {
    const world = workerWorld(cloud, { circuitBreaker: { rollback: true } });
    const heal = cloud.ecs.failTasks({ image: 'web:1', among: 'service' }, { kind: 'exits' });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.before, service: { networkConfiguration } },
        {
          updateSettings: true,
          onEvent: (event) => 'detail' in event && event.detail?.includes('FAILED') && heal(),
        },
      ),
    );

    expect(failure.message).toContain('New settings of shop/web were rolled back');
    expect(failure).toMatchObject({ phase: 'serviceStable', service: 'rolledBack' });
  });
});

describe('EcsRollout › rollOut › of a service that an interrupted run has updated', () => {
  test('returns unsettled when the earlier settings are not known', async () => {
    const world = fargateWorld(cloud);
    const service = { healthCheckGracePeriodSeconds: 33 };
    const rollOut = () =>
      world.rollout.rollOut({ taskDefinition: world.next, service }, { updateSettings: true });
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    cloud.injectFault({ kind: 'crashAfter', action: 'ecs:UpdateService' });
    await failureOf(rollOut());
    cloud.restart();

    const failure = await failureOf(rollOut());

    expect(stableDefinition(world)).toBe(world.before);
    expect(cloud.ecs.service('shop', 'web').settings).toMatchObject(service);
    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(failure.leftovers.problems.join()).toContain('its earlier settings are not known');
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › with settings that take the service out of a target group', () => {
  const withoutAdmin = (world: RolloutWorld) => ({
    loadBalancers: [
      { targetGroupArn: world.targetGroupArns[0] ?? '', containerName: 'app', containerPort: 8080 },
    ],
  });

  test.each(['crashBefore', 'crashAfter'] as const)(
    'leaves no canary in it, although a later run does not know of it (%s the update)',
    async (kind) => {
      const world = fargateWorld(cloud, { isQuick: true });
      const rollOut = () =>
        world.rollout.rollOut(
          { taskDefinition: world.next, service: withoutAdmin(world) },
          { updateSettings: true },
        );
      cloud.injectFault({ kind, action: 'ecs:UpdateService' });
      await failureOf(rollOut());
      cloud.restart();
      await cloud.clock.sleep(20_000);

      const { service } = await rollOut();
      await cloud.clock.sleep(300_000);

      expect(service).toBe('updated');
      expect(cloud.ecs.service('shop', 'web').settings.loadBalancers).toHaveLength(1);
      expectNothingLeft(world);
    },
  );

  test('restores them in a rollback, and deregisters the canary once from each group', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next, service: withoutAdmin(world) },
        { updateSettings: true, limits: { serviceStableSeconds: 60 } },
      ),
    );

    expect(failure).toMatchObject({ service: 'rolledBack', serviceIntact: true, leftovers: noLeftovers });
    expect(cloud.ecs.service('shop', 'web').settings.loadBalancers).toHaveLength(2);
    expect(failure.history.filter(({ type }) => type === 'canaryDeregistered')).toHaveLength(2);
    expectNothingLeft(world);
  });

  test('does not update the service when it is aborted while the canary leaves the group', async () => {
    const world = fargateWorld(cloud);
    const abort = new AbortController();

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next, service: withoutAdmin(world) },
        { updateSettings: true, signal: abort.signal, ...at('canaryDeregistered', () => abort.abort()) },
      ),
    );

    expect(failure).toMatchObject({ phase: 'updateService', service: 'unchanged' });
    expect(cloud.ecs.service('shop', 'web').settings.loadBalancers).toHaveLength(2);
    expectNothingLeft(world);
  });
});

describe('EcsRollout › rollOut › with new settings alone, and onUnstable or onAbort leave', () => {
  test.each(['onUnstable', 'onAbort'] as const)('returns unsettled (%s)', async (option) => {
    const world = fargateWorld(cloud);
    const abort = new AbortController();
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.before, service: { networkConfiguration } },
        {
          updateSettings: true,
          [option]: 'leave',
          ...(option === 'onUnstable'
            ? { limits: { serviceStableSeconds: 20 } }
            : { signal: abort.signal, ...at('serviceUpdated', () => abort.abort()) }),
        },
      ),
    );

    expect(
      cloud.ecs.service('shop', 'web').settings.networkConfiguration?.awsvpcConfiguration?.subnets,
    ).toEqual(['subnet-9']);
    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(failure.history.map(({ type }) => type)).not.toContain('rollingBack');
  });
});

describe('EcsRollout › rollOut › of a service whose newest deployment has failed', () => {
  test('returns unsettled when the same definition fails again', async () => {
    const world = fargateWorld(cloud, { circuitBreaker: { rollback: false } });
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    await failureOf(world.rollout.rollOut({ taskDefinition: world.next }, { onUnstable: 'leave' }));

    // ECS removes a deployment that no rollback needs after some time.
    changeResponses('DescribeServices', ({ services = [] }) => ({
      services: services.map(({ deployments = [], ...service }) => ({
        ...service,
        deployments: deployments.filter(({ status }) => status === 'PRIMARY'),
      })),
    }));
    const failure = await failureOf(
      world.rollout.rollOut({ taskDefinition: world.next }, { onUnstable: 'leave' }),
    );

    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
  });
});

describe('EcsRollout › constructor', () => {
  test('creates the missing clients', async () => {
    const { ecs } = cloud.clients;

    const make = () =>
      new EcsRollout({
        cluster: 'shop',
        service: 'web',
        clients: { ecs },
        clientConfig: { region: 'eu-west-1' },
      });

    expect(make).not.toThrow();
  });
});
