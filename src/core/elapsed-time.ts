import type { Clock } from './clock.js';
import { safeClock } from './safe-clock.js';
import { type SleepOptions, sleep } from './sleep.js';

/**
 * Time since the construction, for waits with a limit. A clock that is set back meanwhile neither shortens nor prolongs a wait:
 * the elapsed time never decreases, and a sleep counts for at least its own length.
 *
 * @throws UnexpectedResponseError when the clock returns an invalid time.
 */
export class ElapsedTime {
  readonly #clock: Clock;
  #readAt: number;
  #milliseconds = 0;

  constructor(clock: Clock) {
    this.#clock = safeClock(clock);
    this.#readAt = this.#clock.now();
  }

  get milliseconds(): number {
    this.#add(0);
    return this.#milliseconds;
  }

  get seconds(): number {
    return this.milliseconds / 1000;
  }

  async sleepSeconds(seconds: number, options: SleepOptions): Promise<void> {
    this.#add(0);
    await sleep(this.#clock, seconds * 1000, options);
    this.#add(seconds * 1000);
  }

  #add(atLeast: number): void {
    const now = this.#clock.now();
    this.#milliseconds += Math.max(atLeast, now - this.#readAt);
    this.#readAt = now;
  }
}
