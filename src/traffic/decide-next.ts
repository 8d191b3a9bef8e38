import type { ShiftEvent, ShiftState } from './shift-state.js';
import {
  type CheckEvaluation,
  forNewWeights,
  type ResolvedPolicy,
  reasonToRollBack,
  stillToPass,
  tally,
} from './tally-checks.js';
import type { TrafficWeights } from './types.js';
import { areSame, describeWeights, weightsOf } from './weights.js';

/** What a shifter goes by, besides the state. */
export interface ShiftRules {
  readonly policy: ResolvedPolicy;
  /** The names of the checks that decide, dry runs left out. */
  readonly gates: readonly string[];
  /** Whether there are any checks at all. */
  readonly hasChecks: boolean;
  /** How a rollback goes back: in one write, or step by step. */
  readonly rollback: 'atOnce' | { readonly stepPercent: number; readonly intervalSeconds: number };
  /** Writes of the same weights that may go unverified before the shift halts. */
  readonly unverifiedWriteLimit: number;
  /** The weights that the target can hold. */
  readonly nearestWeights: (weights: TrafficWeights) => TrafficWeights;
}

/** What was seen before deciding: only what {@link whatToObserve} asked for. */
export interface Observation {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly weights?: TrafficWeights;
  readonly checks?: readonly CheckEvaluation[];
}

/** What follows. `state` is kept; `events` happened. */
export type Decision =
  | {
      readonly action: 'wait';
      readonly state: ShiftState;
      readonly waitSeconds: number;
      readonly events: readonly ShiftEvent[];
    }
  | {
      readonly action: 'write';
      readonly state: ShiftState;
      readonly weights: TrafficWeights;
      readonly events: readonly ShiftEvent[];
    }
  | { readonly action: 'end'; readonly state: ShiftState; readonly events: readonly ShiftEvent[] };

/** What has to be looked at now: as little as the decision needs. */
export function whatToObserve(
  state: ShiftState,
  now: number,
  rules: ShiftRules,
): { weights: boolean; checks: boolean } {
  if (hasEnded(state)) return { weights: false, checks: false };
  if (state.announcedWeights !== undefined) return { weights: true, checks: false };
  if (state.phase === 'rollingBack') return { weights: false, checks: false };
  const checks = rules.hasChecks && now >= state.nextCheckAt;
  const isLastGate = state.step === state.strategy.steps.length - 1 && now >= holdUntil(state, rules);
  return { weights: isLastGate, checks };
}

/** The next thing to do. Decides on the state and the observation alone, and has an answer to every pair of them. */
export function decideNext(state: ShiftState, observation: Observation, rules: ShiftRules): Decision {
  if (hasEnded(state)) return { action: 'end', state, events: [] };
  if (state.announcedWeights !== undefined)
    return reachAnnounced(state, state.announcedWeights, observation, rules);
  return state.phase === 'rollingBack'
    ? holdInRollback(state, observation, rules)
    : hold(state, observation, rules);
}

/** Whether nothing happens any more by itself. A halted shift ends too, until somebody takes it up again. */
export function hasEnded({ phase }: ShiftState): boolean {
  return phase === 'succeeded' || phase === 'rolledBack' || phase === 'halted';
}

/** Takes up what was under way when a shift halted. */
export function takeUp(state: ShiftState): ShiftState {
  if (state.phase !== 'halted') return state;
  const { haltedIn = 'shifting', ...rest } = state;
  return { ...rest, phase: haltedIn, unverifiedWrites: 0 };
}

/** Turns round. The weights that were announced until now may be live. */
export function beginRollback(state: ShiftState, reason: string, now: number, rules: ShiftRules): Decision {
  const { announcedWeights, haltedIn: _haltedIn, ...rest } = state;
  const abandonedWeights = announcedWeights ?? state.abandonedWeights;
  const turned: ShiftState = {
    ...rest,
    phase: 'rollingBack',
    reason,
    unverifiedWrites: 0,
    ...(abandonedWeights && { abandonedWeights }),
    announcedWeights: nextRollbackWeights(state, rules),
  };
  return {
    action: 'wait',
    state: turned,
    waitSeconds: 0,
    events: [{ at: now, type: 'rollingBack', reason }],
  };
}

