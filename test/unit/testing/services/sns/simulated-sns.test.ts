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

describe('SimulatedSns', () => {
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
  ])('refuses a policy with %s in nested keys', (_, filterPolicy, message) => {
    expect(() =>
      cloud.sns.subscribe({ topic: 'orders', queue: 'blue', scope: 'MessageBody', filterPolicy }),
    ).toThrowError(message);
  });

  test.each<[boolean, string, Policy, Attributes]>([
    [true, 'the first alternative', { $or: [{ kind: ['order'] }, { price: [5] }] }, { kind: 'order' }],
    [true, 'the second alternative', { $or: [{ kind: ['order'] }, { price: [5] }] }, { price: 5 }],
    [false, 'no alternative', { $or: [{ kind: ['order'] }, { price: [5] }] }, { kind: 'refund', price: 4 }],
    [
      true,
      'an alternative and the key beside it',
      { store: ['oslo'], $or: [{ kind: ['order'] }, { price: [{ numeric: ['>', 100] }] }] },
      { store: 'oslo', price: 101 },
    ],
    [
      false,
      'an alternative without the key beside it',
      { store: ['oslo'], $or: [{ kind: ['order'] }, { price: [5] }] },
      { store: 'rome', kind: 'order' },
    ],
    [
      true,
      'an alternative within an alternative',
      { $or: [{ a: ['1'], $or: [{ b: ['1'] }, { c: ['1'] }] }, { d: ['1'] }] },
      { a: '1', c: '1' },
    ],
    [false, 'a suffix of a number', { store: [{ suffix: '5' }] }, { store: 5 }],
    [true, 'equality without case', { store: [{ 'equals-ignore-case': 'Oslo' }] }, { store: 'oSLO' }],
    [false, 'no equality without case', { store: [{ 'equals-ignore-case': 'Oslo' }] }, { store: 'oslo1' }],
    [true, 'a wildcard', { store: [{ wildcard: 'eu-*-1' }] }, { store: 'eu-west-1' }],
    [false, 'no wildcard', { store: [{ wildcard: 'eu-*-1' }] }, { store: 'eu-west-2' }],
    [true, 'an asterisk as it is', { store: [{ wildcard: 'a\\*(b)' }] }, { store: 'a*(b)' }],
    [false, 'no asterisk as it is', { store: [{ wildcard: 'a\\*b' }] }, { store: 'axb' }],
    [true, 'an address in a network', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.255' }],
    [false, 'an address beside a network', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.1.0' }],
    [true, 'an address in a network of IPv6', { ip: [{ cidr: '2001:db8::/32' }] }, { ip: '2001:db8::1' }],
    [false, 'an address of the other kind', { ip: [{ cidr: '::/0' }] }, { ip: '10.0.0.1' }],
    [false, 'no address', { ip: [{ cidr: '0.0.0.0/0' }] }, { ip: 'ten' }],
    [true, 'anything but a prefix', { store: [{ 'anything-but': { prefix: 'eu-' } }] }, { store: 'us-1' }],
    [false, 'a prefix', { store: [{ 'anything-but': { prefix: 'eu-' } }] }, { store: 'eu-1' }],
    [false, 'a suffix', { store: [{ 'anything-but': { suffix: ['-1', '-2'] } }] }, { store: 'eu-2' }],
    [
      false,
      'equality without case',
      { store: [{ 'anything-but': { 'equals-ignore-case': 'OSLO' } }] },
      { store: 'oslo' },
    ],
    [true, 'anything but a wildcard', { store: [{ 'anything-but': { wildcard: 'a*z' } }] }, { store: 'abc' }],
    [false, 'anything but, without the attribute', { store: [{ 'anything-but': 'a' }] }, {}],
    [true, 'anything but numbers', { price: [{ 'anything-but': [1, 2] }] }, { price: 3 }],
    [true, 'an array with another value', { store: [{ 'anything-but': ['a', 'b'] }] }, { store: ['a', 'c'] }],
    [false, 'a number as text', { price: [{ numeric: ['=', 5] }] }, { price: '5' }],
    [true, 'a boolean in an array', { flags: [true] }, { flags: [true, 'x'] }],
  ])('filters attributes with every operator (%s: %s)', (expected, _, policy, attributes) => {
    expect(isDelivered(policy, { attributes })).toBe(expected);
  });

  test.each<[boolean, string, Policy, string]>([
    [
      true,
      'alternatives at a depth',
      { order: { $or: [{ type: ['new'] }, { price: [{ numeric: ['>', 5] }] }] } },
      '{"order":{"price":6}}',
    ],
    [
      false,
      'no alternative at a depth',
      { order: { $or: [{ type: ['new'] }, { price: [5] }] } },
      '{"order":{"type":"old"}}',
    ],
    [
      true,
      'an alternative with a nested key',
      { $or: [{ order: { type: ['new'] } }, { kind: ['a'] }] },
      '{"order":{"type":"new"}}',
    ],
    [
      true,
      'null and false',
      { order: { note: [null], paid: [false] } },
      '{"order":{"note":null,"paid":false}}',
    ],
  ])('filters bodies with alternatives (%s: %s)', (expected, _, policy, body) => {
    expect(isDelivered(policy, { body })).toBe(expected);
  });

  test.each<[string, Policy, RegExp]>([
    ['one alternative, which is an ordinary key', { $or: [{ a: ['1'] }] }, /Unrecognized match type a/],
    ['alternatives with an operator', { $or: [{ prefix: ['a'] }, { a: ['1'] }] }, /Unrecognized|string/],
    ['an empty alternative', { $or: [{}, { a: ['1'] }] }, /one operator/],
    ['a plain value in an alternative', { $or: [{ a: '1' }, { b: ['1'] }] }, /must be an object or an array/],
    ['an unknown operator', { a: [{ begins: 'x' }] }, /Unrecognized match type begins/],
    ['two operators', { a: [{ prefix: 'x', suffix: 'y' }] }, /one operator/],
    ['an array as a condition', { a: [['x']] }, /A condition is/],
    ['a prefix that is no text', { a: [{ prefix: 5 }] }, /prefix match pattern must be a string/],
    ['a list of suffixes', { a: [{ suffix: ['x', 'y'] }] }, /suffix match pattern must be a string/],
    ['exists without a boolean', { a: [{ exists: 'no' }] }, /exists/],
    ['a network that is none', { a: [{ cidr: '10.0.0.0/33' }] }, /CIDR/],
    ['two wildcards in a row', { a: [{ wildcard: 'a**' }] }, /wildcards/],
    ['anything but nothing', { a: [{ 'anything-but': [] }] }, /anything-but/],
    ['anything but text and numbers', { a: [{ 'anything-but': ['x', 5] }] }, /anything-but/],
    ['anything but a boolean', { a: [{ 'anything-but': true }] }, /anything-but/],
    ['anything but a range', { a: [{ 'anything-but': { numeric: ['=', 1] } }] }, /Unsupported anything-but/],
    ['an empty range', { a: [{ numeric: [] }] }, /Invalid member/],
    ['a range without an array', { a: [{ numeric: 5 }] }, /numeric/],
    ['an unknown comparison', { a: [{ numeric: ['~', 1] }] }, /Unrecognized numeric range operator/],
    ['a comparison without a number', { a: [{ numeric: ['>=', '1'] }] }, /Value of >= must be numeric/],
    ['an upper bound first', { a: [{ numeric: ['<', 100, '>', 10] }] }, /Too many elements/],
    ['two lower bounds', { a: [{ numeric: ['>=', 1, '>', 2] }] }, /Bad numeric range operator/],
    ['an upper bound without a number', { a: [{ numeric: ['>', 20, '<='] }] }, /Value of <= must be numeric/],
    ['a range from the top down', { a: [{ numeric: ['>', 3, '<', 1] }] }, /Bottom must be less than top/],
    ['three comparisons', { a: [{ numeric: ['>', 2, '<', 3, '<', 5] }] }, /Too many terms/],
    [
      '152 combinations of alternatives',
      {
        source: ['a', 'b', 'c', 'd'],
        $or: [
          { name: [1, 2, 3, 4, 5, 6] },
          { type: [1, 2, 3, 4], id: [1, 2, 3, 4] },
          { type: [1, 2, 3, 4], space: [1, 2, 3, 4] },
        ],
      },
      /too complex/,
    ],
  ])('refuses a policy with %s', async (_, policy, message) => {
    const { arn } = cloud.sns.subscribe({ topic: 'orders', queue: 'blue' });

    const setting = setPolicy(arn, JSON.stringify(policy));

    await expect(setting).rejects.toThrowError(InvalidParameterException);
    await expect(setting).rejects.toThrowError(message);
  });

  describe('deliveries to a queue', () => {
    const received = () => cloud.sqs.queue('blue').messages;
    const attributes = { kind: 'order', price: 5, tags: ['a', true] };

    test('have the JSON envelope with the attributes inside unless they are raw', async () => {
      const { arn } = cloud.sns.subscribe({ topic: 'orders', queue: 'blue' });

      cloud.sns.publish('orders', 'hello', attributes);

      const [message] = received();
      expect(JSON.parse(message?.body ?? '')).toEqual({
        Type: 'Notification',
        MessageId: expect.any(String),
        TopicArn: cloud.sns.topic('orders').arn,
        Message: 'hello',
        Timestamp: new Date(cloud.clock.now()).toISOString(),
        SignatureVersion: '1',
        Signature: expect.any(String),
        SigningCertURL: expect.stringMatching(/^https:/),
        UnsubscribeURL: expect.stringContaining(arn),
        MessageAttributes: {
          kind: { Type: 'String', Value: 'order' },
          price: { Type: 'Number', Value: '5' },
          tags: { Type: 'String.Array', Value: '["a",true]' },
        },
      });
      expect(message?.messageAttributes).toEqual({});
      expect(await getAttributes(arn)).toMatchObject({ RawMessageDelivery: 'false' });
    });

    test('have no attributes in the envelope of a message without any', () => {
      cloud.sns.subscribe({ topic: 'orders', queue: 'blue' });

      cloud.sns.publish('orders', 'hello');

      expect(JSON.parse(received()[0]?.body ?? '')).not.toHaveProperty('MessageAttributes');
    });

    test('have the body and the attributes as they were published when they are raw', async () => {
      const { arn } = cloud.sns.subscribe({ topic: 'orders', queue: 'blue', rawMessageDelivery: true });

      cloud.sns.publish('orders', 'hello', attributes);

      expect(received()).toMatchObject([
        {
          body: 'hello',
          messageAttributes: {
            kind: { DataType: 'String', StringValue: 'order' },
            price: { DataType: 'Number', StringValue: '5' },
            tags: { DataType: 'String.Array', StringValue: '["a",true]' },
          },
        },
      ]);
      expect(await getAttributes(arn)).toMatchObject({ RawMessageDelivery: 'true' });
    });

    test('are discarded when they are raw and have more than ten attributes', () => {
      cloud.sns.subscribe({ topic: 'orders', queue: 'blue', rawMessageDelivery: true });
      const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, 'x']));

      expect(cloud.sns.publish('orders', 'hello', many)).toBe(0);
      expect(received()).toEqual([]);
    });
  });

  test('shows a policy and its scope only when there is a policy', async () => {
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

  test('applies a change after the set time', async () => {
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

  test('throws NotFoundException for a missing subscription or topic', async () => {
    await expect(getAttributes('arn:none')).rejects.toThrowError(NotFoundException);
    expect(() => cloud.sns.publish('none', 'an order')).toThrowError(NotFoundException);
  });

  test('names the attribute that it does not simulate', async () => {
    const { arn } = cloud.sns.subscribe({ topic: 'orders', queue: 'blue' });

    await expect(setPolicy(arn, 'true', 'RawMessageDelivery')).rejects.toThrowError(/does not simulate/);
  });
});
