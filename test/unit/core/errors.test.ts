import { describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  DeadlineError,
  InvalidInputError,
  MultipleFailuresError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  ToolkitError,
  UnexpectedResponseError,
  WaitTimeoutError,
} from '../../../src/core/errors.js';

const cause = new Error('the cause');

describe('Class: ToolkitError', () => {
  describe.each([
    [
      new InvalidInputError({
        subject: 'Options',
        problems: [
          { field: 'blue.queue', expected: 'a value', actual: 'nothing' },
          { field: 'green.queue', expected: 'a string', actual: '5' },
        ],
      }),
      'InvalidInputError',
      'INVALID_INPUT',
      'Invalid options: blue.queue: expected a value, got nothing; green.queue: expected a string, got 5',
    ],
    [
      new AccessDeniedError({ action: 'sqs:PurgeQueue', resource: 'orders', cause }),
      'AccessDeniedError',
      'ACCESS_DENIED',
      'Access to orders was denied. Allow the IAM action sqs:PurgeQueue on it',
    ],
    [
      new ResourceNotFoundError('There is no queue orders', { resource: 'orders', remedy: 'Create it' }),
      'ResourceNotFoundError',
      'RESOURCE_NOT_FOUND',
      'There is no queue orders. Create it',
    ],
    [
      new ResourceStateError('orders cannot be started', {
        resource: 'orders',
        expected: 'stopped',
        actual: 'deleting',
      }),
      'ResourceStateError',
      'RESOURCE_STATE',
      'orders cannot be started: expected stopped, got deleting',
    ],
    [
      new UnexpectedResponseError({ action: 'sqs:GetQueueUrl', resource: 'orders', field: 'QueueUrl' }),
      'UnexpectedResponseError',
      'UNEXPECTED_RESPONSE',
      'Response of sqs:GetQueueUrl for orders is incomplete: expected the field QueueUrl, got none',
    ],
    [
      new WaitTimeoutError({
        resource: 'orders',
        maxWaitSeconds: 60,
        expected: 'an empty queue',
        actual: '3 messages',
      }),
      'WaitTimeoutError',
      'WAIT_TIMEOUT',
      'orders was not ready after 60 s: expected an empty queue, got 3 messages',
    ],
    [
      new OperationAbortedError({ resource: 'orders', cause }),
      'OperationAbortedError',
      'OPERATION_ABORTED',
      'Aborted while working on orders',
    ],
    [new OperationAbortedError({}), 'OperationAbortedError', 'OPERATION_ABORTED', 'Aborted'],
    [
      new DeadlineError({ remainingSeconds: 5 }),
      'DeadlineError',
      'DEADLINE_EXCEEDED',
      "The Lambda function's time is nearly over: 5 s are left",
    ],
    [
      new MultipleFailuresError({ errors: [cause, 'a string', cause], total: 4 }),
      'MultipleFailuresError',
      'MULTIPLE_FAILURES',
      '3 of 4 parts failed: the cause | a string',
    ],
  ])('%s', (error, name, code, message) => {
    test('has a message, a name, a code and details', () => {
      expect(error).toMatchObject({ name, code, message });
      expect(error).toBeInstanceOf(ToolkitError);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toBe(`${name}: ${message}`);
    });

    test('is recognised by isInstance', () => {
      expect(ToolkitError.isInstance(error)).toBe(true);
    });
  });

  test('keeps the cause, and has none by default', () => {
    expect(new AccessDeniedError({ action: 'a:B', resource: 'orders', cause }).cause).toBe(cause);
    expect('cause' in new ResourceNotFoundError('gone', { resource: 'orders' })).toBe(false);
  });

  test.each(['The key is disabled', 'The key is disabled.'])(
    'ends a sentence of AWS with one full stop: %s',
    (actual) => {
      const error = new ResourceStateError('Cannot create it', {
        resource: 'green',
        actual,
        remedy: 'Enable it',
      });

      expect(error.message).toBe('Cannot create it: got The key is disabled. Enable it');
    },
  );

  test('names only the actual state when no state was expected', () => {
    expect(new ResourceStateError('orders', { resource: 'orders', actual: 'deleting' }).message).toBe(
      'orders: got deleting',
    );
  });

  describe('Method: isInstance', () => {
    test.each([undefined, null, 'ToolkitError', new Error('other'), { name: 'ToolkitError' }])(
      'returns false for %o',
      (value) => {
        expect(ToolkitError.isInstance(value)).toBe(false);
      },
    );

    test('returns false for a proxy that cannot be read', () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();

      expect(ToolkitError.isInstance(proxy)).toBe(false);
    });

    test('returns true for an error of another copy of the package, unlike instanceof', async () => {
      vi.resetModules();
      const otherCopy = await import('../../../src/core/errors.js');
      const error = new otherCopy.ResourceNotFoundError('gone', { resource: 'orders' });

      expect(error).not.toBeInstanceOf(ToolkitError);
      expect(ToolkitError.isInstance(error)).toBe(true);
      expect(otherCopy.ToolkitError.isInstance(new InvalidInputError({ subject: 'x', problems: [] }))).toBe(
        true,
      );
    });
  });
});
