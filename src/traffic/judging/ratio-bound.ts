import { SpreadStake } from './bet-mixture.js';
import { ComparisonEvidence } from './comparison-evidence.js';
import type { Margin } from './period-factors.js';
import type { RegressionPeriod, RegressionRules } from './regression-options.js';

/** Ratios that are tried as lower bounds. */
const ratios = [1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100];

/**
 * Takes periods in which both stacks have requests. Returns the largest of a few ratios of the error rates that the counts reject with the confidence 1 − α: the true ratio is above
 * it. Returns undefined when they reject none.
 */
export function ratioLowerBound(
  periods: readonly RegressionPeriod[],
  { alpha, burst }: Pick<RegressionRules, 'alpha' | 'burst'>,
): number | undefined {
  const firstKept = ratios.findIndex(
    (ratio) => bestEvidence(periods, { ratio, increase: 0, burst }) < -Math.log(alpha),
  );
  return firstKept === -1 ? ratios.at(-1) : ratios[firstKept - 1];
}

/** Returns the logarithm of the largest evidence against a margin. */
function bestEvidence(periods: readonly RegressionPeriod[], margin: Margin): number {
  const [evidence, stake] = [new ComparisonEvidence(margin), new SpreadStake()];
  let best = 0;
  for (const period of periods) {
    evidence.add(period, stake.next());
    best = Math.max(best, evidence.total(stake.rest));
  }
  return best;
}
