import { SwapPlanError } from '../errors.js';
import type { SwapUnderWay } from '../record/types.js';
import type { SwapDependencies } from './swap-dependencies.js';

/**
 * Requires the plan with which a swap began. In a rollback the names of the steps suffice.
 *
 * @throws SwapPlanError with the steps that differ.
 */
export function requirePlan(
  { plan, application }: SwapDependencies,
  { plan: begun, wanted, phase }: SwapUnderWay,
): void {
  if (wanted === 'back' || phase === 'halted') return;
  const steps = differences(begun, plan.fingerprint);
  if (steps.length === 0) return;
  throw new SwapPlanError(`The swap of ${application} began with another plan`, {
    resource: application,
    steps,
    expected: 'the same steps',
    actual: `differences in ${steps.join('; ')}`,
    remedy: 'Deploy the former plan again, or roll the swap back',
  });
}

function differences(one: readonly string[], other: readonly string[]): string[] {
  const missing = one.filter((line) => !other.includes(line));
  const added = other.filter((line) => !one.includes(line));
  if (missing.length > 0 || added.length > 0) return [...missing, ...added];
  return one.filter((line, index) => line !== other[index]);
}
