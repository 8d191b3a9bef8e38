import * as v from 'valibot';
import { nonEmptyString, seconds } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';
import { isSplit } from '../weights.js';

/** A share that a step can add, or take away. */
export const percent = v.pipe(
  v.number(),
  v.check((value) => value > 0 && value <= 100, 'a percentage above 0, at most 100'),
);

/** A share that a step can have. */
const share = v.pipe(
  v.number(),
  v.check((value) => value === 100 || isSplit(value), 'a percentage from 0.01 to 99.99, or 100'),
);

/** A strategy that can be carried out. */
export const strategySchema = v.pipe(
  v.object({
    name: nonEmptyString,
    steps: v.pipe(
      v.array(v.object({ percent: share, holdSeconds: seconds })),
      v.minLength(1, 'one step or more'),
      v.check(
        (steps) => steps.every((step, index) => step.percent > (steps[index - 1]?.percent ?? 0)),
        'steps whose percentages ascend',
      ),
    ),
    partial: v.optional(v.boolean()),
  }),
  v.forward(
    v.partialCheck(
      [['steps'], ['partial']],
      ({ steps, partial }) => partial === true || steps.at(-1)?.percent === 100,
      'a last step at 100 %, or partial: true',
    ),
    ['steps'],
  ),
);

/**
 * Checks a strategy of any origin.
 *
 * @throws InvalidInputError for one that cannot be carried out: 0 %, descending, above 100 %, negative times, no 100 % at
 * the end.
 */
export function parseStrategy(strategy: unknown): ShiftStrategy {
  return parseInput('Shift strategy', strategySchema, strategy);
}