/** Stops without another write. */
export function halt(state: ShiftState, reason: string, now: number): Decision {
  const haltedIn = state.phase === 'rollingBack' ? 'rollingBack' : 'shifting';
  return {
    action: 'end',
    state: { ...state, phase: 'halted', haltedIn, reason },
    events: [{ at: now, type: 'halted', reason }],
  };
}

/** The announced weights were read back. */
export function verified(
  state: ShiftState,
  weights: TrafficWeights,
  now: number,
  rules: ShiftRules,
): Decision {
  const { announcedWeights: _announced, abandonedWeights: _abandoned, ...rest } = state;
  const isRollback = state.phase === 'rollingBack';
  const settled: ShiftState = {
    ...rest,
    verifiedWeights: weights,
    verifiedAt: now,
    unverifiedWrites: 0,
    step: isRollback ? state.step : state.step + 1,
    nextCheckAt: now + rules.policy.initialDelaySeconds * 1000,
    tallies: forNewWeights(state.tallies),
  };
  const event: ShiftEvent = { at: now, type: 'weightsVerified', weights };
  if (!isRollback)
    return {
      action: 'wait',
      state: settled,
      waitSeconds: secondsToWait(settled, now, rules),
      events: [event],
    };
  if (!areSame(weights, state.initialWeights)) {
    return {
      action: 'wait',
      state: settled,
      waitSeconds: secondsToWait(settled, now, rules),
      events: [event],
    };
  }
  const reason = state.reason ?? 'asked for';
  return {
    action: 'end',
    state: { ...settled, phase: 'rolledBack' },
    events: [event, { at: now, type: 'rolledBack', weights, reason }],
  };
}

/** The announced weights were written, but are not live within the time that a verification is given. */
export function unverified(
  state: ShiftState,
  seen: TrafficWeights,
  now: number,
  rules: ShiftRules,
): Decision {
  const unverifiedWrites = state.unverifiedWrites + 1;
  const next = { ...state, unverifiedWrites };
  if (unverifiedWrites < rules.unverifiedWriteLimit)
    return { action: 'wait', state: next, waitSeconds: 0, events: [] };
  return halt(next, `The written weights do not come into force: still ${describeWeights(seen)}`, now);
}

/** The weights that may be live without anybody else having been at work; those that are to be written come last. */
export function explainedWeights(state: ShiftState): TrafficWeights[] {
  const { verifiedWeights, announcedWeights, abandonedWeights } = state;
  return [verifiedWeights, abandonedWeights, announcedWeights].filter((it) => it !== undefined);
}

/** The weights of a step, as the target can hold them. */
export function weightsOfStep(
  state: Pick<ShiftState, 'strategy' | 'incoming'>,
  step: number,
  rules: ShiftRules,
): TrafficWeights {
  return rules.nearestWeights(weightsOf(state.incoming, state.strategy.steps[step]?.percent ?? 100));
}

function reachAnnounced(
  state: ShiftState,
  announced: TrafficWeights,
  { now, weights }: Observation,
  rules: ShiftRules,
): Decision {
  if (weights === undefined) return halt(state, 'The live weights could not be read', now);
  if (areSame(weights, announced)) return verified(state, weights, now, rules);
  if (explainedWeights(state).some((it) => areSame(weights, it)))
    return { action: 'write', state, weights: announced, events: [] };
  return halt(state, unexplained(state, weights), now);
}

