import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOfMetric, planReading } from '../../../../src/traffic/rehearsal/past-metrics.js';
import { quantilesOf } from '../../../../src/traffic/rehearsal/quantiles.js';

const hour = 3_600_000;

function queryOf(
  name: string,
  Period = 60,
  Dimensions = [{ Name: 'Stack', Value: 'blue' }],
): MetricDataQuery {
  return {
    Id: 'm',
    MetricStat: { Metric: { Namespace: 'Shop', MetricName: name, Dimensions }, Period, Stat: 'Sum' },
  };
}

describe('planReading', () => {
  test('keeps every call within 500 metrics and 100,800 data points, and requests each metric once', () => {
    const periods = fc.array(fc.constantFrom(60, 300, 3600), { minLength: 1, maxLength: 1200 });
    fc.assert(
      fc.property(periods, fc.integer({ min: 1, max: 14 * 24 }), (lengths, hours) => {
        const queries = lengths.map((period, index) => queryOf(`m${index}`, period));
        const plan = planReading([...queries, ...queries], { start: 0, end: hours * hour });

        for (const call of plan.calls) {
          const points = call.map(({ MetricStat }) => (hours * 3600) / (MetricStat?.Period ?? 60));
          expect(call.length).toBeLessThanOrEqual(500);
          expect(points.reduce((total, it) => total + it, 0)).toBeLessThanOrEqual(100_800);
        }
        expect(plan.calls.flat()).toHaveLength(queries.length);
        expect(plan.metrics).toBe(queries.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('keyOfMetric', () => {
  test('is the same whatever the order of the dimensions, the Id and the Label', () => {
    const [one, other] = [
      { Name: 'A', Value: '1' },
      { Name: 'B', Value: '2' },
    ];

    expect(keyOfMetric(queryOf('m', 60, [one, other]))).toBe(
      keyOfMetric({ ...queryOf('m', 60, [other, one]), Id: 'x', Label: 'y' }),
    );
  });

  test.each([
    ['name', queryOf('n')],
    ['period', queryOf('m', 300)],
    ['dimension', queryOf('m', 60, [{ Name: 'Stack', Value: 'green' }])],
    ['account', { ...queryOf('m'), AccountId: '123456789012' }],
  ])('differs by the %s', (_, other) => {
    expect(keyOfMetric(other)).not.toBe(keyOfMetric(queryOf('m')));
  });
});

describe('quantilesOf', () => {
  test('returns the smallest values that half and 95 % of the values do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(quantilesOf(values)).toEqual({ median: 50, percentile95: 95 });
  });

  test('returns undefined where the value is infinite, and without values', () => {
    expect(quantilesOf([1, 2, Number.POSITIVE_INFINITY])).toEqual({ median: 2, percentile95: undefined });
    expect(quantilesOf([])).toEqual({ median: undefined, percentile95: undefined });
  });
});
