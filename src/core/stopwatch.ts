import type { Clock } from './clock.js';

/**
 * Begins to measure how long a change takes, by the tool's own clock. What it gives tells the whole milliseconds since then:
 * the `durationMs` of the change's log line. A clock that is set back meanwhile counts as no time.
 */
export function stopwatch(clock: Clock): () => number {
  const startedAt = clock.now();
  return () => Math.max(0, Math.round(clock.now() - startedAt));
}
