import { type Service, StopTaskCommand, type Task, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { EcsTools, type RollOutOptions, type RolloutEvent } from '../../src/ecs/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  canariesOf,
  expectNothingLeft,
  failureOf,
  fargateWorld,
  nextOf,
  type RolloutWorld,
  stableDefinition,
  workerWorld,
} from '../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

/** Does something the first time that an event is told. */
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

interface EcsAnswer {
  readonly tasks?: Task[];
  readonly services?: Service[];
}

/** Changes what an operation of ECS answers. */
function amend(operation: string, change: (answer: EcsAnswer) => object): void {
  cloud.clients.ecs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        const isMeant = commandName === `${operation}Command`;
        return isMeant
          ? { ...answer, output: { ...answer.output, ...change(answer.output as EcsAnswer) } }
          : answer;
      },
    { step: 'initialize' },
  );
}

describe('target groups with the weight 0', () => {
  test('are health-checked, so that a canary of the idle stack is tried in them', async () => {
    const world = fargateWorld(cloud, { isIdle: true });

    const result = await world.tools.rollOut('blue', { taskDefinition: world.next });

    expect(result).toMatchObject({ service: 'updated' });
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });
});

describe('target groups that no listener and no rule names', () => {
  test('are a failure after a minute, not after the whole time limit', async () => {
    const world = fargateWorld(cloud, { isDetached: true });
    const startedAt = cloud.clock.now();

    const failure = await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'targetHealth', service: 'unchanged' });
    expect(failure.message).toMatch(/gets no traffic.*Target\.NotInUse.*unusedTargets/s);
    expect(cloud.clock.now() - startedAt).toBeLessThan(180_000);
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('are taken as they are when that is asked for, and then the idle time has to do', async () => {
    const world = fargateWorld(cloud, { isDetached: true });

    const result = await world.tools.rollOut(
      'blue',
      { taskDefinition: world.next },
      { unusedTargets: 'accept', idleSeconds: 120 },
    );

    const timeOf = (type: RolloutEvent['type']) =>
      result.history.find((event) => event.type === type)?.at ?? 0;
    expect(timeOf('serviceUpdated') - timeOf('canaryRegistered')).toBeGreaterThanOrEqual(120_000);
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });

  test('do not pass checks that get no data', async () => {
    const world = fargateWorld(cloud, { isDetached: true });
    const evaluate = async () => ({ outcome: 'inconclusive', detail: 'no data' }) as const;

    const failure = await failureOf(
      world.tools.rollOut(
        'blue',
        { taskDefinition: world.next },
        { unusedTargets: 'accept', checks: [{ name: 'errors', evaluate }] },
      ),
    );

    expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged' });
  });
});

describe('draining', () => {
  test('for an hour, as long as a target group may take, is waited for', async () => {
    const world = fargateWorld(cloud, { drainingSeconds: 3600 });

    const result = await world.tools.rollOut('blue', { taskDefinition: world.next });

    expect(result).toMatchObject({ service: 'updated' });
    expectNothingLeft(world);
  });
});

