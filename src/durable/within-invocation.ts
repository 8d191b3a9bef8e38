import { type Clock, withClockAdvice } from '../core/clock.js';
import { DeadlineError } from '../core/errors.js';
import type { DurableChangeContext } from './types.js';

const marginMilliseconds = 30_000;

/**
 * Runs a step's work with a signal that is aborted shortly before Lambda ends the invocation. The step then throws and is
 * retried in the next invocation. Always awaits the work: a pending write would continue in the next invocation, which can run
 * in the same process.
 */
export async function withinInvocation<Result>(
  work: (signal: AbortSignal | undefined) => Promise<Result>,
  { lambdaContext }: DurableChangeContext,
  clock: Clock,
): Promise<Result> {
  const left = lambdaContext?.getRemainingTimeInMillis();
  if (left === undefined) return work(undefined);
  const deadline = new AbortController();
  const timer = new AbortController();
  const margin = Math.min(marginMilliseconds, left / 2);
  clock.sleep(left - margin, timer.signal).then(
    () =>
      deadline.abort(new DeadlineError({ remainingSeconds: margin / 1000, remedy: withClockAdvice(clock) })),
    () => {},
  );
  try {
    return await work(deadline.signal);
  } catch (error) {
    // After the abort its reason says more than the error that it caused.
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  } finally {
    timer.abort();
  }
}
