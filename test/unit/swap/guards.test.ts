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

describe('StackSwap › before the first traffic', () => {
  test('turns back when a change of prepare does not hold any more', async () => {
    const world = new SwapWorld();
    const before = world.state;
    const { outcome } = await world
      .swap({
        test: [world.test('smoke test', () => world.on.set('green database', false))],
      })
      .run();

    expect(outcome).toBe('rolledBack');
    expect(world.state).toEqual(before);
    expect(world.record.writes.length).toBeLessThan(40);
    expect(world.target.rule.weights).toEqual({ blue: 100, green: 0 });
  });
});

describe('StackSwap › names of steps', () => {
  test.each(['__proto__', 'constructor', 'toString', 'prototype'])(
    'refuses a step with the name %s',
    (name) => {
      const world = new SwapWorld();
      expect(() => world.swap({ prepare: [world.step(name)] })).toThrow(/name/);
    },
  );
});

describe('StackSwap › steps that never respond', () => {
  test.each(['isDone', 'before'] as const)('turns back when %s never returns', async (method) => {
    const world = new SwapWorld();
    const { outcome } = await world
      .swap({ prepare: [world.step('start database', { [method]: () => new Promise(() => {}) })] })
      .run();
    expect(outcome).toBe('rolledBack');
  });
});
