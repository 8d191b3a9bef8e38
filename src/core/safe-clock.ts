import { type Clock, clockAdvice, isTime } from './clock.js';
import { describeValue } from './describe-value.js';
import { UnexpectedResponseError } from './errors.js';

/** Wraps a clock so that an invalid time throws instead of making a wait endless. */
export function safeClock(clock: Clock): Clock {
  const safe: Clock & { readonly [clockAdvice]: unknown } = {
    now() {
      const now: unknown = clock.now();
      if (isTime(now)) return now;
      const field = 'a time in milliseconds since 1970';
      throw new UnexpectedResponseError({
        action: 'now',
        resource: 'clock',
        field,
        actual: describeValue(now),
      });
    },
    [clockAdvice]: Reflect.get(clock, clockAdvice),
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
  };
  return safe;
}
