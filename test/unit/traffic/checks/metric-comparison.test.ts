import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { minProbability, rankSumProbability } from '../../../../src/traffic/checks/rank-sum.js';
import { type CheckContext, metricComparison } from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

function queryOf(stack: string): MetricDataQuery {
  const Metric = { Namespace: 'Shop', MetricName: 'Latency', Dimensions: [{ Name: 'Stack', Value: stack }] };
  return { Id: 'm', MetricStat: { Metric, Period: 60, Stat: 'Average' } };
}

/** Adds one value per minute, the last one up to noon, or up to some minutes from it. */
function addValues(stack: string, values: readonly number[], minutes = 0) {
  for (const [index, value] of values.entries()) {
    cloud.cloudWatch.addDataPoint({
      namespace: 'Shop',
      metricName: 'Latency',
      dimensions: { Stack: stack },
      at: new Date(noon + (index - values.length + minutes) * 60_000),
      value,
    });
  }
}

function makeCheck(options: object) {
  return metricComparison({
    name: 'latency',
    queries: { blue: [queryOf('blue')], green: [queryOf('green')] },
    windowSeconds: 900,
    clients: cloud.clients,
    ...(options as { maxRatio: number }),
  });
}

const evaluate = (options: object, context: Partial<CheckContext> = {}) =>
  makeCheck(options).evaluate(checkContext(cloud, context));

