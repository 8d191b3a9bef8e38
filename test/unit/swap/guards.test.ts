import { describe, expect, test } from 'vitest';
import { SwapWorld } from '../../support/swap-world.js';

describe('StackSwap › retire', () => {
  test('reads the traffic again after a slow look, and switches nothing off when it has moved', async () => {
    const world = new SwapWorld();
    const step = world.step('stop database', { value: false });
    const isDone: typeof step.isDone = (context) => {
      // A person moves the traffic while the state of the database is read.
      world.target.externalWrite({ blue: 50, green: 50 });
      return step.isDone?.(context) ?? false;
    };
    const swap = world.swap({ retire: [{ ...step, isDone }] });

    expect((await swap.run()).outcome).toBe('halted');
    expect(world.calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
  });
});
