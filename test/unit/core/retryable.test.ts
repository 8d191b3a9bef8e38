import { describe, expect, test } from 'vitest';
import { isTemporary, isThrottled } from '../../../src/core/retryable.js';

const awsError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, cause: new Error('the network'), $metadata: { httpStatusCode } });

describe('isThrottled', () => {
  test.each([
    ['ThrottlingException', 400],
    ['Throttling', 400],
    ['TooManyRequestsException', 429],
    ['AnotherName', 429],
  ])('%s with status %i is', (name, status) => {
    expect(isThrottled(awsError(name, status))).toBe(true);
  });

  test.each([
    awsError('AccessDeniedException', 403),
    awsError('InternalFailure', 500),
    'Throttling',
    undefined,
  ])('%s is not', (error) => {
    expect(isThrottled(error)).toBe(false);
  });
});

describe('isTemporary', () => {
  test.each([
    ['ThrottlingException', 400],
    ['RequestTimeout', 400],
    ['InternalFailure', 500],
    ['ServiceUnavailable', 503],
    ['AnotherName', 599],
  ])('%s with status %i is', (name, status) => {
    expect(isTemporary(awsError(name, status))).toBe(true);
  });

  test.each([
    ['AccessDeniedException', 403],
    ['ValidationException', 400],
  ])('%s with status %i is not', (name, status) => {
    expect(isTemporary(awsError(name, status))).toBe(false);
  });
});
