import { describe, expect, test } from 'vitest';
import { AccessDeniedError, InvalidInputError, ResourceStateError } from '../../../src/core/errors.js';
import { retriesOf } from '../../../src/durable/retries.js';

const throttled = new Error('Rate exceeded');

describe('retriesOf of a change', () => {
  test('retries a step after 10 s, up to maxAttempts', () => {
    const { retryStrategy } = retriesOf(3, { isRollingBack: false });

    expect([1, 2, 3].map((attempt) => retryStrategy(throttled, attempt))).toEqual([
      { shouldRetry: true, delay: { seconds: 10 } },
      { shouldRetry: true, delay: { seconds: 10 } },
      { shouldRetry: false },
    ]);
  });
});

describe('retriesOf of a rollback', () => {
  test('waits with growing delays, for an hour and a quarter by default', () => {
    const { retryStrategy } = retriesOf(20, { isRollingBack: true });

    const seconds = Array.from(
      { length: 19 },
      (_, index) => retryStrategy(throttled, index + 1).delay?.seconds ?? 0,
    );

    expect(seconds.slice(0, 7)).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect(seconds.reduce((total, it) => total + it, 0) / 60).toBeCloseTo(75, 0);
    expect(retryStrategy(throttled, 20)).toEqual({ shouldRetry: false });
  });
});

describe.each([
  ['retriesOf of a change', retriesOf(5, { isRollingBack: false })],
  ['retriesOf of a rollback', retriesOf(5, { isRollingBack: true })],
])('%s', (_name, { retryStrategy }) => {
  test.each([
    new AccessDeniedError({ action: 'a:B', resource: 'rule', cause: throttled }),
    new InvalidInputError({ subject: 'Shift state', problems: [] }),
  ])('does not retry the final $name', (error) => {
    expect(retryStrategy(error, 1)).toEqual({ shouldRetry: false });
  });

  test('retries a passing error', () => {
    const error = new ResourceStateError('The rule has no targets', { resource: 'rule' });

    expect(retryStrategy(error, 1)).toEqual({ shouldRetry: true, delay: { seconds: 10 } });
  });
});
