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

function errorNamed(name: string, message = 'told by AWS') {
  return Object.assign(new Error(message), { name });
}

describe('Function: callAws', () => {
  test('gives the answer, and sends no abort signal when there is none', async () => {
    const send = vi.fn(async () => 'answer');

    await expect(callAws(call, send)).resolves.toBe('answer');
    expect(send).toHaveBeenCalledExactlyOnceWith({});
  });

  test('hands the signal to the SDK', async () => {
    const { signal } = new AbortController();
    const send = vi.fn(async () => 'answer');

    await callAws({ ...call, signal }, send);

    expect(send).toHaveBeenCalledExactlyOnceWith({ abortSignal: signal });
  });

  // How the services that the package calls name a missing permission.
  test.each([
    'AccessDenied',
    'AccessDeniedException',
    'AuthorizationError',
    'AuthorizationErrorException',
    'NotAuthorized',
    'UnauthorizedOperation',
  ])('names the IAM action when AWS answers %s', async (name) => {
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

  test('names the action that AWS names, when the call needs more than its own', async () => {
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

  test('does not call at all when the signal is aborted already', async () => {
    const send = vi.fn(async () => 'answer');

    const answer = callAws({ ...call, signal: AbortSignal.abort('enough') }, send);

    await expect(answer).rejects.toThrowError(OperationAbortedError);
    await expect(answer).rejects.toMatchObject({ cause: 'enough', resource: 'orders' });
    expect(send).not.toHaveBeenCalled();
  });

  test("tells the SDK's AbortError as an abort, with the signal's reason", async () => {
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
    ['an AbortError that nobody asked for', errorNamed('AbortError')],
    ['an error that there is nothing to add to', errorNamed('QueueDoesNotExist')],
    ['something that is no error', 'a string'],
  ])('passes %s through', async (_, thrown) => {
    const { signal } = new AbortController();

    await expect(callAws({ ...call, signal }, () => Promise.reject(thrown))).rejects.toBe(thrown);
  });

  test('passes another error through although the signal is aborted by then', async () => {
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

  test('gives the items of every page, in order', async () => {
    const items = await collectPages(
      call,
      () => pages(['a', 'b'], undefined, [], ['c']),
      (page) => page.items,
    );

    expect(items).toEqual(['a', 'b', 'c']);
  });

  test('names the IAM action when a page is refused', async () => {
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

describe('Function: answered', () => {
  test.each(['', 0, false, null])('takes %o for an answer', (value) => {
    expect(requireField(value, 'field', call)).toBe(value);
  });

  test('does not guess a missing field', () => {
    expect(() => requireField(undefined, 'QueueUrl', call)).toThrowError(UnexpectedResponseError);
    expect(() => requireField(undefined, 'QueueUrl', call)).toThrowError(
      /sqs:PurgeQueue for orders.*QueueUrl/,
    );
  });
});

describe('Function: isAwsError', () => {
  test('goes by the name, because there may be several copies of the SDK', () => {
    expect(isAwsError(errorNamed('B'), 'A', 'B')).toBe(true);
    expect(isAwsError(errorNamed('C'), 'A', 'B')).toBe(false);
  });

  test.each([undefined, null, 'A', { name: 'A' }])('is false for %o', (value) => {
    expect(isAwsError(value, 'A')).toBe(false);
  });
});

describe('Function: throwIfAborted', () => {
  test('does nothing without a signal, and as long as it is not aborted', () => {
    expect(() => throwIfAborted({ resource: 'orders' })).not.toThrowError();
    expect(() =>
      throwIfAborted({ resource: 'orders', signal: new AbortController().signal }),
    ).not.toThrowError();
  });

  test('throws when it is aborted', () => {
    const signal = AbortSignal.abort('enough');

    expect(() => throwIfAborted({ resource: 'orders', signal })).toThrowError(OperationAbortedError);
  });
});
