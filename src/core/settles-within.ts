import type { Clock } from './clock.js';

/**
 * Whether a promise is fulfilled or rejected within a time; the promise itself is left alone, and a rejection that comes
 * later is nobody's unhandled one. No timer is left behind.
 */
export async function settlesWithin(
  promise: Promise<unknown>,
  milliseconds: number,
  clock: Clock,
): Promise<boolean> {
  const timer = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, clock.sleep(milliseconds, timer.signal).then(() => false)]);
  } finally {
    timer.abort();
  }
}
