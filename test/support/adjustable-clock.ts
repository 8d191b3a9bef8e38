import type { Clock } from '../../src/core/clock.js';

/** A clock whose time can be adjusted, while its sleeps take as long as before. */
export type AdjustableClock = Clock & {
  /** Sets the time forward by so many seconds, or back by a negative number. */
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
