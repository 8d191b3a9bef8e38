import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/core/logger.js';
import { ListenerRules } from '../../../../src/custom-resource/rule/listener-rules.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';

const target = 'i-0a1b2c3d4e5f60718';

function setUp() {
  const { elasticLoadBalancing, clients, clock } = new SimulatedCloud();
  const group = (name: string) => elasticLoadBalancing.addTargetGroup({ name, targets: [target] }).arn;
  const [blue, green] = [group('blue'), group('green')];
  const rules = new ListenerRules({
    ...clients,
    ledger: { write: (call) => call({}) },
    clock,
    logger: silentLogger,
  });
  const forwardTo = (...groups: string[]) => {
    const tuples = groups.map((arn, index) => ({ TargetGroupArn: arn, Weight: index === 0 ? 100 : 0 }));
    return { Actions: [{ Type: 'forward' as const, ForwardConfig: { TargetGroups: tuples } }] };
  };
  return { elasticLoadBalancing, rules, blue, green, forwardTo };
}

describe('Class: ListenerRules', () => {
  describe('Method: isHealthy', () => {
    test('returns true for unused targets of a group that the rule does not name', async () => {
      const { rules, blue, green, forwardTo } = setUp();

      expect(await rules.isHealthy(forwardTo(blue), green, {})).toBe(true);
    });

    test('returns false for unused targets of a group that the rule names with the weight 0', async () => {
      const { elasticLoadBalancing, rules, blue, green, forwardTo } = setUp();
      elasticLoadBalancing.setTargetHealth(green, target, { State: 'unused', Reason: 'Target.NotInUse' });

      expect(await rules.isHealthy(forwardTo(blue, green), green, {})).toBe(false);
    });
  });
});
