import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResourceStateError } from '../../../../src/core/errors.js';
import type { StackReference } from '../../../../src/core/index.js';
import type { RuleWeights } from '../../../../src/swap/switches/listener-weights.js';
import type { TargetGroupTasks } from '../../../../src/swap/switches/service-revisions.js';
import { liveTasks, percentsOf, productionRules } from '../../../../src/swap/switches/traffic-percents.js';

const probed = { service: 'orders/web', listenerArn: 'listener', boundBy: 'STACK' };

function rule(ruleArn: string, weights: Readonly<Record<string, number>>): RuleWeights {
  return { ruleArn, weights: new Map(Object.entries(weights)) };
}

function tasks(name: string, group: string, changes: Partial<TargetGroupTasks> = {}): TargetGroupTasks {
  return {
    name,
    targetGroupArns: [group],
    taskDefinition: name,
    isDraining: false,
    productionRules: [],
    testRules: [],
    ...changes,
  };
}

const stacks = new Map<string, readonly StackReference[]>([
  ['blue', ['blue']],
  ['blue hotfix', ['blue']],
  ['green', ['green']],
  ['both', ['blue', 'green']],
  ['none', []],
]);

function percents(rules: readonly RuleWeights[], present: readonly TargetGroupTasks[]) {
  const found = productionRules(rules, present, probed);
  return percentsOf(found, liveTasks(found, present, probed), stacks, probed);
}

describe('percentsOf', () => {
  test.each<[string, RuleWeights[], TargetGroupTasks[], number]>([
    ['a single target group', [rule('r', { A: 1 })], [tasks('green', 'A')], 100],
    ['weights of CodeDeploy', [rule('r', { A: 90, B: 10 })], [tasks('blue', 'A'), tasks('green', 'B')], 10],
    ['weights of 999', [rule('r', { A: 999, B: 0 })], [tasks('green', 'A'), tasks('blue', 'B')], 100],
    [
      'weights that are no percents',
      [rule('r', { A: 1, B: 3 })],
      [tasks('blue', 'A'), tasks('green', 'B')],
      75,
    ],
    [
      'one stack in both groups',
      [rule('r', { A: 1, B: 2 })],
      [tasks('blue', 'A'), tasks('blue hotfix', 'B')],
      0,
    ],
    ['an idle group without tasks', [rule('r', { A: 0, B: 100 })], [tasks('green', 'B')], 100],
    [
      'an idle group bound to both',
      [rule('r', { A: 0, B: 100 })],
      [tasks('both', 'A'), tasks('green', 'B')],
      100,
    ],
    ['a rule of another service', [rule('r', { A: 1 }), rule('s', { X: 1 })], [tasks('green', 'A')], 100],
    ['a rule that does not forward', [rule('r', { A: 1 }), rule('s', {})], [tasks('green', 'A')], 100],
    [
      'rules that differ',
      [rule('r', { A: 1 }), rule('s', { B: 1 })],
      [tasks('blue', 'A'), tasks('green', 'B')],
      50,
    ],
    [
      'tasks that drain beside others',
      [rule('r', { A: 1 })],
      [tasks('blue', 'A', { isDraining: true }), tasks('green', 'A')],
      100,
    ],
    ['only tasks that drain', [rule('r', { A: 1 })], [tasks('green', 'A', { isDraining: true })], 100],
    ['two revisions of one stack', [rule('r', { A: 1 })], [tasks('blue', 'A'), tasks('blue hotfix', 'A')], 0],
    [
      'a test rule in the same listener',
      [rule('r', { A: 1 }), rule('t', { B: 1 })],
      [
        tasks('blue', 'A', { testRules: ['t'], productionRules: ['r'] }),
        tasks('green', 'B', { testRules: ['t'] }),
      ],
      0,
    ],
    [
      'a network listener of ECS',
      [rule('r', { A: 1 })],
      [tasks('green', 'A', { productionRules: ['listener'] })],
      100,
    ],
  ])('returns the share of green for %s', (_, rules, present, green) => {
    expect(percents(rules, present)).toEqual({ blue: 100 - green, green });
  });

  test.each<[string, RuleWeights[], TargetGroupTasks[], string]>([
    [
      'no rule of the service',
      [rule('r', { X: 1 })],
      [tasks('blue', 'A')],
      'expected a rule that forwards to a target group of service orders/web, got none',
    ],
    ['no traffic at all', [rule('r', { A: 0, B: 0 })], [tasks('blue', 'A')], 'got the weights 0 in rule r'],
    ['traffic without tasks', [rule('r', { A: 1, X: 1 })], [tasks('blue', 'A')], 'got none behind X'],
    [
      'two stacks in one group',
      [rule('r', { A: 1 })],
      [tasks('blue', 'A'), tasks('green', 'A')],
      'got blue with blue, bound to blue; green with green, bound to green',
    ],
    ['tasks bound to both', [rule('r', { A: 1 })], [tasks('both', 'A')], 'bound to blue and green'],
    ['tasks bound to none', [rule('r', { A: 1 })], [tasks('none', 'A')], 'bound to none'],
    [
      'one of two bound to none',
      [rule('r', { A: 1 })],
      [tasks('blue', 'A'), tasks('none', 'A')],
      'bound to none',
    ],
    [
      'another listener than that of ECS',
      [rule('r', { A: 1 })],
      [tasks('blue', 'A', { productionRules: ['p'] })],
      'expected the listener of the production rule p, got listener',
    ],
    [
      'only the test rule of ECS',
      [rule('t', { A: 1 }), rule('p', {})],
      [tasks('blue', 'A', { productionRules: ['p'], testRules: ['t'] })],
      'expected a rule that forwards',
    ],
  ])('throws ResourceStateError for %s', (_, rules, present, message) => {
    expect(() => percents(rules, present)).toThrowError(ResourceStateError);
    expect(() => percents(rules, present)).toThrowError(message);
  });

  test('returns 0 or 100 exactly when every rule says so, for any weights', () => {
    const weights = fc
      .record({
        A: fc.integer({ min: 0, max: 999 }),
        B: fc.integer({ min: 0, max: 999 }),
        C: fc.integer({ min: 0, max: 999 }),
      })
      .filter(({ A, B, C }) => A + B + C > 0);
    const present = [tasks('blue', 'A'), tasks('green', 'B'), tasks('blue hotfix', 'C')];
    fc.assert(
      fc.property(fc.array(weights, { minLength: 1, maxLength: 7 }), (all) => {
        const { blue, green } = percents(
          all.map((it, index) => rule(`r${index}`, it)),
          present,
        );

        expect(green === 0).toBe(all.every(({ B }) => B === 0));
        expect(green === 100).toBe(all.every(({ A, C }) => A + C === 0));
        expect(blue === 100).toBe(green === 0);
        expect(blue + green).toBe(100);
      }),
      { numRuns: 500, seed: 14 },
    );
  });
});
