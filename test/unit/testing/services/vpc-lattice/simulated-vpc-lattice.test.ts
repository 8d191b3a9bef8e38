import {
  GetListenerCommand,
  GetRuleCommand,
  ListTargetsCommand,
  type RuleAction,
  UpdateListenerCommand,
  UpdateRuleCommand,
} from '@aws-sdk/client-vpc-lattice';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  SimulatedCloud,
  type SimulatedLatticeListener,
  type SimulatedLatticeRule,
  type SimulatedLatticeTargetGroup,
} from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let blue: SimulatedLatticeTargetGroup;
let green: SimulatedLatticeTargetGroup;
let listener: SimulatedLatticeListener;
let rule: SimulatedLatticeRule;

const client = () => cloud.clients.vpcLattice;
const notFound: RuleAction = { fixedResponse: { statusCode: 404 } };

function forward(weights: Readonly<Record<string, number>>): RuleAction {
  const targetGroups = Object.entries(weights).map(([targetGroupIdentifier, weight]) => ({
    targetGroupIdentifier,
    weight,
  }));
  return { forward: { targetGroups } };
}

/** Returns the identifiers of a rule in a call: IDs or ARNs. */
function named(by: 'id' | 'arn') {
  return {
    serviceIdentifier: by === 'id' ? listener.serviceId : listener.serviceArn,
    listenerIdentifier: listener[by],
    ruleIdentifier: rule[by],
  };
}

beforeEach(() => {
  cloud = new SimulatedCloud();
  blue = cloud.vpcLattice.addTargetGroup({ targets: ['i-1'] });
  green = cloud.vpcLattice.addTargetGroup({ targets: ['i-2'] });
  listener = cloud.vpcLattice.addListener({ defaultAction: notFound });
  rule = cloud.vpcLattice.addRule({ listener: listener.id, priority: 10, action: forward({ [blue.id]: 1 }) });
});

describe('SimulatedVpcLattice', () => {
  test.each(['id', 'arn'] as const)('finds resources by %s', async (by) => {
    expect(await client().send(new GetRuleCommand(named(by)))).toMatchObject({
      id: rule.id,
      arn: rule.arn,
      isDefault: false,
      priority: 10,
      action: forward({ [blue.id]: 1 }),
    });
    expect(await client().send(new GetListenerCommand(named(by)))).toMatchObject({
      id: listener.id,
      serviceId: listener.serviceId,
      defaultAction: notFound,
    });
    expect(cloud.vpcLattice.rule(rule[by])).toEqual(rule);
  });

  test('creates several listeners of one service', async () => {
    const second = cloud.vpcLattice.addListener({ service: listener.serviceArn, defaultAction: notFound });

    expect(second.serviceId).toBe(listener.serviceId);
    const strange = { ...named('id'), listenerIdentifier: second.id };
    await expect(client().send(new GetRuleCommand(strange))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('changes the action of a rule, and keeps the members that are not given', async () => {
    await cloud.clock.sleep(5000);

    await client().send(
      new UpdateRuleCommand({ ...named('arn'), action: forward({ [blue.arn]: 1, [green.id]: 3 }) }),
    );

    expect(await client().send(new GetRuleCommand(named('id')))).toMatchObject({
      createdAt: new Date(cloud.clock.now() - 5000),
      lastUpdatedAt: new Date(cloud.clock.now()),
    });
    expect(cloud.vpcLattice.rule(rule.id)).toEqual({
      ...rule,
      action: forward({ [blue.arn]: 1, [green.id]: 3 }),
    });
    expect(cloud.vpcLattice.weightsInForce(rule.id)).toEqual({ [blue.id]: 1, [green.id]: 3 });
  });

  test('changes the priority of a rule, and refuses one in use', async () => {
    cloud.vpcLattice.addRule({ listener: listener.arn, priority: 20, action: notFound });
    const prioritize = (priority: number) =>
      client().send(new UpdateRuleCommand({ ...named('id'), priority }));

    await prioritize(30);

    expect(cloud.vpcLattice.rule(rule.id).priority).toBe(30);
    await expect(prioritize(20)).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(prioritize(2001)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('changes the default action with UpdateListener, not with UpdateRule', async () => {
    const defaultRule = { ...named('id'), ruleIdentifier: listener.id.replace('listener-', 'rule-default-') };
    expect(await client().send(new GetRuleCommand(defaultRule))).toMatchObject({
      isDefault: true,
      action: notFound,
    });
    await expect(
      client().send(new UpdateRuleCommand({ ...defaultRule, action: notFound })),
    ).rejects.toMatchObject({ name: 'ValidationException' });

    await client().send(
      new UpdateListenerCommand({ ...named('id'), defaultAction: forward({ [green.id]: 1 }) }),
    );

    expect(cloud.vpcLattice.weightsInForce(listener.arn)).toEqual({ [green.id]: 1 });
  });

  test('applies a change after the propagation time', async () => {
    cloud.vpcLattice.propagationSeconds = 10;

    cloud.vpcLattice.changeAction(rule.id, forward({ [green.id]: 1 }));

    expect(cloud.vpcLattice.rule(rule.id).action).toEqual(forward({ [green.id]: 1 }));
    expect(cloud.vpcLattice.weightsInForce(rule.id)).toEqual({ [blue.id]: 1 });
    await cloud.clock.sleep(10_000);
    expect(cloud.vpcLattice.weightsInForce(rule.id)).toEqual({ [green.id]: 1 });
    expect(cloud.vpcLattice.weightsInForce(listener.id)).toEqual({});
  });

  test.each([
    ['no target group', () => forward({}), 'ValidationException'],
    ['an unknown target group', () => forward({ 'tg-gone': 1 }), 'ResourceNotFoundException'],
    ['a weight above 999', () => forward({ [blue.id]: 1000 }), 'ValidationException'],
    ['a negative weight', () => forward({ [blue.id]: -1 }), 'ValidationException'],
    ['a fraction of a weight', () => forward({ [blue.id]: 0.5 }), 'ValidationException'],
    [
      'eleven target groups',
      () => forward(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`tg-${index}`, 1]))),
      'ValidationException',
    ],
  ])('refuses %s', async (_, action, name) => {
    await expect(
      client().send(new UpdateRuleCommand({ ...named('id'), action: action() })),
    ).rejects.toMatchObject({ name });
  });

  test('shows targets as healthy while an action names their group, and unused otherwise', async () => {
    const list = async (targetGroupIdentifier: string) => {
      const { items = [] } = await client().send(new ListTargetsCommand({ targetGroupIdentifier }));
      return items.map(({ id, status }) => [id, status]);
    };
    expect([await list(blue.arn), await list(green.id)]).toEqual([[['i-1', 'HEALTHY']], [['i-2', 'UNUSED']]]);

    cloud.vpcLattice.setTargetHealth(green.arn, 'i-2', 'DRAINING');
    cloud.vpcLattice.setTargetHealth(green.arn, 'i-3', undefined);

    expect(await list(green.id)).toEqual([
      ['i-2', 'DRAINING'],
      ['i-3', 'UNUSED'],
    ]);
  });

  test('refuses a request without required members', async () => {
    for (const input of [
      { ...named('id'), serviceIdentifier: undefined },
      { ...named('id'), ruleIdentifier: undefined },
    ])
      await expect(client().send(new GetRuleCommand(input))).rejects.toThrowError();
  });
});
