import { describe, test } from 'vitest';
import { expectUndone, undoneSteps } from '../support/undo-after-failures.js';

describe.each(undoneSteps)('StackSwap › with $name', (step) => {
  test('restores the state before when a call fails, loses its response, or is the last of its process', async () => {
    await expectUndone(step, (all) => all);
  }, 600_000);
});
