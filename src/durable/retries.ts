import { classifyFailure } from '../core/failures.js';
import { retrySeconds } from '../resumable/retry-seconds.js';
import type { DurableStepOptions } from './types.js';

export interface Retries extends DurableStepOptions {
  readonly maxAttempts: number;
}

/** Returns the policy of the change, or of its rollback. */
export function retriesOf(maxAttempts: number, way: { readonly isRollingBack: boolean }): Retries {
  return {
    maxAttempts,
    retryStrategy: (error, attempt) =>
      classifyFailure(error) === 'final' || attempt >= maxAttempts
        ? { shouldRetry: false }
        : { shouldRetry: true, delay: { seconds: retrySeconds(attempt, way) } },
  };
}
