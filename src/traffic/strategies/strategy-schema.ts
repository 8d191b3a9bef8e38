import * as v from 'valibot';
import { nonEmptyString, parseInput, seconds } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';

/** A share that a step can have, or add. */
export const percent = v.pipe(
  v.number(),
  v.check((value) => value > 0 && value <= 100, 'a percentage above 0, at most 100'),
);

/** A strategy that can be carried out. */
export const strategySchema = v.pipe(
  v.object({
    name: nonEmptyString,
    steps: v.pipe(
      v.array(v.object({ percent, holdSeconds: seconds })),
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

/** A sum or a product of fractions, without the digits that nobody meant. */
export function tidyPercent(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
