import type { Clock } from './clock.js';
import { describeError } from './describe-error.js';
import { DeadlineError } from './errors.js';
import type { LogData, Logger } from './logger.js';
import { settlesWithin } from './settles-within.js';

/** What a work came to. */
export type Outcome<Result> =
  | { readonly status: 'succeeded'; readonly result: Result }
  | { readonly status: 'failed'; readonly error: unknown };

/** What tells how much time is left: the context of a Lambda invocation. */
export interface TimeLeft {
  getRemainingTimeInMillis(): number;
}

/** What a work is given. */
export interface TimedWork {
  /** Aborted, with a `DeadlineError`, when the time left for the work is over. */
  readonly signal: AbortSignal;
  /** Seconds until the signal will be aborted. */
  remainingSeconds(): number;
}

/** A work, and the invocation that it happens in. */
export interface DeadlineOptions {
  /**
   * What runs, in a word, as the log lines and the error tell it.
   * @default 'hook'
   */
  readonly work?: string;
  /** What the log lines are about. */
  readonly resource: string;
  /** What each log line says besides. */
  readonly data?: LogData;
  readonly context: TimeLeft;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds before the invocation's end at which the signal is aborted; half of them are for cleaning up. */
  readonly marginSeconds: number;
}

/**
 * Runs a work, and tells what it came to while there is still time to answer. Work that ends after the signal was aborted
 * counts as failed, with the `DeadlineError`. Logs a failure; never rejects.
 */
export async function runBeforeDeadline<Result>(
  work: (timed: TimedWork) => Result | Promise<Result>,
  options: DeadlineOptions,
): Promise<Outcome<Result>> {
  const { context, clock, logger, resource, data, work: name = 'hook' } = options;
  const total = context.getRemainingTimeInMillis();
  const margin = marginOf(total, options);
  const deadline = new AbortController();
  const remainingSeconds = () => Math.max(0, (context.getRemainingTimeInMillis() - margin) / 1000);
  const running = outcomeOf(() => work({ signal: deadline.signal, remainingSeconds }));
  if (!(await settlesWithin(running, total - margin, clock))) {
    return cutShort(running, { options, deadline, cleanUpUntil: margin / 2 });
  }
  const outcome = await running;
  if (outcome.status === 'failed') {
    logger.error(`The ${name} failed`, { resource, ...data, ...describeError(outcome.error) });
  }
  return outcome;
}

/** Milliseconds before the Lambda's end; a Lambda whose time-out is short gives at most half of it. */
function marginOf(total: number, { marginSeconds, logger, resource, data }: DeadlineOptions): number {
  const wanted = marginSeconds * 1000;
  if (wanted <= total / 2) return wanted;
  logger.warn("The Lambda function's time-out is short for the deadline margin", {
    resource,
    ...data,
    deadlineMarginSeconds: marginSeconds,
    remainingSeconds: total / 1000,
  });
  return Math.max(0, total / 2);
}

/** Aborts the work and gives it a while to clean up. */
async function cutShort<Result>(
  running: Promise<Outcome<Result>>,
  {
    options: { context, clock, logger, resource, data, work: name = 'hook' },
    deadline,
    cleanUpUntil,
  }: { options: DeadlineOptions; deadline: AbortController; cleanUpUntil: number },
): Promise<Outcome<Result>> {
  const error = new DeadlineError({
    resource,
    remainingSeconds: context.getRemainingTimeInMillis() / 1000,
    remedy: `Raise the function's time-out (at most 900 s), or do less in this ${name}`,
  });
  deadline.abort(error);
  const hasEnded = await settlesWithin(running, context.getRemainingTimeInMillis() - cleanUpUntil, clock);
  const outcome = hasEnded ? await running : undefined;
  logger.error(`The ${name} ran out of time`, {
    resource,
    ...data,
    ...describeError(error),
    hasEnded,
    ...(outcome?.status === 'failed' && { endedWith: describeError(outcome.error).error }),
  });
  return { status: 'failed', error };
}

/** Never rejects, whatever is thrown. */
async function outcomeOf<Result>(work: () => Result | Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { status: 'succeeded', result: await work() };
  } catch (error) {
    return { status: 'failed', error };
  }
}
