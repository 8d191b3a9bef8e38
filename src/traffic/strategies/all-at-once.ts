import * as v from 'valibot';
import { seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStep, ShiftStrategy } from '../types.js';
import { parseStrategy } from './strategy-schema.js';

/** Options of every strategy. */
export interface BakeOptions {
  /**
   * Seconds for which the checks watch all the traffic before the shift counts as succeeded: at most 366 days.
   * @default 0
   */
  readonly bakeSeconds?: number | undefined;
  /**
   * Seconds after which a shift whose check is still undecided is rolled back, at every step: at least the step's hold.
   * @default one hour after the hold of the step
   */
  readonly maxHoldSeconds?: number | undefined;
}

/** Fields of {@link BakeOptions}. */
export const bakeEntries = { bakeSeconds: v.optional(seconds, 0), maxHoldSeconds: v.optional(seconds) };

/** Schema of {@link BakeOptions}. */
export const bakeSchema = strictObject(bakeEntries);

/** Returns the steps with the longest hold, when there is one. */
export function limited(steps: readonly ShiftStep[], maxHoldSeconds: number | undefined): ShiftStep[] {
  return steps.map((step) => ({ ...step, ...(maxHoldSeconds !== undefined && { maxHoldSeconds }) }));
}

/**
 * Moves all the traffic in one step.
 *
 * @throws InvalidInputError when an option is unknown or the time is impossible.
 */
export function allAtOnce(options: BakeOptions = {}): ShiftStrategy {
  const { bakeSeconds, maxHoldSeconds } = parseInput('allAtOnce options', bakeSchema, options);
  return parseStrategy({
    name: 'allAtOnce',
    steps: limited([{ percent: 100, holdSeconds: bakeSeconds }], maxHoldSeconds),
  });
}
