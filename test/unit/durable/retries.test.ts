import { describe, expect, test } from 'vitest';
import { AccessDeniedError, InvalidInputError, ResourceStateError } from '../../../src/core/errors.js';
import { retryPatiently, retrySoon } from '../../../src/durable/retries.js';

const throttled = new Error('Rate exceeded');

describe('retrySoon', () => {
  test('repeats a step after 10 s, until it has thrown as often as it may', () => {
    const { retryStrategy } = retrySoon(3);

    expect([1, 2, 3].map((attempt) => retryStrategy(throttled, attempt))).toEqual([
      { shouldRetry: true, delay: { seconds: 10 } },
      { shouldRetry: true, delay: { seconds: 10 } },
      { shouldRetry: false },
    ]);
  });
});

describe('retryPatiently', () => {
  test('waits for longer and longer, for an hour and a quarter by default', () => {
    const { retryStrategy } = retryPatiently(20);

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
  ['soon', retrySoon(5)],
  ['patiently', retryPatiently(5)],
])('%s', (_name, { retryStrategy }) => {
  test.each([
    new AccessDeniedError({ action: 'a:B', resource: 'rule', cause: throttled }),
    new InvalidInputError({ subject: 'Shift state', problems: [] }),
  ])('does not repeat what cannot get better: $name', (error) => {
    expect(retryStrategy(error, 1)).toEqual({ shouldRetry: false });
  });

  test('repeats what may get better', () => {
    const error = new ResourceStateError('The rule has no targets', { resource: 'rule' });

    expect(retryStrategy(error, 1)).toEqual({ shouldRetry: true, delay: { seconds: 10 } });
  });
});
