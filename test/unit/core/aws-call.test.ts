import { describe, expect, test, vi } from 'vitest';
import {
  callAws,
  collectPages,
  isAwsError,
  requireField,
  throwIfAborted,
} from '../../../src/core/aws-call.js';
import {
  AccessDeniedError,
  OperationAbortedError,
  UnexpectedResponseError,
} from '../../../src/core/errors.js';

const call = { action: 'sqs:PurgeQueue', resource: 'orders' };

function errorNamed(name: string, message = 'from AWS') {
  return Object.assign(new Error(message), { name });
}

describe('Function: callAws', () => {
  test('returns the response, and sends no abort signal when there is none', async () => {
    const send = vi.fn(async () => 'answer');

    await expect(callAws(call, send)).resolves.toBe('answer');
    expect(send).toHaveBeenCalledExactlyOnceWith({});
  });

  test('passes the signal to the SDK', async () => {
    const { signal } = new AbortController();
    const send = vi.fn(async () => 'answer');

    await callAws({ ...call, signal }, send);

    expect(send).toHaveBeenCalledExactlyOnceWith({ abortSignal: signal });
  });

  // Error names of the called services for a missing permission.
  test.each([
    'AccessDenied',
    'AccessDeniedException',
    'AuthorizationError',
    'AuthorizationErrorException',
    'NotAuthorized',
    'UnauthorizedOperation',
  ])('throws AccessDeniedError with the IAM action for %s', async (name) => {
    const denied = errorNamed(name);

    const answer = callAws(call, () => Promise.reject(denied));

    await expect(answer).rejects.toThrowError(AccessDeniedError);
    await expect(answer).rejects.toMatchObject({
      action: 'sqs:PurgeQueue',
      resource: 'orders',
      cause: denied,
      message: expect.stringContaining('sqs:PurgeQueue'),
    });
  });

  test('names the action in the AWS message when the call needs several actions', async () => {
    const denied = errorNamed(
      'AccessDenied',
      'User: arn:aws:sts::123456789012:assumed-role/hook/it is not authorized to perform: rds:CreateDBClusterSnapshot on resource: arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:final',
    );

    const answer = callAws({ action: 'rds:DeleteDBCluster', resource: 'orders' }, () =>
      Promise.reject(denied),
    );

    await expect(answer).rejects.toMatchObject({
      action: 'rds:CreateDBClusterSnapshot',
      message: expect.stringContaining('rds:CreateDBClusterSnapshot'),
    });
  });

  test.each([
    'arn:aws:sts::123456789012:assumed-role/hook/it',
    'arn:aws-cn:iam::123456789012:user/kim',
    'arn:aws:iam::123456789012:root',
  ])('names the denied principal %s of the AWS message', async (principal) => {
    const denied = errorNamed(
      'AccessDenied',
      `User: ${principal} is not authorized to perform: sqs:PurgeQueue on resource: orders because no identity-based policy allows the sqs:PurgeQueue action`,
    );

    await expect(callAws(call, () => Promise.reject(denied))).rejects.toMatchObject({
      principal,
      message: `Access to orders was denied. Allow the IAM action sqs:PurgeQueue on it for ${principal}`,
    });
  });

  test('names no principal when AWS does not', async () => {
    const denied = errorNamed('AccessDenied', 'User is not authorized to perform: sqs:PurgeQueue');

    await expect(callAws(call, () => Promise.reject(denied))).rejects.toMatchObject({
      principal: undefined,
      message: 'Access to orders was denied. Allow the IAM action sqs:PurgeQueue on it',
    });
  });

  test('makes no call when the signal is already aborted', async () => {
    const send = vi.fn(async () => 'answer');

    const answer = callAws({ ...call, signal: AbortSignal.abort('enough') }, send);

    await expect(answer).rejects.toThrowError(OperationAbortedError);
    await expect(answer).rejects.toMatchObject({ cause: 'enough', resource: 'orders' });
    expect(send).not.toHaveBeenCalled();
  });

  test("throws OperationAbortedError with the signal's reason for the SDK's AbortError", async () => {
    const controller = new AbortController();
    const reason = new Error('the deadline is near');

    const answer = callAws({ ...call, signal: controller.signal }, async () => {
      controller.abort(reason);
      throw errorNamed('AbortError', 'Request aborted');
    });

    await expect(answer).rejects.toThrowError(OperationAbortedError);
    await expect(answer).rejects.toMatchObject({ cause: reason });
  });

  test.each([
    ['an AbortError without an aborted signal', errorNamed('AbortError')],
    ['an error that there is nothing to add to', errorNamed('QueueDoesNotExist')],
    ['something that is no error', 'a string'],
  ])('throws %s unchanged', async (_, thrown) => {
    const { signal } = new AbortController();

    await expect(callAws({ ...call, signal }, () => Promise.reject(thrown))).rejects.toBe(thrown);
  });

  test('throws any other error unchanged when the signal is aborted', async () => {
    const controller = new AbortController();
    const error = errorNamed('QueueDoesNotExist');

    const answer = callAws({ ...call, signal: controller.signal }, async () => {
      controller.abort();
      throw error;
    });

    await expect(answer).rejects.toBe(error);
  });
});

