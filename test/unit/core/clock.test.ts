import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.js';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z') });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('systemClock', () => {
  test('returns the time', () => {
    expect(systemClock.now()).toBe(Date.parse('2026-03-01T12:00:00Z'));
  });

  test('sleeps for exactly the given time', async () => {
    const awake = vi.fn();
    const sleep = systemClock.sleep(60_000).then(awake);

    await vi.advanceTimersByTimeAsync(59_999);
    const before = awake.mock.calls.length;
    await vi.advanceTimersByTimeAsync(1);
    await sleep;

    expect(before).toBe(0);
    expect(awake).toHaveBeenCalledOnce();
  });

  test('rejects with the reason as soon as the signal is aborted, and leaves no timer', async () => {
    const controller = new AbortController();
    const reason = new Error('the deadline is near');
    const sleep = systemClock.sleep(60_000, controller.signal);

    controller.abort(reason);

    await expect(sleep).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('rejects at once when the signal is already aborted', async () => {
    await expect(systemClock.sleep(60_000, AbortSignal.abort('enough'))).rejects.toBe('enough');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('sleeps for the whole time when the signal is not aborted', async () => {
    const sleep = systemClock.sleep(1_000, new AbortController().signal);

    await vi.advanceTimersByTimeAsync(1_000);

    await expect(sleep).resolves.toBeUndefined();
  });
});
