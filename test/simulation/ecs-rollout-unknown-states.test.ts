import type { Deployment, DescribeServicesCommandOutput, Service } from '@aws-sdk/client-ecs';
import type {
  DescribeTargetHealthCommandOutput,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { EcsTools } from '../../src/ecs/index.js';
import type { RolloutEvent } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { expectNothingLeft, failureOf, fargateWorld, workerWorld } from '../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

/** Changes the services in the responses of DescribeServices. */
function changeServices(change: (service: Service) => object): void {
  cloud.clients.ecs.middlewareStack.add(
    (next, context) => async (args) => {
      const response = await next(args);
      if (!('commandName' in context) || context.commandName !== 'DescribeServicesCommand') return response;
      const { services = [] } = response.output as DescribeServicesCommandOutput;
      return { ...response, output: { ...response.output, services: services.map(change) } };
    },
    { step: 'initialize' },
  );
}

/** Changes the health in the responses of DescribeTargetHealth. */
function changeTargetHealth(change: (health: TargetHealth | undefined) => object | undefined): void {
  cloud.clients.elasticLoadBalancing.middlewareStack.add(
    (next, context) => async (args) => {
      const response = await next(args);
      const isHealth = 'commandName' in context && context.commandName === 'DescribeTargetHealthCommand';
      if (!isHealth) return response;
      const { TargetHealthDescriptions: all = [] } = response.output as DescribeTargetHealthCommandOutput;
      const changed = all.map((it) => ({ ...it, TargetHealth: change(it.TargetHealth) }));
      return { ...response, output: { ...response.output, TargetHealthDescriptions: changed } };
    },
    { step: 'initialize' },
  );
}

describe('EcsRollout and EcsTools with an unknown state', () => {
  test('rollOut waits before its change, then throws WaitTimeoutError with the status', async () => {
    const world = workerWorld(cloud, { isQuick: true });
    let status: string | undefined = 'MIGRATING';
    changeServices((service) => ({ ...service, status: status ?? service.status }));
    cloud.clock.schedule(60, () => {
      status = undefined;
    });

    await expect(
      world.rollout.rollOut({ taskDefinition: world.next }, { idleSeconds: 5 }),
    ).resolves.toMatchObject({ service: 'updated' });
    status = 'FROZEN';
    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.before }));

    expect(failure).toMatchObject({ phase: 'prepare', service: 'unchanged' });
    expect(failure.message).toContain('the status FROZEN');
  });

  test('disableService and waitForServiceStable wait, then throw WaitTimeoutError with the status', async () => {
    workerWorld(cloud, { isQuick: true });
    let status: string | undefined = 'MIGRATING';
    changeServices((service) => ({ ...service, status: status ?? service.status }));
    const stack = { cluster: 'shop', desiredCount: 1 };
    const tools = new EcsTools({
      blue: { ...stack, service: 'web' },
      green: { ...stack, service: 'none' },
      clients: cloud.clients,
      clock: cloud.clock,
    });

    const waiting = tools.waitForServiceStable('blue', { maxWaitSeconds: 30 });
    await expect(waiting).rejects.toThrowError(/got the status MIGRATING/);
    const disabling = tools.disableService('blue');
    await expect(disabling).rejects.toThrowError(/expected the status ACTIVE, got the status MIGRATING/);
    cloud.clock.schedule(20, () => {
      status = undefined;
    });
    await tools.disableService('blue');
    await expect(tools.waitForServiceStable('blue')).resolves.toMatchObject({ runningCount: 0 });
  });

  test('rollOut does not treat the deployment as completed', async () => {
    const world = workerWorld(cloud, { isQuick: true });
    let rolloutState: string | undefined = 'BAKING';
    const inState = (deployment: Deployment) =>
      deployment.taskDefinition?.endsWith(':2') && rolloutState !== undefined
        ? { ...deployment, rolloutState }
        : deployment;
    changeServices((service) => ({ ...service, deployments: service.deployments?.map(inState) }));
    let endedAt = 0;
    cloud.clock.schedule(300, () => {
      rolloutState = undefined;
      endedAt = cloud.clock.now();
    });

    const result = await world.rollout.rollOut({ taskDefinition: world.next }, { idleSeconds: 5 });

    const stableAt = result.history.find(({ type }) => type === 'serviceStable')?.at ?? 0;
    expect(endedAt).toBeGreaterThan(0);
    expect(stableAt).toBeGreaterThanOrEqual(endedAt);
  });

  test.each([
    [30, 'updated'],
    [120, 'failed'],
  ] as const)(
    'rollOut waits for the target of the canary for a minute: after %d s the rollout is %s',
    async (seconds, outcome) => {
      const world = fargateWorld(cloud, { isQuick: true });
      let isOdd = false;
      changeTargetHealth((health) =>
        isOdd ? { State: 'unavailable', Reason: 'Elb.InternalError' } : health,
      );
      const checks = [
        { name: 'errors', evaluate: async () => ({ outcome: 'pass', detail: 'none' }) as const },
      ];
      const onEvent = (event: RolloutEvent) => {
        if (event.type !== 'phaseStarted' || event.phase !== 'observe') return;
        isOdd = true;
        cloud.clock.schedule(seconds, () => {
          isOdd = false;
        });
      };

      const rollout = world.rollout.rollOut(
        { taskDefinition: world.next },
        { checks, onEvent, observeSeconds: 15 },
      );

      if (outcome === 'updated') await expect(rollout).resolves.toMatchObject({ service: 'updated' });
      else expect((await failureOf(rollout)).message).toContain('unavailable');
      expectNothingLeft(world);
    },
  );

  test('rollOut throws ResourceStateError for the deployment controller', async () => {
    const world = workerWorld(cloud);
    changeServices((service) => ({ ...service, deploymentController: { type: 'ORBITAL' } }));

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure.message).toContain('got ORBITAL');
  });
});
