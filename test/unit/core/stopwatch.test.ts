import { describe, expect, test } from 'vitest';
import { stopwatch } from '../../../src/core/stopwatch.js';

describe('stopwatch', () => {
  test.each([
    { to: 1250, expected: 250 },
    { to: 1000.7, expected: 1 },
    { to: 400, expected: 0 },
  ])('returns $expected ms from 1000 to $to', ({ to, expected }) => {
    let now = 1000;
    const elapsed = stopwatch({ now: () => now, sleep: async () => {} });

    now = to;

    expect(elapsed()).toBe(expected);
  });
});
