import type { ShiftRules } from './decision.js';
import type { ShiftState } from './shift-state.js';

/** The end of the present hold: milliseconds since 1970. */
export function holdUntil(
  { phase, step, strategy, verifiedAt }: ShiftState,
  { rollback }: ShiftRules,
): number {
  if (phase === 'rollingBack')
    return verifiedAt + (rollback === 'atOnce' ? 0 : rollback.intervalSeconds * 1000);
  return verifiedAt + (strategy.steps[step]?.holdSeconds ?? 0) * 1000;
}

/** The time at which the live weights are read again: milliseconds since 1970. */
export function guardAt({ readAt }: ShiftState, { guardIntervalSeconds }: ShiftRules): number {
  return readAt + guardIntervalSeconds * 1000;
}

/** Seconds until there is something to do: the end of the hold, the next checks or the next guard, whichever is first. */
export function secondsToWait(state: ShiftState, now: number, rules: ShiftRules): number {
  const checksAt = rules.hasChecks && state.phase === 'shifting' ? [state.nextCheckAt] : [];
  const hold = holdUntil(state, rules);
  // A hold that is over waits for its checks or an approval, if for anything.
  const due = [hold, ...checksAt].filter((at) => at > now);
  return due.length > 0 ? (Math.min(...due, Math.max(guardAt(state, rules), now)) - now) / 1000 : 0;
}

/**
 * The state on this machine's clock. A clock that was set back, or one that is behind that of the last process, must not
 * prolong a hold: no time of the state lies in the future, except the next checks within their interval.
 */
export function withPastTimes(state: ShiftState, now: number, { policy }: ShiftRules): ShiftState {
  const { verifiedAt, readAt, startedAt, nextCheckAt } = state;
  const maxWaitSeconds = Math.max(policy.initialDelaySeconds, policy.intervalSeconds);
  return {
    ...state,
    verifiedAt: Math.min(verifiedAt, now),
    readAt: Math.min(readAt, now),
    startedAt: Math.min(startedAt, now),
    nextCheckAt: Math.min(nextCheckAt, now + maxWaitSeconds * 1000),
  };
}
