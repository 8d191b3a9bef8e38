import { internalsOf, withInternals } from '../checks/check-internals.js';
import type { Check, CheckContext } from '../types.js';

/**
 * Copies the checks with their validated names and flags, so that a later change of the list, a name or a flag has no effect. A
 * check may be a class instance, so `evaluate` is called as its method.
 */
export function safeChecks(
  parsed: readonly Pick<Check, 'name' | 'dryRun'>[],
  given: readonly Check[] = [],
): Check[] {
  return parsed.flatMap(({ name, dryRun = false }, index) => {
    const check = given[index];
    if (check === undefined) return [];
    const evaluate = (context: CheckContext) => check.evaluate(context);
    return [withInternals({ name, dryRun, evaluate }, internalsOf(check))];
  });
}
