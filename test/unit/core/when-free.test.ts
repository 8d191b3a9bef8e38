import { describe, expect, test, vi } from 'vitest';
import { AccessDeniedError, OperationAbortedError } from '../../../src/core/errors.js';
import { callWhenFree } from '../../../src/core/when-free.js';
import { VirtualClock } from '../../../src/testing/index.js';

const call = { action: 'application-autoscaling:RegisterScalableTarget', resource: 'orders' };

function errorNamed(name: string) {
  return Object.assign(new Error('told by AWS'), { name });
}

function makeConflict() {
  return { clock: new VirtualClock(), refusal: 'ConcurrentUpdateException' };
}

describe('Function: callWhenFree', () => {
  test('calls again, seconds later, after a refusal because of another change', async () => {
    const conflict = makeConflict();
    const start = conflict.clock.now();
    const send = vi.fn(async () => 'answer').mockRejectedValueOnce(errorNamed('ConcurrentUpdateException'));

    await expect(callWhenFree(call, conflict, send)).resolves.toBe('answer');
    expect(conflict.clock.now() - start).toBe(5_000);
  });

  test('passes on a refusal that does not end', async () => {
    const refusal = errorNamed('ConcurrentUpdateException');
    const send = vi.fn(async () => Promise.reject(refusal));

    await expect(callWhenFree(call, makeConflict(), send)).rejects.toBe(refusal);
    expect(send).toHaveBeenCalledTimes(6);
  });

  test('does not call again after another error', async () => {
    const send = vi.fn(async () => Promise.reject(errorNamed('AccessDeniedException')));

    await expect(callWhenFree(call, makeConflict(), send)).rejects.toThrowError(AccessDeniedError);
    expect(send).toHaveBeenCalledOnce();
  });

  test('ends when the signal is aborted', async () => {
    const conflict = makeConflict();
    const controller = new AbortController();
    conflict.clock.schedule(2, () => controller.abort('enough'));
    const send = () => Promise.reject(errorNamed('ConcurrentUpdateException'));

    await expect(callWhenFree({ ...call, signal: controller.signal }, conflict, send)).rejects.toThrowError(
      OperationAbortedError,
    );
  });
});
