import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { type Logger, silentLogger } from '../../../../src/core/logger.js';
import { SimulatedCloud, type SimulatedLatticeListener } from '../../../../src/testing/index.js';
import { VpcLatticeRuleTarget } from '../../../../src/traffic/targets/vpc-lattice-rule.js';
import { createRecorder } from '../../../support/recorded-lines.js';

let cloud: SimulatedCloud;
let listener: SimulatedLatticeListener;
let blue: { id: string; arn: string };
let green: { id: string; arn: string };

beforeEach(() => {
  cloud = new SimulatedCloud();
  blue = cloud.vpcLattice.addTargetGroup({ targets: ['i-1'] });
  green = cloud.vpcLattice.addTargetGroup({ targets: ['i-1'] });
  listener = cloud.vpcLattice.addListener({
    defaultAction: { forward: { targetGroups: [{ targetGroupIdentifier: blue.id, weight: 1 }] } },
  });
});

function makeTarget(ruleIdentifier?: string, logger: Logger = silentLogger) {
  return new VpcLatticeRuleTarget({
    serviceIdentifier: listener.serviceId,
    listenerIdentifier: listener.arn,
    ruleIdentifier,
    blue: { targetGroupIdentifier: blue.arn },
    green: { targetGroupIdentifier: green.id },
    clients: cloud.clients,
    logger,
  });
}

describe('Class: VpcLatticeRuleTarget', () => {
  test('throws InvalidInputError for the same target group by ID and by ARN', () => {
    const make = () =>
      new VpcLatticeRuleTarget({
        serviceIdentifier: 'svc',
        listenerIdentifier: 'listener',
        blue: { targetGroupIdentifier: blue.arn },
        green: { targetGroupIdentifier: blue.id },
        clients: cloud.clients,
      });

    expect(make).toThrowError(InvalidInputError);
  });

  test('describes its kind and its IDs', () => {
    expect(makeTarget().description).toBe(`Default action of VPC Lattice listener ${listener.id}`);
    expect(makeTarget('rule-1').description).toBe(`VPC Lattice rule rule-1 of ${listener.id}`);
  });

  test('keeps the ID or ARN of present target groups, and adds one as given in the options', async () => {
    await makeTarget().writeWeights({ blue: 87.5, green: 12.5 });

    expect(cloud.vpcLattice.listener(listener.id).defaultAction).toEqual({
      forward: {
        targetGroups: [
          { targetGroupIdentifier: blue.id, weight: 7 },
          { targetGroupIdentifier: green.id, weight: 1 },
        ],
      },
    });
  });

  test.each([
    [{ fixedResponse: { statusCode: 404 } }, 'a fixed response'],
    [{ $unknown: ['redirect', {}] as [string, unknown] }, 'an unknown action'],
  ])('throws ResourceStateError for an action that does not forward: %o', async (action, actual) => {
    cloud.vpcLattice.changeAction(listener.id, action);

    await expect(makeTarget().readWeights()).rejects.toMatchObject({
      name: 'ResourceStateError',
      message: `The action does not forward: expected a forward action, got ${actual}. Forward to the target group of one of the stacks`,
      resource: `Default action of VPC Lattice listener ${listener.id}`,
    });
  });

  test('throws ResourceStateError for the default rule, with the remedy', async () => {
    const defaultRule = listener.id.replace('listener-', 'rule-default-');

    await expect(makeTarget(defaultRule).readWeights()).rejects.toMatchObject({
      message:
        "A listener's default rule cannot be changed as a rule: expected a rule with a match, got the default rule. Leave ruleIdentifier out, which selects the default action of the listener",
      resource: defaultRule,
    });
  });

  test('throws UnexpectedResponseError when the action is missing in the response', async () => {
    cloud.clients.vpcLattice.middlewareStack.add(
      () => async () => ({ response: {}, output: { $metadata: {} } }),
      { step: 'initialize', name: 'leavesActionsOut' },
    );

    await expect(makeTarget().readWeights()).rejects.toThrowError(
      `Response of vpc-lattice:GetListener for Default action of VPC Lattice listener ${listener.id} is incomplete: expected the field defaultAction`,
    );
    await expect(makeTarget('rule-1').readWeights()).rejects.toThrowError(
      `Response of vpc-lattice:GetRule for VPC Lattice rule rule-1 of ${listener.id} is incomplete: expected the field action`,
    );
  });

  test('writes its own rule, and leaves the default action unchanged', async () => {
    const action = { forward: { targetGroups: [{ targetGroupIdentifier: blue.id, weight: 1 }] } };
    const match = { httpMatch: { method: 'GET' } };
    const rule = cloud.vpcLattice.addRule({ listener: listener.id, priority: 7, match, action });
    const before = structuredClone(cloud.vpcLattice.listener(listener.id).defaultAction);

    await makeTarget(rule.id).writeWeights({ blue: 40, green: 60 });

    expect(await makeTarget(rule.id).readWeights()).toEqual({ blue: 40, green: 60 });
    expect(cloud.vpcLattice.listener(listener.id).defaultAction).toEqual(before);
  });

  test('warns about the target group that it adds, and logs the former and the written weights', async () => {
    const logger = createRecorder();

    await makeTarget(undefined, logger).writeWeights({ blue: 90, green: 10 });

    expect(logger.take()).toMatchObject([
      {
        level: 'warn',
        message: 'Added a target group before its first health check',
        data: { targetGroup: green.id },
      },
      {
        level: 'info',
        message: 'Changed traffic weights',
        data: {
          resource: `Default action of VPC Lattice listener ${listener.id}`,
          from: 'blue 100 %, green 0 %',
          to: 'blue 90 %, green 10 %',
        },
      },
    ]);
  });

  test('throws the conflict when another change of the rule is in progress', async () => {
    const conflict = Object.assign(new Error('Update in progress'), { name: 'ConflictException' });
    cloud.injectFault({ kind: conflict, action: 'vpc-lattice:UpdateListener' });

    await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toBe(conflict);
  });
});
