import * as v from 'valibot';
import { seconds } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';
import type { BakeOptions } from './all-at-once.js';
import { sharesBetween } from './even-shares.js';
import { parseStrategy, percent } from './strategy-schema.js';

/** How a {@link linear} shift moves. */
export interface LinearOptions extends BakeOptions {
  /** What each step adds: 0.1 to 100; the last step adds what is left. */
  readonly stepPercent: number;
  /** Seconds between two steps. */
  readonly intervalSeconds: number;
}

/** What linear takes, parsed. */
export const linearSchema = v.object({
  // Smaller steps could not be held by any target.
  stepPercent: v.pipe(
    percent,
    v.check((value) => value >= 0.1, 'a percentage of 0.1 or more'),
  ),
  intervalSeconds: seconds,
  bakeSeconds: v.optional(seconds, 0),
});

/**
 * The same share more at each step.
 *
 * @throws InvalidInputError when the share or a time is impossible.
 */
export function linear(options: LinearOptions): ShiftStrategy {
  const { stepPercent, intervalSeconds, bakeSeconds } = parseInput('linear options', linearSchema, options);
  return parseStrategy({
    name: `linear ${stepPercent} % every ${intervalSeconds} s`,
    steps: [
      ...sharesBetween(0, 100, stepPercent).map((share) => ({
        percent: share,
        holdSeconds: intervalSeconds,
      })),
      { percent: 100, holdSeconds: bakeSeconds },
    ],
  });
}
