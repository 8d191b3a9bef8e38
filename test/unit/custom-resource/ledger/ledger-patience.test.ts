import { describe, expect, test } from 'vitest';
import { ResourceStateError, WaitTimeoutError } from '../../../../src/core/errors.js';
import { LedgerPatience } from '../../../../src/custom-resource/ledger/ledger-patience.js';
import { RequestEndedError } from '../../../../src/custom-resource/ledger/request-ended.js';
import { awsError } from '../../../../src/testing/cloud/environment.js';
import { VirtualClock } from '../../../../src/testing/index.js';

const resource = 'arn:rule';
const throttle = awsError('Throttling', 'Rate exceeded');
const denied = awsError('AccessDenied', 'no', 403);

function setUp(secondsToTry?: number) {
  const clock = new VirtualClock();
  const patience = new LedgerPatience(clock);
  const end = clock.now() + (secondsToTry ?? 0) * 1000;
  if (secondsToTry !== undefined) {
    patience.engine = { secondsToTry: () => (end - clock.now()) / 1000, isLastChance: () => true };
  }
  let calls = 0;
  const failing = (error: unknown) => async () => {
    calls += 1;
    throw error;
  };
  return { clock, patience, failing, calls: () => calls, startedAt: clock.now() };
}

describe('LedgerPatience › repeat', () => {
  test('tries for a minute on the way forward, then throws the last error', async () => {
    const { clock, patience, failing, calls, startedAt } = setUp(800);

    const repeated = patience.repeat(failing(throttle), { isRollback: false, resource });

    await expect(repeated).rejects.toBe(throttle);
    expect((clock.now() - startedAt) / 1000).toBe(60);
    expect(calls()).toBeGreaterThan(5);
  });

  test('tries until the end of the time on the way back', async () => {
    const { clock, patience, failing, startedAt } = setUp(800);

    const repeated = patience.repeat(failing(throttle), { isRollback: true, resource });

    await expect(repeated).rejects.toBe(throttle);
    expect((clock.now() - startedAt) / 1000).toBe(800);
  });

  test.each([denied, new RequestEndedError({ kind: 'overtaken' }, resource)])(
    'throws what cannot pass at once: %s',
    async (error) => {
      const { patience, failing, calls } = setUp(800);

      await expect(patience.repeat(failing(error), { isRollback: true, resource })).rejects.toBe(error);
      expect(calls()).toBe(1);
    },
  );

  test('ends its wait when it is aborted', async () => {
    const { clock, patience, failing } = setUp(800);
    const caller = new AbortController();

    const repeated = patience.repeat(failing(throttle), {
      isRollback: true,
      resource,
      signal: caller.signal,
    });
    await clock.sleep(500);
    caller.abort();

    await expect(repeated).rejects.toMatchObject({ code: 'OPERATION_ABORTED' });
  });
});

describe('LedgerPatience › repeatWork', () => {
  test('does not repeat work that this package refuses, but work that was not confirmed in time', async () => {
    const refused = new ResourceStateError('no', { resource });
    const late = new WaitTimeoutError({ resource, maxWaitSeconds: 10 });
    const { patience, failing, calls } = setUp(800);

    await expect(patience.repeatWork(failing(refused), { isRollback: false, resource })).rejects.toBe(
      refused,
    );
    expect(calls()).toBe(1);
    await expect(patience.repeatWork(failing(late), { isRollback: false, resource })).rejects.toBe(late);
    expect(calls()).toBeGreaterThan(5);
  });
});
