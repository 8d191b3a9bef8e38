import { type AwsCall, callAws } from './aws-call.js';
import type { Clock } from './clock.js';
import { ElapsedTime } from './elapsed-time.js';
import { isRefusedForNow } from './failures.js';

/** Another change of the same resource takes seconds; the SDK's own retries end after one. */
const defaultMaxWaitSeconds = 25;
const intervalSeconds = 5;

/** Options of {@link retryOnConflict}. */
export interface ConflictOptions {
  readonly clock: Clock;
  /** @default 25 */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * Decides which refusals are retried. A caller that slows down by itself when throttled retries conflicts only.
   * @default isRefusedForNow
   */
  readonly isRepeated?: (refusal: unknown) => boolean;
}

/**
 * Makes one call like {@link callAws}, and retries while AWS refuses it for now: another change of the same resource is in
 * progress, or too many operations run at the same time.
 *
 * @throws the last refusal, as the SDK threw it, when the time is over.
 */
export async function retryOnConflict<T>(
  call: AwsCall,
  { clock, maxWaitSeconds = defaultMaxWaitSeconds, isRepeated = isRefusedForNow }: ConflictOptions,
  send: Parameters<typeof callAws<T>>[1],
): Promise<T> {
  const elapsed = new ElapsedTime(clock);
  for (;;) {
    try {
      return await callAws(call, send);
    } catch (error) {
      const left = maxWaitSeconds - elapsed.seconds;
      if (left <= 0 || !isRepeated(error)) throw error;
      await elapsed.sleepSeconds(Math.min(intervalSeconds, left), { ...call, lastError: error });
    }
  }
}
