import { expect } from 'vitest';
import { KinesisTools } from '../../../src/kinesis/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

/** Green reads the stream; blue does not yet. */
function arrangeConsumers(cloud: SimulatedCloud) {
  const { arn: streamArn } = cloud.kinesis.addStream({ name: 'orders' });
  cloud.kinesis.addConsumer({ streamArn, name: 'orders-green' });
  const tools = new KinesisTools({
    streamArn,
    blue: { consumerName: 'orders-blue' },
    green: { consumerName: 'orders-green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
  const statuses = () =>
    ['orders-blue', 'orders-green'].map((name) => cloud.kinesis.findConsumer(streamArn, name)?.status);
  return { tools, statuses };
}

export const kinesisScenarios: readonly MethodScenario[] = [
  {
    name: 'KinesisTools.registerConsumer',
    arrange(cloud) {
      const { tools, statuses } = arrangeConsumers(cloud);
      return {
        act: async () => {
          const { consumerName } = await tools.registerConsumer('blue');
          await cloud.clock.sleep(60_000);
          return consumerName;
        },
        verify: (result) => {
          expect(result).toBe('orders-blue');
          expect(statuses()).toEqual(['ACTIVE', 'ACTIVE']);
        },
      };
    },
  },
  {
    name: 'KinesisTools.registerConsumer (while it is being deleted)',
    arrange(cloud) {
      const { tools, statuses } = arrangeConsumers(cloud);
      return {
        act: async () => {
          await tools.deregisterConsumer('green');
          await tools.registerConsumer('green');
          await cloud.clock.sleep(60_000);
        },
        verify: () => expect(statuses()).toEqual([undefined, 'ACTIVE']),
      };
    },
  },
  {
    name: 'KinesisTools.deregisterConsumer',
    arrange(cloud) {
      const { tools, statuses } = arrangeConsumers(cloud);
      return {
        act: async () => {
          await tools.deregisterConsumer('green');
          await cloud.clock.sleep(60_000);
        },
        verify: () => expect(statuses()).toEqual([undefined, undefined]),
      };
    },
  },
  {
    name: 'KinesisTools.deregisterConsumer (while it is being created)',
    arrange(cloud) {
      const { tools, statuses } = arrangeConsumers(cloud);
      return {
        act: async () => {
          await tools.registerConsumer('blue');
          await cloud.clock.sleep(50_000);
          await tools.deregisterConsumer('blue');
          await cloud.clock.sleep(60_000);
        },
        verify: () => expect(statuses()).toEqual([undefined, 'ACTIVE']),
      };
    },
  },
  {
    name: 'KinesisTools.describeConsumer',
    arrange(cloud) {
      const { tools } = arrangeConsumers(cloud);
      return {
        act: async () => [await tools.describeConsumer('blue'), await tools.describeConsumer('green')],
        verify: (result) =>
          expect(result).toEqual([undefined, expect.objectContaining({ status: 'ACTIVE' })]),
      };
    },
  },
  {
    name: 'KinesisTools.waitForConsumerState (ACTIVE)',
    arrange(cloud) {
      const { tools, statuses } = arrangeConsumers(cloud);
      return {
        act: async () => {
          await tools.registerConsumer('blue');
          await cloud.clock.sleep(40_000);
          await tools.waitForConsumerState('blue', 'ACTIVE');
        },
        verify: () => expect(statuses()).toEqual(['ACTIVE', 'ACTIVE']),
      };
    },
  },
  {
    name: 'KinesisTools.waitForConsumerState (DELETED)',
    arrange(cloud) {
      const { tools, statuses } = arrangeConsumers(cloud);
      return {
        act: async () => {
          await tools.deregisterConsumer('green');
          await tools.waitForConsumerState('green', 'DELETED');
        },
        verify: () => expect(statuses()).toEqual([undefined, undefined]),
      };
    },
  },
];
