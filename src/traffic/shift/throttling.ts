import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { isThrottle } from '../../core/failures.js';
import { hashOf } from '../../core/hash.js';
import type { ShiftState, ThrottleState } from './shift-state.js';

/** Calls in a row that AWS may throttle before the error is thrown, and the caller's own limit of retries counts. */
export const maxThrottles = 30;

/** Pause after the first throttle; it doubles up to the limit. */
const firstPauseSeconds = 60;
const pauseLimitSeconds = 240;

/** Pauses of a reading before a shift, and the time for which it is repeated. */
const firstBeginPauseSeconds = 3;
const maxBeginSeconds = 10;

/** Longest pause of any shift, with its spread. */
export const maxPauseSeconds = pauseLimitSeconds * 1.5;

/**
 * Returns the fraction, from 0 to below 1, by which a shift spreads its retries. Shifts that are throttled at the same time
 * then do not return at the same time. It depends only on the shift, so that a repeated call waits equally long.
 */
export function spreadOf(resource: string, { startedAt }: Pick<ShiftState, 'startedAt'>): number {
  return (hashOf(`${resource} ${startedAt}`) >>> 0) / 2 ** 32;
}

/**
 * Returns the pause after a throttled call; undefined when AWS has throttled too many in a row. A rollback, and the reading of
 * weights that were just written, return within two seconds. All other calls wait for much longer, and so leave AWS's rate to
 * them.
 */
export function throttleAfter(state: ShiftState, now: number, spread: number): ThrottleState | undefined {
  const count = (state.throttled?.count ?? 0) + 1;
  if (count > maxThrottles) return undefined;
  const isUrgent = state.phase === 'rollingBack' || state.unverifiedWrites > 0;
  const pauseSeconds = Math.min(firstPauseSeconds * 2 ** (count - 1), pauseLimitSeconds);
  const seconds = isUrgent ? 1 + spread : pauseSeconds * (0.5 + spread);
  return { count, until: now + Math.round(seconds * 1000) };
}

/** Options of {@link whileThrottled}. */
export interface ThrottledBeginOptions extends CallOptions {
  readonly clock: Clock;
  readonly resource: string;
  /** Fraction of this shift, 0 to below 1. */
  readonly spread: number;
}

/**
 * Makes a reading before a shift, and repeats it for some seconds while AWS throttles it. Longer pauses are the caller's: a
 * function of a fleet that waits is one of the account's concurrent executions.
 */
export async function whileThrottled<T>(
  read: () => Promise<T>,
  { clock, resource, spread, signal }: ThrottledBeginOptions,
): Promise<T> {
  const elapsed = new ElapsedTime(clock);
  for (let seconds = firstBeginPauseSeconds; ; seconds *= 2) {
    try {
      return await read();
    } catch (error) {
      if (!isThrottle(error) || elapsed.seconds >= maxBeginSeconds) throw error;
      await elapsed.sleepSeconds(seconds * (0.5 + spread), { signal, resource, lastError: error });
    }
  }
}

/** Returns the seconds until the checks are evaluated again after AWS throttled one of them: less than their interval. */
export function checkAgainSeconds(intervalSeconds: number, spread: number): number {
  return intervalSeconds * (1 / 3 + (spread * 2) / 3);
}

/** True while readings that no decision needs are left out, because AWS throttled the last one. */
export function isPaused({ throttled }: Pick<ShiftState, 'throttled'>, now: number): boolean {
  return throttled !== undefined && now < throttled.until;
}

/** Removes the pause, because AWS has responded, or because a rollback does not wait for it. */
export function unthrottled<State extends Pick<ShiftState, 'throttled'>>({ throttled: _, ...rest }: State) {
  return rest;
}
