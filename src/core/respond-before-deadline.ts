import { isAwsError } from './aws-call.js';
import type { Clock } from './clock.js';
import { describeError } from './describe-error.js';
import { DeadlineError, OperationAbortedError } from './errors.js';
import type { LogData, Logger } from './logger.js';
import { settlesWithin } from './settles-within.js';
import type { TimeLeft } from './time-left.js';

/*
 * Front doors respond to a caller that stops waiting at some time. They run their work with `runBeforeDeadline`, and send
 * the response with `sendBeforeDeadline` where it is a call of its own.
 */

/** Result of a work that always ends in time. */
export type Outcome<Result> =
  | { readonly status: 'succeeded'; readonly result: Result }
  | { readonly status: 'failed'; readonly error: unknown };

/** Time limits that a work is called with. */
export interface TimedWork {
  /** Aborted, with a `DeadlineError`, when the time left for the work is over. */
  readonly signal: AbortSignal;
  /** Seconds until the signal will be aborted. */
  remainingSeconds(): number;
}

/** A work, and the invocation that it runs in. */
export interface DeadlineOptions {
  /**
   * Name of the work in the log lines and the error.
   * @default 'hook'
   */
  readonly work?: string;
  /** Resource of the log lines. */
  readonly resource: string;
  /** Further fields of each log line. */
  readonly data?: LogData;
  readonly context: TimeLeft;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds before the invocation's end at which the signal is aborted; half of them are for cleaning up. */
  readonly marginSeconds: number;
  /**
   * Next step for the user when the time is over.
   * @default to raise the function's time-out
   */
  readonly remedy?: string | undefined;
  /**
   * Wait for work that is still running past the invocation's end. Without a response, Lambda's time-out ends the process, and
   * with it a write that would otherwise go on when the process is used again.
   * @default false
   */
  readonly mustEnd?: boolean;
}

/** Lambda ends an invocation a little later than its context says. */
const pastTheEndMilliseconds = 60_000;

/**
 * Runs a work and returns its outcome while there is still time to respond. Work that ends after the signal was aborted
 * counts as failed, with the `DeadlineError`. Logs a failure; never rejects.
 */
export async function runBeforeDeadline<Result>(
  work: (timed: TimedWork) => Result | Promise<Result>,
  options: DeadlineOptions,
): Promise<Outcome<Result>> {
  const { context, clock, logger, resource, data } = options;
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
    logger.error(`${nameOf(options)} failed`, { resource, ...data, ...describeError(outcome.error) });
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
    options,
    deadline,
    cleanUpUntil,
  }: { options: DeadlineOptions; deadline: AbortController; cleanUpUntil: number },
): Promise<Outcome<Result>> {
  const { context, clock, logger, resource, data, work = 'hook' } = options;
  const error = new DeadlineError({
    resource,
    remainingSeconds: context.getRemainingTimeInMillis() / 1000,
    remedy: options.remedy ?? `Raise the function's time-out (at most 900 s), or do less in this ${work}`,
  });
  deadline.abort(error);
  const hasEnded = await settlesWithin(running, context.getRemainingTimeInMillis() - cleanUpUntil, clock);
  const outcome = hasEnded ? await running : undefined;
  logger.error(`${nameOf(options)} ran out of time`, {
    resource,
    ...data,
    ...describeError(error),
    hasEnded,
    ...(outcome?.status === 'failed' && { endedWith: describeError(outcome.error).error }),
  });
  if (options.mustEnd === true) {
    await settlesWithin(running, context.getRemainingTimeInMillis() + pastTheEndMilliseconds, clock);
  }
  const cause = outcome?.status === 'failed' ? errorBeforeAbort(outcome.error, error) : undefined;
  return { status: 'failed', error: cause === undefined ? error : new DeadlineError({ ...error, cause }) };
}

/** The error that a work ended with, or had before the abort: undefined when it ended because of the abort alone. */
function errorBeforeAbort(thrown: unknown, abort: DeadlineError): unknown {
  if (thrown === abort || isAwsError(thrown, 'AbortError')) return undefined;
  return thrown instanceof OperationAbortedError ? thrown.lastError : thrown;
}

/** Never rejects, whatever is thrown. */
async function outcomeOf<Result>(work: () => Result | Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { status: 'succeeded', result: await work() };
  } catch (error) {
    return { status: 'failed', error };
  }
}

function nameOf({ work = 'hook' }: DeadlineOptions): string {
  return work.charAt(0).toUpperCase() + work.slice(1);
}

/** A response to a caller that stops waiting at some time. */
export interface SendOptions<Result> {
  readonly context: TimeLeft;
  readonly clock: Clock;
  /** Milliseconds after which one attempt is given up. */
  readonly maxAttemptMilliseconds: number;
  readonly send: (signal: AbortSignal) => Promise<Result>;
  /** The error of an attempt that was given up. */
  readonly timeout: (seconds: number) => Error;
  /** True for an error that a further attempt would get too. */
  readonly isFinal: (error: unknown) => boolean;
  /** Called before each pause. */
  readonly onRetry: (error: unknown) => void;
}

const firstPauseMilliseconds = 1_000;
const maxPauseMilliseconds = 20_000;

/** Kept for the report that no response got through. */
const lastMoment = 200;

/** After a shorter pause there would be no time for an attempt. */
const shortestPause = 2 * lastMoment;

/**
 * Sends a response, and repeats it with growing pauses until the invocation's end is near. One attempt is made in any case.
 *
 * @throws the error of the last attempt.
 */
export async function sendBeforeDeadline<Result>(options: SendOptions<Result>): Promise<Result> {
  const { context, clock, isFinal, onRetry } = options;
  for (let pause = firstPauseMilliseconds; ; pause = Math.min(pause * 2, maxPauseMilliseconds)) {
    try {
      return await sendOnce(options);
    } catch (error) {
      // Never more than half of the time left, so that the pauses shrink towards the end instead of missing it.
      const milliseconds = Math.min(pause, context.getRemainingTimeInMillis() / 2);
      if (isFinal(error) || !(milliseconds >= shortestPause)) throw error;
      onRetry(error);
      await clock.sleep(milliseconds);
    }
  }
}

async function sendOnce<Result>({
  context,
  clock,
  maxAttemptMilliseconds,
  send,
  timeout,
}: SendOptions<Result>): Promise<Result> {
  const remaining = context.getRemainingTimeInMillis() - lastMoment;
  const limit = Math.max(lastMoment, Math.min(maxAttemptMilliseconds, remaining));
  const attempt = new AbortController();
  const sending = send(attempt.signal);
  if (!(await settlesWithin(sending, limit, clock))) {
    attempt.abort();
    throw timeout(limit / 1000);
  }
  return sending;
}
