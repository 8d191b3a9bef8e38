import { ToolkitError } from '../../core/errors.js';
import type { DurableStepOptions } from './types.js';

/** How a step is repeated. */
export interface Retries extends DurableStepOptions {
  /** How often it may throw. */
  readonly attemptLimit: number;
}

/** A wrong input and a missing permission do not get better by themselves. */
const hopelessCodes: readonly string[] = ['INVALID_INPUT', 'ACCESS_DENIED'];

/** On the way there: soon, and not for long, because the way back is open. */
export function retrySoon(attemptLimit: number): Retries {
  return { attemptLimit, retryStrategy: (error, attempt) => decide(error, attempt, attemptLimit, 10) };
}

/** On the way back: patiently, because there is no other way. */
export function retryPatiently(attemptLimit: number): Retries {
  return {
    attemptLimit,
    retryStrategy: (error, attempt) =>
      decide(error, attempt, attemptLimit, Math.min(10 * 2 ** (attempt - 1), 300)),
  };
}

function decide(error: Error, attempt: number, attemptLimit: number, seconds: number) {
  const isHopeless = ToolkitError.isInstance(error) && hopelessCodes.includes(error.code);
  return isHopeless || attempt >= attemptLimit
    ? { shouldRetry: false }
    : { shouldRetry: true, delay: { seconds } };
}
