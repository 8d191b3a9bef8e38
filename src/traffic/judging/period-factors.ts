import type { RegressionPeriod, RequestCounts } from './regression-options.js';

/** Limit of a healthy difference between the stacks. */
export interface Margin {
  readonly ratio: number;
  readonly increase: number;
  /** Failures that count as one. */
  readonly burst: number;
}

/** Failures of one period, as the bets on them need them. */
export interface FailureShare {
  /** Failures of both stacks, and those that the tolerated increase adds to the outgoing one. */
  readonly total: number;
  readonly incoming: number;
  /** Share of the incoming stack in the failures if it is just at the margin. */
  readonly atMargin: number;
  /** Number of groups of failures with one cause each; undefined when every failure has a cause of its own. */
  readonly groups: number | undefined;
}

/** Computes the share of a period in which both stacks have requests. */
export function failureShare({ incoming, outgoing }: RegressionPeriod, margin: Margin): FailureShare {
  const { ratio, increase, burst } = margin;
  const total = incoming.failures + outgoing.failures + (outgoing.requests * increase) / ratio;
  return {
    total,
    incoming: incoming.failures,
    atMargin: (ratio * incoming.requests) / (ratio * incoming.requests + outgoing.requests),
    groups: burst === 1 ? undefined : Math.max(1, Math.floor(total / burst)),
  };
}

/**
 * Returns the logarithm of a period's factor for a bet that the odds of a failure to be the incoming stack's are `bet` times those at
 * the margin. Its mean is at most 1 while the incoming stack is within the margin.
 */
export function logComparisonFactor(bet: number, share: FailureShare): number {
  const { total, incoming, atMargin, groups } = share;
  if (total === 0) return 0;
  if (groups === undefined) return incoming * Math.log(bet) - total * logOdds(bet, atMargin);
  const observed = incoming / total;
  if (groups === 1) {
    // The mean of bet and 1 by the observed share, divided by that of the share at the margin, minus 1.
    const gain = ((observed - atMargin) * (bet - 1)) / (1 + atMargin * (bet - 1));
    return Math.log1p(Math.min(1, total) * gain);
  }
  const [whole, part] = split(groups * observed);
  return whole * Math.log(bet) + logOdds(bet, part) - groups * logOdds(bet, atMargin);
}

/**
 * Returns the logarithm of a period's factor for a bet that the error rate is `bet`, above the ceiling. Its mean is at most 1 while
 * the rate is at most the ceiling.
 */
export function logCeilingFactor(bet: number, counts: RequestCounts, ceiling: number, burst: number): number {
  const groups = Math.max(1, Math.floor(counts.requests / burst));
  const [failed, part] = split(groups * (counts.failures / counts.requests));
  const [up, down] = [bet / ceiling, (1 - bet) / (1 - ceiling)];
  // With all groups failed, the part is 0 and the last two terms cancel out.
  return (
    failed * Math.log(up) + Math.log((1 - part) * down + part * up) + (groups - failed - 1) * Math.log(down)
  );
}

/** Returns the logarithm of the mean of `bet` and 1, with the weight `share` of the bet. */
function logOdds(bet: number, share: number): number {
  return Math.log1p(share * (bet - 1));
}

function split(value: number): [whole: number, part: number] {
  const whole = Math.floor(value);
  return [whole, value - whole];
}
