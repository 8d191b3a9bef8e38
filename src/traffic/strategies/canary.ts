import type { ShiftStrategy } from '../types.js';
import type { BakeOptions } from './all-at-once.js';
import { parseStrategy } from './strategy-schema.js';

/** How a {@link canary} moves. */
export interface CanaryOptions extends BakeOptions {
  /** The share of the first step: 0.01 to 99.99. */
  readonly percent: number;
  /** Seconds for which it is held before all the rest follows. */
  readonly holdSeconds: number;
}

/**
 * A small share first, then everything.
 *
 * @throws InvalidInputError when the share or a time is impossible.
 */
export function canary({ percent, holdSeconds, bakeSeconds = 0 }: CanaryOptions): ShiftStrategy {
  return parseStrategy({
    name: `canary ${percent} % for ${holdSeconds} s`,
    steps: [
      { percent, holdSeconds },
      { percent: 100, holdSeconds: bakeSeconds },
    ],
  });
}
