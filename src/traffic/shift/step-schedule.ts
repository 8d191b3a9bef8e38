import type { ShiftRules } from './decision.js';
import type { ShiftState } from './shift-state.js';

/** When the present weights have been held long enough: milliseconds since 1970. */
export function holdUntil(
  { phase, step, strategy, verifiedAt }: ShiftState,
  { rollback }: ShiftRules,
): number {
  if (phase === 'rollingBack')
    return verifiedAt + (rollback === 'atOnce' ? 0 : rollback.intervalSeconds * 1000);
  return verifiedAt + (strategy.steps[step]?.holdSeconds ?? 0) * 1000;
}

/** Seconds to the next thing to do: the end of the hold or the next checks, whichever is first and still to come. */
export function secondsToWait(state: ShiftState, now: number, rules: ShiftRules): number {
  const checksAt = rules.hasChecks && state.phase === 'shifting' ? [state.nextCheckAt] : [];
  const due = [holdUntil(state, rules), ...checksAt].filter((at) => at > now);
  return due.length > 0 ? (Math.min(...due) - now) / 1000 : 0;
}
