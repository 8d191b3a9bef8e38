import type { ShiftStrategy } from '../types.js';
import type { ShiftRules } from './decision.js';

/**
 * Calls of `advance` that a shift takes at most when nothing goes wrong and every check passes: one to announce the weights of
 * a step and one to write them, and one whenever checks are due or the hold is over.
 */
export function plannedCalls({ steps }: ShiftStrategy, rules: ShiftRules): number {
  return steps.reduce((total, { holdSeconds }) => total + 2 + looksIn(holdSeconds, rules), 1);
}

function looksIn(holdSeconds: number, { hasChecks, gates, policy }: ShiftRules): number {
  if (!hasChecks) return holdSeconds > 0 ? 1 : 0;
  const { initialDelaySeconds, intervalSeconds, successThreshold } = policy;
  const inTime = Math.max(0, Math.floor((holdSeconds - initialDelaySeconds) / intervalSeconds) + 1);
  // Checks are made for longer than the hold until they have passed; after it comes one more look.
  return Math.max(inTime, gates.length > 0 ? successThreshold : 0) + 1;
}
