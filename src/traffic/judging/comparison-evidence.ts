import { BetMixture } from './bet-mixture.js';
import { logAdd } from './log-sums.js';
import { failureShare, logComparisonFactor, type Margin } from './period-factors.js';
import type { RegressionPeriod } from './regression-options.js';

/** Bets on the odds of a failure to be the incoming stack's, as multiples of those at the margin. */
export const comparisonBets: readonly number[] = [1.5, 3, 8, 30, 100];

/** Part of the stake on smaller groups of failures, a fifth of a burst, whose factor of one period is limited. */
const steady = { share: 1 / 16, groups: 5, limit: Math.log(3) } as const;

/**
 * Evidence that the incoming stack fails more often than a margin allows. All amounts are logarithms.
 *
 * Most of the stake takes failures in groups of a whole burst. Where such a group is a whole period, it gains little: at 50 % of the
 * traffic, at most a factor of 1.67 in each period. So a part of the stake takes smaller groups, and no period may gain it more than a
 * factor of 3. A fault that stays is found in half the time, and a burst, which soon ends, cannot decide by itself.
 */
export class ComparisonEvidence {
  readonly #margin: Margin;
  readonly #steadyMargin: Margin;
  readonly #whole = new BetMixture(comparisonBets);
  readonly #steady = new BetMixture(comparisonBets);

  constructor(margin: Margin) {
    this.#margin = margin;
    this.#steadyMargin = { ...margin, burst: Math.max(1, margin.burst / steady.groups) };
  }

  /** Lays a part of the stake on a period in which both stacks have requests. */
  add(period: RegressionPeriod, part: number): void {
    const whole = failureShare(period, this.#margin);
    const small = failureShare(period, this.#steadyMargin);
    this.#whole.add(part, (bet) => logComparisonFactor(bet, whole));
    this.#steady.add(part, (bet) => Math.min(steady.limit, logComparisonFactor(bet, small)));
  }

  /** Returns the wealth, with the part of the stake that is not laid yet. */
  total(rest: number): number {
    return logAdd(
      Math.log(1 - steady.share) + this.#whole.total(rest),
      Math.log(steady.share) + this.#steady.total(rest),
    );
  }
}
