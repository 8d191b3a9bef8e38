import { describe, expect, test } from 'vitest';
import { seed } from '../support/properties.js';
import { violationsOfDuplicates } from '../support/swap-races/duplicate-hooks.js';

describe('codeDeploySwapHooks › invocations side by side', () => {
  // `npm run test:exhaustive` has 1,000 interleavings.
  test('make each change once, and let a healthy deployment succeed', { timeout: 240_000 }, async () => {
    for (let number = seed; number < seed + 10; number += 1) {
      const invocations = () => 2;
      const violations = await violationsOfDuplicates({ seed: number, invocations, maxSeconds: 30 });

      expect([`seed ${number}`, violations]).toEqual([`seed ${number}`, []]);
    }
  });

  test('begin one swap, and make each change once, when BeforeInstall is invoked 100 times', {
    timeout: 240_000,
  }, async () => {
    const invocations = (event: number) => (event === 1 ? 100 : 1);

    expect(await violationsOfDuplicates({ seed, invocations, maxSeconds: 5 })).toEqual([]);
  });
});
