import { beforeEach, describe, expect, test, vi } from 'vitest';
import { OperationAbortedError, WaitTimeoutError } from '../../../src/core/errors.js';
import { type Poll, pollUntil } from '../../../src/core/poll-until.js';
import { sleep } from '../../../src/core/sleep.js';
import { VirtualClock } from '../../../src/testing/index.js';

let clock: VirtualClock;
let start: number;

beforeEach(() => {
  clock = new VirtualClock();
  start = clock.now();
});

/** Polls for 3 while each observation returns one more. */
function poll(options: Partial<Poll<number>> = {}) {
  let seen = 0;
  const looks: number[] = [];
  const result = pollUntil<number>({
    resource: 'orders',
    expected: 'three',
    maxWaitSeconds: 60,
    intervalSeconds: 10,
    clock,
    observe: async () => {
      looks.push((clock.now() - start) / 1000);
      seen += 1;
      return seen;
    },
    isDone: (it) => it === 3,
    describe: (it) => `number ${it}`,
    ...options,
  });
  return { result, looks };
}

describe('Function: pollUntil', () => {
  test('observes at once, then at each interval, and returns the last observation', async () => {
    const { result, looks } = poll();

    await expect(result).resolves.toBe(3);
    expect(looks).toEqual([0, 10, 20]);
  });

  test('observes only after the initial delay', async () => {
    const { result, looks } = poll({ initialDelaySeconds: 5 });

    await result;
    expect(looks).toEqual([5, 15, 25]);
  });

  test('observes a last time exactly when the time is over', async () => {
    const { result, looks } = poll({ maxWaitSeconds: 25, isDone: () => false });

    await expect(result).rejects.toThrowError(WaitTimeoutError);
    expect(looks).toEqual([0, 10, 20, 25]);
  });

  test('throws WaitTimeoutError with the wanted state, the time and the last observation', async () => {
    const { result } = poll({ maxWaitSeconds: 25, isDone: () => false });

    await expect(result).rejects.toMatchObject({
      resource: 'orders',
      maxWaitSeconds: 25,
      expected: 'three',
      actual: 'number 4',
    });
  });

  test('observes once when there is no time at all', async () => {
    const { result, looks } = poll({ maxWaitSeconds: 0, initialDelaySeconds: 30 });

    await expect(result).rejects.toThrowError(WaitTimeoutError);
    expect(looks).toEqual([0]);
  });

  test('does not delay the first observation beyond the end', async () => {
    const { result, looks } = poll({ maxWaitSeconds: 20, initialDelaySeconds: 300, isDone: () => false });

    await expect(result).rejects.toThrowError(WaitTimeoutError);
    expect(looks).toEqual([20]);
  });

  test('throws an error of the observation at once', async () => {
    const error = new Error('AccessDenied');
    const observe = vi.fn(async () => Promise.reject(error));

    await expect(poll({ observe }).result).rejects.toBe(error);
    expect(observe).toHaveBeenCalledOnce();
  });

  test('throws at once when the wanted state can no longer be reached', async () => {
    const { result, looks } = poll({
      isDone: () => {
        throw new Error('rolled back');
      },
    });

    await expect(result).rejects.toThrowError('rolled back');
    expect(looks).toEqual([0]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'throws InvalidInputError for a maximum of %s s',
    async (maxWaitSeconds) => {
      const { result, looks } = poll({ maxWaitSeconds });

      await expect(result).rejects.toMatchObject({
        name: 'InvalidInputError',
        problems: [{ field: 'maxWaitSeconds' }],
      });
      expect(looks).toEqual([]);
    },
  );

  test('throws OperationAbortedError when aborted in the delay or between two observations', async () => {
    for (const initialDelaySeconds of [0, 30]) {
      const controller = new AbortController();
      clock.schedule(5, () => controller.abort('enough'));

      const { result } = poll({ signal: controller.signal, initialDelaySeconds });

      await expect(result).rejects.toThrowError(OperationAbortedError);
      await expect(result).rejects.toMatchObject({ resource: 'orders', cause: 'enough' });
    }
  });
});

describe('Function: sleep', () => {
  test('sleeps on the given clock', async () => {
    await sleep(clock, 5_000, { resource: 'orders' });

    expect(clock.now() - start).toBe(5_000);
  });

  test('throws an error of the clock unchanged', async () => {
    const broken = { now: () => 0, sleep: async () => Promise.reject(new Error('no battery')) };
    const { signal } = new AbortController();

    await expect(sleep(broken, 5_000, { resource: 'orders', signal })).rejects.toThrowError('no battery');
  });
});
