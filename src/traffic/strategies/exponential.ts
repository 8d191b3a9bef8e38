import * as v from 'valibot';
import { seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStep, ShiftStrategy } from '../types.js';
import { isSplit, tidyPercent } from '../weights.js';
import { type BakeOptions, bakeEntries, limited } from './all-at-once.js';
import { parseStrategy, tenthOfPercent } from './strategy-schema.js';

/** Options of {@link exponential}. */
export interface ExponentialOptions extends BakeOptions {
  /** Share of the first step: 0.1 to 100. */
  readonly startPercent: number;
  /**
   * Factor that each step multiplies the share by: 1.01 to 1000.
   * @default 2
   */
  readonly factor?: number | undefined;
  /** Seconds between two steps. */
  readonly intervalSeconds: number;
}

/** Fields of {@link ExponentialOptions}. */
export const exponentialEntries = {
  startPercent: tenthOfPercent,
  factor: v.optional(
    v.pipe(
      v.number(),
      v.check((value) => value >= 1.01, 'a factor of 1.01 or more'),
      v.check((value) => value <= 1000, 'a factor of at most 1000'),
    ),
    2,
  ),
  intervalSeconds: seconds,
  ...bakeEntries,
};

const optionsSchema = strictObject(exponentialEntries);

/**
 * Multiplies the share at each step: slowly at first, then faster.
 *
 * @throws InvalidInputError when an option is unknown or missing, or when the share, the factor or a time is impossible.
 */
export function exponential(options: ExponentialOptions): ShiftStrategy {
  const parsed = parseInput('exponential options', optionsSchema, options);
  const { startPercent, factor, intervalSeconds, bakeSeconds, maxHoldSeconds } = parsed;
  const steps: ShiftStep[] = [];
  for (let share = startPercent; isSplit(share); share = tidyPercent(share * factor)) {
    steps.push({ percent: share, holdSeconds: intervalSeconds });
  }
  return parseStrategy({
    name: `exponential from ${startPercent} % by ${factor} every ${intervalSeconds} s`,
    steps: limited([...steps, { percent: 100, holdSeconds: bakeSeconds }], maxHoldSeconds),
  });
}
