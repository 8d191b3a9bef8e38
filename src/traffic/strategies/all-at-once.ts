import type { ShiftStrategy } from '../types.js';
import { parseStrategy } from './strategy-schema.js';

/** What every strategy takes. */
export interface BakeOptions {
  /**
   * Seconds for which all the traffic is watched before the shift counts as succeeded.
   * @default 0
   */
  readonly bakeSeconds?: number | undefined;
}

/**
 * All the traffic in one step.
 *
 * @throws InvalidInputError when the time is negative.
 */
export function allAtOnce({ bakeSeconds = 0 }: BakeOptions = {}): ShiftStrategy {
  return parseStrategy({ name: 'allAtOnce', steps: [{ percent: 100, holdSeconds: bakeSeconds }] });
}
