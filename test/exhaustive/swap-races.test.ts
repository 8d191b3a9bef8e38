import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factor, seed } from '../support/properties.js';
import { violationsOfDuplicates } from '../support/swap-races/duplicate-hooks.js';
import { arbitraryRace, violationsOfRace } from '../support/swap-races/two-runners.js';

const interleavings = Math.ceil(1_000 * factor);

describe('StackSwap › two runners on one swap', () => {
  test('change nothing while the other one has a valid claim, and end the same', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRace, async (race) => {
        expect(await violationsOfRace(race)).toEqual([]);
      }),
      { numRuns: interleavings },
    );
  });
});

describe('codeDeploySwapHooks › invocations side by side', () => {
  test.each([2, 3])('make each change once, and let a healthy deployment succeed (%d)', async (count) => {
    for (let number = seed; number < seed + interleavings / 2; number += 1) {
      const invocations = () => count;
      const violations = await violationsOfDuplicates({ seed: number, invocations, maxSeconds: 60 });

      expect([`seed ${number}`, violations]).toEqual([`seed ${number}`, []]);
    }
  });
});
