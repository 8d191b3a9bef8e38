import type { SwapRecordItem, SwapUnderWay } from '../../src/swap/record/types.js';

/** A swap in its first phase. */
export const swapUnderWay: SwapUnderWay = {
  id: 'swap-1',
  owner: { kind: 'codeDeploy', id: 'd-ABCDEFGHI' },
  incoming: 'green',
  phase: 'preparing',
  beganAt: 1_796_000_000_000,
  phaseSince: 1_796_000_000_000,
  wanted: 'forward',
  plan: ['prepare start database incoming 0'],
  steps: { 'start database': { claimedAt: 1_796_000_001_000, attempts: 1, before: { status: 'stopped' } } },
};

/** An item that can be written. */
export function recordItem(changes: Partial<SwapRecordItem> = {}): SwapRecordItem {
  const version = changes.version ?? 1;
  return {
    format: 1,
    application: 'orders',
    version,
    writeId: `write-${version}`,
    live: 'blue',
    orphans: [],
    ended: [],
    ...changes,
  };
}
