import {
  GetSubscriptionAttributesCommand,
  InvalidParameterException,
  NotFoundException,
  SetSubscriptionAttributesCommand,
} from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

type Policy = Readonly<Record<string, unknown>>;
type Attributes = NonNullable<Parameters<SimulatedCloud['sns']['publish']>[2]>;

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.sns.addTopic('orders');
  cloud.sqs.addQueue({ name: 'blue' });
});

function setPolicy(arn: string, AttributeValue: string, AttributeName = 'FilterPolicy') {
  return cloud.clients.sns.send(
    new SetSubscriptionAttributesCommand({ SubscriptionArn: arn, AttributeName, AttributeValue }),
  );
}

async function getAttributes(arn: string) {
  const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: arn });
  return (await cloud.clients.sns.send(command)).Attributes;
}

function isDelivered(filterPolicy: Policy, message: { body?: string; attributes?: Attributes }): boolean {
  const scope = message.body === undefined ? 'MessageAttributes' : 'MessageBody';
  cloud.sns.subscribe({ topic: 'orders', queue: 'blue', filterPolicy, scope });
  return cloud.sns.publish('orders', message.body ?? 'an order', message.attributes) === 1;
}

describe('Class: SimulatedSns', () => {
  test.each<[boolean, string, Policy, Attributes]>([
    [true, 'one of the values', { type: ['order', 'refund'] }, { type: 'refund' }],
    [false, 'another value', { type: ['order'] }, { type: 'Order' }],
    [false, 'no such attribute', { type: ['order'] }, {}],
    [false, 'one key of two', { type: ['order'], store: ['a'] }, { type: 'order', store: 'b' }],
    [true, 'an array with the value', { type: ['order'] }, { type: ['refund', 'order'] }],
    [true, 'a prefix', { store: [{ prefix: 'eu-' }] }, { store: 'eu-west' }],
    [false, 'another prefix', { store: [{ prefix: 'eu-' }] }, { store: 'us-west' }],
    [true, 'a suffix', { store: [{ suffix: '-west' }] }, { store: 'eu-west' }],
    [true, 'an attribute that exists', { store: [{ exists: true }] }, { store: 'a' }],
    [true, 'an attribute that does not exist', { store: [{ exists: false }] }, {}],
    [false, 'an attribute that should not exist', { store: [{ exists: false }] }, { store: 'a' }],
    [true, 'anything but a list', { store: [{ 'anything-but': ['b', 'c'] }] }, { store: 'a' }],
    [false, 'anything but a value', { store: [{ 'anything-but': 'a' }] }, { store: 'a' }],
    [true, 'a number', { price: [{ numeric: ['=', 5] }] }, { price: 5 }],
    [true, 'a range', { price: [{ numeric: ['>', 1, '<=', 5] }] }, { price: 5 }],
    [false, 'a number out of the range', { price: [{ numeric: ['>=', 1, '<', 5] }] }, { price: 5 }],
  ])('filters attributes (%s: %s)', (expected, _, policy, attributes) => {
    expect(isDelivered(policy, { attributes })).toBe(expected);
  });

  test.each<[boolean, string, Policy, string]>([
    [true, 'a nested value', { order: { type: ['new'] } }, '{"order":{"type":"new"}}'],
    [true, 'a value in a list of objects', { items: { id: [2] } }, '{"items":[{"id":1},{"id":2}]}'],
    [false, 'another nested value', { order: { type: ['new'] } }, '{"order":{"type":"old"}}'],
    [false, 'no JSON', { order: [{ exists: false }] }, 'an order'],
    [false, 'no object', { order: [{ exists: false }] }, '[]'],
  ])('filters bodies (%s: %s)', (expected, _, policy, body) => {
    expect(isDelivered(policy, { body })).toBe(expected);
  });

  test.each([
    ['not JSON', '{', /parse/],
    ['not an object', '[]', /not an object/],
    ['a plain value', '{"a":"1"}', /must be an object or an array/],
    ['an empty list', '{"a":[]}', /Empty arrays/],
    ['a sixth key', '{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}', /more than 5 keys/],
    ['a nested key for attributes', '{"a":{"b":[1]}}', /does not support nested/],
    ['151 combinations', JSON.stringify({ a: Array.from({ length: 151 }, (_, i) => i) }), /too complex/],
    ['more than 256 KB', JSON.stringify({ a: ['x'.repeat(256 * 1024)] }), /too large/],
  ])('refuses a policy with %s', async (_, policy, message) => {
    const { arn } = cloud.sns.subscribe({ topic: 'orders', queue: 'blue' });

    const setting = setPolicy(arn, policy);

    await expect(setting).rejects.toThrowError(InvalidParameterException);
    await expect(setting).rejects.toThrowError(message);
  });

  test.each([
    ['a value inside', { a: { b: ['1'], c: '1' } }, /must be an object or an array/],
    ['too many combinations inside', { a: { b: Array.from({ length: 76 }, (_, i) => i) } }, /too complex/],
  ])('looks into nested keys for %s', (_, filterPolicy, message) => {
    expect(() =>
      cloud.sns.subscribe({ topic: 'orders', queue: 'blue', scope: 'MessageBody', filterPolicy }),
    ).toThrowError(message);
  });

  test.each([
    ['a condition', { a: [{ cidr: '10.0.0.0/8' }] }],
    ['a numeric condition', { a: [{ numeric: ['~', 1] }] }],
    ['alternatives', { $or: [{ a: ['1'] }] }],
  ])('says which part of a policy it does not simulate (%s)', (_, filterPolicy) => {
    expect(() => cloud.sns.subscribe({ topic: 'orders', queue: 'blue', filterPolicy })).toThrowError(
      /SimulatedSns does not simulate/,
    );
  });

  test('tells a policy and its scope only when there is a policy', async () => {
    const { arn } = cloud.sns.subscribe({
      topic: 'orders',
      queue: 'blue',
      filterPolicy: { type: ['order'] },
    });
    const before = await getAttributes(arn);

    await setPolicy(arn, '{}');

    expect(before).toMatchObject({
      FilterPolicy: '{"type":["order"]}',
      FilterPolicyScope: 'MessageAttributes',
    });
    const after = await getAttributes(arn);
    expect(after).not.toHaveProperty('FilterPolicy');
    expect(after).not.toHaveProperty('FilterPolicyScope');
  });

  test('lets a change come into force after the set time', async () => {
    cloud.sns.filterPropagationSeconds = 60;
    const { arn } = cloud.sns.subscribe({ topic: 'orders', queue: 'blue' });
    await setPolicy(arn, '{"type":["order"]}');

    const deliveries = [cloud.sns.publish('orders', 'a greeting')];
    await cloud.clock.sleep(60_000);
    deliveries.push(cloud.sns.publish('orders', 'a greeting'));

    expect(deliveries).toEqual([1, 0]);
  });

  test('delivers nothing to a subscription that is not confirmed', () => {
    cloud.sns.subscribe({ topic: 'orders', queue: 'blue', pendingConfirmation: true });

    expect(cloud.sns.publish('orders', 'an order')).toBe(0);
  });

  test('knows no subscription or topic that is not there', async () => {
    await expect(getAttributes('arn:none')).rejects.toThrowError(NotFoundException);
    expect(() => cloud.sns.publish('none', 'an order')).toThrowError(NotFoundException);
  });

  test('says which attribute it does not simulate', async () => {
    const { arn } = cloud.sns.subscribe({ topic: 'orders', queue: 'blue' });

    await expect(setPolicy(arn, 'true', 'RawMessageDelivery')).rejects.toThrowError(/does not simulate/);
  });
});
