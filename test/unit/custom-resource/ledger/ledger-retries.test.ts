import { describe, expect, test } from 'vitest';
import { ResourceStateError, WaitTimeoutError } from '../../../../src/core/errors.js';
import { LedgerRetries } from '../../../../src/custom-resource/ledger/ledger-retries.js';
import { RequestEndedError } from '../../../../src/custom-resource/ledger/request-ended.js';
import { awsError } from '../../../../src/testing/cloud/environment.js';
import { VirtualClock } from '../../../../src/testing/index.js';

const resource = 'arn:rule';
const throttle = awsError('Throttling', 'Rate exceeded');
const denied = awsError('AccessDenied', 'no', 403);

function setUp(secondsToTry?: number) {
  const clock = new VirtualClock();
  const retries = new LedgerRetries(clock);
  const end = clock.now() + (secondsToTry ?? 0) * 1000;
  if (secondsToTry !== undefined) {
    retries.engine = { secondsToTry: () => (end - clock.now()) / 1000, isLastChance: () => true };
  }
  let calls = 0;
  const failing = (error: unknown) => async () => {
    calls += 1;
    throw error;
  };
  return { clock, retries, failing, calls: () => calls, startedAt: clock.now() };
}

describe('LedgerRetries › retryCall', () => {
  test('retries a forward change for a minute, then throws the last error', async () => {
    const { clock, retries, failing, calls, startedAt } = setUp(800);

    const repeated = retries.retryCall(failing(throttle), { isRollback: false, resource });

    await expect(repeated).rejects.toBe(throttle);
    expect((clock.now() - startedAt) / 1000).toBe(60);
    expect(calls()).toBeGreaterThan(5);
  });

  test('retries a rollback until the end of the time', async () => {
    const { clock, retries, failing, startedAt } = setUp(800);

    const repeated = retries.retryCall(failing(throttle), { isRollback: true, resource });

    await expect(repeated).rejects.toBe(throttle);
    expect((clock.now() - startedAt) / 1000).toBe(800);
  });

  test.each([denied, new RequestEndedError({ kind: 'overtaken' }, resource)])(
    'throws a final error at once: %s',
    async (error) => {
      const { retries, failing, calls } = setUp(800);

      await expect(retries.retryCall(failing(error), { isRollback: true, resource })).rejects.toBe(error);
      expect(calls()).toBe(1);
    },
  );

  test('stops waiting when the signal is aborted', async () => {
    const { clock, retries, failing } = setUp(800);
    const caller = new AbortController();

    const repeated = retries.retryCall(failing(throttle), {
      isRollback: true,
      resource,
      signal: caller.signal,
    });
    await clock.sleep(500);
    caller.abort();

    await expect(repeated).rejects.toMatchObject({ code: 'OPERATION_ABORTED' });
  });
});

describe('LedgerRetries › retryWork', () => {
  test('does not retry work that this package refuses, but retries work that was not confirmed in time', async () => {
    const refused = new ResourceStateError('no', { resource });
    const late = new WaitTimeoutError({ resource, maxWaitSeconds: 10 });
    const { retries, failing, calls } = setUp(800);

    await expect(retries.retryWork(failing(refused), { isRollback: false, resource })).rejects.toBe(refused);
    expect(calls()).toBe(1);
    await expect(retries.retryWork(failing(late), { isRollback: false, resource })).rejects.toBe(late);
    expect(calls()).toBeGreaterThan(5);
  });
});
