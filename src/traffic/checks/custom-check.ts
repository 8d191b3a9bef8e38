import { anyFunction, nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { type CheckOptions, checkEntries } from './check-options.js';

const argumentsSchema = strictObject({ name: nonEmptyString, evaluate: anyFunction });
const optionsSchema = strictObject({ dryRun: checkEntries.dryRun });

/**
 * Creates a custom check from a function that returns a result, or `true` for a pass and `false` for a failure. An error that it
 * throws is counted separately from failures. Return `inconclusive` when the function cannot decide.
 *
 * @param name - unique among the checks of a shift.
 * @throws InvalidInputError when the name is empty, there is no function, or an option is unknown.
 */
export function customCheck(
  name: string,
  evaluate: (context: CheckContext) => CheckResult | boolean | Promise<CheckResult | boolean>,
  options: Omit<CheckOptions, 'name'> = {},
): Check {
  parseInput('customCheck arguments', argumentsSchema, { name, evaluate });
  const { dryRun } = parseInput('customCheck options', optionsSchema, options);
  return {
    name,
    dryRun,
    async evaluate(context) {
      const result = await evaluate(context);
      if (typeof result !== 'boolean') return result;
      return result
        ? { outcome: 'pass', detail: `${name}: true` }
        : { outcome: 'fail', detail: `${name}: false` };
    },
  };
}
