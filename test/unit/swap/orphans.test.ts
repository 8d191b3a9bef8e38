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

  test.each([
    ['does not hold any more', false, /must not run again.*"purge" does not hold any more/],
    ['cannot be read any more', denied, /denied/],
  ] as const)('keeps a step with repeatable: false that %s', async (_name, answer, detail) => {
    const world = new SwapWorld();
    let looks = 0;
    const isDone = () => {
      looks += 1;
      // The first look is before the step, the second one after it, the third one at the end of retire.
      if (looks <= 2) return looks === 2;
      return typeof answer === 'boolean' ? answer : answer();
    };
    const purge = world.test('purge', undefined, { repeatable: false, isDone });
    const plan = { ...world.plan(), retire: [purge] };
    expect((await world.swap(plan).run()).outcome).toBe('succeeded');

    expect(world.record.item?.orphans).toMatchObject([{ step: 'purge', stack: 'blue' }]);
    expect(await world.swap(plan).resume({ maxWaitSeconds: 60 })).toMatchObject({
      orphans: ['purge'],
      detail: expect.stringMatching(detail),
    });
    expect(world.calls.filter(({ step }) => step === 'purge')).toHaveLength(1);
  });

  test('runs a step with repeatable: false that has never run', async () => {
    const { resume, runs } = await leaveOrphans(() => ({ repeatable: false }));

    expect(await resume()).toMatchObject({ outcome: 'idle', orphans: [] });
    expect(runs()).toBe(1);
  });

  test('writes the record twice for each step that takes its time, and once for the last one', async () => {
    const world = new SwapWorld();
    const slow = (name: string) => {
      const ranAt = new Map<string, number>();
      return world.test(name, ({ stack }) => ranAt.set(stack, world.clock.now()), {
        isDone: ({ stack }) => world.clock.now() >= (ranAt.get(stack) ?? Number.POSITIVE_INFINITY) + 20_000,
      });
    };
    const first = world.step('stop database', { value: false });
    const plan = { ...world.plan(), retire: [first, slow('delete table'), slow('delete cache')] };
    world.around = ({ step }) => {
      if (step === 'stop database') denied();
    };
    expect((await world.swap(plan).run()).outcome).toBe('succeeded');
    world.around = () => {};
    const before = world.record.writes.length;

    expect(await world.swap(plan).resume()).toMatchObject({ outcome: 'idle', orphans: [] });

    expect(world.record.writes.length - before).toBe(2 + 2 + 2 + 1);
  });
});
