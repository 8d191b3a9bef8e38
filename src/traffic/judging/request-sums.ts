import type { RegressionPeriod, RequestCounts } from './regression-options.js';

/** Sums over the periods of one kind. */
export interface RegressionSums {
  /** Number of periods. */
  readonly periods: number;
  /** Sum of the incoming counts. */
  readonly incoming: RequestCounts;
  /** Sum of the outgoing counts. */
  readonly outgoing: RequestCounts;
}

/** Adds up the periods. */
export function sumPeriods(periods: readonly RegressionPeriod[]): RegressionSums {
  return {
    periods: periods.length,
    incoming: sumCounts(periods.map(({ incoming }) => incoming)),
    outgoing: sumCounts(periods.map(({ outgoing }) => outgoing)),
  };
}

/** Returns the mean counts of a period. */
export function meanPeriod({ periods, incoming, outgoing }: RegressionSums): Omit<RegressionPeriod, 'start'> {
  const meanOf = ({ requests, failures }: RequestCounts) => ({
    requests: requests / Math.max(1, periods),
    failures: failures / Math.max(1, periods),
  });
  return { incoming: meanOf(incoming), outgoing: meanOf(outgoing) };
}

/**
 * Returns how many times as often the incoming stack fails, comparing each period with itself (the ratio of Mantel and Haenszel):
 * with sums alone, an incident of both stacks at a small share would look like a difference. Infinity when only the incoming stack
 * fails, and undefined when neither does.
 */
export function errorRatio(periods: readonly RegressionPeriod[]): number | undefined {
  let [incomingPart, outgoingPart] = [0, 0];
  for (const { incoming, outgoing } of periods) {
    const total = incoming.requests + outgoing.requests;
    incomingPart += incoming.failures * (outgoing.requests / total);
    outgoingPart += outgoing.failures * (incoming.requests / total);
  }
  return incomingPart + outgoingPart === 0 ? undefined : incomingPart / outgoingPart;
}

function sumCounts(counts: readonly RequestCounts[]): RequestCounts {
  return counts.reduce(
    (sum, { requests, failures }) => ({
      requests: sum.requests + requests,
      failures: sum.failures + failures,
    }),
    { requests: 0, failures: 0 },
  );
}
