import { type CallOptions, isAwsError } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/describe-error.js';
import { afterLastError } from '../core/errors.js';
import { classifyFailure } from '../core/failures.js';
import { retrySeconds } from './retry-seconds.js';
import type { RunSettings } from './run-options.js';
import type { SafeResumable } from './safe-resumable.js';
import type { HeldAt, Outcome, Progress, StateSummary } from './types.js';

/** Limit below the longest timer of Node.js (24 days). An early call of `advance` is harmless. */
const maxSleepSeconds = 86_400;

/** A change whose results need no check: a `SafeResumable`, or one of this package. */
export type DrivenChange<Request, State, Event> = Pick<
  SafeResumable<Request, State, Event>,
  'description' | 'begin' | 'advance' | 'rollBack' | 'halt' | 'startEvents' | 'summarize'
>;

export interface ChangeRunOptions<State, Event> extends RunSettings<State, Event> {
  readonly resumable: Omit<DrivenChange<never, State, Event>, 'begin'>;
  /** Emits the events. */
  readonly emit: (progress: Pick<Progress<State, Event>, 'events' | 'state'>) => void;
}

/**
 * Advances a change in this process until it ends. An abort, or too many failed attempts, rolls it back. Too many failed attempts
 * during the rollback halt it; so does the halt signal at any time.
 */
export class ChangeRun<State, Event> {
  readonly #options: ChangeRunOptions<State, Event>;
  readonly #approved: string[];
  readonly #clockErrors: unknown[] = [];
  #state: State;
  #outcome: Outcome | undefined;
  #reason: string | undefined;
  #signal: AbortSignal | undefined;
  #failures = 0;
  #lastError: unknown;
  /** Reason of a rollback to start. */
  #pendingRollback: string | undefined;
  #hasRolledBack = false;

  constructor(begun: State, options: ChangeRunOptions<State, Event>) {
    this.#options = options;
    this.#approved = [...options.approved];
    this.#signal = options.signal;
    this.#state = begun;
    this.#outcome = this.#summarize()?.outcome;
  }

