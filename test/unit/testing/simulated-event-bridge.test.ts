import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRuleNamesByTargetCommand,
} from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.eventBridge.addBus('orders');
});

const eventBridge = () => cloud.clients.eventBridge;

describe('Class: SimulatedEventBridge', () => {
  test('rules belong to a bus, which is named or given by its ARN', async () => {
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

  test('a page of rule names has at most 100', async () => {
    for (let index = 0; index < 101; index += 1)
      cloud.eventBridge.addRule({ name: `rule-${index}`, targets: ['t'] });
    const list = (Limit?: number, NextToken?: string) =>
      eventBridge().send(new ListRuleNamesByTargetCommand({ TargetArn: 't', Limit, NextToken }));

    const first = await list();
    const second = await list(undefined, first.NextToken);

    expect([first.RuleNames?.length, second.RuleNames]).toEqual([100, ['rule-100']]);
    await expect(list(101)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('a managed rule cannot be switched', async () => {
    cloud.eventBridge.addRule({ name: 'theirs', managedBy: 'ecs.amazonaws.com' });

    const disable = eventBridge().send(new DisableRuleCommand({ Name: 'theirs' }));

    await expect(disable).rejects.toMatchObject({ name: 'ManagedRuleException' });
  });

  test('a bus that does not exist has no rules', async () => {
    const list = eventBridge().send(
      new ListRuleNamesByTargetCommand({ TargetArn: 't', EventBusName: 'missing' }),
    );

    await expect(list).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
