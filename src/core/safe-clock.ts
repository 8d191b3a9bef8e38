import type { Clock } from './clock.js';
import { describeValue } from './describe-value.js';
import { UnexpectedResponseError } from './errors.js';

/** Greatest time value of a `Date`. */
const maxMilliseconds = 8.64e15;

/** Wraps a clock so that an invalid time throws instead of making a wait endless. */
export function safeClock(clock: Clock): Clock {
  return {
    now() {
      const now: unknown = clock.now();
      if (typeof now === 'number' && Math.abs(now) <= maxMilliseconds) return now;
      const field = 'a time in milliseconds since 1970';
      throw new UnexpectedResponseError({
        action: 'now',
        resource: 'clock',
        field,
        actual: describeValue(now),
      });
    },
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
  };
}
