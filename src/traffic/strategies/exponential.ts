import * as v from 'valibot';
import { seconds } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStep, ShiftStrategy } from '../types.js';
import { isSplit, tidyPercent } from '../weights.js';
import type { BakeOptions } from './all-at-once.js';
import { parseStrategy, percent } from './strategy-schema.js';

/** How an {@link exponential} shift moves. */
export interface ExponentialOptions extends BakeOptions {
  /** The share of the first step: 0.1 to 100. */
  readonly startPercent: number;
  /**
   * What each step multiplies the share with: 1.01 or more.
   * @default 2
   */
  readonly factor?: number | undefined;
  /** Seconds between two steps. */
  readonly intervalSeconds: number;
}

/** What exponential takes, parsed. */
export const exponentialSchema = v.object({
  startPercent: v.pipe(
    percent,
    v.check((value) => value >= 0.1, 'a percentage of 0.1 or more'),
  ),
  factor: v.optional(
    v.pipe(
      v.number(),
      v.check((value) => value >= 1.01, 'a factor of 1.01 or more'),
    ),
    2,
  ),
  intervalSeconds: seconds,
  bakeSeconds: v.optional(seconds, 0),
});

/**
 * Careful at first, then faster: each step multiplies the share.
 *
 * @throws InvalidInputError when the share, the factor or a time is impossible.
 */
export function exponential(options: ExponentialOptions): ShiftStrategy {
  const parsed = parseInput('exponential options', exponentialSchema, options);
  const { startPercent, factor, intervalSeconds, bakeSeconds } = parsed;
  const steps: ShiftStep[] = [];
  for (let share = startPercent; isSplit(share); share = tidyPercent(share * factor)) {
    steps.push({ percent: share, holdSeconds: intervalSeconds });
  }
  return parseStrategy({
    name: `exponential from ${startPercent} % by ${factor} every ${intervalSeconds} s`,
    steps: [...steps, { percent: 100, holdSeconds: bakeSeconds }],
  });
}
