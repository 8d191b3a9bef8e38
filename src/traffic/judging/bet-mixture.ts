import { logAdd, logMean } from './log-sums.js';

/**
 * Stake that is laid half in the first period and bit by bit in the later ones, so that an hour of health does not hide a fault that
 * begins after it. All amounts are logarithms.
 */
export class SpreadStake {
  #periods = 0;

  /** Part that is not laid yet. */
  get rest(): number {
    return this.#periods === 0 ? 0 : -Math.log(2 * this.#periods);
  }

  /** Returns the part to lay in the next period. */
  next(): number {
    this.#periods += 1;
    return -Math.log(this.#periods === 1 ? 2 : 2 * this.#periods * (this.#periods - 1));
  }
}

/** Bets with equal parts of a stake. All amounts are logarithms. */
export class BetMixture {
  readonly #bets: readonly number[];
  readonly #wealth: number[];

  constructor(bets: readonly number[]) {
    this.#bets = bets;
    this.#wealth = bets.map(() => -Infinity);
  }

  /** Lays a part of the stake, and multiplies the wealth of each bet by its factor of the period. */
  add(part: number, logFactor: (bet: number) => number): void {
    this.#bets.forEach((bet, index) => {
      this.#wealth[index] = logAdd(this.#wealth[index] ?? -Infinity, part) + logFactor(bet);
    });
  }

  /** Returns the mean wealth of the bets, plus the part of the stake that is not laid yet. */
  total(rest: number): number {
    return logAdd(logMean(this.#wealth), rest);
  }
}
