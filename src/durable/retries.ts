import { classifyFailure } from '../core/failures.js';
import { retrySeconds } from '../traffic/shift/retry-seconds.js';
import type { DurableStepOptions } from './types.js';

/** How a step is repeated. */
export interface Retries extends DurableStepOptions {
  /** How often it may throw. */
  readonly maxAttempts: number;
}

/** On the way there. */
export function retrySoon(maxAttempts: number): Retries {
  return retries(maxAttempts, { isRollingBack: false });
}

/** On the way back. */
export function retryPatiently(maxAttempts: number): Retries {
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
