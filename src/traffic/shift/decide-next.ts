import type { TrafficWeights } from '../types.js';
import { areSame, roundTo } from '../weights.js';
import { type Decision, type Observation, proceed, type ShiftRules, weightsOfStep } from './decision.js';
import { describeDrift, expectedWeights, isExpected } from './drift.js';
import { findContradiction } from './find-contradiction.js';
import type { ShiftEvent } from './shift-events.js';
import { needsApproval } from './shift-limits.js';
import { hasEnded } from './shift-outcome.js';
import type { ShiftState } from './shift-state.js';
import { beginRollback, endRollback, enterStage, halt, nextRollbackWeights } from './shift-transitions.js';
import {
  areChecksDue,
  guardAt,
  holdsSince,
  holdUntil,
  isRollbackPropagating,
  maxHoldSecondsOf,
  secondsToWait,
} from './step-schedule.js';
import {
  type CheckEvaluation,
  pendingChecks,
  reasonToRollBack,
  tally,
  undecidedChecks,
} from './tally-checks.js';
import { dueSetup, excludePause, needsCompletion, restartSetup } from './target-setup.js';
import { checkAgainSeconds, isPaused, unthrottled } from './throttling.js';
import { verified } from './verify-write.js';

/** Returns which of the weights and the checks to read now: as little as the decision needs. */
export function requiredObservation(
  state: ShiftState,
  now: number,
  rules: ShiftRules,
  holdAtPercent?: number,
): { weights: boolean; checks: boolean } {
  if (hasEnded(state)) return { weights: false, checks: false };
  if (state.pendingWeights !== undefined || dueSetup(state, holdAtPercent) !== undefined)
    return { weights: true, checks: false };
  const isOver = isHoldOver(state, now, rules);
  const isGuardDue = now >= guardAt(state, rules);
  if (state.phase === 'rollingBack') {
    const isEnding = isOver && isRollbackPropagating(state, rules);
    return { weights: isEnding || (isGuardDue && !isOver), checks: false };
  }
  // A check judges the live weights: the reading confirms that they are those of the step.
  const checks = areChecksDue(state, now, rules);
  const isEnding = isOver && isPassed(state, rules) && !needsApproval(state, holdAtPercent);
  // The write that follows a step reads the weights itself; nothing follows the last one.
  const isWanted = checks || (isEnding ? isLastStep(state) : isGuardDue);
  return { weights: isWanted && !isPaused(state, now), checks };
}

/** Decides the next action. Pure: the result depends only on the arguments. Never throws: every state and observation has a decision. */
export function decideNext(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  const decision = decide(state, observation, rules);
  return observation.live === undefined ? afterPause(decision, observation.now, rules) : decision;
}

/** Decides after a call that AWS throttled, for example a write. The state has the pause. */
export function afterThrottle(state: ShiftState, now: number, rules: ShiftRules): Decision {
  return afterPause(withoutResponse(state, now, rules), now, rules);
}

/** Delays the next call until the end of the pause, because AWS would throttle it as well. An evaluation of the checks is not delayed. */
function afterPause(decision: Decision, now: number, rules: ShiftRules): Decision {
  const { throttled } = decision.state;
  const isDelayed =
    decision.action === 'wait' && decision.waitSeconds === 0 && !areChecksDue(decision.state, now, rules);
  if (!isDelayed || throttled === undefined) return decision;
  return { ...decision, waitSeconds: Math.max(0, (throttled.until - now) / 1000) };
}

function decide(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  const { now, live } = observation;
  const contradiction = findContradiction(state, rules);
  if (contradiction !== undefined) return halt(state, contradiction, now);
  if (hasEnded(state)) return { action: 'end', state, events: [] };
  if (live !== undefined && !isExpected(state, live)) return halt(state, describeDrift(state, live), now);
  const current = observed(state, observation);
  const kind = dueSetup(current, observation.holdAtPercent);
  // Superseded weights are late, and come first: a change of the target writes back the weights that it reads.
  if (kind !== undefined && isSettled(current, live)) {
    return { action: 'setup', state: current, kind, events: [] };
  }
  if (kind === 'prepare' && live !== undefined) return halt(state, describeDrift(state, live), now);
  if (current.pendingWeights !== undefined)
    return reachPending(current, current.pendingWeights, observation, rules);
  const late = lateWeights(current, live);
  if (late !== undefined) return late;
  return current.phase === 'rollingBack'
    ? holdInRollback(current, observation, rules)
    : hold(current, observation, rules);
}

/** Records a reading, or that AWS throttled it. */
function observed(state: ShiftState, { now, live, throttled }: Observation): ShiftState {
  if (live !== undefined) return { ...unthrottled(state), readAt: now };
  return throttled === undefined ? state : { ...state, throttled };
}

