import type { ShiftStep, ShiftStrategy } from '../types.js';
import { parseStrategy } from './strategy-schema.js';

/** What steps of one's own may be told. */
export interface StepsOptions {
  /**
   * For people.
   * @default 'steps'
   */
  readonly name?: string | undefined;
  /**
   * The last step is below 100 %, and the traffic stays split as it says.
   * @default false
   */
  readonly partial?: boolean | undefined;
}

/**
 * Steps of one's own: they ascend, and the last one is 100 % unless they are `partial`; its `holdSeconds` is the time for
 * which its share is watched before the shift counts as succeeded.
 *
 * @throws InvalidInputError when they do not, or when a share or a time is impossible.
 */
export function steps(
  list: readonly ShiftStep[],
  { name = 'steps', partial }: StepsOptions = {},
): ShiftStrategy {
  return parseStrategy({ name, steps: list, ...(partial !== undefined && { partial }) });
}