function hold(state: ShiftState, { now, weights, checks = [] }: Observation, rules: ShiftRules): Decision {
  const tallies = tally(state.tallies, checks);
  const nextCheckAt = checks.length > 0 ? now + rules.policy.intervalSeconds * 1000 : state.nextCheckAt;
  const next = { ...state, tallies, nextCheckAt };
  const events = checks.map(
    ({ name, dryRun, result }): ShiftEvent => ({
      at: now,
      type: 'checkEvaluated',
      check: name,
      dryRun,
      result,
    }),
  );
  const reason = reasonToRollBack(tallies, checks, rules.policy);
  if (reason !== undefined) return withEvents(events, beginRollback(next, reason, now, rules));
  if (now < holdUntil(next, rules))
    return { action: 'wait', state: next, waitSeconds: secondsToWait(next, now, rules), events };
  const waiting = stillToPass(tallies, rules.gates, rules.policy);
  if (waiting.length > 0) {
    const held: ShiftEvent = {
      at: now,
      type: 'held',
      weights: state.verifiedWeights,
      reason: `Not passed yet: ${waiting.join(', ')}`,
    };
    const news = checks.length > 0 ? [...events, held] : events;
    return { action: 'wait', state: next, waitSeconds: secondsToWait(next, now, rules), events: news };
  }
  return withEvents(events, passGate(next, { now, ...(weights && { weights }) }, rules));
}

/** The present step is done: the next one is announced, or the shift has succeeded. */
function passGate(state: ShiftState, { now, weights }: Observation, rules: ShiftRules): Decision {
  if (state.step < state.strategy.steps.length - 1) {
    const announcedWeights = weightsOfStep(state, state.step + 1, rules);
    return { action: 'wait', state: { ...state, announcedWeights }, waitSeconds: 0, events: [] };
  }
  if (weights === undefined || !areSame(weights, state.verifiedWeights)) {
    return halt(state, weights ? unexplained(state, weights) : 'The live weights could not be read', now);
  }
  return {
    action: 'end',
    state: { ...state, phase: 'succeeded' },
    events: [{ at: now, type: 'succeeded', weights }],
  };
}

function holdInRollback(state: ShiftState, { now }: Observation, rules: ShiftRules): Decision {
  if (now < holdUntil(state, rules)) {
    return { action: 'wait', state, waitSeconds: secondsToWait(state, now, rules), events: [] };
  }
  const announcedWeights = nextRollbackWeights(state, rules);
  return { action: 'wait', state: { ...state, announcedWeights }, waitSeconds: 0, events: [] };
}

function nextRollbackWeights(
  { initialWeights, verifiedWeights, incoming }: ShiftState,
  { rollback, nearestWeights }: ShiftRules,
): TrafficWeights {
  const lowest = initialWeights[incoming];
  if (rollback === 'atOnce') return initialWeights;
  const percent = verifiedWeights[incoming] - rollback.stepPercent;
  const next = percent > lowest ? nearestWeights(weightsOf(incoming, percent)) : initialWeights;
  // On a coarse scale the next step may be no step at all.
  return next[incoming] < verifiedWeights[incoming] ? next : initialWeights;
}

/** When the present weights have been held long enough: milliseconds since 1970. */
function holdUntil({ phase, step, strategy, verifiedAt }: ShiftState, { rollback }: ShiftRules): number {
  if (phase === 'rollingBack')
    return verifiedAt + (rollback === 'atOnce' ? 0 : rollback.intervalSeconds * 1000);
  return verifiedAt + (strategy.steps[step]?.holdSeconds ?? 0) * 1000;
}

/** Until the next thing to do: the end of the hold or the next checks, whichever is first and still to come. */
function secondsToWait(state: ShiftState, now: number, rules: ShiftRules): number {
  const checksAt = rules.hasChecks && state.phase === 'shifting' ? [state.nextCheckAt] : [];
  const due = [holdUntil(state, rules), ...checksAt].filter((at) => at > now);
  return due.length > 0 ? (Math.min(...due) - now) / 1000 : 0;
}

function unexplained(state: ShiftState, seen: TrafficWeights): string {
  const expected = explainedWeights(state).map(describeWeights).join(' or ');
  return `Somebody else is at work: the live weights are ${describeWeights(seen)}, expected ${expected}`;
}

function withEvents(events: readonly ShiftEvent[], decision: Decision): Decision {
  return { ...decision, events: [...events, ...decision.events] };
}
