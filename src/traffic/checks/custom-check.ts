import * as v from 'valibot';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { type CheckOptions, checkFields } from './check-options.js';

const optionsSchema = v.object({ ...checkFields, evaluate: v.function() });

/**
 * A check of your own: a function that gives a result, or `true` for a pass and `false` for a failure. What it throws is
 * counted as an error, apart from failures; it had better say `inconclusive` itself where it cannot tell.
 *
 * @param name - unique among the checks of a shift.
 * @throws InvalidInputError when the name is empty or there is no function.
 */
export function customCheck(
  name: string,
  evaluate: (context: CheckContext) => CheckResult | boolean | Promise<CheckResult | boolean>,
  options: Omit<CheckOptions, 'name'> = {},
): Check {
  const { dryRun } = parseInput('customCheck', optionsSchema, { ...options, name, evaluate });
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
