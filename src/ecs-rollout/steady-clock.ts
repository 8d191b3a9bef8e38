import type { Clock } from '../core/clock.js';
import { safeClock } from '../core/safe-clock.js';

/**
 * A clock that repeats its last valid time while the caller's clock returns anything but a number: the cleanup of a canary does
 * not depend on it.
 *
 * @throws UnexpectedResponseError when the first time is not a number.
 */
export function steadyClock(given: Clock): Clock {
  const clock = safeClock(given);
  let last: number | undefined;
  return {
    now() {
      try {
        last = clock.now();
      } catch (error) {
        if (last === undefined) throw error;
      }
      return last;
    },
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
  };
}
