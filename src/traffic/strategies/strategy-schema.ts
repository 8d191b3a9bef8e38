import * as v from 'valibot';
import { nonEmptyString, seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';
import { isSplit } from '../weights.js';

/** A share that a step adds or removes. */
export const percent = v.pipe(
  v.number(),
  v.check((value) => value > 0 && value <= 100, 'a percentage above 0, at most 100'),
);

/** First share of a linear or exponential strategy: no target can hold a finer one in steps. */
export const tenthOfPercent = v.pipe(
  percent,
  v.check((value) => value >= 0.1, 'a percentage of 0.1 or more'),
);

/** A share that a step can have. */
const share = v.pipe(
  v.number(),
  v.check((value) => value === 100 || isSplit(value), 'a percentage from 0.01 to 99.99, or 100'),
);

export const strategySchema = v.pipe(
  strictObject({
    name: nonEmptyString,
    steps: v.pipe(
      v.array(
        v.pipe(
          strictObject({ percent: share, holdSeconds: seconds, maxHoldSeconds: v.optional(seconds) }),
          v.forward(
            v.partialCheck(
              [['holdSeconds'], ['maxHoldSeconds']],
              ({ holdSeconds, maxHoldSeconds = holdSeconds }) => maxHoldSeconds >= holdSeconds,
              'holdSeconds of the step or more',
            ),
            ['maxHoldSeconds'],
          ),
        ),
      ),
      v.rawCheck(({ dataset, addIssue }) => {
        const list = dataset.typed ? dataset.value : [];
        const index = list.findIndex((step, at) => step.percent <= (list[at - 1]?.percent ?? 0));
        const [before, after] = [list[index - 1], list[index]];
        if (before === undefined || after === undefined) return;
        addIssue({
          message: 'steps whose percentages ascend',
          received: `${after.percent} % after ${before.percent} %`,
        });
      }),
    ),
    partial: v.optional(v.boolean()),
  }),
  v.forward(
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { steps, partial } = dataset.value;
      const last = steps.at(-1)?.percent;
      if (last === 100 || (partial === true && last !== undefined)) return;
      addIssue({
        message: `a last step at 100 %${last === undefined ? '' : ', or partial: true'}`,
        received: last === undefined ? 'no step' : `a last step at ${last} %`,
      });
    }),
    ['steps'],
  ),
);

/**
 * Validates a strategy.
 *
 * @throws InvalidInputError for 0 %, descending steps, a share above 100 %, a negative time, a last step below 100 %, or an unknown
 * field.
 */
export function parseStrategy(strategy: unknown): ShiftStrategy {
  return parseInput('Shift strategy', strategySchema, strategy);
}
