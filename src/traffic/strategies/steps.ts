import type { ShiftStep, ShiftStrategy } from '../types.js';
import { parseStrategy } from './strategy-schema.js';

/**
 * Steps of one's own: they ascend, and the last one is 100 %; its `holdSeconds` is the time for which all the traffic is
 * watched before the shift counts as succeeded.
 *
 * @throws InvalidInputError when they do not, or when a share or a time is impossible.
 */
export function steps(
  list: readonly ShiftStep[],
  { name = 'steps' }: { readonly name?: string } = {},
): ShiftStrategy {
  return parseStrategy({ name, steps: list });
}