/** Returns a decision when a superseded write took effect late: its weights are pending again, to be verified. */
function lateWeights(
  { supersededWeights, ...rest }: ShiftState,
  live: Observation['live'],
): Decision | undefined {
  if (supersededWeights === undefined || live?.weights === undefined) return undefined;
  if (areSame(live.weights, rest.verifiedWeights)) return undefined;
  return proceed({ ...rest, pendingWeights: supersededWeights });
}

/** True when the live weights are the verified ones. */
function isSettled({ verifiedWeights }: ShiftState, live: Observation['live']): boolean {
  return live?.weights !== undefined && areSame(live.weights, verifiedWeights);
}

function reachPending(
  state: ShiftState,
  pending: TrafficWeights,
  { now, live, holdAtPercent }: Observation,
  rules: ShiftRules,
): Decision {
  if (live === undefined) return withoutResponse(state, now, rules);
  if (state.unverifiedWrites === 0 && needsApproval(state, holdAtPercent)) {
    return state.step < 0
      ? waitForApproval(restartSetup(state, now), now, holdAtPercent, rules)
      : supersede(state);
  }
  const { weights } = live;
  if (weights !== undefined && isBelow(state, weights, pending)) return rollBackFrom(state, weights, rules);
  if (weights !== undefined && areSame(weights, pending)) {
    if (isProof(state, pending)) return verified(state, weights, now, rules);
  } else if (!isGateOpen(state, now, rules)) {
    return supersede(state);
  }
  return { action: 'write', state, weights: pending, events: [] };
}

/**
 * True when the live share of the incoming stack is already lower than this rollback's next weights, because an older write took effect
 * late.
 */
function isBelow(
  { phase, incoming, verifiedWeights }: ShiftState,
  live: TrafficWeights,
  pending: TrafficWeights,
): boolean {
  if (phase !== 'rollingBack' || areSame(live, pending) || areSame(live, verifiedWeights)) return false;
  return live[incoming] < pending[incoming];
}

/**
 * Continues a rollback from the lower share, because a rollback never raises the incoming stack. Keeps the previous weights as
 * superseded, because this reading may be outdated.
 */
function rollBackFrom(state: ShiftState, live: TrafficWeights, rules: ShiftRules): Decision {
  const lower = { ...state, verifiedWeights: live, supersededWeights: state.verifiedWeights };
  return proceed({ ...lower, unverifiedWrites: 0, pendingWeights: nextRollbackWeights(lower, rules) });
}

/** Waits while AWS throttles. A step that is not written yet returns to the hold, where its checks continue. */
function withoutResponse(state: ShiftState, now: number, rules: ShiftRules): Decision {
  const isHeld = state.phase === 'shifting' && state.step >= 0 && state.unverifiedWrites === 0;
  if (state.throttled === undefined) return proceed(state);
  const { count, message, until } = state.throttled;
  const next = isHeld ? supersede(state).state : excludePause(state, until - now);
  const calls = `AWS throttled the last ${count === 1 ? 'call' : `${count} calls`} to the target`;
  const reason = message === undefined ? calls : `${calls}: ${message}`;
  const events: ShiftEvent[] = [{ at: now, type: 'held', weights: state.verifiedWeights, reason }];
  return { action: 'wait', state: next, waitSeconds: isHeld ? secondsToWait(next, now, rules) : 0, events };
}

/** Returns to the hold of the present step. */
function supersede({ pendingWeights: supersededWeights, ...rest }: ShiftState): Decision {
  return proceed({ ...rest, ...(supersededWeights && { supersededWeights }) });
}

/**
 * True when the step before the pending weights is done. The step was done when they became pending, but a step that is resumed
 * after a halt is held and checked again, and another shifter may have further checks.
 */
function isGateOpen(state: ShiftState, now: number, rules: ShiftRules): boolean {
  const isWritten = state.unverifiedWrites > 0;
  const hasGate = state.phase === 'shifting' && state.step >= 0 && !isWritten;
  return !hasGate || (isHoldOver(state, now, rules) && isPassed(state, rules));
}

/**
 * True when a reading of the pending weights proves that they are live. A stale response can show them while others are live:
 * a response from before the shift shows the initial weights, as if the rollback had finished. Without proof they are written again, which does no harm. Proof
 * is an earlier write of them, or that no other weights can be live.
 */
function isProof(state: ShiftState, pending: TrafficWeights): boolean {
  return state.unverifiedWrites > 0 || expectedWeights(state).every((it) => areSame(it, pending));
}

