/** Share of the incoming stack from a time on. */
interface ShareSince {
  readonly at: number;
  readonly percent: number;
}

/** Weights of a rehearsed shift over time: 0 % for the incoming stack until the first write. */
export class WeightsOverTime {
  readonly #changes: ShareSince[] = [];

  /** Present share of the incoming stack in percent. */
  get percent(): number {
    return this.#changes.at(-1)?.percent ?? 0;
  }

  /** Changes the share of the incoming stack. Times ascend. */
  set(at: number, percent: number): void {
    this.#changes.push({ at, percent });
  }

  /** Returns the mean share of the incoming stack in a time, from 0 to 1. */
  shareBetween(from: number, to: number): number {
    let total = 0;
    let start = from;
    let percent = 0;
    for (const change of this.#changes) {
      if (change.at >= to) break;
      if (change.at > start) {
        total += percent * (change.at - start);
        start = change.at;
      }
      percent = change.percent;
    }
    // Exactly 1 while the stack has all the traffic: the split is then the identity.
    if (start === from) return percent / 100;
    return (total + percent * (to - start)) / (to - from) / 100;
  }
}
