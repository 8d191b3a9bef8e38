import { describe, expect, test } from 'vitest';
import { runShiftMachine } from '../support/shift-machine.js';
import { TaskError } from '../support/state-machine.js';

describe('stepFunctionsDefinition › execution history', () => {
  test('stays below 25,000 events and 256 KiB in each execution, with all retries used', {
    timeout: 240_000,
  }, async () => {
    let attempts = 0;
    const { execution } = await runShiftMachine({
      // A day and a half, with an evaluation each minute.
      request: { strategy: { type: 'canary', percent: 10, holdSeconds: 36 * 3600 } },
      invoke: (invocation) => {
        attempts += 1;
        if (attempts % 6 !== 0) throw new TaskError('Lambda.TooManyRequestsException', 'Rate Exceeded');
        return invocation();
      },
    });

    const executions = [execution, ...execution.continuations];
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.continuations.length).toBeGreaterThan(0);
    expect(Math.max(...executions.map(({ historyEvents }) => historyEvents))).toBeGreaterThan(20_000);
    expect(Math.max(...executions.map(({ historyEvents }) => historyEvents))).toBeLessThan(25_000);
    expect(Math.max(...executions.map(({ maxBytes }) => maxBytes))).toBeLessThan(4096);
  });

  test('has 9 events in its history for each call without retries', async () => {
    const run = await runShiftMachine({
      request: { strategy: { type: 'canary', percent: 10, holdSeconds: 3600, bakeSeconds: 600 } },
    });
    const { states, historyEvents } = run.execution;

    // Without the beginning and the end, which have no waits.
    const loops = states.filter((state) => state === 'Wait').length;
    const others = states.filter((state) => state === 'Advance').length - loops;
    expect(historyEvents - 9 * loops - 7 * others).toBeLessThan(30);
  });
});