describe('a canary', () => {
  test('whose container becomes unhealthy while it is watched fails', async () => {
    const world = fargateWorld(cloud, { healthCheck: true });
    const rollout = world.tools.rollOut(
      'blue',
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

  test('that died is not taken for the task of the service which got its address', async () => {
    const world = fargateWorld(cloud);
    let address: string | undefined;
    amend('DescribeTasks', ({ tasks = [] }) => {
      const interfaces = tasks.find(({ group }) => group === 'service:web')?.containers?.[0]
        ?.networkInterfaces;
      if (address !== undefined && interfaces?.[0]) interfaces[0].privateIpv4Address = address;
      return { tasks };
    });

    const result = await world.tools.rollOut(
      'blue',
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

  test('that ECS does not know yet when it is to be stopped is stopped all the same', async () => {
    const world = workerWorld(cloud);
    const controller = new AbortController();
    let knownFrom = Number.POSITIVE_INFINITY;
    amend('DescribeTasks', ({ tasks }) => ({ tasks: cloud.clock.now() < knownFrom ? [] : tasks }));
    const refusal = Object.assign(new Error('The referenced task was not found.'), {
      name: 'InvalidParameterException',
    });
    cloud.injectFault({ kind: refusal, action: 'ecs:StopTask', times: 2 });

    await failureOf(
      world.tools.rollOut(
        'blue',
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

describe('what an earlier rollout has cleaned up', () => {
  test('is no leftover of the next one', async () => {
    const world = fargateWorld(cloud);
    await world.tools.rollOut('blue', { taskDefinition: world.next });
    const calls = cloud.calls.length;

    const { history } = await world.tools.rollOut('blue', { taskDefinition: world.before });

    expect(history.map(({ type }) => type)).not.toContain('leftoverFound');
    const deregistered = cloud.calls.slice(calls).filter(({ action }) => /DeregisterTargets$/.test(action));
    expect(deregistered).toHaveLength(2);
    expect(stableDefinition(world)).toBe(world.before);
  });
});

describe('somebody else', () => {
  test('who updates the service meanwhile keeps what they have done', async () => {
    const world = fargateWorld(cloud);
    const foreign = cloud.ecs.addTaskDefinition({ ...world.next, family: 'foreign' });
    const rollout = world.tools.rollOut(
      'blue',
      { taskDefinition: world.next },
      at('serviceUpdated', () => {
        const update = { cluster: 'shop', service: 'web', taskDefinition: foreign };
        void cloud.clients.ecs.send(new UpdateServiceCommand(update));
      }),
    );

    const failure = await failureOf(rollout);
    await cloud.clock.sleep(600_000);

    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(failure.leftovers.join()).toContain('Somebody else updates');
    expect(stableDefinition(world)).toBe(foreign);
    expectNothingLeft(world);
  });

  test('who runs the same rollout meanwhile is told to have stopped the canary', async () => {
    const world = fargateWorld(cloud);
    let second: Promise<unknown> | undefined;
    const first = world.tools.rollOut(
      'blue',
      { taskDefinition: world.next },
      at('canaryRegistered', () => {
        second ??= world.tools.rollOut('blue', { taskDefinition: world.next });
      }),
    );

    const failure = await failureOf(first);
    await second;

    expect(failure.message).toContain('Another run of this rollout stopped it');
    expect(stableDefinition(world)).toBe(nextOf(world));
    expectNothingLeft(world);
  });
});

describe('settings alone', () => {
  test('that keep the service from becoming stable are put back', async () => {
    const world = workerWorld(cloud);
    const heal = cloud.ecs.failTasks({ image: 'web:1', among: 'service' }, { kind: 'exits' });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };
    const rollout = world.tools.rollOut(
      'blue',
      { taskDefinition: world.before, service: { networkConfiguration } },
      { updateSettings: true, ...at('rollingBack', heal) },
    );

    const failure = await failureOf(rollout);

    expect(failure).toMatchObject({ service: 'rolledBack', serviceIntact: true, leftovers: [] });
    expect(
      cloud.ecs.service('shop', 'web').settings.networkConfiguration?.awsvpcConfiguration?.subnets,
    ).toEqual(['subnet-1', 'subnet-2']);
  });

  test('that are put back are not taken for the ones that failed, by looks before their return', async () => {
    const world = workerWorld(cloud, { circuitBreaker: { rollback: false } });
    const heal = cloud.ecs.failTasks({ image: 'web:1', among: 'service' }, { kind: 'exits' });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };
    const rollout = world.tools.rollOut(
      'blue',
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

    expect(failure).toMatchObject({ service: 'rolledBack', leftovers: [] });
    expect(stableDefinition(world)).toBe(world.before);
  });

  test('that the circuit breaker rolled back are a failure, although the task definition is the same', async () => {
    const world = workerWorld(cloud, { circuitBreaker: { rollback: true } });
    const heal = cloud.ecs.failTasks({ image: 'web:1', among: 'service' }, { kind: 'exits' });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };

    const failure = await failureOf(
      world.tools.rollOut(
        'blue',
        { taskDefinition: world.before, service: { networkConfiguration } },
        {
          updateSettings: true,
          onEvent: (event) => 'detail' in event && event.detail?.includes('FAILED') && heal(),
        },
      ),
    );

    expect(failure.message).toContain('new settings of shop/web were rolled back');
    expect(failure).toMatchObject({ phase: 'serviceStable', service: 'rolledBack' });
  });
});

describe('a run that goes on where another was interrupted after the update', () => {
  test('does not call a service intact whose former settings it does not know', async () => {
    const world = fargateWorld(cloud);
    const service = { healthCheckGracePeriodSeconds: 33 };
    const rollOut = () =>
      world.tools.rollOut('blue', { taskDefinition: world.next, service }, { updateSettings: true });
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    cloud.injectFault({ kind: 'crashAfter', action: 'ecs:UpdateService' });
    await failureOf(rollOut());
    cloud.restart();

    const failure = await failureOf(rollOut());

    expect(stableDefinition(world)).toBe(world.before);
    expect(cloud.ecs.service('shop', 'web').settings).toMatchObject(service);
    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
    expect(failure.leftovers.join()).toContain('settings that it had with it are not known');
    expectNothingLeft(world);
  });
});

describe('settings that take the service out of a target group', () => {
  const withoutAdmin = (world: RolloutWorld) => ({
    loadBalancers: [
      { targetGroupArn: world.targetGroupArns[0] ?? '', containerName: 'app', containerPort: 8080 },
    ],
  });

  test.each(['crashBefore', 'crashAfter'] as const)(
    'leave no canary in it, although a later run does not know of it (%s the update)',
    async (kind) => {
      const world = fargateWorld(cloud, { isQuick: true });
      const rollOut = () =>
        world.tools.rollOut(
          'blue',
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

  test('are put back with it by a rollback, and the canary is told to have left each group once', async () => {
    const world = fargateWorld(cloud);
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });

    const failure = await failureOf(
      world.tools.rollOut(
        'blue',
        { taskDefinition: world.next, service: withoutAdmin(world) },
        { updateSettings: true, limits: { serviceStableSeconds: 60 } },
      ),
    );

    expect(failure).toMatchObject({ service: 'rolledBack', serviceIntact: true, leftovers: [] });
    expect(cloud.ecs.service('shop', 'web').settings.loadBalancers).toHaveLength(2);
    expect(failure.history.filter(({ type }) => type === 'canaryDeregistered')).toHaveLength(2);
    expectNothingLeft(world);
  });

  test('are not made when the rollout is aborted while the canary leaves the group', async () => {
    const world = fargateWorld(cloud);
    const abort = new AbortController();

    const failure = await failureOf(
      world.tools.rollOut(
        'blue',
        { taskDefinition: world.next, service: withoutAdmin(world) },
        { updateSettings: true, signal: abort.signal, ...at('canaryDeregistered', () => abort.abort()) },
      ),
    );

    expect(failure).toMatchObject({ phase: 'updateService', service: 'unchanged' });
    expect(cloud.ecs.service('shop', 'web').settings.loadBalancers).toHaveLength(2);
    expectNothingLeft(world);
  });
});

describe('settings alone that are left as they are', () => {
  test.each(['onUnstable', 'onAbort'] as const)('are not told to be rolled back (%s)', async (wish) => {
    const world = fargateWorld(cloud);
    const abort = new AbortController();
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-9'] } };

    const failure = await failureOf(
      world.tools.rollOut(
        'blue',
        { taskDefinition: world.before, service: { networkConfiguration } },
        {
          updateSettings: true,
          [wish]: 'leave',
          ...(wish === 'onUnstable'
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

describe('a service whose newest deployment has failed', () => {
  test('and is rolled out the same once more is not told to be intact', async () => {
    const world = fargateWorld(cloud, { circuitBreaker: { rollback: false } });
    cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
    await failureOf(world.tools.rollOut('blue', { taskDefinition: world.next }, { onUnstable: 'leave' }));

    // A deployment that nobody goes back to is forgotten some time.
    amend('DescribeServices', ({ services = [] }) => ({
      services: services.map(({ deployments = [], ...service }) => ({
        ...service,
        deployments: deployments.filter(({ status }) => status === 'PRIMARY'),
      })),
    }));
    const failure = await failureOf(
      world.tools.rollOut('blue', { taskDefinition: world.next }, { onUnstable: 'leave' }),
    );

    expect(failure).toMatchObject({ service: 'unsettled', serviceIntact: false });
  });
});

describe('the clients', () => {
  test('may leave only that of the load balancers to be made', async () => {
    const { ecs, applicationAutoScaling } = cloud.clients;
    const stack = { cluster: 'shop', desiredCount: 1 };

    const make = () =>
      new EcsTools({
        blue: { ...stack, service: 'blue' },
        green: { ...stack, service: 'green' },
        clients: { ecs, applicationAutoScaling },
        clientConfig: { region: 'eu-west-1' },
      });

    expect(make).not.toThrow();
  });
});
