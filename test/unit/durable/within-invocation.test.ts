import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/core/clock.js';
import type { DurableChangeContext } from '../../../src/durable/index.js';
import { withinInvocation } from '../../../src/durable/within-invocation.js';
import { VirtualClock } from '../../../src/testing/index.js';

function contextWith(remaining?: number): DurableChangeContext {
  const lambdaContext = { getRemainingTimeInMillis: () => remaining ?? 0 };
  const none = () => Promise.reject(new Error('Not used'));
  return {
    ...(remaining !== undefined && { lambdaContext }),
    step: none,
    wait: none,
    createCallback: none,
    invoke: none,
  };
}

describe('withinInvocation', () => {
  test('passes no signal when the deadline is unknown', async () => {
    const signal = await withinInvocation(async (it) => it, contextWith(), new VirtualClock());

    expect(signal).toBeUndefined();
  });

  test.each([
    [900_000, 870],
    [40_000, 20],
  ])('aborts shortly before the deadline: %d ms', async (remaining, seconds) => {
    const clock = new VirtualClock();
    const startedAt = clock.now();

    const work = withinInvocation((signal) => clock.sleep(3_600_000, signal), contextWith(remaining), clock);

    await expect(work).rejects.toMatchObject({
      name: 'DeadlineError',
      message: expect.stringContaining(`${remaining / 1000 - seconds} s`),
    });
    expect((clock.now() - startedAt) / 1000).toBe(seconds);
  });

  test('awaits work that ignores the signal: a pending write has to end before the next invocation', async () => {
    const clock = new VirtualClock();

    const result = await withinInvocation(
      async () => {
        await clock.sleep(880_000);
        return 'written';
      },
      contextWith(900_000),
      clock,
    );

    expect(result).toBe('written');
  });

  test.each([
    ['done', async () => {}],
    ['failed', async () => Promise.reject(new Error('no network'))],
  ])('leaves no timer behind when the work is %s', async (_name, work) => {
    const timers: (AbortSignal | undefined)[] = [];
    const clock: Clock = {
      now: () => 0,
      sleep: (_milliseconds, signal) => {
        timers.push(signal);
        return new Promise(() => {});
      },
    };

    await withinInvocation(work, contextWith(900_000), clock).catch(() => {});

    expect(timers.map((signal) => signal?.aborted)).toEqual([true]);
  });
});
