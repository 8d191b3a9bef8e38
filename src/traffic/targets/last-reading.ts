import type { Clock } from '../../core/clock.js';

/** An older reading may miss a change of something else, which the write would undo. */
const freshSeconds = 60;

/**
 * The last reading of a target, for the write that follows at once: so the write changes exactly what was judged, without
 * another call. It serves one write, and only for a short while.
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

  /** Returns the reading if it is fresh, and forgets it. */
  take(): T | undefined {
    const reading = this.peek();
    this.#kept = undefined;
    return reading;
  }

  /** Returns the reading if it is fresh. */
  peek(): T | undefined {
    const kept = this.#kept;
    const age = kept === undefined ? 0 : this.#clock.now() - kept.at;
    return age >= 0 && age < freshSeconds * 1000 ? kept?.reading : undefined;
  }
}
