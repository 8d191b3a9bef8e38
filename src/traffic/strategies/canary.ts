import * as v from 'valibot';
import { seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';
import { isSplit } from '../weights.js';
import { type BakeOptions, bakeEntries, limited } from './all-at-once.js';
import { parseStrategy } from './strategy-schema.js';

/** Options of {@link canary}. */
export interface CanaryOptions extends BakeOptions {
  /** Share of the first step: 0.01 to 99.99. */
  readonly percent: number;
  /** Seconds of its hold before the rest follows. */
  readonly holdSeconds: number;
}

/** Fields of {@link CanaryOptions}. */
export const canaryEntries = {
  percent: v.pipe(
    v.number(),
    v.check(isSplit, 'a percentage from 0.01 to 99.99, because the steps ascend to 100'),
  ),
  holdSeconds: seconds,
  ...bakeEntries,
};

const optionsSchema = strictObject(canaryEntries);

/**
 * Moves a small share first, then all the traffic.
 *
 * @throws InvalidInputError when an option is unknown or missing, or when the share or a time is impossible.
 */
export function canary(options: CanaryOptions): ShiftStrategy {
  const parsed = parseInput('canary options', optionsSchema, options);
  const { percent, holdSeconds, bakeSeconds, maxHoldSeconds } = parsed;
  return parseStrategy({
    name: `canary ${percent} % for ${holdSeconds} s`,
    steps: limited(
      [
        { percent, holdSeconds },
        { percent: 100, holdSeconds: bakeSeconds },
      ],
      maxHoldSeconds,
    ),
  });
}
