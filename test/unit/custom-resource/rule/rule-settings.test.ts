import { describe, expect, test } from 'vitest';
import { destinationsOf, isInListener } from '../../../../src/custom-resource/rule/rule-settings.js';

const ruleTo = (...weights: number[]) => ({
  RuleArn: 'arn:rule',
  Actions: [
    {
      Type: 'forward' as const,
      ForwardConfig: {
        TargetGroups: weights.map((Weight, index) => ({ TargetGroupArn: `arn:${index}`, Weight })),
      },
    },
  ],
});

describe('destinationsOf', () => {
  test('returns all the traffic for a single target group, regardless of its weight', () => {
    expect(destinationsOf(ruleTo(0))).toEqual([{ targetGroupArn: 'arn:0', weight: 1 }]);
  });

  test('throws ResourceStateError with a remedy for a rule without traffic to shift', () => {
    expect(() => destinationsOf(ruleTo(0, 0))).toThrow(/All weights of the listener rule are 0.*by hand/);
    expect(() => destinationsOf({ Actions: [{ Type: 'fixed-response' }] })).toThrow(/does not forward/);
  });
});

describe('isInListener', () => {
  const rule = 'arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:listener-rule/app/web/50dc/f2f7/9683';

  test.each([
    ['arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:listener/app/web/50dc/f2f7', true],
    ['arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:listener/app/web/50dc/f2f', false],
    ['arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:listener/app/web/50dc/0000', false],
    ['arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/50dc/f2f7', false],
  ])('%s: %s', (listener, isIn) => {
    expect(isInListener(rule, listener)).toBe(isIn);
  });
});
