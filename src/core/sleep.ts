import type { Clock } from './clock.js';
import { OperationAbortedError } from './errors.js';

/** Options of {@link sleep}. */
export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  readonly resource: string;
  /** Error that caused the sleep, which an abort must not hide. */
  readonly lastError?: unknown;
}

/**
 * Sleeps on the clock.
 *
 * @throws OperationAbortedError as soon as the signal is aborted.
 */
export async function sleep(
  clock: Clock,
  milliseconds: number,
  { signal, resource, lastError }: SleepOptions,
): Promise<void> {
  try {
    await clock.sleep(milliseconds, signal);
  } catch (error) {
    if (signal?.aborted) throw new OperationAbortedError({ resource, cause: signal.reason, lastError });
    throw error;
  }
}
