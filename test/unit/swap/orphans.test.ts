import { describe, expect, test } from 'vitest';
import type { SwapStep } from '../../../src/swap/plan/step.js';
import { SwapWorld } from '../../support/swap-world.js';

const denied = () => {
  throw Object.assign(new Error('denied'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
};

/** A swap whose first step of `retire` is denied, so that a second one remains. */
async function leaveOrphans(last: (world: SwapWorld) => Partial<SwapStep>) {
  const world = new SwapWorld();
  const plan = () => ({
    ...world.plan(),
    retire: [world.step('stop database', { value: false }), world.test('purge', undefined, last(world))],
  });
  world.around = ({ step }) => {
    if (step === 'stop database') denied();
  };
  expect((await world.swap(plan()).run()).outcome).toBe('succeeded');
  world.around = () => {};
  const runs = () => world.calls.filter(({ step }) => step === 'purge').length;
  return { world, runs, resume: () => world.swap(plan()).resume() };
}

describe('StackSwap › steps that an ended swap has left', () => {
  test('keeps the memory of a step, so that one that takes its time is done after one run', async () => {
    let runs = 0;
    const { world, resume } = await leaveOrphans(({ clock }) => ({
      isDone: ({ memory: { purgedAt } }) => typeof purgedAt === 'number' && clock.now() >= purgedAt + 60_000,
      run: (context) => {
        runs += 1;
        context.memory['purgedAt'] = clock.now();
      },
    }));

    expect(await resume()).toMatchObject({ outcome: 'idle', orphans: [] });
    expect(world.record.item?.orphans).toEqual([]);
    expect(runs).toBe(1);
  });

  test('runs a step with repeatable: false that has never run', async () => {
    const { resume, runs } = await leaveOrphans(() => ({ repeatable: false }));

    expect(await resume()).toMatchObject({ outcome: 'idle', orphans: [] });
    expect(runs()).toBe(1);
  });
});
