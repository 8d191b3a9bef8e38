import { expect } from 'vitest';
import { SnsTools } from '../../../src/sns/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

const ownPolicy = '{ "type": ["order"] }';

/** Blue has a subscription with a filter policy and one without; green has one. */
function arrangeSubscriptions(cloud: SimulatedCloud) {
  cloud.sns.addTopic('orders');
  for (const name of ['orders-blue', 'orders-green']) cloud.sqs.addQueue({ name });
  const [filtered, unfiltered, green] = [
    { queue: 'orders-blue', filterPolicy: ownPolicy },
    { queue: 'orders-blue' },
    { queue: 'orders-green', filterPolicy: ownPolicy },
  ].map((options) => cloud.sns.subscribe({ topic: 'orders', ...options }).arn);
  const tools = new SnsTools({
    blue: { subscriptionArn: [filtered ?? '', unfiltered ?? ''] },
    green: { subscriptionArn: green ?? '' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
  return { tools };
}

/** Returns the number of copies of a message in each queue when every change is in effect. */
async function publish(cloud: SimulatedCloud) {
  await cloud.clock.sleep(900_000);
  for (const queue of ['orders-blue', 'orders-green']) cloud.sqs.queue(queue).messages = [];
  cloud.sns.publish('orders', 'an order', { type: 'order' });
}

function copies(cloud: SimulatedCloud) {
  return ['orders-blue', 'orders-green'].map((queue) => cloud.sqs.queue(queue).messages.length);
}

export const snsScenarios: readonly MethodScenario[] = [
  {
    name: 'SnsTools.disableSubscription',
    arrange(cloud) {
      const { tools } = arrangeSubscriptions(cloud);
      return {
        act: async () => {
          await tools.disableSubscription('blue');
          await publish(cloud);
        },
        verify: () => expect(copies(cloud)).toEqual([0, 1]),
      };
    },
  },
  {
    name: 'SnsTools.enableSubscription',
    arrange(cloud) {
      const { tools } = arrangeSubscriptions(cloud);
      return {
        act: async () => {
          await tools.disableSubscription('blue');
          await tools.enableSubscription('blue');
          await publish(cloud);
        },
        verify: () => expect(copies(cloud)).toEqual([2, 1]),
      };
    },
  },
  {
    name: 'SnsTools.isSubscriptionEnabled',
    arrange(cloud) {
      const { tools } = arrangeSubscriptions(cloud);
      return {
        act: async () => {
          await tools.disableSubscription('blue');
          return [await tools.isSubscriptionEnabled('blue'), await tools.isSubscriptionEnabled('green')];
        },
        verify: (result) => expect(result).toEqual([false, true]),
      };
    },
  },
  {
    name: 'SnsTools.describeSubscriptions',
    arrange(cloud) {
      const { tools } = arrangeSubscriptions(cloud);
      return {
        act: async () => {
          await tools.disableSubscription('blue');
          const described = [
            ...(await tools.describeSubscriptions('blue')),
            ...(await tools.describeSubscriptions('green')),
          ];
          return described.map(({ state }) => state);
        },
        verify: (states) => expect(states).toEqual(['disabled', 'disabled', 'enabled']),
      };
    },
  },
  {
    name: 'SnsTools.disableSubscription (only one)',
    arrange(cloud) {
      const { tools } = arrangeSubscriptions(cloud);
      return {
        act: async () => {
          const [first] = await tools.describeSubscriptions('blue');
          await tools.disableSubscription('blue', { only: [first?.subscriptionArn ?? ''] });
          return (await tools.describeSubscriptions('blue')).map(({ state }) => state);
        },
        verify: (states) => expect(states).toEqual(['disabled', 'enabled']),
      };
    },
  },
  {
    name: 'SnsTools.enableSubscription (only one)',
    arrange(cloud) {
      const { tools } = arrangeSubscriptions(cloud);
      return {
        act: async () => {
          await tools.disableSubscription('blue');
          const [first] = await tools.describeSubscriptions('blue');
          await tools.enableSubscription('blue', { only: [first?.subscriptionArn ?? ''] });
          return (await tools.describeSubscriptions('blue')).map(({ state }) => state);
        },
        verify: (states) => expect(states).toEqual(['enabled', 'disabled']),
      };
    },
  },
];
