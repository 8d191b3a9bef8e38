import type { Clock } from './clock.js';

/**
 * Starts to measure the duration of a change on the tool's clock. The returned function returns the whole milliseconds since
 * then, for `durationMs` in the log line of the change; 0 when the clock was set back meanwhile.
 */
export function stopwatch(clock: Clock): () => number {
  const startedAt = clock.now();
  return () => Math.max(0, Math.round(clock.now() - startedAt));
}