function hold(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  const { now, checks = [], spread = 0 } = observation;
  const wereChecked = checks.length > 0;
  const { intervalSeconds } = rules.policy;
  const isCheckThrottled = checks.some((it) => it.isThrottled === true);
  const untilChecks = isCheckThrottled ? checkAgainSeconds(intervalSeconds, spread) : intervalSeconds;
  const isOver = isHoldOver(state, now, rules);
  // An approval can take days: what happens once meanwhile is not what holds the shift.
  const waitsForChecks =
    isOver && !(needsApproval(state, observation.holdAtPercent) && isPassed(state, rules));
  const next = {
    ...state,
    tallies: tally(state.tallies, checks, waitsForChecks),
    nextCheckAt: wereChecked ? now + untilChecks * 1000 : state.nextCheckAt,
  };
  const events = checks.map((it) => evaluated(it, now));
  const late = waitsForChecks ? undecidedTooLong(next, observation) : undefined;
  const reason = reasonToRollBack(next.tallies, checks, rules.policy) ?? late;
  if (reason !== undefined) return withEvents(events, beginRollback(next, reason, now, rules));
  const waitSeconds = secondsToWait(next, now, rules);
  if (!isOver) return { action: 'wait', state: next, waitSeconds, events };
  if (isPassed(next, rules)) return withEvents(events, passGate(next, observation, rules));
  const held = wereChecked ? [heldFor(next, now, rules)] : [];
  return { action: 'wait', state: next, waitSeconds, events: [...events, ...held] };
}

/** Returns the reason to roll back when a check is still undecided at the end of the longest hold. */
function undecidedTooLong(
  state: ShiftState,
  { now, checks = [] }: Pick<Observation, 'now' | 'checks'>,
): string | undefined {
  const seconds = maxHoldSecondsOf(state);
  const [first] = undecidedChecks(checks);
  // The time of an approval is not that of the check, which had decided.
  const since = Math.max(holdsSince(state), state.passedAt ?? 0);
  if (first === undefined || now < since + seconds * 1000) return undefined;
  const share = roundTo(state.verifiedWeights[state.incoming], 2);
  return `The check ${first.name} was still undecided after ${roundTo(seconds, 1)} s at ${share} %, the longest hold: ${first.detail}`;
}

/** Ends the present step: the weights of the next one become pending, or the shift has succeeded. */
function passGate(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  const { now, live, holdAtPercent } = observation;
  if (needsApproval(state, holdAtPercent))
    return waitForApproval({ ...state, passedAt: now }, now, holdAtPercent, rules);
  if (isPaused(state, now))
    return { action: 'wait', state, waitSeconds: secondsToWait(state, now, rules), events: [] };
  if (!isLastStep(state)) {
    return proceed({ ...state, pendingWeights: weightsOfStep(state, state.step + 1, rules) });
  }
  if (live === undefined) return proceed(state);
  if (!areSame(state.verifiedWeights, live.weights)) return halt(state, describeDrift(state, live), now);
  if (needsCompletion(state)) return proceed(enterStage(state, 'completing', now));
  const weights = state.verifiedWeights;
  return {
    action: 'end',
    state: { ...state, phase: 'succeeded' },
    events: [{ at: now, type: 'succeeded', weights }],
  };
}

/** Waits for an approval while the checks continue. */
function waitForApproval(state: ShiftState, now: number, heldAtPercent: number, rules: ShiftRules): Decision {
  const reason = `Waiting for the approval to go past ${heldAtPercent} %`;
  return {
    action: 'wait',
    state,
    waitSeconds: areChecksDue(state, now, rules)
      ? 0
      : secondsToWait(state, now, rules) ||
        Math.min(rules.policy.intervalSeconds, rules.guardIntervalSeconds),
    heldAtPercent,
    events: [{ at: now, type: 'held', weights: state.verifiedWeights, reason }],
  };
}

function holdInRollback(state: ShiftState, { now, live }: Observation, rules: ShiftRules): Decision {
  if (isHoldOver(state, now, rules) && isRollbackPropagating(state, rules))
    return live === undefined ? proceed(state) : endRollback(state, now);
  return isHoldOver(state, now, rules)
    ? proceed({ ...state, pendingWeights: nextRollbackWeights(state, rules) })
    : { action: 'wait', state, waitSeconds: secondsToWait(state, now, rules), events: [] };
}

function isLastStep({ step, strategy }: ShiftState): boolean {
  return step >= strategy.steps.length - 1;
}

function isHoldOver(state: ShiftState, now: number, rules: ShiftRules): boolean {
  return now >= holdUntil(state, rules);
}

function isPassed({ tallies }: ShiftState, { gates, policy }: ShiftRules): boolean {
  return pendingChecks(tallies, gates, policy).length === 0;
}

function evaluated({ name, dryRun, result }: CheckEvaluation, at: number): ShiftEvent {
  return { at, type: 'checkEvaluated', check: name, dryRun, result };
}

function heldFor({ tallies, verifiedWeights }: ShiftState, at: number, rules: ShiftRules): ShiftEvent {
  const waiting = pendingChecks(tallies, rules.gates, rules.policy).join(', ');
  return { at, type: 'held', weights: verifiedWeights, reason: `Not passed yet: ${waiting}` };
}

function withEvents(events: readonly ShiftEvent[], decision: Decision): Decision {
  return { ...decision, events: [...events, ...decision.events] };
}
