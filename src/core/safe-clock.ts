import type { Clock } from './clock.js';
import { describeValue } from './describe-value.js';
import { UnexpectedResponseError } from './errors.js';

/** The latest time that a `Date` holds. */
const maxMilliseconds = 8.64e15;

/** A clock that refuses a time which is no date, instead of letting a wait without end begin. */
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
