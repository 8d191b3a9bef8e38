import { SetSubscriptionAttributesCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Backend, openBackend } from '../support/backend.js';
import { publishAndCount, seedSubscription } from './seed/sns.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

/** Publishes a message of the type `order`, and returns the number of deliveries. */
async function deliveries(policy: object, expected: number): Promise<number> {
  const filterPolicy = JSON.stringify(policy);
  await seedSubscription(backend, { topic: 'orders', queue: 'orders', filterPolicy });
  return publishAndCount(backend, { topic: 'orders', queue: 'orders', type: 'order', expected });
}

describe('Filter policies', () => {
  test.each([
    ['a value', { type: ['order'] }],
    ['a prefix', { type: [{ prefix: 'or' }] }],
    ['a suffix', { type: [{ suffix: 'er' }] }],
    ['anything but a value', { type: [{ 'anything-but': ['refund'] }] }],
    ['anything but a prefix', { type: [{ 'anything-but': { prefix: 're' } }] }],
    ['an attribute that exists', { type: [{ exists: true }] }],
    ['an attribute that does not exist', { store: [{ exists: false }] }],
    ['one of two alternatives', { $or: [{ type: ['refund'] }, { type: ['order'] }] }],
    ['an alternative and a key', { type: [{ exists: true }], $or: [{ type: ['order'] }, { store: ['a'] }] }],
  ])('match a message by %s', async (_, policy) => {
    expect(await deliveries(policy, 1)).toBe(1);
  });

  test.each([
    ['another value', { type: ['refund'] }],
    ['another prefix', { type: [{ prefix: 're' }] }],
    ['another suffix', { type: [{ suffix: 'nd' }] }],
    ['an excluded value', { type: [{ 'anything-but': ['order'] }] }],
    ['an excluded prefix', { type: [{ 'anything-but': { prefix: 'or' } }] }],
    ['an attribute that may not exist', { type: [{ exists: false }] }],
    ['no alternative', { $or: [{ type: ['refund'] }, { store: ['a'] }] }],
    ['a number', { type: [{ numeric: ['>', 1] }] }],
  ])('match no message by %s', async (_, policy) => {
    expect(await deliveries(policy, 0)).toBe(0);
  });

  test.each([
    ['an unknown operator', { type: [{ begins: 'or' }] }],
    ['a plain value', { type: 'order' }],
    ['an array as a condition', { type: [['order']] }],
    ['exists without a boolean', { type: [{ exists: 'no' }] }],
    ['an unknown comparison', { price: [{ numeric: ['~', 1] }] }],
    ['a comparison without a number', { price: [{ numeric: ['>=', '1'] }] }],
    ['an upper bound first', { price: [{ numeric: ['<', 100, '>', 10] }] }],
    ['two lower bounds', { price: [{ numeric: ['>=', 1, '>', 2] }] }],
    ['a range from the top down', { price: [{ numeric: ['>', 3, '<', 1] }] }],
    ['a nested key for attributes', { order: { type: ['new'] } }],
    ['six keys', Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, ['1']]))],
    ['151 values', { type: Array.from({ length: 151 }, (_, index) => `${index}`) }],
  ])('are refused with %s', async (_, policy) => {
    const SubscriptionArn = await seedSubscription(backend, { topic: 'orders', queue: 'orders' });

    const setting = backend.clients.sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'FilterPolicy',
        AttributeValue: JSON.stringify(policy),
      }),
    );

    await expect(setting).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});