describe('Function: collectPages', () => {
  async function* pages(...all: (string[] | undefined)[]) {
    for (const items of all) yield { items };
  }

  test('returns the items of every page, in order', async () => {
    const items = await collectPages(
      call,
      () => pages(['a', 'b'], undefined, [], ['c']),
      (page) => page.items,
    );

    expect(items).toEqual(['a', 'b', 'c']);
  });

  test('throws AccessDeniedError with the IAM action when a page is denied', async () => {
    const items = collectPages(
      call,
      async function* () {
        yield* pages(['a']);
        throw errorNamed('AccessDeniedException');
      },
      (page) => page.items,
    );

    await expect(items).rejects.toThrowError(AccessDeniedError);
  });

  test('stops between two pages when the signal is aborted', async () => {
    const controller = new AbortController();
    const read: string[] = [];

    const items = collectPages(
      { ...call, signal: controller.signal },
      () => pages(['a'], ['b'], ['c']),
      (page) => {
        read.push(...(page.items ?? []));
        controller.abort('enough');
        return page.items;
      },
    );

    await expect(items).rejects.toThrowError(OperationAbortedError);
    expect(read).toEqual(['a']);
  });
});

describe('Function: requireField', () => {
  test.each(['', 0, false, null])('returns the value %o', (value) => {
    expect(requireField(value, 'field', call)).toBe(value);
  });

  test('throws UnexpectedResponseError for a missing field', () => {
    expect(() => requireField(undefined, 'QueueUrl', call)).toThrowError(UnexpectedResponseError);
    expect(() => requireField(undefined, 'QueueUrl', call)).toThrowError(
      /sqs:PurgeQueue for orders.*QueueUrl/,
    );
  });
});

describe('Function: isAwsError', () => {
  test('compares the name, because there may be several copies of the SDK', () => {
    expect(isAwsError(errorNamed('B'), 'A', 'B')).toBe(true);
    expect(isAwsError(errorNamed('C'), 'A', 'B')).toBe(false);
  });

  test.each([undefined, null, 'A', { name: 'A' }])('returns false for %o', (value) => {
    expect(isAwsError(value, 'A')).toBe(false);
  });
});

describe('Function: throwIfAborted', () => {
  test('does nothing without a signal, or with one that is not aborted', () => {
    expect(() => throwIfAborted({ resource: 'orders' })).not.toThrowError();
    expect(() =>
      throwIfAborted({ resource: 'orders', signal: new AbortController().signal }),
    ).not.toThrowError();
  });

  test('throws OperationAbortedError when the signal is aborted', () => {
    const signal = AbortSignal.abort('enough');

    expect(() => throwIfAborted({ resource: 'orders', signal })).toThrowError(OperationAbortedError);
  });
});