describe('Function: metricComparison', () => {
  test.each<[string, object, string]>([
    ['without weights', { weights: undefined }, 'weights: expected'],
    ['without an outgoing stack', { outgoing: undefined }, 'outgoing: expected'],
    ['with one stack for both', { outgoing: 'green' }, 'outgoing: expected the other stack than incoming'],
  ])('throws InvalidInputError for a context %s', async (_, context, message) => {
    await expect(evaluate({ maxRatio: 1.5 }, context)).rejects.toThrowError(InvalidInputError);
    await expect(evaluate({ maxRatio: 1.5 }, context)).rejects.toThrowError(message);
  });

  describe('by the ratio of the means', () => {
    test('names both means, the ratio and its bound', async () => {
      addValues('green', [0.2, 0.4]);
      addValues('blue', [0.2, 0.3]);

      expect(await evaluate({ maxRatio: 1.5 })).toEqual({
        outcome: 'pass',
        value: expect.closeTo(1.2),
        detail:
          'ratio 1.2 is at most 1.5: mean 0.3 incoming, 0.25 outgoing (2026-01-01T11:45:00Z to 2026-01-01T12:00:00Z)',
      });
      expect(await evaluate({ maxRatio: 1.1 })).toMatchObject({
        outcome: 'fail',
        detail: expect.stringContaining('ratio 1.2 is above the maximum of 1.1'),
      });
    });

    test('inverts the ratio when lower is worse', async () => {
      addValues('green', [80]);
      addValues('blue', [100]);

      expect(await evaluate({ maxRatio: 1.2, worse: 'lower' })).toMatchObject({
        outcome: 'fail',
        value: 1.25,
      });
      expect(await evaluate({ maxRatio: 1.2 })).toMatchObject({ outcome: 'pass', value: 0.8 });
    });

    test.each([
      [0, 0, 'pass'],
      [1, 0, 'fail'],
      [0, 1, 'pass'],
      [-1, 1, 'inconclusive'],
      [1, -1, 'inconclusive'],
    ] as const)('compares %d with %d: %s', async (incoming, outgoing, outcome) => {
      addValues('green', [incoming]);
      addValues('blue', [outgoing]);

      expect(await evaluate({ maxRatio: 1.5 })).toMatchObject({ outcome });
    });

    test('names maxDifference for values below 0', async () => {
      addValues('green', [-1]);
      addValues('blue', [1]);

      expect(await evaluate({ maxRatio: 1.5 })).toEqual({
        outcome: 'inconclusive',
        detail:
          'values below 0 have no ratio (2026-01-01T11:45:00Z to 2026-01-01T12:00:00Z); use maxDifference',
      });
    });
  });

  test('compares the difference of the means, also of values below 0', async () => {
    addValues('green', [-3]);
    addValues('blue', [-5]);

    expect(await evaluate({ maxDifference: 2 })).toMatchObject({ outcome: 'pass', value: 2 });
    expect(await evaluate({ maxDifference: 1.9 })).toMatchObject({ outcome: 'fail', value: 2 });
  });

  test('compares the difference of the means', async () => {
    addValues('green', [5]);
    addValues('blue', [3]);

    expect(await evaluate({ maxDifference: 2 })).toMatchObject({ outcome: 'pass', value: 2 });
    expect(await evaluate({ maxDifference: 1.9 })).toMatchObject({ outcome: 'fail', value: 2 });
    expect(await evaluate({ maxDifference: 0, worse: 'lower' })).toMatchObject({
      outcome: 'pass',
      value: -2,
    });
  });

  describe('by the rank-sum test', () => {
    const low = [1, 3, 5, 7, 9, 11, 13, 15];
    const high = low.map((value) => value + 20);

    test('fails when the incoming stack is worse by more than chance', async () => {
      addValues('green', high);
      addValues('blue', low);

      expect(await evaluate({ rankSum: { significance: 0.01 } })).toMatchObject({
        outcome: 'fail',
        detail: expect.stringMatching(
          /^incoming is worse by the rank-sum test: p 0\.000\d* is below 0\.01, 8 and 8 data points \(/,
        ),
      });
      expect(await evaluate({ rankSum: { significance: 0.01 }, worse: 'lower' })).toMatchObject({
        outcome: 'pass',
        detail: expect.stringMatching(
          /^incoming is not worse by the rank-sum test: p [\d.]+ is at least 0\.01, 8 and 8 data points \(/,
        ),
      });
    });

    test.each([
      ['equal', low],
      ['mixed', low.map((value) => value + 1)],
      ['better', low.map((value) => value - 20)],
    ])('passes when the incoming stack is %s', async (_case, values) => {
      addValues('green', values);
      addValues('blue', low);

      expect(await evaluate({ rankSum: { significance: 0.01 } })).toMatchObject({ outcome: 'pass' });
    });

    test('is advisory unless it knows the number of evaluations', () => {
      const rankSum = { significance: 0.01 };

      expect(makeCheck({ rankSum }).dryRun).toBe(true);
      expect(makeCheck({ rankSum: { ...rankSum, maxEvaluations: 1 } }).dryRun).toBe(false);
      expect(makeCheck({ rankSum: { ...rankSum, maxEvaluations: 1 }, dryRun: true }).dryRun).toBe(true);
      expect(makeCheck({ maxRatio: 1 }).dryRun).toBe(false);
      expect(() => makeCheck({ rankSum, dryRun: false })).toThrowError(
        'rankSum: expected maxEvaluations, the largest number of evaluations in the shift, for a rank sum that decides',
      );
    });

    test('divides the significance by the number of evaluations', async () => {
      addValues('green', high);
      addValues('blue', low);

      expect(await evaluate({ rankSum: { significance: 0.01, maxEvaluations: 10 } })).toMatchObject({
        outcome: 'fail',
        detail: expect.stringContaining('is below 0.001, 8 and 8'),
      });
      expect(await evaluate({ rankSum: { significance: 0.01, maxEvaluations: 100 } })).toMatchObject({
        outcome: 'inconclusive',
        detail: expect.stringContaining('cannot show a difference at the significance 0.0001'),
      });
    });

    test('is inconclusive on fewer than 8 data points', async () => {
      addValues('green', high.slice(1));
      addValues('blue', low);

      expect(await evaluate({ rankSum: { significance: 0.01 } })).toMatchObject({
        outcome: 'inconclusive',
        detail: expect.stringContaining('7 incoming and 8 outgoing where 8 each are needed'),
      });
    });

    test('is inconclusive when the samples are too small for the significance', async () => {
      addValues('green', high);
      addValues('blue', low);

      expect(await evaluate({ rankSum: { significance: 0.0001 } })).toMatchObject({
        outcome: 'inconclusive',
        detail: expect.stringContaining('cannot show a difference'),
      });
    });
  });

  describe('incomplete data', () => {
    test.each([
      ['incoming', [], [1]],
      ['outgoing', [1], []],
    ])('is inconclusive without data of the %s stack', async (_case, incoming, outgoing) => {
      addValues('green', incoming);
      addValues('blue', outgoing);

      expect(await evaluate({ maxRatio: 9 })).toMatchObject({ outcome: 'inconclusive' });
    });

    test('is inconclusive for an incomplete response', async () => {
      addValues('green', [1]);
      addValues('blue', [1]);
      cloud.cloudWatch.setMetricStatus('Latency', 'PartialData');

      expect(await evaluate({ maxRatio: 9 })).toMatchObject({
        outcome: 'inconclusive',
        detail: expect.stringContaining('PartialData'),
      });
    });

    test('is inconclusive before a whole period has passed', async () => {
      addValues('green', [1]);
      addValues('blue', [1]);

      expect(await evaluate({ maxRatio: 9 }, { weightsSince: noon - 1 })).toMatchObject({
        outcome: 'inconclusive',
      });
    });
  });

  test('compares at 100 % with the earlier data of the outgoing stack', async () => {
    addValues('blue', [1, 1, 1], -5);
    addValues('green', [9, 9, 9], -5);
    addValues('green', [2, 2, 2]);
    const context = { weights: { blue: 0, green: 100 }, weightsSince: noon - 290_000 };

    expect(await evaluate({ maxRatio: 3 }, context)).toMatchObject({ outcome: 'pass', value: 2 });
    expect(await evaluate({ maxRatio: 1.5 }, context)).toMatchObject({ outcome: 'fail', value: 2 });
  });

  test('compares blue with green when blue is incoming', async () => {
    addValues('green', [1]);
    addValues('blue', [2]);
    const context = { incoming: 'blue', outgoing: 'green' } as const;

    expect(await evaluate({ maxRatio: 1 }, context)).toMatchObject({ outcome: 'fail', value: 2 });
  });

  test.each([
    ['no bound', {}, 'exactly one of maxRatio'],
    ['two bounds', { maxRatio: 1, maxDifference: 1 }, 'exactly one of maxRatio'],
    ['a ratio of 0', { maxRatio: 0 }, 'a ratio above 0'],
    ['an impossible significance', { rankSum: { significance: 1 } }, 'a probability'],
    [
      'no evaluation at all',
      { rankSum: { significance: 0.01, maxEvaluations: 0 } },
      'rankSum.maxEvaluations: expected',
    ],
    ['too few samples for the test', { rankSum: { significance: 0.01 }, minimumSamples: 7 }, '8 or more'],
    ['a window shorter than a period', { maxRatio: 1, windowSeconds: 30 }, 'at least one period'],
  ])('throws InvalidInputError for %s', (_case, options, problem) => {
    expect(() => makeCheck(options)).toThrowError(problem);
  });
});

describe('Function: rankSumProbability', () => {
  test('returns the textbook value', () => {
    // Hollander & Wolfe's permeability data, as in R's help of wilcox.test: U = 35, so z = (35 − 25 − 0.5) ÷ 8.165 = 1.1635.
    const x = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const y = [1.15, 0.88, 0.9, 0.74, 1.21];

    expect(rankSumProbability(x, y)).toBeCloseTo(0.1223, 3);
  });

  test('corrects for ties, and returns 1 for values that are all equal', () => {
    expect(rankSumProbability([2, 2, 3], [1, 2, 3])).toBeGreaterThan(0.3);
    expect(rankSumProbability([4, 4, 4], [4, 4, 4])).toBe(1);
  });

  test('keeps falling where a table of the normal distribution ends', () => {
    expect(minProbability(8, 8)).toBeCloseTo(0.00047, 5);
    expect(minProbability(30, 30)).toBeLessThan(1e-6);
  });
});
