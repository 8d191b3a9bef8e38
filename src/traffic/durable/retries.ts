import { classifyFailure } from '../../core/failures.js';
import { retrySeconds } from '../retry-seconds.js';
import type { DurableStepOptions } from './types.js';

/** How a step is repeated. */
export interface Retries extends DurableStepOptions {
  /** How often it may throw. */
  readonly attemptLimit: number;
}

/** On the way there. */
export function retrySoon(attemptLimit: number): Retries {
  return retries(attemptLimit, { isOnTheWayBack: false });
}

/** On the way back. */
export function retryPatiently(attemptLimit: number): Retries {
  return retries(attemptLimit, { isOnTheWayBack: true });
}

function retries(attemptLimit: number, way: { readonly isOnTheWayBack: boolean }): Retries {
  return {
    attemptLimit,
    retryStrategy: (error, attempt) =>
      classifyFailure(error) === 'final' || attempt >= attemptLimit
        ? { shouldRetry: false }
        : { shouldRetry: true, delay: { seconds: retrySeconds(attempt, way) } },
  };
}
