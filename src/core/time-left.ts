import * as v from 'valibot';
import type { Clock } from './clock.js';
import { ElapsedTime } from './elapsed-time.js';
import { anyFunction } from './schemas.js';
import { parseInput } from './validate.js';

/** Part of a Lambda context that the handlers read. The `Context` of `@types/aws-lambda` fits. */
export interface TimeLeft {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

const contextSchema = v.object({ getRemainingTimeInMillis: anyFunction });

/** @throws InvalidInputError for a Lambda context that cannot report the time left. */
export function requireLambdaContext(context: unknown): void {
  parseInput('Lambda context', contextSchema, context);
}

/** Default for a context without a valid time. */
const unknownMilliseconds = 30_000;

/**
 * Reads the time left from a Lambda context of unknown shape. The time never increases, so a clock that is set back meanwhile
 * does not move the deadline.
 *
 * @param limitMilliseconds - response deadline of a caller that stops waiting before the Lambda function ends.
 */
export function timeLeftOf(
  context: unknown,
  clock: Clock,
  limitMilliseconds: number = Number.POSITIVE_INFINITY,
): TimeLeft {
  const elapsed = new ElapsedTime(clock);
  const first = millisecondsOf(context) ?? unknownMilliseconds;
  const end = Math.min(first, limitMilliseconds);
  return {
    getRemainingTimeInMillis: () =>
      Math.max(0, Math.min(millisecondsOf(context) ?? first, end - elapsed.milliseconds)),
  };
}

function millisecondsOf(context: unknown): number | undefined {
  try {
    const left: unknown = (context as TimeLeft).getRemainingTimeInMillis();
    return typeof left === 'number' && Number.isFinite(left) ? left : undefined;
  } catch {
    return undefined;
  }
}
