import type { ShiftResult } from '../../traffic/shifter-options.js';
import type { TrafficWeights } from '../../traffic/types.js';
import type { RuleShiftPlan } from './shift-plan.js';

/** Reason why a shift did not succeed; undefined when it did. */
export function reasonOf(
  { outcome, state, reason }: Omit<ShiftResult, 'history'>,
  plan: RuleShiftPlan,
): string | undefined {
  if (outcome === 'succeeded') return undefined;
  const shares = describeShares(plan, state.verifiedWeights);
  return outcome === 'rolledBack'
    ? `The traffic was rolled back to ${shares}: ${reason}`
    : `The shift of the traffic has halted at ${shares}: ${reason}`;
}

/** Weights with the names of the target groups, which readers of the template know. */
export function describeShares({ targetGroups }: RuleShiftPlan, { blue, green }: TrafficWeights): string {
  return `${nameOf(targetGroups.blue)} ${blue} %, ${nameOf(targetGroups.green)} ${green} %`;
}

/** `web-blue` of an ARN that ends in `:targetgroup/web-blue/73e2d6bc24d8a067`. */
function nameOf(targetGroupArn: string): string {
  return targetGroupArn.split('/').at(-2) ?? targetGroupArn;
}
