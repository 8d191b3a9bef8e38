import type { ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allSuspended,
  countToEnable,
  fromTagValue,
  resumed,
  runningParts,
  toTagValue,
} from '../../../src/ecs/suspended-scaling.js';

const state = fc.record({
  DynamicScalingInSuspended: fc.boolean(),
  DynamicScalingOutSuspended: fc.boolean(),
  ScheduledScalingSuspended: fc.boolean(),
});

function targetWith(fields: Partial<ScalableTarget>): ScalableTarget {
  return {
    ServiceNamespace: 'ecs',
    ResourceId: 'service/shop/web',
    ScalableDimension: 'ecs:service:DesiredCount',
    MinCapacity: 1,
    MaxCapacity: 9,
    RoleARN: '',
    CreationTime: new Date(0),
    ...fields,
  };
}

describe('toTagValue and fromTagValue', () => {
  test('restore every state', () => {
    fc.assert(
      fc.property(state, (before) => {
        const remembered = toTagValue(runningParts(targetWith({ SuspendedState: before })));

        const after = resumed(targetWith({ SuspendedState: allSuspended }), fromTagValue(remembered));

        expect(after).toEqual(before);
      }),
    );
  });

  test('stay within the limits of a tag', () => {
    fc.assert(
      fc.property(state, (before) => {
        const value = toTagValue(runningParts(targetWith({ SuspendedState: before })));

        expect(value).toMatch(/^[\w +\-=.:/@]{0,256}$/);
      }),
    );
  });
});

describe('runningParts', () => {
  test('treats a target without a state as running', () => {
    expect(runningParts(targetWith({}))).toHaveLength(3);
  });
});

describe('resumed', () => {
  test('treats a part without a state as running', () => {
    expect(resumed(targetWith({}), [])).toEqual({
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
    });
  });
});

describe('fromTagValue', () => {
  test.each([undefined, '', 'something else'])('returns undefined for %o', (value) => {
    expect(fromTagValue(value)).toEqual([]);
  });
});

describe('countToEnable', () => {
  test('returns the normal count without scaling', () => {
    expect(countToEnable(8, 3, undefined)).toBe(3);
  });

  test('returns a count within the bounds, and not below the normal and the present count if they allow it', () => {
    const bounds = fc.tuple(fc.nat(20), fc.nat(20)).map(([min, more]) => [min, min + more] as const);
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), bounds, (present, normal, [MinCapacity, MaxCapacity]) => {
        const count = countToEnable(present, normal, { MinCapacity, MaxCapacity });

        expect(count).toBeGreaterThanOrEqual(MinCapacity);
        expect(count).toBeLessThanOrEqual(MaxCapacity);
        expect(count).toBeGreaterThanOrEqual(Math.min(Math.max(present, normal), MaxCapacity));
      }),
    );
  });

  test('accepts missing bounds', () => {
    expect(countToEnable(0, 3, { MinCapacity: undefined, MaxCapacity: undefined })).toBe(3);
  });
});
