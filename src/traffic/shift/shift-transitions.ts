import type { TrafficWeights } from '../types.js';
import { areSame, smallestDifference, weightsOf } from '../weights.js';
import { type Decision, proceed, type ShiftRules } from './decision.js';
import type { ShiftState } from './shift-state.js';
import { forNewWeights } from './tally-checks.js';
import { truncateReason } from './truncate-reason.js';

/** Stops without another write. */
export function halt(state: ShiftState, why: string, now: number): Decision {
  const reason = truncateReason(why);
  const isBack = state.phase === 'rollingBack' || state.phase === 'rolledBack';
  const haltedIn = isBack ? 'rollingBack' : 'shifting';
  const rollbackReason = haltedIn === 'rollingBack' ? state.reason : undefined;
  return {
    action: 'end',
    state: {
      ...state,
      phase: 'halted',
      haltedIn,
      reason,
      ...(rollbackReason !== undefined && { rollbackReason }),
    },
    events: [{ at: now, type: 'halted', reason }],
  };
}

/**
 * Takes up what was under way when a shift halted. Nobody has watched the present step meanwhile, so it is held and
 * checked from the beginning, also when the next one was written: those weights may be gone, and are found if they are live.
 */
export function resume(state: ShiftState, now: number, rules: ShiftRules): ShiftState {
  if (state.phase !== 'halted') return state;
  const { haltedIn = 'shifting', reason: _reason, rollbackReason, ...rest } = state;
  const takenUp = {
    ...rest,
    phase: haltedIn,
    unverifiedWrites: 0,
    ...(rollbackReason !== undefined && { reason: rollbackReason }),
  };
  const isToGoBack = haltedIn === 'rollingBack' && takenUp.pendingWeights !== undefined;
  return isToGoBack ? takenUp : heldAnew(takenUp, now, rules);
}

/** The state at the moment at which its weights were verified. */
export function heldAnew(state: ShiftState, now: number, { policy }: ShiftRules): ShiftState {
  return {
    ...state,
    verifiedAt: now,
    nextCheckAt: now + policy.initialDelaySeconds * 1000,
    tallies: forNewWeights(state.tallies),
  };
}

/**
 * Turns round. The weights that were announced until now may be live. A rollback that is under way already goes on as it
 * is.
 */
export function beginRollback(state: ShiftState, why: string, now: number, rules: ShiftRules): Decision {
  const current = resume(state, now, rules);
  if (current.phase === 'rollingBack') return proceed(current);
  const reason = truncateReason(why);
  const { pendingWeights, ...rest } = current;
  const supersededWeights = pendingWeights ?? current.supersededWeights;
  const turned: ShiftState = {
    ...rest,
    phase: 'rollingBack',
    reason,
    unverifiedWrites: 0,
    ...(supersededWeights && { supersededWeights }),
    pendingWeights: nextRollbackWeights(current, rules),
  };
  return proceed(turned, [{ at: now, type: 'rollingBack', reason }]);
}

/** Takes weights that somebody else has set for those that a rollback starts from. */
export function acceptWeights(state: ShiftState, live: TrafficWeights, rules: ShiftRules): ShiftState {
  const accepted = { ...state, verifiedWeights: live };
  const isUnderWay = state.phase === 'rollingBack' || state.haltedIn === 'rollingBack';
  return isUnderWay ? { ...accepted, pendingWeights: nextRollbackWeights(accepted, rules) } : accepted;
}

/** What the target has when it is back at the weights of the beginning. */
export function endOfRollback(
  { initialWeights }: ShiftState,
  { nearestWeights }: ShiftRules,
): TrafficWeights {
  return nearestWeights(initialWeights);
}

/** The next weights on the way back. */
export function nextRollbackWeights(state: ShiftState, rules: ShiftRules): TrafficWeights {
  const { verifiedWeights, incoming } = state;
  const end = endOfRollback(state, rules);
  if (rules.rollback === 'atOnce') return end;
  const percent = verifiedWeights[incoming] - rules.rollback.stepPercent;
  // The rest of a sum of fractions is no step.
  if (percent - end[incoming] < smallestDifference) return end;
  const next = rules.nearestWeights(weightsOf(incoming, percent));
  // On a coarse scale the next step may be no step at all.
  return next[incoming] < verifiedWeights[incoming] && !areSame(next, verifiedWeights) ? next : end;
}
