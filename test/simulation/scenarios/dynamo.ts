import { expect } from 'vitest';
import { DynamoTools } from '../../../src/dynamo/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

function arrangeTables(cloud: SimulatedCloud) {
  for (const stack of ['blue', 'green']) cloud.dynamoDb.addTable({ name: `orders-${stack}` });
  return new DynamoTools({
    blue: { tableName: 'orders-blue' },
    green: { tableName: 'orders-green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
}

function expectOnlyGreenLeft(cloud: SimulatedCloud, { backups }: { backups: number }) {
  expect(cloud.dynamoDb.findTable('orders-blue')).toBeUndefined();
  expect(cloud.dynamoDb.findTable('orders-green')?.status).toBe('ACTIVE');
  expect(cloud.dynamoDb.backups.map(({ tableName, status }) => [tableName, status])).toEqual(
    Array.from({ length: backups }, () => ['orders-blue', 'AVAILABLE']),
  );
}

export const dynamoScenarios: readonly MethodScenario[] = [
  {
    name: 'DynamoTools.deleteTable',
    arrange(cloud) {
      const tools = arrangeTables(cloud);
      return {
        act: async () => {
          await tools.deleteTable('blue');
          await cloud.clock.sleep(60_000);
        },
        verify: () => expectOnlyGreenLeft(cloud, { backups: 0 }),
      };
    },
  },
  {
    name: 'DynamoTools.deleteTable (while the table is changed)',
    arrange(cloud) {
      const tools = arrangeTables(cloud);
      cloud.dynamoDb.updateTable('orders-blue', 10);
      return {
        act: async () => {
          await tools.deleteTable('blue');
          await cloud.clock.sleep(60_000);
        },
        verify: () => expectOnlyGreenLeft(cloud, { backups: 0 }),
      };
    },
  },
  {
    name: 'DynamoTools.deleteTable (backup)',
    arrange(cloud) {
      const tools = arrangeTables(cloud);
      return {
        act: async () => {
          await tools.deleteTable('blue', { backup: true });
          await cloud.clock.sleep(60_000);
        },
        verify: () => expectOnlyGreenLeft(cloud, { backups: 1 }),
      };
    },
  },
  {
    name: 'DynamoTools.waitForTableDeleted',
    arrange(cloud) {
      const tools = arrangeTables(cloud);
      return {
        act: async () => {
          await tools.deleteTable('blue');
          await tools.waitForTableDeleted('blue');
        },
        verify: () => expectOnlyGreenLeft(cloud, { backups: 0 }),
      };
    },
  },
];
