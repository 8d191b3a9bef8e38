import type { VirtualClock } from './virtual-clock.js';

/** How many calls AWS answers before it throttles. */
export interface CallRate {
  /** The calls that share the rate: `cloudwatch:DescribeAlarms`, or `lambda:*` for a whole service. */
  readonly actions: readonly string[];
  /** How many calls per second are answered in the long run. */
  readonly perSecond: number;
  /**
   * How many calls are answered at once after a rest.
   * @default the calls of one second
   */
  readonly burst?: number;
}

interface Bucket {
  readonly rate: Required<CallRate>;
  tokens: number;
  filledAt: number;
}

/** The rates of a cloud, each kept as AWS does: by a bucket of tokens, of which an answered call takes one. */
export class CallRates {
  readonly #clock: VirtualClock;
  readonly #buckets: readonly Bucket[];

  /** @throws TypeError when a rate is none, or when it is one of calls that are not known: it would never matter. */
  constructor(
    rates: readonly CallRate[],
    { clock, known }: { clock: VirtualClock; known: readonly string[] },
  ) {
    this.#clock = clock;
    this.#buckets = rates.map(({ actions, perSecond, burst = Math.max(1, perSecond) }) => {
      if (!(perSecond > 0 && burst >= 1))
        throw new TypeError(
          `A rate of ${perSecond} calls per second with a burst of ${burst} lets none pass`,
        );
      for (const pattern of actions) {
        if (!known.some((action) => isCallOf(pattern, action)))
          throw new TypeError(`SimulatedCloud does not simulate ${pattern}, so it can have no rate`);
      }
      return { rate: { actions, perSecond, burst }, tokens: burst, filledAt: clock.now() };
    });
  }

  /** Whether the call is answered; one that is refused takes nothing. */
  admit(action: string): boolean {
    const buckets = this.#buckets.filter(({ rate }) => rate.actions.some((it) => isCallOf(it, action)));
    for (const bucket of buckets) this.#fill(bucket);
    if (buckets.some(({ tokens }) => tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  #fill(bucket: Bucket): void {
    const now = this.#clock.now();
    const { perSecond, burst } = bucket.rate;
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
  }
}

/** Whether a call falls under a pattern such as `lambda:*`. */
function isCallOf(pattern: string, action: string): boolean {
  return pattern.endsWith(':*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}
