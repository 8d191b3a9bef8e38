import { describe, expect, test } from 'vitest';
import { frontDoors } from '../support/swap-matrix/front-doors.js';
import { stopAtCalls } from '../support/swap-matrix/stop-at-calls.js';

const every: Readonly<Record<string, number>> = { codeDeploySwapHooks: 1 };

describe.each(frontDoors.map((door) => [door.name, door] as const))('StackSwap › in %s', (name, door) => {
  test.each([false, true])(
    'ends all old or all new when the process dies at an AWS call (failing test: %s)',
    async (testFails) => {
      const { calls, runs, ends } = await stopAtCalls(door, { testFails, every: every[name] ?? 5 });

      const list = [...ends].map(([end, count]) => `${count} ${end}`).join(', ');
      // biome-ignore lint/suspicious/noConsole: the counts are what this matrix reports
      console.info(
        `${name}, ${testFails ? 'failing test' : 'good'}: ${calls} calls, ${runs} deaths: ${list}`,
      );
      expect(runs).toBeGreaterThan(30);
    },
  );
});
