import type { Clock } from '../../src/core/clock.js';

/** Clock that follows another one, and that a test sets back or forward, as an administrator or NTP does. */
export class SettableClock implements Clock {
  readonly #clock: Clock;
  #offset = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.#offset;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(milliseconds, signal);
  }

  setBack(seconds: number): void {
    this.#offset -= seconds * 1000;
  }
}
