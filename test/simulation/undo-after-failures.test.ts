import { describe, test } from 'vitest';
import { expectUndone, undoneSteps } from '../support/undo-after-failures.js';

/** Every fault once, at calls that are spread over the run. `npm run test:exhaustive` has every fault at every call. */
describe.each(undoneSteps.map((step, number) => ({ name: step.name, step, number })))(
  'StackSwap › with $name',
  ({ step, number }) => {
    test('restores the state before when a call fails, loses its response, or is the last of its process', async () => {
      await expectUndone(step, (all, index, count) =>
        all.filter(
          (_, fault) => Math.floor((((fault + number) % all.length) * count) / all.length) === index,
        ),
      );
    }, 60_000);
  },
);
