import * as v from 'valibot';
import { seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';
import { parseStrategy } from './strategy-schema.js';

/** Options of every strategy. */
export interface BakeOptions {
  /**
   * Seconds for which the checks watch all the traffic before the shift counts as succeeded: at most 366 days.
   * @default 0
   */
  readonly bakeSeconds?: number | undefined;
}

/** Fields of {@link BakeOptions}. */
export const bakeEntries = { bakeSeconds: v.optional(seconds, 0) };

/** Schema of {@link BakeOptions}. */
export const bakeSchema = strictObject(bakeEntries);

/**
 * Moves all the traffic in one step.
 *
 * @throws InvalidInputError when an option is unknown or the time is impossible.
 */
export function allAtOnce(options: BakeOptions = {}): ShiftStrategy {
  const { bakeSeconds } = parseInput('allAtOnce options', bakeSchema, options);
  return parseStrategy({ name: 'allAtOnce', steps: [{ percent: 100, holdSeconds: bakeSeconds }] });
}
