import type { Clock } from '../../core/clock.js';

/** Maximum age of a reading: an older one may miss another change, which the write would undo. */
const freshSeconds = 60;

/**
 * Last reading of a target, for the write that follows at once. The write then changes exactly the configuration that was judged,
 * without another call. A reading is used for one write, and only for a short time.
 */
export class LastReading<T> {
  readonly #clock: Clock;
  #kept: { readonly reading: T; readonly at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(reading: T): void {
    this.#kept = { reading, at: this.#clock.now() };
  }

  forget(): void {
    this.#kept = undefined;
  }

  /** Returns the reading when it is fresh, and deletes it. */
  take(): T | undefined {
    const reading = this.peek();
    this.#kept = undefined;
    return reading;
  }

  /** Returns the reading when it is fresh. */
  peek(): T | undefined {
    const kept = this.#kept;
    const age = kept === undefined ? 0 : this.#clock.now() - kept.at;
    return age >= 0 && age < freshSeconds * 1000 ? kept?.reading : undefined;
  }
}
