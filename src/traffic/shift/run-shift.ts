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

/** A timer of Node.js holds 24 days at most, and an early call of `advance` costs nothing. */
const maxSleepSeconds = 86_400;

/** What the loop is given. */
export interface RunShiftOptions {
  /** What the traffic goes through, as the log tells it. */
  readonly resource: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  readonly haltSignal: AbortSignal | undefined;
  readonly onAbort: 'rollBack' | 'halt';
  readonly maxAttempts: number;
  readonly maxRollbackAttempts: number;
  readonly advance: (state: ShiftState, options: CallOptions) => Promise<ShiftProgress>;
  /** Turns round, or goes on turning round. Writes nothing yet. */
  readonly startRollback: (state: ShiftState, reason: string) => ShiftProgress;
  /** Stops without another write. */
  readonly stop: (state: ShiftState, reason: string) => ShiftProgress;
  /** Is told what happened. */
  readonly tell: (progress: ShiftProgress) => void;
}

/**
 * Advances until the end. An abort, and what goes wrong too often, turns the shift round; what goes wrong too often on the
 * way back halts it, and so does the end of the process at any time.
 *
 * @throws the error of a clock that cannot sleep, once the shift is rolled back or halted.
 */
export async function runShift(begun: ShiftState, options: RunShiftOptions): Promise<ShiftState> {
  const { clock, resource, advance, stop, startRollback, tell, haltSignal } = options;
  let { signal } = options;
  let either = eitherOf(signal, haltSignal);
  let state = begun;
  let failures = 0;
  let lastError: unknown;
  const take = (progress: ShiftProgress) => {
    failures = 0;
    lastError = undefined;
    state = progress.state;
    tell(progress);
  };
  const giveUp = (error: unknown) => {
    const reason = `The shift cannot proceed: ${messageOf(error)}`;
    take(state.phase === 'rollingBack' ? stop(state, reason) : startRollback(state, reason));
  };
  const clockErrors: unknown[] = [];
  // Without pauses nothing can be watched, but the traffic can still go back.
  const rest = async (seconds: number) => {
    await pause(clock, seconds, either).catch((error: unknown) => {
      clockErrors.push(error);
      giveUp(error);
    });
  };
  while (!hasEnded(state)) {
    if (haltSignal?.aborted) {
      take(stop(state, abortReason(haltSignal, lastError)));
      continue;
    }
    if (signal?.aborted) {
      const reason = abortReason(signal, lastError);
      take(options.onAbort === 'halt' ? stop(state, reason) : startRollback(state, reason));
      // The way back is not to be aborted as well.
      signal = undefined;
      either = haltSignal;
      continue;
    }
    try {
      const progress = await advance(state, { signal: either });
      take(progress);
      if (!progress.done) await rest(progress.waitSeconds);
    } catch (error) {
      if (either?.aborted) continue;
      failures += 1;
      lastError = error;
      const isOnTheWayBack = state.phase === 'rollingBack';
      const limit = isOnTheWayBack ? options.maxRollbackAttempts : options.maxAttempts;
      if (classifyFailure(error) !== 'final' && failures < limit) {
        options.logger.warn('A step of the shift failed and is tried again', {
          resource,
          error: messageOf(error),
        });
        await rest(retrySeconds(failures, { isOnTheWayBack }));
      } else {
        giveUp(error);
      }
    }
  }
  if (clockErrors.length > 0) throw clockErrors[0];
  return state;
}

/** When the time is over, the last error says why it was too short. */
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
