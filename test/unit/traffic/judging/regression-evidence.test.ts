import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RegressionEvidence } from '../../../../src/traffic/judging/regression-evidence.js';
import type { RegressionPeriod } from '../../../../src/traffic/judging/regression-options.js';
import { anyPeriods, anyRules, minute, minutes } from '../../../support/regression-periods.js';
import { referenceEvidence } from '../../../support/regression-reference.js';

const usual = { tolerateRatio: 1.5, tolerateIncrease: 0.0005, burst: 20, ceiling: 0.1 };

/** Returns the largest evidence after each period. */
function evidenceOf(periods: readonly RegressionPeriod[], rules: Partial<typeof usual> = {}): number[] {
  const evidence = new RegressionEvidence({ ...usual, ...rules });
  return periods.map((period) => {
    evidence.add(period);
    return Math.exp(evidence.best);
  });
}

describe('RegressionEvidence', () => {
  test('begins at 1', () => {
    expect(new RegressionEvidence(usual).best).toBe(0);
    expect(new RegressionEvidence(usual).leading).toBe('comparison');
  });

  /** Counts small enough for plain numbers. */
  const smallCounts = fc
    .tuple(fc.nat({ max: 60 }), fc.constantFrom(0, 0, 0.02, 0.1, 0.5, 1))
    .map(([requests, share]) => ({ requests, failures: requests * share }));

  test('equals the algorithm without logarithms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ incoming: smallCounts, outgoing: smallCounts }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.constantFrom(1, 2, 20),
        fc.constantFrom(1, 1.5),
        fc.constantFrom(0, 0.0005, 0.02),
        fc.constantFrom(0.1, 0.25),
        (counts, burst, tolerateRatio, tolerateIncrease, ceiling) => {
          const periods = counts.map((it, index) => ({ ...it, start: index }));

          const actual = evidenceOf(periods, { burst, tolerateRatio, tolerateIncrease, ceiling });

          const rules = { r: tolerateRatio, delta: tolerateIncrease, burst, c: ceiling };
          referenceEvidence(periods, rules).forEach((expected, index) => {
            expect(Math.log(actual[index] ?? 0)).toBeCloseTo(Math.log(expected), 6);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('is at least 1, never falls and is never NaN, for any counts and options', () => {
    fc.assert(
      fc.property(anyPeriods, anyRules, (periods, rules) => {
        const evidence = new RegressionEvidence(rules);
        let before = 0;
        for (const period of periods) {
          evidence.add(period);
          expect(evidence.best).toBeGreaterThanOrEqual(before);
          before = evidence.best;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('stays unchanged in periods without incoming requests', () => {
    const periods = [...minutes(5, [100, 3, 900, 2]), minute(5, 100, 90, 0, 0)];
    const evidence = new RegressionEvidence(usual);
    for (const period of periods) evidence.add(period);
    const before = evidence.best;

    evidence.add(minute(6, 0, 0, 900, 900));
    evidence.add(minute(7, 0, 0, 0, 0));
    evidence.add(minute(8, 200, 200, 1800, 0));

    const alike = new RegressionEvidence(usual);
    for (const period of [...periods, minute(6, 200, 200, 1800, 0)]) alike.add(period);
    expect(before).toBeGreaterThan(0);
    expect(evidence.best).toBe(alike.best);
  });

  test.each([
    { what: 'the comparison', period: minute(0, 200, 30, 1800, 0), burst: 1, leading: 'comparison' },
    { what: 'the ceiling', period: minute(0, 200, 200, 1800, 9), burst: 20, leading: 'ceiling' },
    { what: 'the ceiling alone', period: minute(0, 60, 60, 0, 0), burst: 20, leading: 'alone' },
  ])('is led by $what', ({ period, burst, leading }) => {
    const evidence = new RegressionEvidence({ ...usual, burst });
    evidence.add(period);

    expect(evidence.leading).toBe(leading);
  });

  test('keeps the ceiling from failing a stack that is as good as the other', () => {
    expect(evidenceOf(minutes(60, [1000, 500, 1000, 500])).at(-1)).toBeLessThan(2);
  });

  test('finds a fault after an hour of health', () => {
    const healthy = minutes(60, [200, 1, 1800, 9]);

    expect(evidenceOf([...healthy, ...minutes(3, [200, 100, 1800, 9], 60)]).at(-1)).toBeGreaterThan(100);
  });
});
