import { classifyFailure } from '../core/failures.js';
import { retrySeconds } from '../resumable/retry-seconds.js';
import type { DurableStepOptions } from './types.js';

/** Retry policy of a step. */
export interface Retries extends DurableStepOptions {
  readonly maxAttempts: number;
}

/** Policy of the change. */
export function changeRetries(maxAttempts: number): Retries {
  return retries(maxAttempts, { isRollingBack: false });
}

/** Policy of a rollback. */
export function rollbackRetries(maxAttempts: number): Retries {
  return retries(maxAttempts, { isRollingBack: true });
}

function retries(maxAttempts: number, way: { readonly isRollingBack: boolean }): Retries {
  return {
    maxAttempts,
    retryStrategy: (error, attempt) =>
      classifyFailure(error) === 'final' || attempt >= maxAttempts
        ? { shouldRetry: false }
        : { shouldRetry: true, delay: { seconds: retrySeconds(attempt, way) } },
  };
}
