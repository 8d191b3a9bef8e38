import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryRace, violationsOfRace } from '../../support/swap-races/two-runners.js';
import { SwapWorld } from '../../support/swap-world.js';

describe('StackSwap › two runners on one swap', () => {
  test('change nothing while the other one has a valid claim, and end the same', async () => {
    // `npm run test:exhaustive` has 1,000 interleavings.
    await fc.assert(
      fc.asyncProperty(arbitraryRace, async (race) => {
        expect(await violationsOfRace(race)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test.each([
    ['one of them reads the weights later', [0, 0, 1, 0, 0, 0, 0, 32, 0, 0, 0]],
    ['calls take most of a claim', [0, 18, 39]],
  ])('begin the traffic shift once, when %s', async (_name, seconds) => {
    expect(await violationsOfRace({ seconds, testFails: false })).toEqual([]);
  });
});

describe('StackSwap › many starters', () => {
  test('runs one of 100 swaps, and refuses the others with the one under way', async () => {
    const world = new SwapWorld();
    const swaps = Array.from({ length: 100 }, () => world.swap());

    const runs = await Promise.allSettled(swaps.map((swap) => swap.run()));

    const outcomes = runs.flatMap((it) => (it.status === 'fulfilled' ? [it.value.outcome] : []));
    expect(outcomes).toEqual(['succeeded']);
    const codes = runs.flatMap((it) => (it.status === 'rejected' ? [it.reason.code] : []));
    expect(codes).toEqual(Array.from({ length: 99 }, () => 'SWAP_IN_PROGRESS'));
    const steps = world.calls.map(({ step }) => step);
    expect(new Set(steps).size).toBe(steps.length);
    expect(world.record.item?.ended).toHaveLength(1);
  });
});
