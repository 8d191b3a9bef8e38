import { isAwsError } from './aws-call.js';
import { type Clock, withClockAdvice } from './clock.js';
import { describeError } from './describe-error.js';
import { DeadlineError, OperationAbortedError } from './errors.js';
import type { LogData, Logger } from './logger.js';
import { settlesWithin } from './settles-within.js';
import type { TimeLeft } from './time-left.js';

/*
 * Front doors respond to a caller with a response deadline. They run their work with `runBeforeDeadline`, and send the response
 * with `sendBeforeDeadline` where it is a separate call.
 */

/** Outcome of work that ran before a deadline. */
export type Outcome<Result> =
  | { readonly status: 'succeeded'; readonly result: Result }
  | { readonly status: 'failed'; readonly error: unknown };

/** Time limits of the work. */
export interface TimedWork {
  /** Aborted with a `DeadlineError` when the time for the work is over. */
  readonly signal: AbortSignal;
  /** Returns the seconds until the signal is aborted. */
  remainingSeconds(): number;
}

/** Options of {@link runBeforeDeadline}. */
export interface DeadlineOptions {
  /**
   * Name of the work in the log lines and the error.
   * @default 'hook'
   */
  readonly work?: string;
  readonly resource: string;
  /** Further fields of each log line. */
  readonly data?: LogData;
  readonly context: TimeLeft;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds before the end of the invocation at which the signal is aborted; half of them are for cleanup. */
  readonly marginSeconds: number;
  /**
   * Next step for the user when the time is over.
   * @default to raise the function's time-out
   */
  readonly remedy?: string | undefined;
  /**
   * Waits for work that is still running past the end of the invocation. Without a response, Lambda's time-out ends the process.
   * A write would otherwise continue when Lambda reuses the process.
   * @default false
   */
  readonly mustEnd?: boolean;
}

/** Lambda ends an invocation slightly later than its context reports. */
const pastTheEndMilliseconds = 60_000;

/**
 * Runs work and returns its outcome while there is still time to respond. Work that ends after the signal was aborted counts as
 * failed, with the `DeadlineError`. Logs a failure. Never rejects.
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

/** Margin before the end of the invocation in milliseconds: at most half of the time left. */
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

/** Aborts the work and waits while it cleans up. */
async function cutShort<Result>(
  running: Promise<Outcome<Result>>,
  {
    options,
    deadline,
    cleanUpUntil,
  }: { options: DeadlineOptions; deadline: AbortController; cleanUpUntil: number },
): Promise<Outcome<Result>> {
  const { context, clock, logger, resource, data, work = 'hook' } = options;
  const raise = `Raise the function's time-out (at most 900 s), or do less in this ${work}`;
  const error = new DeadlineError({
    resource,
    remainingSeconds: context.getRemainingTimeInMillis() / 1000,
    remedy: withClockAdvice(clock, options.remedy ?? raise),
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

/** Returns the error that ended the work, or the last one before the abort; undefined when only the abort ended it. */
function errorBeforeAbort(thrown: unknown, abort: DeadlineError): unknown {
  if (thrown === abort || isAwsError(thrown, 'AbortError')) return undefined;
  return thrown instanceof OperationAbortedError ? thrown.lastError : thrown;
}

/** Converts a rejection to an outcome. Never rejects. */
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

/** Options of {@link sendBeforeDeadline}. */
export interface SendOptions<Result> {
  readonly context: TimeLeft;
  readonly clock: Clock;
  /** Time limit of one attempt in milliseconds. */
  readonly maxAttemptMilliseconds: number;
  readonly send: (signal: AbortSignal) => Promise<Result>;
  /** Creates the error of an attempt that timed out. */
  readonly timeout: (seconds: number) => Error;
  /** True for an error that another attempt would repeat. */
  readonly isFinal: (error: unknown) => boolean;
  /** Called before each pause. */
  readonly onRetry: (error: unknown) => void;
}

const firstPauseMilliseconds = 1_000;
const maxPauseMilliseconds = 20_000;

/** Milliseconds reserved to report that the response could not be sent. */
const reserveMilliseconds = 200;

/** Minimum pause in milliseconds: after a shorter one there is no time for an attempt. */
const minPauseMilliseconds = 2 * reserveMilliseconds;

/**
 * Sends a response and retries with growing pauses until the end of the invocation is near. At least one attempt is made.
 *
 * @throws the error of the last attempt.
 */
export async function sendBeforeDeadline<Result>(options: SendOptions<Result>): Promise<Result> {
  const { context, clock, isFinal, onRetry } = options;
  for (let pause = firstPauseMilliseconds; ; pause = Math.min(pause * 2, maxPauseMilliseconds)) {
    try {
      return await sendOnce(options);
    } catch (error) {
      // At most half of the time left, so that the pauses shrink towards the end instead of missing it.
      const milliseconds = Math.min(pause, context.getRemainingTimeInMillis() / 2);
      if (isFinal(error) || !(milliseconds >= minPauseMilliseconds)) throw error;
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
  const remaining = context.getRemainingTimeInMillis() - reserveMilliseconds;
  const limit = Math.max(reserveMilliseconds, Math.min(maxAttemptMilliseconds, remaining));
  const attempt = new AbortController();
  const sending = send(attempt.signal);
  if (!(await settlesWithin(sending, limit, clock))) {
    attempt.abort();
    throw timeout(limit / 1000);
  }
  return sending;
}
