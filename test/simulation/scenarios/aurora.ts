import { expect } from 'vitest';
import { AuroraTools, type AuroraToolsOptions } from '../../../src/aurora/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { insightsDisabledRecord, rdsEventRecord } from '../../support/rds-events.js';
import { recorderOf } from '../../support/recorded-lines.js';

/** Blue is active with three readers; green is stopped, with one reader. */
function arrangeClusters(cloud: SimulatedCloud, settings: Partial<AuroraToolsOptions> = {}) {
  const autoscaling = { minCapacity: 2, maxCapacity: 5 };
  cloud.rds.addCluster({ name: 'orders-blue', readers: 2, autoscaling, tags: { team: 'orders' } });
  cloud.rds.addReader('orders-blue', {
    identifier: 'scaled-out',
    tags: { 'application-autoscaling:resourceId': 'cluster:orders-blue' },
  });
  cloud.rds.addCluster({
    name: 'orders-green',
    readers: 1,
    status: 'stopped',
    autoscaling: { minCapacity: 1, maxCapacity: 2 },
  });
  return new AuroraTools({
    blue: { clusterIdentifier: 'orders-blue' },
    green: { clusterIdentifier: 'orders-green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
    ...settings,
  } as AuroraToolsOptions);
}

function scaledOutReader(cloud: SimulatedCloud) {
  return cloud.rds.instances('orders-blue').find((it) => it.identifier === 'scaled-out');
}

function expectBounds(cloud: SimulatedCloud, cluster: string, minCapacity: number, maxCapacity: number) {
  expect(cloud.applicationAutoScaling.target('rds', `cluster:${cluster}`)).toMatchObject({
    minCapacity,
    maxCapacity,
  });
}

function expectBlueDeleted(cloud: SimulatedCloud, snapshots: number) {
  expect(cloud.rds.hasCluster('orders-blue')).toBe(false);
  expect(cloud.rds.snapshots).toHaveLength(snapshots);
  expect(cloud.rds.instances('orders-green').map((it) => it.status)).toEqual(['stopped', 'stopped']);
}

/** Blue is active and has every kind of setting; there is no green. */
function arrangeCreation(cloud: SimulatedCloud) {
  cloud.rds.addCluster({
    name: 'orders-blue',
    readers: 2,
    deletionProtection: true,
    tags: { team: 'orders' },
    settings: {
      PreferredMaintenanceWindow: 'sun:05:00-sun:05:30',
      HttpEndpointEnabled: true,
      MasterUsername: 'orders',
    },
  });
  cloud.rds.cluster('orders-blue').cloneGroupId = 'clones-of-blue';
  cloud.rds.addSnapshot({ identifier: 'monday', cluster: 'orders-blue' });
  return new AuroraTools({
    blue: { clusterIdentifier: 'orders-blue' },
    green: { clusterIdentifier: 'orders-green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
}

function expectCreated(cloud: SimulatedCloud) {
  expect(cloud.rds.cluster('orders-green')).toMatchObject({
    status: 'available',
    deletionProtection: true,
    settings: { PreferredMaintenanceWindow: 'sun:05:00-sun:05:30', HttpEndpointEnabled: true },
  });
  expect(cloud.rds.instances('orders-green').map((it) => [it.identifier, it.isWriter])).toEqual([
    ['orders-green-1', true],
    ['orders-green-2', false],
  ]);
  expect(cloud.rds.instances('orders-blue')).toHaveLength(3);
}

export const auroraScenarios: readonly MethodScenario[] = [
  ...(['clone', 'empty', { snapshotIdentifier: 'monday' }] as const).map((from) => ({
    name: `AuroraTools.createDatabase (from: ${typeof from === 'string' ? from : 'snapshot'})`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeCreation(cloud);
      return {
        act: () => tools.createDatabase('green', { from }),
        verify: () => expectCreated(cloud),
      };
    },
  })),
  {
    name: 'AuroraTools.getDatabaseCreation',
    arrange(cloud) {
      const tools = arrangeCreation(cloud);
      cloud.rds.addCluster({ name: 'orders-green', tags: { 'aws-blue-green-toolkit:source': 'empty' } });
      return {
        act: () => tools.getDatabaseCreation('green'),
        verify: (state) => expect(state).toBe('complete'),
      };
    },
  },
  {
    name: 'AuroraTools.deleteCreatedDatabase',
    arrange(cloud) {
      const tools = arrangeCreation(cloud);
      return {
        act: async () => {
          await tools.createDatabase('green', { from: 'clone', creationId: 'swap-1' });
          await tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });
          await cloud.clock.sleep(1_200_000);
        },
        verify: () => {
          expect(cloud.rds.hasCluster('orders-green')).toBe(false);
          expect(cloud.rds.snapshots).toHaveLength(1);
        },
      };
    },
  },
  {
    name: 'AuroraTools.getClusterState',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: () => tools.getClusterState('green'),
        verify: (state) => expect(state).toBe('stopped'),
      };
    },
  },
  {
    name: 'AuroraTools.getReaderCount',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: () => tools.getReaderCount('blue'),
        verify: (count) => expect(count).toBe(3),
      };
    },
  },
  {
    name: 'AuroraTools.scaleOut',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: () => tools.scaleOut('green'),
        verify: (bounds) => {
          expect(bounds).toEqual({ minimum: 3, maximum: 3 });
          expectBounds(cloud, 'orders-green', 3, 3);
        },
      };
    },
  },
  {
    name: 'AuroraTools.scaleIn',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: () => tools.scaleIn('blue'),
        verify: () => expectBounds(cloud, 'orders-blue', 1, 5),
      };
    },
  },
  {
    name: 'AuroraTools.getReaderBounds',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: () => tools.getReaderBounds('blue'),
        verify: (bounds) => expect(bounds).toEqual({ minimum: 2, maximum: 5, normalMinimum: 1 }),
      };
    },
  },
  {
    name: 'AuroraTools.setReaderBounds',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: async () => {
          await tools.scaleOut('green');
          return tools.setReaderBounds('green', { minimum: 1, maximum: 2 });
        },
        verify: (bounds) => {
          expect(bounds).toEqual({ minimum: 1, maximum: 2 });
          expectBounds(cloud, 'orders-green', 1, 2);
        },
      };
    },
  },
  ...(['wait', 'fail'] as const).map((onTransition) => ({
    name: `AuroraTools.startDatabase (onTransition: ${onTransition})`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeClusters(cloud, { onTransition });
      return {
        act: () => tools.startDatabase('green'),
        verify: () => expect(cloud.rds.cluster('orders-green').status).toBe('starting'),
      };
    },
  })),
  {
    name: 'AuroraTools.startDatabase (stopping)',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: async () => {
          await tools.stopDatabase('blue');
          await cloud.clock.sleep(180_000);
          await tools.startDatabase('blue');
        },
        verify: () => expect(cloud.rds.cluster('orders-blue').status).toBe('starting'),
      };
    },
  },
  ...(['wait', 'fail'] as const).map((onTransition) => ({
    name: `AuroraTools.stopDatabase (onTransition: ${onTransition})`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeClusters(cloud, { onTransition });
      return {
        act: () => tools.stopDatabase('blue'),
        verify: () => expect(cloud.rds.cluster('orders-blue').status).toBe('stopping'),
      };
    },
  })),
  {
    name: 'AuroraTools.waitForClusterState',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: async () => {
          await tools.startDatabase('green');
          await cloud.clock.sleep(300_000);
          await tools.waitForClusterState('green', 'available');
        },
        verify: () => expect(cloud.rds.cluster('orders-green').status).toBe('available'),
      };
    },
  },
  ...(['wait', 'fail'] as const).map((onTransition) => ({
    name: `AuroraTools.deleteDatabase (onTransition: ${onTransition})`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeClusters(cloud, { onTransition });
      return {
        act: async () => {
          await tools.deleteDatabase('blue');
          await cloud.clock.sleep(1_200_000);
        },
        verify: () => expectBlueDeleted(cloud, 1),
      };
    },
  })),
  {
    name: 'AuroraTools.deleteDatabase (finalSnapshot: skip)',
    arrange(cloud) {
      const tools = arrangeClusters(cloud, { finalSnapshot: 'skip' });
      return {
        act: async () => {
          await tools.deleteDatabase('blue');
          await cloud.clock.sleep(1_200_000);
        },
        verify: () => expectBlueDeleted(cloud, 0),
      };
    },
  },
  {
    name: 'AuroraTools.applyTags',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: () => tools.applyTags(rdsEventRecord('scaled-out')),
        verify: () =>
          expect(scaledOutReader(cloud)?.tags).toEqual({
            'application-autoscaling:resourceId': 'cluster:orders-blue',
            team: 'orders',
            Role: 'Reader',
          }),
      };
    },
  },
  ...[rdsEventRecord('scaled-out'), insightsDisabledRecord('scaled-out')].map((record, index) => ({
    name: `AuroraTools.enablePerformanceInsights (${index === 0 ? 'created' : 'disabled'})`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: async () => {
          await tools.enablePerformanceInsights(record);
          await cloud.clock.sleep(60_000);
        },
        verify: () => expect(scaledOutReader(cloud)?.performanceInsightsEnabled).toBe(true),
      };
    },
  })),
  {
    name: 'AuroraTools.enablePerformanceInsights (databaseInsightsMode)',
    arrange(cloud) {
      const tools = arrangeClusters(cloud);
      return {
        act: async () => {
          const databaseInsightsMode = 'advanced';
          await tools.enablePerformanceInsights(rdsEventRecord('scaled-out'), { databaseInsightsMode });
          await cloud.clock.sleep(300_000);
        },
        verify: () => {
          expect(scaledOutReader(cloud)?.performanceInsights?.retentionDays).toBe(465);
          expect(cloud.rds.cluster('orders-blue').settings.DatabaseInsightsMode).toBe('advanced');
        },
      };
    },
  },
];
