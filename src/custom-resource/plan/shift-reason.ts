import type { ShiftResult } from '../../traffic/shifter-options.js';
import type { TrafficWeights } from '../../traffic/types.js';
import type { RuleShiftPlan } from './shift-plan.js';

/** Returns the reason of a shift that did not succeed. Returns undefined for one that did. */
export function reasonOf(
  { outcome, state, reason }: Omit<ShiftResult, 'history'>,
  plan: RuleShiftPlan,
): string | undefined {
  if (outcome === 'succeeded') return undefined;
  const shares = describeShares(plan, state.verifiedWeights);
  return outcome === 'rolledBack'
    ? `The traffic was rolled back to ${shares}: ${reason}`
    : `The traffic shift has halted at ${shares}: ${reason}`;
}

/** Describes weights with the names of the target groups, as in the template. */
export function describeShares({ targetGroups }: RuleShiftPlan, { blue, green }: TrafficWeights): string {
  return `${nameOf(targetGroups.blue)} ${blue} %, ${nameOf(targetGroups.green)} ${green} %`;
}

/** Returns `web-blue` for an ARN that ends with `:targetgroup/web-blue/73e2d6bc24d8a067`. */
function nameOf(targetGroupArn: string): string {
  return targetGroupArn.split('/').at(-2) ?? targetGroupArn;
}
