import type { Clock } from '../../core/clock.js';

/** An older reading may have been overtaken by somebody's change of something else, which a write would undo. */
const freshSeconds = 60;

/**
 * What a target has just read, for the write that follows at once: so the write changes exactly what was judged, without
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

  /** Gives the reading away, if there is a fresh one. */
  take(): T | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    const age = kept === undefined ? 0 : this.#clock.now() - kept.at;
    return age >= 0 && age < freshSeconds * 1000 ? kept?.reading : undefined;
  }
}
