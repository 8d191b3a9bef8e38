import { BetMixture, SpreadStake } from './bet-mixture.js';
import { failureShare, logComparisonFactor } from './period-factors.js';
import { comparisonBets } from './regression-evidence.js';
import type { RegressionPeriod, RegressionRules } from './regression-options.js';

/** Ratios that are tried as lower bounds. */
const ratios = [1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100];

/**
 * Returns the largest of a few ratios of the error rates that the counts reject with the confidence 1 − α: the true ratio is above
 * it. Returns undefined when they reject none.
 */
export function ratioLowerBound(
  periods: readonly RegressionPeriod[],
  { alpha, burst }: Pick<RegressionRules, 'alpha' | 'burst'>,
): number | undefined {
  const compared = periods.filter(({ incoming, outgoing }) => incoming.requests > 0 && outgoing.requests > 0);
  const firstKept = ratios.findIndex(
    (ratio) => bestEvidence(compared, { ratio, increase: 0, burst }) < -Math.log(alpha),
  );
  return firstKept === -1 ? ratios.at(-1) : ratios[firstKept - 1];
}

/** Returns the logarithm of the largest evidence against one ratio. */
function bestEvidence(
  periods: readonly RegressionPeriod[],
  margin: Parameters<typeof failureShare>[1],
): number {
  const [bets, stake] = [new BetMixture(comparisonBets), new SpreadStake()];
  let best = 0;
  for (const period of periods) {
    const share = failureShare(period, margin);
    bets.add(stake.next(), (bet) => logComparisonFactor(bet, share));
    best = Math.max(best, bets.total(stake.rest));
  }
  return best;
}