  /** @throws the error of a clock that cannot sleep, after the change was rolled back or halted. */
  async toEnd(): Promise<{ readonly outcome: Outcome; readonly state: State; readonly reason?: string }> {
    const { haltSignal, onAbort } = this.#options;
    while (this.#outcome === undefined) {
      if (haltSignal?.aborted) {
        this.#halt(abortReason(haltSignal, this.#lastError));
      } else if (this.#signal?.aborted) {
        const reason = abortReason(this.#signal, this.#lastError);
        // The same signal must not abort the rollback as well.
        this.#signal = undefined;
        if (onAbort === 'halt') this.#halt(reason);
        else this.#planRollback(reason);
      } else {
        await this.#step();
      }
    }
    if (this.#clockErrors.length > 0) throw this.#clockErrors[0];
    const reason = this.#outcome === 'succeeded' ? undefined : (this.#summarize()?.reason ?? this.#reason);
    return { outcome: this.#outcome, state: this.#state, ...(reason !== undefined && { reason }) };
  }

  get #isRollingBack(): boolean {
    const isOwn = this.#pendingRollback !== undefined || this.#hasRolledBack;
    return isOwn || this.#summarize()?.isRollingBack === true;
  }

  /** A summary that fails must not end the run: the run knows the rollbacks that it has started. */
  #summarize(): StateSummary | undefined {
    const { resumable, logger } = this.#options;
    try {
      return resumable.summarize(this.#state);
    } catch (error) {
      logger.error('Could not summarize the state', {
        resource: resumable.description,
        error: messageOf(error),
      });
      return undefined;
    }
  }

  async #step(): Promise<void> {
    const signal = eitherOf(this.#signal, this.#options.haltSignal);
    try {
      if (this.#pendingRollback !== undefined) await this.#rollBack(this.#pendingRollback, signal);
      else await this.#advance(signal);
    } catch (error) {
      if (!signal?.aborted) await this.#retryOrGiveUp(error, signal);
    }
  }

  async #advance(signal: AbortSignal | undefined): Promise<void> {
    const { resumable, rollBackAt } = this.#options;
    const approved = [...this.#approved];
    const progress = await resumable.advance(this.#state, { signal, approved, rollBackAt });
    this.#accept(progress);
    const { heldAt, waitSeconds } = progress;
    // Failures are counted while an approval is missing, so that a callback that always throws reaches the limit.
    const mayProceed = heldAt !== undefined && (await this.#askFor(heldAt, { signal }));
    this.#failures = 0;
    this.#lastError = undefined;
    if (this.#outcome === undefined && !mayProceed) await this.#pauseOrGiveUp(waitSeconds, signal);
  }

  async #rollBack(reason: string, signal: AbortSignal | undefined): Promise<void> {
    this.#reason = reason;
    const progress = await this.#options.resumable.rollBack(this.#state, reason, { signal });
    this.#pendingRollback = undefined;
    this.#hasRolledBack = true;
    this.#failures = 0;
    this.#lastError = undefined;
    this.#accept(progress);
    const { waitSeconds } = progress;
    if (this.#outcome === undefined && waitSeconds > 0) await this.#pauseOrGiveUp(waitSeconds, signal);
  }

  /** Returns true when the next call follows at once. */
  async #askFor(heldAt: HeldAt, options: CallOptions): Promise<boolean> {
    const { isApproved } = this.#options;
    if (isApproved === undefined) {
      this.#planRollback(`Not approved to ${heldAt.detail}: the run has no isApproved`);
      return true;
    }
    const answer = await isApproved({ ...heldAt }, options);
    if (answer === true) this.#approved.push(heldAt.key);
    else if (answer === 'refused') this.#planRollback(`Not approved: refused to ${heldAt.detail}`);
    return answer === true || answer === 'refused';
  }

  async #retryOrGiveUp(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    const { maxAttempts, maxRollbackAttempts, logger, subject, resumable } = this.#options;
    this.#failures += 1;
    this.#lastError = error;
    const isRollingBack = this.#isRollingBack;
    const limit = isRollingBack ? maxRollbackAttempts : maxAttempts;
    if (classifyFailure(error) === 'final' || this.#failures >= limit) return this.#giveUp(error);
    logger.warn(`Step of the ${subject} failed and will be retried`, {
      resource: resumable.description,
      error: messageOf(error),
    });
    await this.#pauseOrGiveUp(retrySeconds(this.#failures, { isRollingBack }), signal);
  }

  #giveUp(error: unknown): void {
    const { subject } = this.#options;
    if (this.#pendingRollback !== undefined) {
      this.#halt(`${this.#pendingRollback}; the rollback failed: ${messageOf(error)}`);
      return;
    }
    const reason = `The ${subject} cannot proceed: ${messageOf(error)}`;
    if (this.#isRollingBack) this.#halt(reason);
    else this.#planRollback(reason);
  }

  #planRollback(reason: string): void {
    if (this.#isRollingBack) return;
    this.#pendingRollback = reason;
    this.#failures = 0;
    this.#lastError = undefined;
  }

  #halt(reason: string): void {
    const { resumable, subject, logger } = this.#options;
    this.#reason = reason;
    try {
      this.#accept(resumable.halt(this.#state, reason));
    } catch (error) {
      logger.error(`Could not record the halt of the ${subject}`, {
        resource: resumable.description,
        error: messageOf(error),
      });
    }
    this.#outcome = 'halted';
  }

  #accept(progress: Progress<State, Event>): void {
    this.#state = progress.state;
    this.#outcome = progress.outcome;
    this.#options.emit(progress);
  }

  /** Without pauses the change cannot be watched, but it can still be rolled back. */
  async #pauseOrGiveUp(seconds: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await pause(this.#options.clock, seconds, signal);
    } catch (error) {
      this.#clockErrors.push(error);
      this.#giveUp(error);
    }
  }
}

/** Returns the reason of an abort. After a time-out it includes the last error, which explains why the time was too short. */
function abortReason({ reason }: AbortSignal, lastError: unknown): string {
  const isTimeOver = isAwsError(reason, 'DeadlineError', 'TimeoutError');
  return `Aborted: ${messageOf(reason)}${isTimeOver ? afterLastError(lastError) : ''}`;
}

function eitherOf(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other]);
}

/** Sleeps until the time is over or the signal is aborted. */
async function pause(clock: Clock, seconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(Math.min(seconds, maxSleepSeconds) * 1000, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
