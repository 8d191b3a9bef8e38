import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import type { Reading } from './decision.js';
import type { ShiftState } from './shift-state.js';

/** The weights that may be live without anybody else having been at work; those that are to be written come last. */
export function expectedWeights(state: ShiftState): TrafficWeights[] {
  const { verifiedWeights, pendingWeights, supersededWeights } = state;
  return [verifiedWeights, supersededWeights, pendingWeights].filter((it) => it !== undefined);
}

/** Whether a reading shows weights that may be live without anybody else having been at work. */
export function isExpected(state: ShiftState, { weights }: Reading): boolean {
  return weights !== undefined && expectedWeights(state).some((it) => areSame(weights, it));
}

/** The sentence for a reading that nobody can explain. */
export function describeDrift(state: ShiftState, { weights, problem }: Reading): string {
  if (problem !== undefined) return `Somebody else is at work: ${problem}`;
  const expected = [...new Set(expectedWeights(state).map(describeWeights))].join(' or ');
  return `Somebody else is at work: the live weights are ${describeWeights(weights)}, expected ${expected}`;
}
