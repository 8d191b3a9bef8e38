import { describe, expect, test } from 'vitest';
import { identityOf, isCanaryOf, previousOf } from '../../../../src/ecs-rollout/canary/canary-identity.js';

const arns = {
  clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop',
  serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/shop/web',
};

describe('identityOf', () => {
  test('returns the same identity for every run, and another one for another service', () => {
    const other = { ...arns, serviceArn: `${arns.serviceArn}-2` };

    expect(identityOf(arns)).toEqual(identityOf(arns));
    expect(identityOf(arns).rolloutId).toBe('shop/web');
    expect(identityOf(other).startedBy).not.toBe(identityOf(arns).startedBy);
    expect(identityOf(arns, 'release 7')).toEqual({ ...identityOf(arns), rolloutId: 'release 7' });
  });

  test('stays within the limits of AWS for the longest names', () => {
    const name = 'x'.repeat(255);
    const { startedBy, rolloutId } = identityOf({ clusterArn: `a/${name}`, serviceArn: `a/${name}/${name}` });

    expect(startedBy).toMatch(/^[\w/-]{1,128}$/);
    expect(rolloutId.length).toBeLessThanOrEqual(256);
  });
});

describe('isCanaryOf', () => {
  test('returns true only when both startedBy and the tag match', () => {
    const identity = identityOf(arns);
    const tags = [
      { key: 'aws-blue-green-toolkit:rollout', value: 'shop/web' },
      { key: 'aws-blue-green-toolkit:previous-task-definition', value: 'web:1' },
    ];
    const { startedBy } = identity;

    expect(isCanaryOf(identity, { startedBy, tags })).toBe(true);
    expect(isCanaryOf(identity, { startedBy })).toBe(false);
    expect(isCanaryOf(identity, { startedBy: 'another', tags })).toBe(false);
    expect(isCanaryOf(identityOf(arns, 'other'), { startedBy, tags })).toBe(false);
    expect(previousOf({ tags })).toBe('web:1');
  });
});
