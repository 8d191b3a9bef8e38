import { describe, expect, test } from 'vitest';
import { shiftTraffic } from '../../../src/swap/switches/shift-traffic.js';
import { canary } from '../../../src/traffic/strategies/canary.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check } from '../../../src/traffic/types.js';
import { SwapWorld } from '../../support/swap-world.js';

const propagationSeconds = 360;

const failing: Check = {
  name: 'errors',
  evaluate: async ({ weights }) =>
    weights.green > 0 ? { outcome: 'fail', detail: 'too many errors' } : { outcome: 'pass', detail: 'none' },
};

/** Runs a swap with a target that clients follow late, such as a DNS record. */
async function runSwap(checks: readonly Check[]) {
  const world = new SwapWorld();
  const { target, clock } = world;
  Object.assign(target, { propagationSeconds: () => propagationSeconds });
  const shifter = new TrafficShifter({ target, clock, checks });
  const swap = world.swap({ switch: shiftTraffic(shifter, canary({ percent: 10, holdSeconds: 60 })) });
  const { outcome } = await swap.run();
  const lastWrite = target.calls.findLast(({ kind }) => kind === 'write')?.at ?? 0;
  return { world, outcome, lastWrite };
}

describe('Class: StackSwap › traffic that clients follow late', () => {
  test('undoes nothing before all clients have left the incoming stack', async () => {
    const { world, outcome, lastWrite } = await runSwap([failing]);

    const undone = world.calls.filter(({ kind }) => kind === 'undo').map(({ at }) => at);
    expect(outcome).toBe('rolledBack');
    expect(undone).toHaveLength(2);
    expect(Math.min(...undone) - lastWrite).toBeGreaterThanOrEqual(propagationSeconds * 1000);
  });

  test('retires nothing before all clients have left the outgoing stack', async () => {
    const { world, outcome, lastWrite } = await runSwap([]);

    const retired = world.calls.filter(({ kind, stack }) => kind === 'run' && stack === 'blue');
    expect(outcome).toBe('succeeded');
    expect(retired).toHaveLength(2);
    const first = Math.min(...retired.map(({ at }) => at));
    expect(first - lastWrite).toBeGreaterThanOrEqual((propagationSeconds + 120) * 1000);
  });
});
