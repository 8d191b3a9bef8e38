import type { VirtualClock } from './virtual-clock.js';

/** The number of calls that AWS accepts before it throttles. */
export interface CallRate {
  /** The calls that share the rate: `cloudwatch:DescribeAlarms`, or `lambda:*` for a whole service. */
  readonly actions: readonly string[];
  /** Sustained calls per second. */
  readonly perSecond: number;
  /**
   * Calls that are accepted at once after a pause.
   * @default the calls of one second
   */
  readonly burst?: number;
}

interface Bucket {
  readonly rate: Required<CallRate>;
  tokens: number;
  filledAt: number;
}

/** Limits the call rates of a cloud as AWS does: each rate is a token bucket, and an accepted call takes one token. */
export class CallRates {
  readonly #clock: VirtualClock;
  readonly #buckets: readonly Bucket[];

  /** @throws TypeError when a rate accepts no call, or when it names an operation that is not simulated. */
  constructor(
    rates: readonly CallRate[],
    { clock, known }: { clock: VirtualClock; known: readonly string[] },
  ) {
    this.#clock = clock;
    this.#buckets = rates.map(({ actions, perSecond, burst = Math.max(1, perSecond) }) => {
      if (!(perSecond > 0 && burst >= 1))
        throw new TypeError(
          `Invalid call rate: expected perSecond above 0 and a burst of at least 1, got ${perSecond} and ${burst}`,
        );
      for (const pattern of actions) {
        if (!known.some((action) => isCallOf(pattern, action)))
          throw new TypeError(`Invalid call rate: SimulatedCloud does not simulate ${pattern}`);
      }
      return { rate: { actions, perSecond, burst }, tokens: burst, filledAt: clock.now() };
    });
  }

  /** Returns true when the call is accepted. A throttled call takes no token. */
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

/** Returns true when an action matches a pattern such as `lambda:*`. */
function isCallOf(pattern: string, action: string): boolean {
  return pattern.endsWith(':*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}
