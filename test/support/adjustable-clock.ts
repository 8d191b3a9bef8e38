import type { Clock } from '../../src/core/clock.js';

/** A clock whose time can be adjusted. Pending sleeps keep their duration. */
export type AdjustableClock = Clock & {
  /** Moves the time forward by some seconds, or back by a negative number. */
  adjust(seconds: number): void;
};

/** Makes a clock adjustable. */
export function adjustable(clock: Clock): AdjustableClock {
  let offset = 0;
  return {
    now: () => clock.now() + offset,
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    adjust: (seconds) => {
      offset += seconds * 1_000;
    },
  };
}
