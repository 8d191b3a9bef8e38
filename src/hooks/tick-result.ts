import type { WakeResult } from '../swap/engine/wake-loop.js';
import type { SwapTickResult } from './swap-hook-types.js';

/** Converts the result of a tick for its caller. */
export function tickResultOf(result: WakeResult): SwapTickResult {
  if (result.status === 'reached') return { status: 'unchanged', reason: 'done' };
  const { status, reason } = result;
  return { status: status === 'refused' ? 'halted' : status, reason };
}
