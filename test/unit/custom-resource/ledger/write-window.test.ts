import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../../src/core/clock.js';
import { ElapsedTime } from '../../../../src/core/elapsed-time.js';
import { AccessDeniedError } from '../../../../src/core/errors.js';
import { quietSeconds, WriteWindow } from '../../../../src/custom-resource/ledger/write-window.js';
import { awsError } from '../../../../src/testing/cloud/environment.js';
import { VirtualClock } from '../../../../src/testing/index.js';

const resource = 'arn:rule';

function setUp(clock: Clock = new VirtualClock()) {
  return { clock, window: new WriteWindow({ isOver: false }, clock), sinceRead: new ElapsedTime(clock) };
}

describe('WriteWindow › send', () => {
  test('aborts a write that is not confirmed ten seconds after the reading', async () => {
    const { clock, window, sinceRead } = setUp();
    await clock.sleep(4_000);
    const startedAt = clock.now();
    let aborted: number | undefined;

    const sending = window.send(
      ({ signal }) =>
        new Promise(() => {
          signal?.addEventListener('abort', () => {
            aborted = clock.now() - startedAt;
          });
        }),
      { sinceRead, resource },
    );

    await expect(sending).rejects.toMatchObject({ code: 'WAIT_TIMEOUT', resource });
    expect(aborted).toBe(6_000);
    expect(window.isInDoubt).toBe(true);
  });

  test.each<[string, unknown, boolean]>([
    ['a refusal', awsError('AccessDenied', 'no', 403), false],
    ['a throttle', awsError('Throttling', 'Rate exceeded', 400), false],
    ['a fault of the service', awsError('InternalFailure', 'no', 500), false],
    ['a denied permission', new AccessDeniedError({ action: 'a:B', resource, cause: undefined }), false],
    ['no response', Object.assign(new Error('no response'), { name: 'TimeoutError' }), true],
    ['a thrown value that is no error', undefined, true],
  ])('after %s, a write may take effect: %j', async (_what, error, isInDoubt) => {
    const { window, sinceRead } = setUp();

    await expect(window.send(() => Promise.reject(error), { sinceRead, resource })).rejects.toBe(error);

    expect(window.isInDoubt).toBe(isInDoubt);
  });

  test('ends early when the signal is aborted', async () => {
    const { window, sinceRead } = setUp();
    const caller = new AbortController();
    const sending = window.send(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      { sinceRead, resource, signal: caller.signal },
    );

    caller.abort(new Error('over'));

    await expect(sending).rejects.toThrow('over');
  });
});

describe('WriteWindow › waitForLanding', () => {
  test('waits until an aborted write can no longer take effect', async () => {
    const { clock, window, sinceRead } = setUp();
    void window.send(() => new Promise(() => {}), { sinceRead, resource }).catch(() => {});
    const startedAt = clock.now();

    window.cutOff();
    await window.waitForLanding({ resource });

    expect(clock.now() - startedAt).toBe(5_000);
    expect(window.isInDoubt).toBe(false);
    await window.waitForLanding({ resource });
    expect(clock.now() - startedAt).toBe(5_000);
  });

  test('waits no longer when the clock is set back', async () => {
    let [now, slept] = [0, 0];
    const clock: Clock = {
      now: () => now,
      sleep: async (milliseconds) => {
        slept += milliseconds;
        now -= 7_200_000;
      },
    };
    const { window, sinceRead } = setUp(clock);
    await window
      .send(() => Promise.reject(new Error('no response')), { sinceRead, resource })
      .catch(() => {});
    const before = slept;

    await window.waitForLanding({ resource });
    await window.waitForLanding({ resource });

    expect(slept - before).toBe(5_000);
  });
});

describe('quietSeconds', () => {
  test('is longer than the window and the landing time together', () => {
    expect(quietSeconds).toBeGreaterThan(10 + 5);
  });
});
