import { describe, expect, test } from 'vitest';
import { seed } from '../support/properties.js';
import { violationsOfDuplicates } from '../support/swap-races/duplicate-hooks.js';

describe('codeDeploySwapHooks › invocations side by side', () => {
  test('make each change once, and let a healthy deployment succeed', async () => {
    // `npm run test:exhaustive` has 1,000 interleavings.
    for (let number = seed; number < seed + 10; number += 1) {
      const violations = await violationsOfDuplicates({ seed: number, invocations: 2, maxSeconds: 30 });

      expect([`seed ${number}`, violations]).toEqual([`seed ${number}`, []]);
    }
  });

  test('make each change once when 100 of each begin', async () => {
    expect(await violationsOfDuplicates({ seed, invocations: 100, maxSeconds: 5 })).toEqual([]);
  });
});
