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
    expected: `${linesOnlyIn(begun, plan.fingerprint)}, as recorded`,
    actual: `${linesOnlyIn(plan.fingerprint, begun)} in this process`,
    remedy:
      'If only this checkout differs, use the one of the functions. Otherwise deploy the recorded plan again, or roll the swap back',
  });
}

/** Without the settings of a step whose name shows the difference. */
function linesOnlyIn(one: readonly string[], other: readonly string[]): string {
  const known = new Set(other.map(placeOf));
  const lines = one.filter((line, index) => line !== other[index]);
  const texts = lines.map((line) => (known.has(placeOf(line)) ? line : placeOf(line)));
  return texts.length === 0 ? 'no such step' : texts.join('; ');
}

/** List, number and name of a step: the first parts of its line. */
function placeOf(line: string): string {
  return line.split(' · ').slice(0, 2).join(' · ');
}

function differences(one: readonly string[], other: readonly string[]): string[] {
  const missing = one.filter((line) => !other.includes(line));
  const added = other.filter((line) => !one.includes(line));
  if (missing.length > 0 || added.length > 0) return [...missing, ...added];
  return one.filter((line, index) => line !== other[index]);
}
