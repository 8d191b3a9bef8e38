import { describe, expect, test, vi } from 'vitest';
import { AccessDeniedError, OperationAbortedError } from '../../../src/core/errors.js';
import { retryOnConflict } from '../../../src/core/retry-on-conflict.js';
import { VirtualClock } from '../../../src/testing/index.js';

const call = { action: 'application-autoscaling:RegisterScalableTarget', resource: 'orders' };

const errorNamed = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error('the words of AWS'), { name, $metadata: { httpStatusCode } });

describe('Function: retryOnConflict', () => {
  test('retries seconds later when AWS refuses because of another change', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const send = vi.fn(async () => 'answer').mockRejectedValueOnce(errorNamed('ConcurrentUpdateException'));

    await expect(retryOnConflict(call, { clock }, send)).resolves.toBe('answer');
    expect(clock.now() - start).toBe(5_000);
  });

  test('throws the last refusal when the time is over', async () => {
    const clock = new VirtualClock();
    const refusal = errorNamed('ConcurrentUpdateException');
    const send = vi.fn(async () => Promise.reject(refusal));
    const start = clock.now();

    await expect(retryOnConflict(call, { clock, maxWaitSeconds: 12 }, send)).rejects.toBe(refusal);
    expect(send).toHaveBeenCalledTimes(4);
    expect(clock.now() - start).toBe(12_000);
  });

  test.each([errorNamed('InternalFailure', 500), errorNamed('LimitExceededException')])(
    'does not retry after %s',
    async (error) => {
      const send = vi.fn(async () => Promise.reject(error));

      await expect(retryOnConflict(call, { clock: new VirtualClock() }, send)).rejects.toBe(error);
      expect(send).toHaveBeenCalledOnce();
    },
  );

  test('retries only the refusals that the caller names', async () => {
    const refusal = errorNamed('ThrottlingException');
    const send = vi.fn(async () => Promise.reject(refusal));
    const options = { clock: new VirtualClock(), isRepeated: () => false };

    await expect(retryOnConflict(call, options, send)).rejects.toBe(refusal);
    expect(send).toHaveBeenCalledOnce();
  });

  test('does not retry after a denied permission', async () => {
    const send = vi.fn(async () => Promise.reject(errorNamed('AccessDeniedException', 403)));

    await expect(retryOnConflict(call, { clock: new VirtualClock() }, send)).rejects.toThrowError(
      AccessDeniedError,
    );
    expect(send).toHaveBeenCalledOnce();
  });

  test('throws OperationAbortedError when the signal is aborted', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    clock.schedule(2, () => controller.abort('enough'));
    const send = () => Promise.reject(errorNamed('ConcurrentUpdateException'));

    await expect(
      retryOnConflict({ ...call, signal: controller.signal }, { clock }, send),
    ).rejects.toThrowError(OperationAbortedError);
  });
});
