import type { RegressionPeriod, RequestCounts } from '../../judging/regression-options.js';
import type { MetricPoint } from '../judge-metric.js';

/** Counts of one stack by the start of the period. */
export type PeriodCounts = ReadonlyMap<number, RequestCounts>;

const nothing: RequestCounts = { requests: 0, failures: 0 };

/** Adds up the values of each period. */
export function sumByPeriod(points: readonly MetricPoint[], periodSeconds: number): Map<number, number> {
  const period = periodSeconds * 1000;
  const sums = new Map<number, number>();
  for (const { at, value } of points) {
    const start = Math.floor(at / period) * period;
    sums.set(start, (sums.get(start) ?? 0) + value);
  }
  return sums;
}

/**
 * Joins requests and failures. Missing failures are 0 where there are requests, because AWS writes no data point for 0. Failures
 * without requests stay: the judgement leaves out a period with more failures than requests.
 */
export function joinCounts(
  requests: ReadonlyMap<number, number>,
  failures: ReadonlyMap<number, number>,
): PeriodCounts {
  const starts = new Set([...requests.keys(), ...failures.keys()]);
  return new Map(
    [...starts].map((start) => [
      start,
      { requests: requests.get(start) ?? 0, failures: failures.get(start) ?? 0 },
    ]),
  );
}

/** Joins the counts of both stacks. A stack without counts in a period had no requests. */
export function joinStacks(incoming: PeriodCounts, outgoing: PeriodCounts): RegressionPeriod[] {
  const starts = new Set([...incoming.keys(), ...outgoing.keys()]);
  return [...starts]
    .sort((one, other) => one - other)
    .map((start) => ({
      start,
      incoming: incoming.get(start) ?? nothing,
      outgoing: outgoing.get(start) ?? nothing,
    }));
}
