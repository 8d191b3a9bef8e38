import { describe, expect, test } from 'vitest';
import { ComparisonEvidence } from '../../../../src/traffic/judging/comparison-evidence.js';
import { ratioLowerBound } from '../../../../src/traffic/judging/ratio-bound.js';
import { poisson } from '../../../support/poisson.js';
import { minute, minutes } from '../../../support/regression-periods.js';

const usual = { ratio: 1.5, increase: 0.0005, burst: 20 };

/** Adds one period with the whole stake, and returns the wealth. */
function factorOf(period: ReturnType<typeof minute>, margin = usual): number {
  const evidence = new ComparisonEvidence(margin);
  evidence.add(period, 0);
  return Math.exp(evidence.total(-Infinity));
}

describe('ComparisonEvidence', () => {
  test('adds smaller groups, whose factor is limited, with a sixteenth of the stake', () => {
    // 60 failures of incoming alone at equal shares: q = 1/2, three groups of 20 and fifteen of 4.
    const margin = { ratio: 1, increase: 0, burst: 20 };
    const mean = (values: readonly number[]) => values.reduce((sum, it) => sum + it, 0) / 5;
    const whole = [1.5, 3, 8, 30, 100].map((bet) => (bet / (0.5 + 0.5 * bet)) ** 3);
    const small = [1.5, 3, 8, 30, 100].map((bet) => Math.min(3, (bet / (0.5 + 0.5 * bet)) ** 15));

    expect(factorOf(minute(0, 1000, 60, 1000, 0), margin)).toBeCloseTo(
      (15 / 16) * mean(whole) + (1 / 16) * mean(small),
      10,
    );
  });

  test.each([
    { requests: 200, share: 0.5, base: 0.005 },
    { requests: 2000, share: 0.01, base: 0.005 },
    { requests: 2000, share: 0.1, base: 0.005 },
    { requests: 2000, share: 0.5, base: 0.02 },
  ])('has a mean of at most 1.002 at the margin: $requests requests, share $share, rate $base', (world) => {
    const { requests, share, base } = world;
    const [n, m] = [requests * share, requests * (1 - share)];
    let mean = 0;
    for (const x of poisson(n * (1.5 * base + 0.0005))) {
      for (const y of poisson(m * base)) {
        mean += x.probability * y.probability * factorOf(minute(0, n, x.count, m, y.count));
      }
    }
    expect(mean).toBeLessThanOrEqual(1.002);
  });
});

describe('ratioLowerBound', () => {
  const rules = { alpha: 0.01, burst: 20 };

  test('returns undefined without periods and for equal rates', () => {
    expect(ratioLowerBound([], rules)).toBeUndefined();
    expect(ratioLowerBound(minutes(60, [200, 1, 1800, 9]), rules)).toBeUndefined();
  });

  test.each([
    [2, 1.5],
    [5, 3],
    [20, 10],
  ])('returns a ratio below the true one of %d', (ratio, bound) => {
    expect(ratioLowerBound(minutes(240, [1000, 5 * ratio, 1000, 5]), rules)).toBe(bound);
  });

  test('returns a smaller one with more confidence, and with larger bursts', () => {
    const periods = minutes(40, [1000, 50, 1000, 5]);

    expect(ratioLowerBound(periods, rules)).toBe(5);
    expect(ratioLowerBound(periods, { ...rules, alpha: 1e-6 })).toBe(3);
    expect(ratioLowerBound(periods, { ...rules, burst: 200 })).toBe(3);
  });

  test('returns the largest ratio of the list when all are rejected', () => {
    expect(ratioLowerBound(minutes(60, [1000, 900, 1000, 0]), rules)).toBe(100);
  });
});
