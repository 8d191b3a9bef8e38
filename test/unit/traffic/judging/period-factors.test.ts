import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparisonBets } from '../../../../src/traffic/judging/comparison-evidence.js';
import {
  failureShare,
  logCeilingFactor,
  logComparisonFactor,
} from '../../../../src/traffic/judging/period-factors.js';
import { poisson } from '../../../support/poisson.js';
import { minute } from '../../../support/regression-periods.js';
import { ceilingFactor, comparisonFactor } from '../../../support/regression-reference.js';

const margins = [1, 2, 5, 20, Infinity].flatMap((burst) => [
  { ratio: 1.5, increase: 0.0005, burst },
  { ratio: 1, increase: 0, burst },
]);

describe('logComparisonFactor', () => {
  test.each([
    // One failure of each stack, no tolerance: q = 1/10, s = 1/2, (0.5 + 0.5 · 3) / (0.9 + 0.1 · 3).
    { counts: [100, 1, 900, 1], bet: 3, margin: { ratio: 1, increase: 0, burst: 20 }, factor: 2 / 1.2 },
    // The likelihood ratio of three failures: 3² / 1.2³.
    { counts: [100, 2, 900, 1], bet: 3, margin: { ratio: 1, increase: 0, burst: 1 }, factor: 9 / 1.2 ** 3 },
    // Two groups, s = 3/4: one group and a half.
    {
      counts: [100, 3, 900, 1],
      bet: 3,
      margin: { ratio: 1, increase: 0, burst: 2 },
      factor: (3 * 2) / 1.2 ** 2,
    },
    // The increase adds 900 · 0.001 = 0.9 failures to the outgoing stack; the ratio makes q = 2/11.
    {
      counts: [100, 1, 900, 0],
      bet: 8,
      margin: { ratio: 2, increase: 0.002, burst: 20 },
      factor: (1 + 7 / 1.9) / (1 + 7 * (2 / 11)),
    },
    // Less than one failure is a smaller bet: 0.5 of it.
    {
      counts: [100, 0.5, 900, 0],
      bet: 3,
      margin: { ratio: 1, increase: 0, burst: 20 },
      factor: 1 + 0.5 * (3 / 1.2 - 1),
    },
    { counts: [100, 0, 900, 0], bet: 3, margin: { ratio: 1, increase: 0, burst: 20 }, factor: 1 },
  ] as const)('returns $factor for a bet of $bet on $counts', ({ counts, bet, margin, factor }) => {
    const [n, x, m, y] = counts;
    const share = failureShare(minute(0, n, x, m, y), margin);

    expect(Math.exp(logComparisonFactor(bet, share))).toBeCloseTo(factor, 12);
  });

  test('equals the formula without logarithms', () => {
    const requests = fc.integer({ min: 1, max: 60 });
    const failed = fc.constantFrom(0, 0.01, 0.1, 0.5, 1);
    fc.assert(
      fc.property(
        requests,
        requests,
        failed,
        failed,
        fc.constantFrom(...margins),
        fc.constantFrom(...comparisonBets),
        (n, m, one, other, margin, bet) => {
          const [x, y] = [n * one, m * other];
          const share = failureShare(minute(0, n, x, m, y), margin);
          const { ratio: r, increase: delta, burst } = margin;

          const expected = comparisonFactor(bet, [n, x, m, y], { r, delta, burst });

          expect(logComparisonFactor(bet, share)).toBeCloseTo(Math.log(expected), 9);
        },
      ),
    );
  });

  test.each([
    { requests: 200, share: 0.1, base: 0.005 },
    { requests: 2000, share: 0.01, base: 0.005 },
    { requests: 2000, share: 0.1, base: 0.005 },
    { requests: 2000, share: 0.5, base: 0.001 },
    { requests: 2000, share: 0.5, base: 0.02 },
  ])('has a mean of at most 1 at the margin: $requests requests, share $share, rate $base', (world) => {
    const { requests, share, base } = world;
    const [n, m] = [requests * share, requests * (1 - share)];
    for (const margin of margins) {
      const atMargin = margin.ratio * base + margin.increase;
      const [incoming, outgoing] = [poisson(n * atMargin), poisson(m * base)];
      const bar = margin.burst === 1 || margin.burst === Infinity ? 1.0000001 : 1.002;
      for (const bet of comparisonBets) {
        let mean = 0;
        for (const x of incoming) {
          for (const y of outgoing) {
            const factor = logComparisonFactor(bet, failureShare(minute(0, n, x.count, m, y.count), margin));
            mean += x.probability * y.probability * Math.exp(factor);
          }
        }
        expect(mean, `bet ${bet}, burst ${margin.burst}`).toBeLessThanOrEqual(bar);
      }
    }
  });
});

describe('logCeilingFactor', () => {
  test.each([
    // Two groups of 10 requests, all failed.
    { requests: 20, failures: 20, factor: 6 ** 2 },
    // One group and a half of two: 6 · (0.5 · 4/9 + 0.5 · 6).
    { requests: 20, failures: 15, factor: 6 * (0.5 * (0.4 / 0.9) + 0.5 * 6) },
    { requests: 20, failures: 0, factor: (0.4 / 0.9) ** 2 },
    { requests: 30, failures: 10, factor: 6 * (0.4 / 0.9) ** 2 },
    { requests: 5, failures: 5, factor: 6 },
  ])('returns the likelihood ratio of groups: $failures of $requests', ({ requests, failures, factor }) => {
    const logarithm = logCeilingFactor(0.6, { requests, failures }, 0.1, 10);

    expect(Math.exp(logarithm)).toBeCloseTo(factor, 10);
  });

  test('equals the formula without logarithms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(1, 7, 10, 1e6),
        fc.constantFrom(0.3, 0.6, 0.97),
        (n, failed, burst, bet) => {
          const x = Math.floor(n * failed);

          const logarithm = logCeilingFactor(bet, { requests: n, failures: x }, 0.1, burst);

          // A product of groups and failures may round to either side of a whole number; the factor is continuous there.
          const expected = ceilingFactor(bet, n, x, 0.1, burst);
          expect(logarithm).toBeCloseTo(Math.log(expected), 5);
        },
      ),
    );
  });

  test.each([1, 10])('has a mean of at most 1 at the ceiling, bursts of %d', (burst) => {
    const [requests, ceiling] = [120, 0.1];
    for (const bet of [0.3, 0.6, 0.97]) {
      let [mean, probability] = [0, (1 - ceiling) ** requests];
      for (let failures = 0; failures <= requests; failures += 1) {
        mean += probability * Math.exp(logCeilingFactor(bet, { requests, failures }, ceiling, burst));
        probability *= (((requests - failures) / (failures + 1)) * ceiling) / (1 - ceiling);
      }
      expect(mean).toBeLessThanOrEqual(1.0000001);
    }
  });
});
