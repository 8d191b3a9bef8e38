import type { Clock } from './clock.js';

/**
 * True when a promise is fulfilled or rejected within a time. A later rejection does not stay unhandled, and no timer keeps
 * running.
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
