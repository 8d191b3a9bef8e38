import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  type ListRulesCommandInput,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.eventBridge.addBus('orders');
});

const eventBridge = () => cloud.clients.eventBridge;

describe('SimulatedEventBridge', () => {
  test('finds rules by bus name or bus ARN', async () => {
    cloud.eventBridge.addRule({ name: 'created', eventBusName: 'orders', state: 'DISABLED', targets: ['t'] });
    const EventBusName = 'arn:aws:events:eu-west-1:123456789012:event-bus/orders';

    await eventBridge().send(new EnableRuleCommand({ Name: 'created', EventBusName }));

    expect(
      await eventBridge().send(new DescribeRuleCommand({ Name: 'created', EventBusName })),
    ).toMatchObject({
      Name: 'created',
      EventBusName: 'orders',
      State: 'ENABLED',
      Arn: 'arn:aws:events:eu-west-1:123456789012:rule/orders/created',
    });
    await expect(eventBridge().send(new DescribeRuleCommand({ Name: 'created' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('returns at most 100 rule names on a page', async () => {
    for (let index = 0; index < 101; index += 1)
      cloud.eventBridge.addRule({ name: `rule-${index}`, targets: ['t'] });
    const list = (Limit?: number, NextToken?: string) =>
      eventBridge().send(new ListRuleNamesByTargetCommand({ TargetArn: 't', Limit, NextToken }));

    const first = await list();
    const second = await list(undefined, first.NextToken);

    expect([first.RuleNames?.length, second.RuleNames]).toEqual([100, ['rule-100']]);
    await expect(list(101)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('shows the rules of a bus with their states, up to 100 on a page', async () => {
    for (let index = 0; index < 101; index += 1)
      cloud.eventBridge.addRule({ name: `rule-${index}`, state: index === 0 ? 'DISABLED' : 'ENABLED' });
    cloud.eventBridge.addRule({ name: 'theirs', eventBusName: 'orders', managedBy: 'ecs.amazonaws.com' });
    const list = (input: ListRulesCommandInput) => eventBridge().send(new ListRulesCommand(input));

    const first = await list({});
    const second = await list({ NextToken: first.NextToken });

    expect(first.Rules).toHaveLength(100);
    expect(first.Rules?.[0]).toMatchObject({ Name: 'rule-0', State: 'DISABLED', EventBusName: 'default' });
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(['rule-100']);
    expect((await list({ NamePrefix: 'rule-10' })).Rules?.map(({ Name }) => Name)).toEqual([
      'rule-10',
      'rule-100',
    ]);
    expect((await list({ EventBusName: 'orders' })).Rules).toMatchObject([
      { Name: 'theirs', ManagedBy: 'ecs.amazonaws.com' },
    ]);
    await expect(list({ EventBusName: 'missing' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(list({ Limit: 101 })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('refuses to switch a managed rule', async () => {
    cloud.eventBridge.addRule({ name: 'theirs', managedBy: 'ecs.amazonaws.com' });

    const disable = eventBridge().send(new DisableRuleCommand({ Name: 'theirs' }));

    await expect(disable).rejects.toMatchObject({ name: 'ManagedRuleException' });
  });

  test('throws ResourceNotFoundException for an unknown bus', async () => {
    const list = eventBridge().send(
      new ListRuleNamesByTargetCommand({ TargetArn: 't', EventBusName: 'missing' }),
    );

    await expect(list).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('SimulatedEventBridge, PutEvents', () => {
  const entry: PutEventsRequestEntry = { Source: 'shop', DetailType: 'Order', Detail: '{"id":1}' };
  const put = (...Entries: PutEventsRequestEntry[]) => eventBridge().send(new PutEventsCommand({ Entries }));

  test('keeps the events of a bus, each with its time', async () => {
    const Time = new Date('2025-12-31T00:00:00Z');

    const answer = await put(entry, { ...entry, EventBusName: 'orders', Time });

    expect(answer).toMatchObject({
      FailedEntryCount: 0,
      Entries: [{ EventId: expect.any(String) }, { EventId: expect.any(String) }],
    });
    expect(cloud.eventBridge.eventsOn()).toEqual([
      { ...entry, EventBusName: 'default', Time: new Date(cloud.clock.now()) },
    ]);
    expect(cloud.eventBridge.eventsOn('orders')).toEqual([{ ...entry, EventBusName: 'orders', Time }]);
  });

  test.each([
    [{ Source: '' }, 'InvalidArgument'],
    [{ DetailType: 'x'.repeat(129) }, 'InvalidArgument'],
    [{ Source: 'aws.shop' }, 'NotAuthorizedForSourceException'],
    [{ Detail: '[1]' }, 'MalformedDetail'],
    [{ Detail: '{' }, 'MalformedDetail'],
  ])('fails an entry with %o, and accepts the rest', async (wrong, ErrorCode) => {
    const answer = await put({ ...entry, ...wrong }, entry);

    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode }, {}] });
    expect(cloud.eventBridge.eventsOn()).toHaveLength(1);
  });

  test.each([
    ['without entries', []],
    ['with eleven entries', Array.from({ length: 11 }, () => entry)],
    ['without any complete entry', [{ Source: 'shop' }]],
    ['that is too large', [{ ...entry, Time: new Date(0), Detail: `{"id":"${'ü'.repeat(131_072)}"}` }]],
  ])('refuses a request %s', async (_name, entries) => {
    await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(cloud.eventBridge.eventsOn()).toEqual([]);
  });

  test('reports success for an event to an unknown bus, as AWS does', async () => {
    expect(await put({ ...entry, EventBusName: 'missing' })).toMatchObject({ FailedEntryCount: 0 });
    expect(() => cloud.eventBridge.eventsOn('missing')).toThrow('Event bus missing does not exist.');
  });
});
