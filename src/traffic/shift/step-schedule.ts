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

/** Seconds by which a call may be late, retries of the caller included, before the time until then counts as unwatched. */
const maxLatenessSeconds = 300;

/**
 * The state on this machine's clock, with a hold that counts watched time only. When the clock was set back, or is behind that
 * of the last process, the hold neither begins anew nor lasts until the clock has caught up. When far more time has passed than
 * until the next guard, the clock was set forward or nobody has watched: the hold does not end for that.
 */
export function onThisClock(
  state: ShiftState,
  now: number,
  { guardIntervalSeconds }: ShiftRules,
): ShiftState {
  const { verifiedAt, readAt, startedAt, nextCheckAt } = state;
  const guard = guardIntervalSeconds * 1000;
  const gap = now - Math.max(verifiedAt, readAt);
  const isUnwatched = gap > guard + maxLatenessSeconds * 1000;
  const offset = gap < 0 ? gap : isUnwatched ? gap - guard : 0;
  return {
    ...state,
    verifiedAt: verifiedAt + offset,
    readAt: readAt + offset,
    nextCheckAt: nextCheckAt + offset,
    startedAt: Math.min(startedAt, now),
  };
}
