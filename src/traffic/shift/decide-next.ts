import type { TrafficWeights } from '../types.js';
import { areSame } from '../weights.js';
import { type Decision, type Observation, proceed, type ShiftRules, weightsOfStep } from './decision.js';
import { describeDrift, expectedWeights, isExpected } from './expected-weights.js';
import { findContradiction } from './find-contradiction.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';
import { beginRollback, halt, nextRollbackWeights } from './shift-transitions.js';
import { guardAt, holdUntil, secondsToWait } from './step-schedule.js';
import { type CheckEvaluation, reasonToRollBack, stillToPass, tally } from './tally-checks.js';
import { verified } from './verify-write.js';

/** What has to be read and evaluated now: as little as the decision needs. */
export function whatToObserve(
  state: ShiftState,
  now: number,
  rules: ShiftRules,
  holdAtPercent?: number,
): { weights: boolean; checks: boolean } {
  if (hasEnded(state)) return { weights: false, checks: false };
  if (state.pendingWeights !== undefined) return { weights: true, checks: false };
  const isOver = isHeld(state, now, rules);
  const isGuardDue = now >= guardAt(state, rules);
  if (state.phase === 'rollingBack') return { weights: isGuardDue && !isOver, checks: false };
  // A check judges the weights that are live: the reading says whether they are those of the step.
  const checks = rules.hasChecks && now >= state.nextCheckAt;
  const isEnding = isOver && isPassed(state, rules) && !isHeldBack(state, holdAtPercent);
  // The write that follows a step reads the weights itself; nothing follows the last one.
  return { weights: checks || (isEnding ? isLastStep(state) : isGuardDue), checks };
}

/** Decides on the state and the observation alone, and has an answer to every pair of them. */
export function decideNext(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  const { now, live } = observation;
  const contradiction = findContradiction(state, rules);
  if (contradiction !== undefined) return halt(state, contradiction, now);
  if (hasEnded(state)) return { action: 'end', state, events: [] };
  if (live !== undefined && !isExpected(state, live)) return halt(state, describeDrift(state, live), now);
  const current = live === undefined ? state : { ...state, readAt: now };
  if (current.pendingWeights !== undefined)
    return reachPending(current, current.pendingWeights, observation, rules);
  const late = lateWeights(current, live);
  if (late !== undefined) return late;
  return current.phase === 'rollingBack'
    ? holdInRollback(current, observation, rules)
    : hold(current, observation, rules);
}

/** True when nothing more happens by itself. A halted shift ends, too, until it is resumed. */
export function hasEnded({ phase }: ShiftState): boolean {
  return phase === 'succeeded' || phase === 'rolledBack' || phase === 'halted';
}

/** A write that was given up has taken effect late: its weights are pending again, to be verified. */
function lateWeights(
  { supersededWeights, ...rest }: ShiftState,
  live: Observation['live'],
): Decision | undefined {
  if (supersededWeights === undefined || live?.weights === undefined) return undefined;
  if (areSame(live.weights, rest.verifiedWeights)) return undefined;
  return proceed({ ...rest, pendingWeights: supersededWeights });
}

function reachPending(
  state: ShiftState,
  pending: TrafficWeights,
  { now, live, holdAtPercent }: Observation,
  rules: ShiftRules,
): Decision {
  if (live === undefined) return proceed(state);
  if (state.unverifiedWrites === 0 && isHeldBack(state, holdAtPercent)) {
    return state.step < 0 ? waitForApproval(state, now, holdAtPercent, rules) : supersede(state);
  }
  const { weights } = live;
  if (weights !== undefined && isBelow(state, weights, pending)) return goBackFrom(state, weights, rules);
  if (weights !== undefined && areSame(weights, pending)) {
    if (mayBelieve(state, pending)) return verified(state, weights, now, rules);
  } else if (!isGateOpen(state, now, rules)) {
    return supersede(state);
  }
  return { action: 'write', state, weights: pending, events: [] };
}

/** True when a rollback has less to take back than it was about to: a write that was given up has taken effect late. */
function isBelow(
  { phase, incoming, verifiedWeights }: ShiftState,
  live: TrafficWeights,
  pending: TrafficWeights,
): boolean {
  if (phase !== 'rollingBack' || areSame(live, pending) || areSame(live, verifiedWeights)) return false;
  return live[incoming] < pending[incoming];
}

/** A rollback never raises the incoming stack, so it goes on from the lower share. The reading may be outdated. */
function goBackFrom(state: ShiftState, live: TrafficWeights, rules: ShiftRules): Decision {
  const lower = { ...state, verifiedWeights: live, supersededWeights: state.verifiedWeights };
  return proceed({ ...lower, unverifiedWrites: 0, pendingWeights: nextRollbackWeights(lower, rules) });
}

/** Back to holding the present step. */
function supersede({ pendingWeights: supersededWeights, ...rest }: ShiftState): Decision {
  return proceed({ ...rest, ...(supersededWeights && { supersededWeights }) });
}

