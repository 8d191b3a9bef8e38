import type { Check } from '../types.js';

/**
 * The checks as they were given, with the names that were validated: a list, a name or a flag that changes later changes
 * nothing. A check may be an object with a prototype, so its own method is called.
 */
export function safeChecks(
  parsed: readonly Pick<Check, 'name' | 'dryRun'>[],
  given: readonly Check[] = [],
): Check[] {
  return parsed.flatMap(({ name, dryRun = false }, index) => {
    const check = given[index];
    return check === undefined ? [] : [{ name, dryRun, evaluate: (context) => check.evaluate(context) }];
  });
}
