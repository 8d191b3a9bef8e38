import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { expect } from 'vitest';
import { EcsTools } from '../../../src/ecs/index.js';
import type { EcsDefinitions } from '../../../src/ecs-rollout/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';
import {
  canariesOf,
  fargateWorld,
  instanceWorld,
  noLeftovers,
  type RolloutWorld,
  rolloutOf,
  stableDefinition,
  strayTargets,
} from '../../support/rollout-world.js';

const suspendedByOwner = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: true,
};

function arrangeServices(cloud: SimulatedCloud) {
  cloud.ecs.addService({ cluster: 'shop', name: 'blue', desiredCount: 2 });
  cloud.ecs.addService({ cluster: 'shop', name: 'green', desiredCount: 0 });
  return new EcsTools({
    blue: { cluster: 'shop', service: 'blue', desiredCount: 2 },
    green: { cluster: 'shop', service: 'green', desiredCount: 2 },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
}

function arrangeScaledServices(cloud: SimulatedCloud) {
  for (const stack of ['blue', 'green']) {
    cloud.applicationAutoScaling.addTarget({
      namespace: 'ecs',
      resourceId: `service/shop/${stack}`,
      dimension: 'ecs:service:DesiredCount',
      minCapacity: 1,
      maxCapacity: 4,
      suspendedState: suspendedByOwner,
    });
  }
  return arrangeServices(cloud);
}

function expectCounts(cloud: SimulatedCloud, counts: { blue: number; green: number }) {
  for (const [stack, count] of Object.entries(counts)) {
    const service = cloud.ecs.service('shop', stack);
    expect(service.desiredCount, stack).toBe(count);
    expect(service.deployments, stack).toMatchObject([{ runningCount: count }]);
  }
}

function expectRolledOut(world: RolloutWorld, result: unknown) {
  expect(result).toMatchObject({ serviceIntact: true, taskDefinitionAfter: stableDefinition(world) });
  expect(canariesOf(world)).toEqual([]);
  expect(strayTargets(world)).toEqual([]);
}

export const ecsScenarios: readonly MethodScenario[] = [
  {
    name: 'EcsTools.disableService',
    arrange(cloud) {
      const tools = arrangeServices(cloud);
      return {
        act: async () => {
          await tools.disableService('blue');
          await cloud.clock.sleep(300_000);
        },
        verify: () => expectCounts(cloud, { blue: 0, green: 0 }),
      };
    },
  },
  {
    name: 'EcsTools.disableService (scaled)',
    arrange(cloud) {
      const tools = arrangeScaledServices(cloud);
      return {
        act: async () => {
          await tools.disableService('blue');
          await cloud.clock.sleep(300_000);
        },
        verify: () => {
          expectCounts(cloud, { blue: 0, green: 0 });
          const { suspendedState } = cloud.applicationAutoScaling.target('ecs', 'service/shop/blue');
          expect(Object.values(suspendedState)).toEqual([true, true, true]);
        },
      };
    },
  },
  {
    name: 'EcsTools.enableService',
    arrange(cloud) {
      const tools = arrangeServices(cloud);
      return {
        act: async () => {
          await tools.enableService('green');
          await cloud.clock.sleep(300_000);
        },
        verify: () => expectCounts(cloud, { blue: 2, green: 2 }),
      };
    },
  },
  {
    name: 'EcsTools.enableService (another desired count)',
    arrange(cloud) {
      const tools = arrangeServices(cloud);
      return {
        act: async () => {
          await tools.enableService('green', { desiredCount: 3 });
          await cloud.clock.sleep(300_000);
        },
        verify: () => expectCounts(cloud, { blue: 2, green: 3 }),
      };
    },
  },
  {
    name: 'EcsTools.getServiceCounts',
    arrange(cloud) {
      const tools = arrangeServices(cloud);
      return {
        act: async () => [await tools.getServiceCounts('blue'), await tools.getServiceCounts('green')],
        verify: (counts) =>
          expect(counts).toEqual([
            { desiredCount: 2, runningCount: 2, enabledCount: 2, scaling: 'none' },
            { desiredCount: 0, runningCount: 0, enabledCount: 2, scaling: 'none' },
          ]),
      };
    },
  },
  {
    name: 'EcsTools.getServiceCounts (scaled)',
    arrange(cloud) {
      const tools = arrangeScaledServices(cloud);
      return {
        act: async () => {
          await tools.disableService('green');
          await cloud.clock.sleep(300_000);
          return [await tools.getServiceCounts('blue'), await tools.getServiceCounts('green')];
        },
        verify: (counts) =>
          expect(counts).toEqual([
            { desiredCount: 2, runningCount: 2, enabledCount: 2, scaling: 'running' },
            { desiredCount: 0, runningCount: 0, enabledCount: 2, scaling: 'suspended' },
          ]),
      };
    },
  },
  {
    name: 'EcsTools.enableService (scaled, disabled before)',
    arrange(cloud) {
      const tools = arrangeScaledServices(cloud);
      return {
        act: async () => {
          await tools.disableService('blue');
          await tools.enableService('blue');
          await cloud.clock.sleep(300_000);
        },
        verify: () => {
          expectCounts(cloud, { blue: 2, green: 0 });
          const { suspendedState, tags } = cloud.applicationAutoScaling.target('ecs', 'service/shop/blue');
          expect(suspendedState).toEqual(suspendedByOwner);
          expect(tags).toEqual({});
        },
      };
    },
  },
  {
    name: 'EcsTools.enableService (scaled, disabled by another process)',
    arrange(cloud) {
      const tools = arrangeScaledServices(cloud);
      const { suspendedState, tags } = cloud.applicationAutoScaling.target('ecs', 'service/shop/blue');
      Object.assign(suspendedState, {
        DynamicScalingInSuspended: true,
        DynamicScalingOutSuspended: true,
      });
      Object.assign(tags, {
        'aws-blue-green-toolkit:suspended': 'DynamicScalingInSuspended DynamicScalingOutSuspended',
      });
      return {
        act: async () => {
          await tools.enableService('blue');
          await cloud.clock.sleep(300_000);
        },
        verify: () => {
          expectCounts(cloud, { blue: 2, green: 0 });
          const target = cloud.applicationAutoScaling.target('ecs', 'service/shop/blue');
          expect(target.suspendedState).toEqual(suspendedByOwner);
          expect(target.tags).toEqual({});
        },
      };
    },
  },
  {
    name: 'EcsTools.waitForServiceStable',
    arrange(cloud) {
      const tools = arrangeServices(cloud);
      return {
        act: async () => {
          await tools.enableService('green');
          return tools.waitForServiceStable('green');
        },
        verify: (result) => {
          expect(result).toMatchObject({ runningCount: 2 });
          expectCounts(cloud, { blue: 2, green: 2 });
        },
      };
    },
  },
  {
    name: 'EcsTools.waitForServiceStable (new task definition)',
    arrange(cloud) {
      const tools = arrangeServices(cloud);
      cloud.ecs.addTaskDefinition('blue:2');
      return {
        act: async () => {
          await cloud.clients.ecs.send(
            new UpdateServiceCommand({ cluster: 'shop', service: 'blue', taskDefinition: 'blue:2' }),
          );
          return tools.waitForServiceStable('blue', { taskDefinition: 'blue:2' });
        },
        verify: (result) => {
          expect(result).toMatchObject({
            taskDefinition: expect.stringMatching(/\/blue:2$/),
            runningCount: 2,
          });
        },
      };
    },
  },
  {
    name: 'EcsRollout.up',
    arrange(cloud) {
      cloud.ecs.addCluster('shop');
      const rollout = rolloutOf(cloud, { logger: recorderOf(cloud) });
      const definitions = {
        service: {
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
        },
        taskDefinition: {
          family: 'web',
          networkMode: 'awsvpc',
          requiresCompatibilities: ['FARGATE'],
          cpu: '256',
          memory: '512',
          containerDefinitions: [{ name: 'app', image: 'web:1' }],
        },
      } satisfies EcsDefinitions;
      return {
        act: () => rollout.up(definitions, { existing: 'take' }),
        verify: (result) => {
          expect(result).toMatchObject({ runningCount: 2 });
          expect(cloud.ecs.service('shop', 'web').deployments).toMatchObject([{ runningCount: 2 }]);
        },
      };
    },
  },
  {
    name: 'EcsRollout.rollOut',
    arrange(cloud) {
      const world = fargateWorld(cloud, { isQuick: true, logger: recorderOf(cloud) });
      return {
        act: () => world.rollout.rollOut({ taskDefinition: world.next }),
        verify: (result) => expectRolledOut(world, result),
      };
    },
  },
  {
    name: 'EcsRollout.rollOut (on a given instance)',
    arrange(cloud) {
      const world = instanceWorld(cloud, { isQuick: true, logger: recorderOf(cloud) });
      const options = { containerInstance: 'i-0000000000000000b' };
      return {
        act: () => world.rollout.rollOut({ taskDefinition: world.next }, options),
        verify: (result) => expectRolledOut(world, result),
      };
    },
  },
  {
    name: 'EcsRollout.rollOut (service that is never stable)',
    arrange(cloud) {
      const world = fargateWorld(cloud, { isQuick: true, logger: recorderOf(cloud) });
      cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' });
      return {
        act: () =>
          world.rollout
            .rollOut({ taskDefinition: world.next }, { limits: { serviceStableSeconds: 30 } })
            .catch((error: unknown) => error),
        verify: (error) => {
          expect(error).toMatchObject({
            name: 'RolloutError',
            service: 'rolledBack',
            leftovers: noLeftovers,
          });
          expect(stableDefinition(world)).toBe(world.before);
          expect(canariesOf(world)).toEqual([]);
          expect(strayTargets(world)).toEqual([]);
        },
      };
    },
  },
];
