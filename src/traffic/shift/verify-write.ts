import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import { type Decision, proceed, type Reading, type ShiftRules } from './decision.js';
import { describeDrift, isExpected } from './expected-weights.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';
import { endOfRollback, halt, heldAnew } from './shift-transitions.js';
import { secondsToWait } from './step-schedule.js';

/** What follows when the announced weights have been written, and the target was read until it had them or time was up. */
export function verifyWrite(state: ShiftState, live: Reading, now: number, rules: ShiftRules): Decision {
  const { weights } = live;
  return weights !== undefined && areSame(weights, state.pendingWeights)
    ? verified(state, weights, now, rules)
    : unverified(state, live, now, rules);
}

/** The announced weights were read back. */
export function verified(
  state: ShiftState,
  weights: TrafficWeights,
  now: number,
  rules: ShiftRules,
): Decision {
  const { pendingWeights: _announced, supersededWeights: _abandoned, ...rest } = state;
  const isRollback = state.phase === 'rollingBack';
  const settled = heldAnew(
    {
      ...rest,
      verifiedWeights: weights,
      readAt: now,
      unverifiedWrites: 0,
      step: state.step + (isRollback ? 0 : 1),
    },
    now,
    rules,
  );
  const event: ShiftEvent = { at: now, type: 'weightsVerified', weights };
  if (!isRollback || !areSame(weights, endOfRollback(state, rules))) {
    const waitSeconds = secondsToWait(settled, now, rules);
    return { action: 'wait', state: settled, waitSeconds, events: [event] };
  }
  const reason = state.reason ?? 'no reason given';
  return {
    action: 'end',
    state: { ...settled, phase: 'rolledBack' },
    events: [event, { at: now, type: 'rolledBack', weights, reason }],
  };
}

/** The announced weights were written, but are not live within the time that a verification is given. */
function unverified(state: ShiftState, live: Reading, now: number, rules: ShiftRules): Decision {
  const next = { ...state, unverifiedWrites: state.unverifiedWrites + 1 };
  if (!isExpected(state, live) || live.weights === undefined)
    return halt(next, describeDrift(state, live), now);
  if (next.unverifiedWrites < rules.unverifiedWriteLimit) return proceed(next);
  const seen = describeWeights(live.weights);
  return halt(next, `The written weights do not come into force: still ${seen}`, now);
}
