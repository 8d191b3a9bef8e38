import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import { type ShiftRules, weightsOfStep } from './decision.js';
import type { ShiftState } from './shift-state.js';
import { endOfRollback, nextRollbackWeights } from './shift-transitions.js';

/**
 * Describes fields of a state that no shifter can have written together; undefined when there are none. A state is stored
 * outside, where it can be changed. A shift that trusted it could skip a step, succeed without its traffic, or write weights
 * that are not in the plan.
 */
export function findContradiction(state: ShiftState, rules: ShiftRules): string | undefined {
  const found = contradictionIn(state, rules) ?? inSetup(state, rules);
  return found && `The state contradicts itself: ${found}`;
}

function contradictionIn(state: ShiftState, rules: ShiftRules): string | undefined {
  switch (state.phase) {
    case 'shifting':
      return inShifting(state, rules);
    case 'rollingBack':
      return inRollback(state, rules);
    case 'succeeded':
      return hasReached(state, rules)
        ? undefined
        : notReadBack(state, state.strategy.steps.length - 1, rules);
    case 'rolledBack':
      return areSame(state.verifiedWeights, endOfRollback(state, rules))
        ? undefined
        : `it is rolled back to ${describeWeights(state.initialWeights)}, but ${readBack(state)}`;
    case 'halted':
      return undefined;
  }
}

function inShifting(state: ShiftState, rules: ShiftRules): string | undefined {
  const { step, incoming, initialWeights, verifiedWeights, pendingWeights, supersededWeights, strategy } =
    state;
  if (step >= 0 && !hasReached(state, rules)) return notReadBack(state, step, rules);
  if (initialWeights[incoming] > verifiedWeights[incoming] && !areSame(initialWeights, verifiedWeights)) {
    return `it began with ${describeWeights(initialWeights)}, but ${readBack(state)}`;
  }
  const next = step + 1 < strategy.steps.length ? weightsOfStep(state, step + 1, rules) : undefined;
  const unplanned = [pendingWeights, supersededWeights].find((it) => it !== undefined && !areSame(it, next));
  return unplanned && isUnplanned(unplanned, next === undefined ? [] : [next]);
}

function inRollback(state: ShiftState, rules: ShiftRules): string | undefined {
  const { pendingWeights } = state;
  const back = [nextRollbackWeights(state, rules), endOfRollback(state, rules)];
  const isPlanned = pendingWeights === undefined || back.some((it) => areSame(pendingWeights, it));
  return isPlanned ? undefined : isUnplanned(pendingWeights, back);
}

/** A shift is completed after its last step only, and the target is restored after the last write of a rollback only. */
function inSetup(state: ShiftState, rules: ShiftRules): string | undefined {
  const { phase, setup, step, strategy, pendingWeights, verifiedWeights } = state;
  if (setup === undefined || (phase !== 'shifting' && phase !== 'rollingBack')) return undefined;
  const isShifting = phase === 'shifting';
  switch (setup.stage) {
    case 'completing':
    case 'completed':
      return isShifting && step < strategy.steps.length - 1
        ? `the target is ${setup.stage} at step ${step}, which is not the last one`
        : undefined;
    case 'restoring':
    case 'restored':
      return isShifting || pendingWeights || !areSame(verifiedWeights, endOfRollback(state, rules))
        ? `the target is ${setup.stage} before the end of a rollback`
        : undefined;
    default:
      return undefined;
  }
}

/** True when the incoming stack has at least the share of the state's step, or of the last step after success. */
function hasReached(state: ShiftState, rules: ShiftRules): boolean {
  const { phase, step, incoming, verifiedWeights, strategy } = state;
  const wanted = weightsOfStep(state, phase === 'succeeded' ? strategy.steps.length - 1 : step, rules);
  return verifiedWeights[incoming] >= wanted[incoming] || areSame(verifiedWeights, wanted);
}

function isUnplanned(weights: TrafficWeights, planned: readonly TrafficWeights[]): string {
  const expected = [...new Set(planned.map(describeWeights))].join(' or ') || 'no further write';
  return `it is about to write ${describeWeights(weights)}, expected ${expected}`;
}

function notReadBack(state: ShiftState, step: number, rules: ShiftRules): string {
  return `it is at step ${step} with ${describeWeights(weightsOfStep(state, step, rules))}, but ${readBack(state)}`;
}

function readBack({ verifiedWeights }: ShiftState): string {
  return `${describeWeights(verifiedWeights)} was read back last`;
}
