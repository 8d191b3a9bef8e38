import { describe, expect, test } from 'vitest';
import { frontDoors } from '../support/swap-matrix/front-doors.js';
import { stopAtCalls } from '../support/swap-matrix/stop-at-calls.js';

describe.each(frontDoors.map((door) => [door.name, door] as const))('StackSwap › in %s', (_name, door) => {
  // `npm run test:exhaustive` stops at every 5th call, and at every one with CodeDeploy.
  test.each([false, true])(
    'ends all old or all new when the process dies at an AWS call (failing test: %s)',
    { timeout: 240_000 },
    async (testFails) => {
      const { runs } = await stopAtCalls(door, { testFails, every: 67 });

      expect(runs).toBeGreaterThan(2);
    },
  );
});
