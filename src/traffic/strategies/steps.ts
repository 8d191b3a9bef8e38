import * as v from 'valibot';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStep, ShiftStrategy } from '../types.js';
import { parseStrategy } from './strategy-schema.js';

/** Options of {@link steps}. */
export interface StepsOptions {
  /**
   * Name of the strategy in events and log lines.
   * @default 'steps'
   */
  readonly name?: string | undefined;
  /**
   * True when the last step is below 100 % and the traffic stays split at it.
   * @default false
   */
  readonly partial?: boolean | undefined;
}

const optionsSchema = strictObject({
  name: v.optional(nonEmptyString, 'steps'),
  partial: v.optional(v.boolean()),
});

/**
 * Moves through custom steps. They ascend, and the last one is 100 % unless `partial` is set. The checks watch the last share for
 * its `holdSeconds` before the shift succeeds.
 *
 * @throws InvalidInputError when they do not ascend, do not end at 100 %, or when a share, a time or an option is impossible.
 */
export function steps(list: readonly ShiftStep[], options: StepsOptions = {}): ShiftStrategy {
  const { name, partial } = parseInput('steps options', optionsSchema, options);
  return parseStrategy({ name, steps: list, ...(partial !== undefined && { partial }) });
}
