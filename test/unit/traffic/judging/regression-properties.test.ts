import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRegression } from '../../../../src/traffic/judging/judge-regression.js';
import { anyPeriods, anyRules, minute, minutes } from '../../../support/regression-periods.js';

describe('judgeRegression, for any counts', () => {
  test('returns finite numbers and one of three outcomes', () => {
    fc.assert(
      fc.property(anyPeriods, anyRules, (periods, rules) => {
        const verdict = judgeRegression(periods, rules);
        const { evidence, ratio = 1, ratioLowerBound = 1, passEvidence = 1, detail } = verdict;

        expect([evidence, ratio, ratioLowerBound, passEvidence].every(Number.isFinite)).toBe(true);
        expect(evidence).toBeGreaterThanOrEqual(1);
        expect(passEvidence).toBeGreaterThanOrEqual(0);
        expect(['pass', 'fail', 'inconclusive']).toContain(verdict.outcome);
        expect(verdict.outcome === 'fail').toBe(verdict.decidedAt !== undefined);
        expect(detail).not.toMatch(/NaN|undefined|Infinity/);
      }),
      { numRuns: 500 },
    );
  });

  test('returns the same verdict for the periods in any order', () => {
    fc.assert(
      fc.property(
        anyPeriods.chain((periods) => fc.tuple(fc.constant(periods), shuffled(periods))),
        anyRules,
        ([periods, others], rules) => {
          expect(judgeRegression(others, rules)).toEqual(judgeRegression(periods, rules));
        },
      ),
    );
  });

  test('returns the same verdict, except for its times, when the shift began at another time', () => {
    fc.assert(
      fc.property(anyPeriods, fc.integer({ min: 0, max: 4e12 }), (periods, offset) => {
        const moved = periods.map((period) => ({ ...period, start: period.start + offset }));
        const { detail: _detail, decidedAt, ...rest } = judgeRegression(moved);
        const { detail: _moved, decidedAt: expected, ...others } = judgeRegression(periods);

        expect(rest).toEqual(others);
        expect(decidedAt).toBe(expected === undefined ? undefined : expected + offset);
      }),
    );
  });

  test('returns the same verdict when periods without requests are inserted', () => {
    fc.assert(
      fc.property(anyPeriods, fc.array(fc.nat({ max: 40 })), anyRules, (periods, gaps, rules) => {
        const empty = [...new Set(gaps)].map((gap) => minute(gap + 0.5, 0, 0, 0, 0));

        expect(judgeRegression([...periods, ...empty], rules)).toEqual(judgeRegression(periods, rules));
      }),
    );
  });

  test('never takes a failure back when periods follow', () => {
    fc.assert(
      fc.property(anyPeriods, fc.nat({ max: 30 }), (periods, cut) => {
        const before = judgeRegression(periods.slice(0, cut));
        const after = judgeRegression(periods);

        expect(after.evidence).toBeGreaterThanOrEqual(before.evidence);
        if (before.outcome === 'fail')
          expect(after).toMatchObject({ outcome: 'fail', decidedAt: before.decidedAt });
      }),
    );
  });

  test.each([1e-9, 1e-3, 1, 1e3, 1e9, 1e12])('judges counts of the scale %d', (scale) => {
    const sound = minutes(100, [100 * scale, scale, 900 * scale, 9 * scale]);

    expect(judgeRegression(sound)).toMatchObject({ evidence: 1, ratio: expect.closeTo(1, 9) });
  });

  test('judges 15 days of minutes', () => {
    const verdict = judgeRegression(minutes(21_600, [200, 1, 1800, 9]));

    expect(verdict).toMatchObject({ outcome: 'pass', compared: { periods: 21_600 } });
  });
});

function shuffled<Item>(items: readonly Item[]) {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}