/**
 * True when the step before the pending weights is done. It was when they became pending; but a step that is resumed after a
 * halt is held and checked anew, and another shifter may have further checks.
 */
function isGateOpen(state: ShiftState, now: number, rules: ShiftRules): boolean {
  const isWritten = state.unverifiedWrites > 0;
  const hasGate = state.phase === 'shifting' && state.step >= 0 && !isWritten;
  return !hasGate || (isHeld(state, now, rules) && isPassed(state, rules));
}

/**
 * Whether a reading of the announced weights is proof enough. An old answer may show them while others are live: that of
 * before the shift looks like the end of its rollback. So they are written once more, which does no harm, unless they are
 * known to have been written, or all that may be live is the same.
 */
function mayBelieve(state: ShiftState, announced: TrafficWeights): boolean {
  return state.unverifiedWrites > 0 || expectedWeights(state).every((it) => areSame(it, announced));
}

function hold(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  const { now, checks = [] } = observation;
  const wereChecked = checks.length > 0;
  const isOver = isHeld(state, now, rules);
  const next = {
    ...state,
    tallies: tally(state.tallies, checks, isOver),
    nextCheckAt: wereChecked ? now + rules.policy.intervalSeconds * 1000 : state.nextCheckAt,
  };
  const events = checks.map((it) => evaluated(it, now));
  const reason = reasonToRollBack(next.tallies, checks, rules.policy);
  if (reason !== undefined) return withEvents(events, beginRollback(next, reason, now, rules));
  const waitSeconds = secondsToWait(next, now, rules);
  if (!isOver) return { action: 'wait', state: next, waitSeconds, events };
  if (isPassed(next, rules)) return withEvents(events, passGate(next, observation, rules));
  const held = wereChecked ? [heldFor(next, now, rules)] : [];
  return { action: 'wait', state: next, waitSeconds, events: [...events, ...held] };
}

/** The present step is done: the next one is announced, or the shift has succeeded. */
function passGate(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  const { now, live, holdAtPercent } = observation;
  if (isHeldBack(state, holdAtPercent)) return waitForApproval(state, now, holdAtPercent, rules);
  if (!isLastStep(state)) {
    return proceed({ ...state, pendingWeights: weightsOfStep(state, state.step + 1, rules) });
  }
  if (live === undefined) return proceed(state);
  if (!areSame(state.verifiedWeights, live.weights)) return halt(state, describeDrift(state, live), now);
  const weights = state.verifiedWeights;
  return {
    action: 'end',
    state: { ...state, phase: 'succeeded' },
    events: [{ at: now, type: 'succeeded', weights }],
  };
}

/** Whether the next step goes past the share that is approved. */
function isHeldBack(
  { phase, step, strategy }: ShiftState,
  holdAtPercent: number | undefined,
): holdAtPercent is number {
  const next = strategy.steps[step + 1];
  return phase === 'shifting' && next !== undefined && next.percent > (holdAtPercent ?? 100);
}

/** The checks go on meanwhile. */
function waitForApproval(state: ShiftState, now: number, heldAtPercent: number, rules: ShiftRules): Decision {
  const reason = `Waits for the approval to go past ${heldAtPercent} %`;
  return {
    action: 'wait',
    state,
    waitSeconds:
      secondsToWait(state, now, rules) || Math.min(rules.policy.intervalSeconds, rules.guardIntervalSeconds),
    heldAtPercent,
    events: [{ at: now, type: 'held', weights: state.verifiedWeights, reason }],
  };
}

function holdInRollback(state: ShiftState, { now }: Observation, rules: ShiftRules): Decision {
  return isHeld(state, now, rules)
    ? proceed({ ...state, pendingWeights: nextRollbackWeights(state, rules) })
    : { action: 'wait', state, waitSeconds: secondsToWait(state, now, rules), events: [] };
}

function isLastStep({ step, strategy }: ShiftState): boolean {
  return step >= strategy.steps.length - 1;
}

function isHeld(state: ShiftState, now: number, rules: ShiftRules): boolean {
  return now >= holdUntil(state, rules);
}

function isPassed({ tallies }: ShiftState, { gates, policy }: ShiftRules): boolean {
  return stillToPass(tallies, gates, policy).length === 0;
}

function evaluated({ name, dryRun, result }: CheckEvaluation, at: number): ShiftEvent {
  return { at, type: 'checkEvaluated', check: name, dryRun, result };
}

function heldFor({ tallies, verifiedWeights }: ShiftState, at: number, rules: ShiftRules): ShiftEvent {
  const waiting = stillToPass(tallies, rules.gates, rules.policy).join(', ');
  return { at, type: 'held', weights: verifiedWeights, reason: `Not passed yet: ${waiting}` };
}

function withEvents(events: readonly ShiftEvent[], decision: Decision): Decision {
  return { ...decision, events: [...events, ...decision.events] };
}
