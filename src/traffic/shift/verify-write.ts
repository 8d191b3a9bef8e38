import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import { type Decision, proceed, type Reading, type ReadingAttempt, type ShiftRules } from './decision.js';
import { describeDrift, isExpected } from './drift.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';
import { endOfRollback, endRollback, halt, restartHold } from './shift-transitions.js';
import { isRollbackPropagating, secondsToWait, withPropagation } from './step-schedule.js';

/** Decides after a write of the pending weights, from the last reading of the target within the propagation time. */
export function verifyWrite(state: ShiftState, live: Reading, now: number, rules: ShiftRules): Decision {
  const { weights } = live;
  return weights !== undefined && areSame(weights, state.pendingWeights)
    ? verified(state, weights, now, rules)
    : unverified(state, live, now, rules);
}

/** Decides after a write whose reading may have been throttled: it is read back next, without another write. */
export function afterWrite(
  state: ShiftState,
  { live, throttled }: ReadingAttempt,
  now: number,
  rules: ShiftRules,
): Decision {
  if (throttled === undefined) return verifyWrite(state, live, now, rules);
  const waitSeconds = Math.max(0, (throttled.until - now) / 1000);
  return { action: 'wait', state: { ...withWrite(state, rules), throttled }, waitSeconds, events: [] };
}

/** Counts a write that was accepted and not read back yet. Only a reading proves that it had no effect, so none halts the shift. */
export function withWrite(state: ShiftState, { maxUnverifiedWrites }: ShiftRules): ShiftState {
  return { ...state, unverifiedWrites: Math.min(state.unverifiedWrites + 1, maxUnverifiedWrites - 1) };
}

/** Decides when the pending weights were read back. */
export function verified(
  state: ShiftState,
  weights: TrafficWeights,
  now: number,
  rules: ShiftRules,
): Decision {
  const { pendingWeights: _pending, supersededWeights: _superseded, ...rest } = state;
  const isRollback = state.phase === 'rollingBack';
  const reached = {
    ...rest,
    verifiedWeights: weights,
    readAt: now,
    unverifiedWrites: 0,
    step: state.step + (isRollback ? 0 : 1),
  };
  const next = restartHold(withPropagation(reached, rules), now, rules);
  const event: ShiftEvent = { at: now, type: 'weightsVerified', weights };
  const isEnd = isRollback && areSame(weights, endOfRollback(state, rules));
  if (!isEnd || isRollbackPropagating(next, rules)) {
    const waitSeconds = secondsToWait(next, now, rules);
    return { action: 'wait', state: next, waitSeconds, events: [event] };
  }
  return endRollback(next, now, [event]);
}

/** Decides when the written weights are not live within the propagation time. */
function unverified(state: ShiftState, live: Reading, now: number, rules: ShiftRules): Decision {
  const next = { ...state, unverifiedWrites: state.unverifiedWrites + 1 };
  if (!isExpected(state, live) || live.weights === undefined)
    return halt(next, describeDrift(state, live), now);
  if (next.unverifiedWrites < rules.maxUnverifiedWrites) return proceed(next);
  const actual = describeWeights(live.weights);
  return halt(next, `The written weights did not take effect: still ${actual}`, now);
}
