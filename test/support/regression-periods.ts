import fc from 'fast-check';
import type { RegressionPeriod } from '../../src/traffic/judging/regression-options.js';

/** Creates a period of a minute: requests and failures of the incoming stack, then of the outgoing one. */
export function minute(index: number, n: number, x: number, m: number, y: number): RegressionPeriod {
  return {
    start: index * 60_000,
    incoming: { requests: n, failures: x },
    outgoing: { requests: m, failures: y },
  };
}

/** Creates equal periods. */
export function minutes(
  length: number,
  [n, x, m, y]: readonly [number, number, number, number],
  from = 0,
): RegressionPeriod[] {
  return Array.from({ length }, (_, index) => minute(from + index, n, x, m, y));
}

/** Arbitrary counts of a stack: whole, fractional, tiny and huge. */
const counts = fc
  .tuple(
    fc.oneof(
      fc.nat({ max: 3000 }),
      fc.double({ min: 0, max: 500, noNaN: true }),
      fc.constantFrom(0, 1e-9, 1e-300, 5e-324, 1e6, 1e12, Number.MAX_SAFE_INTEGER),
    ),
    fc.oneof(fc.constantFrom(0, 0.001, 0.005, 0.1, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  )
  .map(([requests, share]) => ({ requests, failures: Math.min(requests, requests * share) }));

/** Arbitrary periods, oldest first. */
export const anyPeriods: fc.Arbitrary<RegressionPeriod[]> = fc
  .array(fc.record({ incoming: counts, outgoing: counts }), { maxLength: 30 })
  .map((list) => list.map((period, index) => ({ start: index * 60_000, ...period })));

/** Arbitrary options within their ranges. */
export const anyRules = fc.record({
  alpha: fc.constantFrom(0.5, 0.05, 0.01, 1e-6),
  tolerateRatio: fc.constantFrom(1, 1.25, 1.5, 10, 1000),
  tolerateIncrease: fc.constantFrom(0, 0.0005, 0.5, 0.999),
  burst: fc.constantFrom(1, 1.5, 2, 20, 1e9, Infinity),
  ceiling: fc.constantFrom(1e-6, 0.1, 0.3, 0.97, 0.999999),
  minimumRequests: fc.constantFrom(1, 20, 1000),
  requireEvidence: fc.boolean(),
});
