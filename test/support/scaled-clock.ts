import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.js';

/**
 * A clock that runs faster than the machine's. Its waits take their time, so a claim that is renewed while a call is in flight stays
 * valid, as with a real clock.
 */
export function scaledClock(factor: number): Clock {
  const startedAt = Date.now();
  return {
    now: () => Math.round(startedAt + (Date.now() - startedAt) * factor),
    async sleep(milliseconds, signal) {
      await sleep(milliseconds / factor, undefined, { signal });
    },
  };
}
