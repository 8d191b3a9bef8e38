import { isThrottlingError } from '@smithy/core/retry';
import type { SdkError } from '@smithy/types';

/** The SDK's own delays, which it does not export. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const baseMilliseconds = { throttled: 1_000, other: 50 } as const;
const maxMilliseconds = 20_000;

/**
 * Computes the SDK's delays before retries: a random part of a delay that doubles with every retry. The random part is the
 * same in every run.
 */
export class RetryDelays {
  readonly #random = seededRandom();
  readonly #failures = new WeakMap<object, { count: number; delay: number }>();

  /** Returns the milliseconds before the next attempt of this call; 0 before its first. */
  before(call: object): number {
    return this.#failures.get(call)?.delay ?? 0;
  }

  /** Records a failed attempt of this call. */
  recordFailure(call: object, error: unknown): void {
    const count = (this.#failures.get(call)?.count ?? 0) + 1;
    const base =
      error instanceof Error && isThrottlingError(error as SdkError)
        ? baseMilliseconds.throttled
        : baseMilliseconds.other;
    const max = Math.min(base * 2 ** (count - 1), maxMilliseconds);
    this.#failures.set(call, { count, delay: Math.floor(this.#random() * max) });
  }
}

/** Creates a seeded generator of numbers from 0 to 1: a linear congruential generator with Knuth's constants. */
function seededRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
