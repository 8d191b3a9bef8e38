import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/core/clock.js';
import { ElapsedTime } from '../../../src/core/elapsed-time.js';
import { UnexpectedResponseError, WaitTimeoutError } from '../../../src/core/errors.js';
import { pollUntil } from '../../../src/core/poll-until.js';

/** Clock that is adjusted after some sleeps: milliseconds by number of sleeps. */
function adjustableClock(adjustments: Readonly<Record<number, number>>): Clock & { slept: number } {
  let now = 1_000_000;
  let sleeps = 0;
  return {
    slept: 0,
    now: () => now,
    async sleep(milliseconds) {
      now += milliseconds + (adjustments[sleeps] ?? 0);
      sleeps += 1;
      this.slept += milliseconds;
    },
  };
}

describe('Class: ElapsedTime', () => {
  test('counts the time between two reads', async () => {
    const clock = adjustableClock({});
    const elapsed = new ElapsedTime(clock);

    await clock.sleep(1_500);
    await elapsed.sleepSeconds(2, { resource: 'orders' });

    expect(elapsed.seconds).toBe(3.5);
  });

  test.each([Number.NaN, undefined, '5', 5n])(
    'throws UnexpectedResponseError for the time %s',
    async (time) => {
      let now: unknown = 1_000_000;
      const elapsed = new ElapsedTime({ now: () => now as number, sleep: async () => {} });
      now = time;

      await expect(elapsed.sleepSeconds(5, { resource: 'orders' })).rejects.toThrow(UnexpectedResponseError);
      expect(() => elapsed.seconds).toThrow(UnexpectedResponseError);
    },
  );

  test('counts a sleep for its own length when the clock is set back meanwhile', async () => {
    const elapsed = new ElapsedTime(adjustableClock({ 0: -7_200_000 }));

    await elapsed.sleepSeconds(5, { resource: 'orders' });

    expect(elapsed.seconds).toBe(5);
  });

  test('never decreases', async () => {
    const clock = adjustableClock({ 1: -7_200_000 });
    const elapsed = new ElapsedTime(clock);

    await clock.sleep(4_000);
    const before = elapsed.milliseconds;
    await clock.sleep(4_000);

    expect(elapsed.milliseconds).toBe(before);
  });
});

describe('Function: pollUntil', () => {
  test('waits for the given time when the clock is set back by two hours', async () => {
    const clock = adjustableClock({ 5: -7_200_000 });
    const wait = pollUntil({
      resource: 'orders',
      expected: 'ready',
      maxWaitSeconds: 60,
      intervalSeconds: 5,
      clock,
      observe: async () => 'not ready',
      isDone: (state) => state === 'ready',
      describe: (state) => state,
    });

    await expect(wait).rejects.toThrowError(WaitTimeoutError);
    expect(clock.slept).toBe(60_000);
  });

  test('carries the last cause in the error of a time-out', async () => {
    const refusals: Error[] = [];
    const wait = pollUntil({
      resource: 'orders',
      expected: 'an accepted change',
      maxWaitSeconds: 10,
      intervalSeconds: 5,
      clock: adjustableClock({}),
      observe: async () => {
        const refusal = new Error(`refusal ${refusals.length}`);
        refusals.push(refusal);
        return refusal;
      },
      isDone: () => false,
      describe: ({ message }) => message,
      causeOf: (refusal) => refusal,
    });

    await expect(wait).rejects.toMatchObject({ name: 'WaitTimeoutError', cause: { message: 'refusal 2' } });
  });
});
