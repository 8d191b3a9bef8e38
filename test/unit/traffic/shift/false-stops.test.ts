import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  albErrorRateRegression,
  albTargetGroup5xxRate,
  canary,
  type ShiftStrategy,
  TrafficShifter,
} from '../../../../src/traffic/index.js';
import { estimateFalseStops, tailAbove } from '../../../../src/traffic/shift/false-stops.js';
import { makeLogger } from '../../../support/ecs-hook.js';
import { FakeTarget } from '../../../support/fake-target.js';
import { countedTargetGroups } from '../../../support/request-counts.js';

const policy = {
  intervalSeconds: 60,
  initialDelaySeconds: 60,
  failureThreshold: 1,
  inconclusiveThreshold: 5,
  errorThreshold: 3,
  successThreshold: 1,
};
const hour: ShiftStrategy = { name: 'an hour', steps: [{ percent: 100, holdSeconds: 3600 }] };

describe('Function: tailAbove', () => {
  test.each([
    [0, 50, 0.002, 1 - 0.998 ** 50],
    [0, 1, 0.3, 0.3],
    [1, 2, 0.5, 0.25],
    [5, 10, 0.5, 0.376953125],
    [10, 10, 0.5, 0],
    [0, 10, 0, 0],
    [0, 10, 1, 1],
  ])('returns the probability of more than %i of %i at %f', (limit, trials, probability, expected) => {
    expect(tailAbove(limit, trials, probability)).toBeCloseTo(expected, 12);
  });

  test('returns a probability for large numbers', () => {
    expect(tailAbove(1000, 100_000, 0.002)).toBeCloseTo(0, 12);
    expect(tailAbove(999, 100_000, 0.01)).toBeCloseTo(0.5, 1);
  });
});

describe('Function: estimateFalseStops', () => {
  const threshold = { maxPercent: 1, minimumRequests: 50, windowSeconds: 180 };

  test('multiplies the tail of one window by the windows that share no data', () => {
    const { probability, basePercent, requests, windows } = estimateFalseStops(threshold, hour, policy);

    expect(basePercent).toBeCloseTo(0.2, 12);
    expect(windows).toBe(20);
    // Up to 99 requests, one failure is too many.
    expect(requests).toBe(99);
    expect(probability).toBeCloseTo(1 - (0.998 ** 99) ** 20, 9);
  });

  test('falls as more requests are required, and rises with the duration', () => {
    const at = (minimumRequests: number, strategy = hour) =>
      estimateFalseStops({ ...threshold, minimumRequests }, strategy, policy).probability;

    expect(at(5000)).toBeLessThan(0.001);
    expect(at(500)).toBeLessThan(at(50));
    expect(at(50, canary({ percent: 10, holdSeconds: 300 }))).toBeLessThan(at(50));
  });

  test.each([1, 10, 99])(
    'is the same for every number of requests that tolerates no failure (%i)',
    (minimumRequests) => {
      expect(estimateFalseStops({ ...threshold, minimumRequests }, hour, policy)).toEqual(
        estimateFalseStops(threshold, hour, policy),
      );
    },
  );

  test('returns 0 for limits that a healthy release cannot exceed', () => {
    for (const maxPercent of [0, 100])
      expect(estimateFalseStops({ ...threshold, maxPercent }, hour, policy).probability).toBe(0);
  });

  test('counts the failures that start a rollback', () => {
    const twice = estimateFalseStops(threshold, hour, { ...policy, failureThreshold: 2 }).probability;

    expect(twice).toBeLessThan(estimateFalseStops(threshold, hour, policy).probability);
  });

  test('computes an estimate for any number of required requests', () => {
    const huge = { ...threshold, minimumRequests: Number.MAX_SAFE_INTEGER };

    expect(estimateFalseStops(huge, hour, policy).probability).toBe(0);
  });
});

describe('TrafficShifter › warning of false stops', () => {
  const cloud = new SimulatedCloud();
  const rate = (options: { minimumRequests?: number; dryRun?: boolean }) =>
    albTargetGroup5xxRate({
      name: 'errors',
      ...countedTargetGroups,
      maxPercent: 1,
      windowSeconds: 180,
      clients: cloud.clients,
      ...options,
    });

  async function warningsOf(checks: ConstructorParameters<typeof TrafficShifter>[0]['checks']) {
    const logger = makeLogger();
    const { clock } = cloud;
    const shifter = new TrafficShifter({ target: new FakeTarget({ clock }), clock, logger, checks });
    await shifter.begin({ incoming: 'green', strategy: hour });
    return logger.warn.mock.calls;
  }

  test('warns when the shift begins, with the figure and its assumptions', async () => {
    expect(await warningsOf([rate({ minimumRequests: 50 })])).toEqual([
      [
        'Estimated frequent false stops by check',
        expect.objectContaining({
          check: 'errors',
          falseStopPercent: 98.1,
          detail:
            'stops a healthy release in up to 98.1 % of shifts, if it fails 0.2 % of its requests (a fifth of the limit of 1 %) and has 99 requests in each of 20 windows, where 50 are required',
        }),
      ],
    ]);
  });

  test.each([
    ['enough requests', () => rate({ minimumRequests: 5000 })],
    ['a dry run', () => rate({ minimumRequests: 50, dryRun: true })],
    [
      'a comparison of both stacks',
      () => albErrorRateRegression({ ...countedTargetGroups, clients: cloud.clients }),
    ],
  ])('does not warn of %s', async (_, make) => {
    expect(await warningsOf([make()])).toEqual([]);
  });
});
