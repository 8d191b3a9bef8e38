import { expect } from 'vitest';
import { SqsTools } from '../../../src/sqs/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

function arrangeQueues(cloud: SimulatedCloud) {
  for (const stack of ['blue', 'green']) {
    cloud.sqs.addQueue({ name: `orders-${stack}-dlq` });
    cloud.sqs.addQueue({ name: `orders-${stack}`, deadLetterQueue: `orders-${stack}-dlq` });
    cloud.sqs.send(`orders-${stack}`, 'an order');
    cloud.sqs.send(`orders-${stack}-dlq`, 'a broken order');
  }
  return new SqsTools({
    blue: { queue: 'orders-blue', deadLetterQueue: 'orders-blue-dlq' },
    green: { queue: 'orders-green', deadLetterQueue: 'orders-green-dlq' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
}

function expectOnlyBlueEmpty(cloud: SimulatedCloud) {
  const lengths = ['blue', 'blue-dlq', 'green', 'green-dlq'].map(
    (it) => cloud.sqs.queue(`orders-${it}`).messages.length,
  );
  expect(lengths).toEqual([0, 0, 1, 1]);
}

export const sqsScenarios: readonly MethodScenario[] = [
  {
    name: 'SqsTools.purgeQueues',
    arrange(cloud) {
      const tools = arrangeQueues(cloud);
      return {
        act: async () => {
          await tools.purgeQueues('blue');
          await cloud.clock.sleep(60_000);
        },
        verify: () => expectOnlyBlueEmpty(cloud),
      };
    },
  },
  {
    name: 'SqsTools.purgeQueues (purgeAgain)',
    arrange(cloud) {
      const tools = arrangeQueues(cloud);
      return {
        act: async () => {
          await tools.purgeQueues('blue');
          await tools.purgeQueues('blue', { purgeAgain: true });
          await cloud.clock.sleep(60_000);
        },
        verify: () => expectOnlyBlueEmpty(cloud),
      };
    },
  },
  {
    name: 'SqsTools.waitForPurge',
    arrange(cloud) {
      const tools = arrangeQueues(cloud);
      return {
        act: async () => {
          await tools.purgeQueues('blue');
          await tools.waitForPurge('blue');
        },
        verify: () => expectOnlyBlueEmpty(cloud),
      };
    },
  },
];
