import { type CallOptions, isAwsError } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import { afterLastError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import type { Logger } from '../../core/logger.js';
import type { ShiftProgress } from '../shifter-options.js';
import { hasEnded } from './decide-next.js';
import { retrySeconds } from './retry-seconds.js';
import type { ShiftState } from './shift-state.js';

/** Limit below the longest timer of Node.js (24 days). An early call of `advance` is harmless. */
const maxSleepSeconds = 86_400;

/** Options of {@link runShift}. */
export interface RunShiftOptions {
  readonly resource: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  readonly haltSignal: AbortSignal | undefined;
  readonly onAbort: 'rollBack' | 'halt';
  readonly maxAttempts: number;
  readonly maxRollbackAttempts: number;
  readonly advance: (state: ShiftState, options: CallOptions) => Promise<ShiftProgress>;
  /** Starts or continues a rollback. Writes nothing yet. */
  readonly startRollback: (state: ShiftState, reason: string) => ShiftProgress;
  /** Halts without another write. */
  readonly halt: (state: ShiftState, reason: string) => ShiftProgress;
  /** Emits the events. */
  readonly emit: (progress: ShiftProgress) => void;
}

/**
 * Advances a shift until it ends. An abort, or too many failed attempts, rolls it back. Too many failed attempts during the
 * rollback halt it; so does the halt signal at any time.
 *
 * @throws the error of a clock that cannot sleep, after the shift was rolled back or halted.
 */
export async function runShift(begun: ShiftState, options: RunShiftOptions): Promise<ShiftState> {
  const { clock, resource, advance, halt, startRollback, emit, haltSignal } = options;
  let { signal } = options;
  let either = eitherOf(signal, haltSignal);
  let state = begun;
  let failures = 0;
  let lastError: unknown;
  const accept = (progress: ShiftProgress) => {
    failures = 0;
    lastError = undefined;
    state = progress.state;
    emit(progress);
  };
  const giveUp = (error: unknown) => {
    const reason = `The shift cannot proceed: ${messageOf(error)}`;
    accept(state.phase === 'rollingBack' ? halt(state, reason) : startRollback(state, reason));
  };
  const clockErrors: unknown[] = [];
  // Without pauses the shift cannot be watched, but it can still be rolled back.
  const pauseOrGiveUp = async (seconds: number) => {
    await pause(clock, seconds, either).catch((error: unknown) => {
      clockErrors.push(error);
      giveUp(error);
    });
  };
  while (!hasEnded(state)) {
    if (haltSignal?.aborted) {
      accept(halt(state, abortReason(haltSignal, lastError)));
      continue;
    }
    if (signal?.aborted) {
      const reason = abortReason(signal, lastError);
      accept(options.onAbort === 'halt' ? halt(state, reason) : startRollback(state, reason));
      // The same signal must not abort the rollback as well.
      signal = undefined;
      either = haltSignal;
      continue;
    }
    try {
      const progress = await advance(state, { signal: either });
      accept(progress);
      if (!progress.done) await pauseOrGiveUp(progress.waitSeconds);
    } catch (error) {
      if (either?.aborted) continue;
      failures += 1;
      lastError = error;
      const isRollingBack = state.phase === 'rollingBack';
      const limit = isRollingBack ? options.maxRollbackAttempts : options.maxAttempts;
      if (classifyFailure(error) !== 'final' && failures < limit) {
        options.logger.warn('Step of the shift failed and will be retried', {
          resource,
          error: messageOf(error),
        });
        await pauseOrGiveUp(retrySeconds(failures, { isRollingBack }));
      } else {
        giveUp(error);
      }
    }
  }
  if (clockErrors.length > 0) throw clockErrors[0];
  return state;
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
