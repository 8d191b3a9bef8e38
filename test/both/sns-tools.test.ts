import { GetSubscriptionAttributesCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceNotFoundError } from '../../src/core/index.js';
import { SnsTools } from '../../src/sns/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { publishAndCount, seedSubscription } from './seed/sns.js';

let backend: Backend;
let green: string;

beforeEach(async () => {
  backend = await openBackend();
  green = await seedSubscription(backend, { topic: 'other-orders', queue: 'orders-green' });
});

function createTools(blue: string) {
  return new SnsTools({
    blue: { subscriptionArn: blue },
    green: { subscriptionArn: green },
    clients: backend.clients,
    clock: backend.clock,
  });
}

/** The policy and its scope. Moto shows an empty policy where SNS shows none. */
async function filterOf(arn: string) {
  const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: arn });
  const { Attributes } = await backend.clients.sns.send(command);
  const policy = Attributes?.['FilterPolicy'] ?? '{}';
  return { policy, scope: policy === '{}' ? 'none' : Attributes?.['FilterPolicyScope'] };
}

const situations = [
  { name: 'no policy' },
  { name: 'an attribute policy', filterPolicy: '{ "type": ["order", 100.0] }' },
  {
    name: 'a body policy',
    filterPolicy: '{ "order": { "type": ["order"] } }',
    scope: 'MessageBody' as const,
  },
  {
    name: 'five keys',
    filterPolicy: `{${['a', 'b', 'c', 'd'].map((key) => `"${key}": [{"exists": false}]`).join(', ')}, "type": ["order"]}`,
  },
];

describe('SnsTools', () => {
  test.each(situations)(
    'disables a subscription and restores its policy ($name)',
    async ({ name, ...filter }) => {
      const blue = await seedSubscription(backend, { topic: 'orders', queue: 'orders-blue', ...filter });
      const before = await filterOf(blue);
      const tools = createTools(blue);
      const publish = (expected: number) =>
        publishAndCount(backend, { topic: 'orders', queue: 'orders-blue', type: 'order', expected });

      await tools.disableSubscription('blue');
      const disabled = { isEnabled: await tools.isSubscriptionEnabled('blue'), messages: await publish(0) };
      await tools.enableSubscription('blue');
      const enabled = { isEnabled: await tools.isSubscriptionEnabled('blue'), messages: await publish(1) };

      expect(await tools.describeSubscriptions('blue')).toEqual([
        { subscriptionArn: blue, state: 'enabled' },
      ]);
      expect(disabled).toEqual({ isEnabled: false, messages: 0 });
      expect(enabled).toEqual({ isEnabled: true, messages: 1 });
      expect(await filterOf(blue)).toEqual(before);
    },
  );

  test('throws ResourceNotFoundError for a deleted subscription', async () => {
    const disabling = createTools(`${green}-gone`).disableSubscription('blue');

    await expect(disabling).rejects.toThrowError(ResourceNotFoundError);
  });
});
