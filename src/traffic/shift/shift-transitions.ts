import { truncateReason } from '../../resumable/truncate-reason.js';
import type { TrafficWeights } from '../types.js';
import { areSame, smallestDifference, weightsOf } from '../weights.js';
import { type Decision, proceed, type ShiftRules } from './decision.js';
import type { ShiftEvent } from './shift-events.js';
import type { SetupStage, ShiftState } from './shift-state.js';
import { resetTallies } from './tally-checks.js';
import { unthrottled } from './throttling.js';

/** Halts without another write. */
export function halt(state: ShiftState, why: string, now: number): Decision {
  const reason = truncateReason(why);
  const isRollback = state.phase === 'rollingBack' || state.phase === 'rolledBack';
  const haltedIn = isRollback ? 'rollingBack' : 'shifting';
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
 * Resumes a halted shift in the phase in which it halted. The present step was not watched meanwhile, so it is held and checked
 * from the beginning. So is a step whose next weights were already written: a reading finds those weights if they are live.
 */
export function resume(state: ShiftState, now: number, rules: ShiftRules): ShiftState {
  if (state.phase !== 'halted') return state;
  const { haltedIn = 'shifting', reason: _reason, rollbackReason, ...rest } = state;
  const resumed = {
    ...rest,
    phase: haltedIn,
    unverifiedWrites: 0,
    ...(rest.setup && { setup: { ...rest.setup, since: now } }),
    ...(rollbackReason !== undefined && { reason: rollbackReason }),
  };
  const hasRollbackWrite = haltedIn === 'rollingBack' && resumed.pendingWeights !== undefined;
  return hasRollbackWrite ? resumed : restartHold(resumed, now, rules);
}

/** Starts the hold of the verified weights from the beginning. */
export function restartHold(state: ShiftState, now: number, { policy }: ShiftRules): ShiftState {
  return {
    ...state,
    verifiedAt: now,
    nextCheckAt: now + policy.initialDelaySeconds * 1000,
    tallies: resetTallies(state.tallies),
  };
}

/**
 * Starts a rollback. The pending weights become superseded, because they may be live. A rollback that is already in progress
 * continues unchanged.
 */
export function beginRollback(state: ShiftState, why: string, now: number, rules: ShiftRules): Decision {
  const current = resume(state, now, rules);
  if (current.phase === 'rollingBack') return proceed(current);
  const reason = truncateReason(why);
  const { pendingWeights, ...rest } = unthrottled(current);
  const supersededWeights = pendingWeights ?? current.supersededWeights;
  const rollingBack: ShiftState = {
    ...rest,
    phase: 'rollingBack',
    reason,
    unverifiedWrites: 0,
    ...(supersededWeights && { supersededWeights }),
    pendingWeights: nextRollbackWeights(current, rules),
  };
  return proceed(rollingBack, [{ at: now, type: 'rollingBack', reason }]);
}

/** Accepts live weights that were set outside the shift as the start of a rollback. The target is restored after it, again. */
export function acceptWeights(state: ShiftState, live: TrafficWeights, rules: ShiftRules): ShiftState {
  const { setup } = state;
  const stage = setup?.stage === 'restoring' ? 'prepared' : setup?.stage;
  const accepted: ShiftState = {
    ...state,
    verifiedWeights: live,
    ...(setup && stage && { setup: { ...setup, stage } }),
  };
  const isInProgress = state.phase === 'rollingBack' || state.haltedIn === 'rollingBack';
  return isInProgress ? { ...accepted, pendingWeights: nextRollbackWeights(accepted, rules) } : accepted;
}

/** Starts a stage of the changes besides the weights. Nothing is written yet. */
export function enterStage(state: ShiftState, stage: SetupStage, now: number): ShiftState {
  const { setup } = state;
  return setup === undefined ? state : { ...state, setup: { ...setup, stage, since: now, writes: 0 } };
}

/**
 * Ends a rollback whose initial weights were read back, and which all clients follow. A target with another configuration than
 * before the shift is restored first.
 */
export function endRollback(state: ShiftState, now: number, events: readonly ShiftEvent[] = []): Decision {
  const { verifiedWeights: weights, reason = 'no reason given', setup } = state;
  if (setup !== undefined && setup.stage !== 'restored') {
    return proceed(enterStage(state, 'restoring', now), events);
  }
  return {
    action: 'end',
    state: { ...state, phase: 'rolledBack' },
    events: [...events, { at: now, type: 'rolledBack', weights, reason }],
  };
}

/** Returns the initial weights, as the target can hold them. */
export function endOfRollback(
  { initialWeights }: ShiftState,
  { nearestWeights }: ShiftRules,
): TrafficWeights {
  return nearestWeights(initialWeights);
}

export function nextRollbackWeights(state: ShiftState, rules: ShiftRules): TrafficWeights {
  const { verifiedWeights, incoming } = state;
  const end = endOfRollback(state, rules);
  if (rules.rollback === 'atOnce') return end;
  const percent = verifiedWeights[incoming] - rules.rollback.stepPercent;
  // The rounding error of a sum of fractions is not a step.
  if (percent - end[incoming] < smallestDifference) return end;
  const next = rules.nearestWeights(weightsOf(incoming, percent));
  // On a coarse scale the next step can equal the present one.
  return next[incoming] < verifiedWeights[incoming] && !areSame(next, verifiedWeights) ? next : end;
}
