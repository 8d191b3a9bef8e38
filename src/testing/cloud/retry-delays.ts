import { isThrottlingError } from '@smithy/core/retry';
import type { SdkError } from '@smithy/types';

/** The SDK's numbers, which it does not tell. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const baseMilliseconds = { throttled: 1_000, other: 50 } as const;
const maxMilliseconds = 20_000;

/**
 * How long the SDK waits before it tries a call again: a part of a delay that doubles with every retry. The part is by
 * chance, which comes out the same in every run.
 */
export class RetryDelays {
  readonly #random = seededRandom();
  readonly #failures = new WeakMap<object, { count: number; delay: number }>();

  /** The milliseconds before the next attempt of this call; none before its first. */
  before(call: object): number {
    return this.#failures.get(call)?.delay ?? 0;
  }

  /** An attempt of this call has failed. */
  note(call: object, error: unknown): void {
    const count = (this.#failures.get(call)?.count ?? 0) + 1;
    const base =
      error instanceof Error && isThrottlingError(error as SdkError)
        ? baseMilliseconds.throttled
        : baseMilliseconds.other;
    const most = Math.min(base * 2 ** (count - 1), maxMilliseconds);
    this.#failures.set(call, { count, delay: Math.floor(this.#random() * most) });
  }
}

/** Numbers from 0 to 1 that look random: a linear congruential generator with Knuth's constants. */
function seededRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
