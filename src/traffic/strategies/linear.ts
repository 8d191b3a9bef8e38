import { seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';
import { type BakeOptions, bakeEntries, limited } from './all-at-once.js';
import { sharesBetween } from './even-shares.js';
import { parseStrategy, tenthOfPercent } from './strategy-schema.js';

/** Options of {@link linear}. */
export interface LinearOptions extends BakeOptions {
  /** Share that each step adds: 0.1 to 100. The last step adds the rest. */
  readonly stepPercent: number;
  /** Seconds between two steps. */
  readonly intervalSeconds: number;
}

/** Fields of {@link LinearOptions}. */
export const linearEntries = { stepPercent: tenthOfPercent, intervalSeconds: seconds, ...bakeEntries };

const optionsSchema = strictObject(linearEntries);

/**
 * Adds the same share at each step.
 *
 * @throws InvalidInputError when an option is unknown or missing, or when the share or a time is impossible.
 */
export function linear(options: LinearOptions): ShiftStrategy {
  const parsed = parseInput('linear options', optionsSchema, options);
  const { stepPercent, intervalSeconds, bakeSeconds, maxHoldSeconds } = parsed;
  return parseStrategy({
    name: `linear ${stepPercent} % every ${intervalSeconds} s`,
    steps: limited(
      [
        ...sharesBetween(0, 100, stepPercent).map((share) => ({
          percent: share,
          holdSeconds: intervalSeconds,
        })),
        { percent: 100, holdSeconds: bakeSeconds },
      ],
      maxHoldSeconds,
    ),
  });
}
