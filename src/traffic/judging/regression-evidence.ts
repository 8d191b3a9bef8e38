import { BetMixture, SpreadStake } from './bet-mixture.js';
import { isComparable } from './comparable-periods.js';
import { ComparisonEvidence, comparisonBets } from './comparison-evidence.js';
import { logAdd } from './log-sums.js';
import { failureShare, logCeilingFactor, logComparisonFactor, type Margin } from './period-factors.js';
import type { RegressionPeriod, RegressionRules } from './regression-options.js';

/** Bets on the error rate, as parts of the way from the ceiling to 1: 30, 60 and 97 % for a ceiling of 10 %. */
const ceilingBets = [2 / 9, 5 / 9, 29 / 30];

/** Shares of the stake. */
const [comparisonShare, ceilingShare, aloneShare] = [0.8, 0.1, 0.1].map(Math.log) as [number, number, number];

/** Part of the evidence: the comparison, the ceiling beside the outgoing stack, or the ceiling without enough outgoing requests. */
export type EvidencePart = 'comparison' | 'ceiling' | 'alone';

/**
 * Evidence that the incoming stack fails too often, one period at a time, oldest first. It is the wealth of a gambler whose bets gain
 * nothing on average while the stack is within its margin: it reaches 1/α with a probability of at most α, however often it is read
 * (Ville's inequality). All amounts are logarithms.
 */
export class RegressionEvidence {
  readonly #plainMargin: Margin;
  readonly #ceiling: number;
  readonly #comparison: ComparisonEvidence;
  readonly #plainComparison = new BetMixture(comparisonBets);
  readonly #ceilingBeside: BetMixture;
  readonly #ceilingAlone: BetMixture;
  readonly #stake = new SpreadStake();
  readonly #stakeAlone = new SpreadStake();
  #best = 0;
  #leading: EvidencePart = 'comparison';

  constructor(rules: Pick<RegressionRules, 'tolerateRatio' | 'tolerateIncrease' | 'burst' | 'ceiling'>) {
    const { tolerateRatio, tolerateIncrease, burst, ceiling } = rules;
    this.#comparison = new ComparisonEvidence({ ratio: tolerateRatio, increase: tolerateIncrease, burst });
    this.#plainMargin = { ratio: 1, increase: 0, burst: Math.max(1, burst / 2) };
    this.#ceiling = ceiling;
    const rates = ceilingBets.map((part) => ceiling + part * (1 - ceiling));
    this.#ceilingBeside = new BetMixture(rates);
    this.#ceilingAlone = new BetMixture(rates);
  }

  /** Largest evidence so far. It begins at 1, whose logarithm is 0. */
  get best(): number {
    return this.#best;
  }

  /** Part that contributed most to the largest evidence. */
  get leading(): EvidencePart {
    return this.#leading;
  }

  /** Adds the next period. Without incoming requests it changes nothing. */
  add(period: RegressionPeriod): void {
    if (period.incoming.requests === 0) return;
    if (isComparable(period)) this.#addBeside(period);
    else this.#addAlone(period);
    this.#update();
  }

  #addBeside(period: RegressionPeriod): void {
    const part = this.#stake.next();
    const plainShare = failureShare(period, this.#plainMargin);
    this.#comparison.add(period, part);
    this.#plainComparison.add(part, (bet) => logComparisonFactor(bet, plainShare));
    this.#ceilingBeside.add(part, (rate) => this.#logCeilingFactor(rate, period));
  }

  #addAlone(period: RegressionPeriod): void {
    this.#ceilingAlone.add(this.#stakeAlone.next(), (rate) => this.#logCeilingFactor(rate, period));
  }

  #logCeilingFactor(rate: number, { incoming }: RegressionPeriod): number {
    return logCeilingFactor(rate, incoming, this.#ceiling, this.#plainMargin.burst);
  }

  #update(): void {
    const { rest } = this.#stake;
    const comparison = comparisonShare + this.#comparison.total(rest);
    const ceiling =
      ceilingShare + Math.min(this.#ceilingBeside.total(rest), this.#plainComparison.total(rest));
    const alone = aloneShare + this.#ceilingAlone.total(this.#stakeAlone.rest);
    const evidence = logAdd(comparison, logAdd(ceiling, alone));
    if (evidence <= this.#best) return;
    this.#best = evidence;
    const most = Math.max(comparison, ceiling, alone);
    this.#leading = most === comparison ? 'comparison' : most === ceiling ? 'ceiling' : 'alone';
  }
}
