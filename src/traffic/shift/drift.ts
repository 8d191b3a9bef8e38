import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import type { Reading } from './decision.js';
import type { ShiftState } from './shift-state.js';

/** Returns the weights that this shift may have made live; the pending ones come last. */
export function expectedWeights(state: ShiftState): TrafficWeights[] {
  const { verifiedWeights, pendingWeights, supersededWeights } = state;
  return [verifiedWeights, supersededWeights, pendingWeights].filter((it) => it !== undefined);
}

/** True when a reading shows weights that this shift may have made live; otherwise it shows drift. */
export function isExpected(state: ShiftState, { weights }: Reading): boolean {
  return weights !== undefined && expectedWeights(state).some((it) => areSame(weights, it));
}

/** Describes a reading that shows drift. */
export function describeDrift(state: ShiftState, { weights, problem }: Reading): string {
  if (problem !== undefined) return `The target was changed outside this shift (drift): ${problem}`;
  const expected = [...new Set(expectedWeights(state).map(describeWeights))].join(' or ');
  const actual = describeWeights(weights);
  return `The weights were changed outside this shift (drift): expected ${expected}, got ${actual}`;
}
