import { areSame } from '../weights.js';
import type { ShiftRules } from './decision.js';
import type { ShiftState } from './shift-state.js';
import { endOfRollback } from './shift-transitions.js';
import { dueSetup } from './target-setup.js';
import { maxPauseSeconds } from './throttling.js';

/**
 * Returns the end of the present hold: milliseconds since 1970. A step is held from when all clients follow its weights. A
 * rollback in steps does not wait for them, except after its last step.
 */
export function holdUntil(state: ShiftState, rules: ShiftRules): number {
  const { phase, step, strategy, verifiedAt } = state;
  const { rollback } = rules;
  if (isRollbackPropagating(state, rules)) return holdsSince(state);
  if (phase === 'rollingBack')
    return verifiedAt + (rollback === 'atOnce' ? 0 : rollback.intervalSeconds * 1000);
  return holdsSince(state) + (strategy.steps[step]?.holdSeconds ?? 0) * 1000;
}

/** Returns the time from which all clients follow the verified weights: milliseconds since 1970. Holds count from it. */
export function holdsSince({ verifiedAt, propagationSeconds = 0 }: ShiftState): number {
  return verifiedAt + propagationSeconds * 1000;
}

/** True when a rollback has read its last weights back, and not all clients may follow them yet. */
export function isRollbackPropagating(state: ShiftState, rules: ShiftRules): boolean {
  const { phase, pendingWeights, verifiedWeights, propagationSeconds = 0 } = state;
  const hasWritten = phase === 'rollingBack' && pendingWeights === undefined && propagationSeconds > 0;
  return hasWritten && areSame(verifiedWeights, endOfRollback(state, rules));
}

/** Records how long all clients need to follow the weights that were just read back. */
export function withPropagation(state: ShiftState, rules: ShiftRules): ShiftState {
  const { propagationSeconds: _, ...rest } = state;
  const propagationSeconds = rules.propagationSeconds();
  return propagationSeconds > 0 ? { ...rest, propagationSeconds } : rest;
}

/** Seconds that an undecided check may hold a step for after `holdSeconds`, unless the step has `maxHoldSeconds`. */
export const undecidedSeconds = 3600;

/** Returns the longest hold of the present step while a check is undecided. */
export function maxHoldSecondsOf({ step, strategy }: Pick<ShiftState, 'step' | 'strategy'>): number {
  const { holdSeconds = 0, maxHoldSeconds = holdSeconds + undecidedSeconds } = strategy.steps[step] ?? {};
  return maxHoldSeconds;
}

/** Returns the time of the next guard, which reads the live weights: milliseconds since 1970. */
export function guardAt({ readAt, throttled }: ShiftState, { guardIntervalSeconds }: ShiftRules): number {
  return Math.max(readAt + guardIntervalSeconds * 1000, throttled?.until ?? 0);
}

/** True when the next call evaluates the checks. It does not before weights are written, or while the target is changed besides them. */
export function areChecksDue(state: ShiftState, now: number, { hasChecks }: ShiftRules): boolean {
  const { phase, pendingWeights, nextCheckAt } = state;
  const isHeld =
    phase === 'shifting' && pendingWeights === undefined && dueSetup(state, undefined) === undefined;
  return isHeld && hasChecks && now >= nextCheckAt;
}

/** Returns the seconds until the end of the hold or of a pause, the next checks or the next guard, whichever is first. */
export function secondsToWait(state: ShiftState, now: number, rules: ShiftRules): number {
  // A slow reading or write can outlast the time of the next evaluation.
  if (areChecksDue(state, now, rules)) return 0;
  const checksAt = rules.hasChecks && state.phase === 'shifting' ? [state.nextCheckAt] : [];
  const hold = holdUntil(state, rules);
  // A hold that is over only waits for its checks or an approval.
  const due = [hold, ...checksAt, state.throttled?.until ?? 0].filter((at) => at > now);
  return due.length > 0 ? (Math.min(...due, Math.max(guardAt(state, rules), now)) - now) / 1000 : 0;
}

/** Seconds by which a call may be late, including the caller's retries, before the time counts as unwatched. */
const maxLatenessSeconds = 300;

/**
 * Adjusts the times of a state to this machine's clock, so that a hold counts watched time only. When the clock was set back, or
 * is behind the clock of the last process, the hold neither starts again nor lasts until the clock has caught up. When far more
 * time has passed than until the next guard, the clock was set forward or no process watched the shift: that time does not count.
 */
export function adjustToClock(
  state: ShiftState,
  now: number,
  { guardIntervalSeconds, policy }: ShiftRules,
): ShiftState {
  const { verifiedAt, readAt, startedAt, nextCheckAt, passedAt, setup, throttled } = state;
  const guard = guardIntervalSeconds * 1000;
  const pausedUntil = Math.min(throttled?.until ?? 0, now + maxPauseSeconds * 1000);
  // The checks also watch a shift whose readings are throttled.
  const gap = now - Math.max(verifiedAt, readAt, Math.min(pausedUntil, now));
  const isUnwatched = gap > guard + maxLatenessSeconds * 1000;
  const offset = gap < 0 ? gap : isUnwatched ? gap - guard : 0;
  // While the readings are throttled, the times of the checks can be later than all the others.
  const untilChecks = Math.max(policy.initialDelaySeconds, policy.intervalSeconds) * 1000;
  return {
    ...state,
    verifiedAt: verifiedAt + offset,
    readAt: readAt + offset,
    nextCheckAt: Math.min(nextCheckAt + offset, now + untilChecks),
    ...(passedAt !== undefined && { passedAt: Math.min(passedAt + offset, now) }),
    ...(setup && { setup: { ...setup, since: Math.min(setup.since + offset, now) } }),
    ...(throttled && { throttled: { ...throttled, until: pausedUntil } }),
    startedAt: Math.min(startedAt, now),
  };
}
