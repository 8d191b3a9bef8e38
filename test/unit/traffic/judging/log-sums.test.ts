import { describe, expect, test } from 'vitest';
import { logAdd, logMean } from '../../../../src/traffic/judging/log-sums.js';

describe('logAdd', () => {
  test.each([
    [2, 3],
    [3, 2],
    [5, 5],
    [0, 4],
    [4, 0],
    [0, 0],
    [1e300, 1e-300],
  ])('adds %d and %d', (one, other) => {
    expect(logAdd(Math.log(one), Math.log(other))).toBeCloseTo(Math.log(one + other), 12);
  });

  test('adds numbers that are too large to write down', () => {
    expect(logAdd(5000, 5000)).toBeCloseTo(5000 + Math.LN2, 9);
  });
});

describe('logMean', () => {
  test('returns the mean', () => {
    expect(Math.exp(logMean([1, 2, 6].map(Math.log)))).toBeCloseTo(3, 12);
    expect(logMean([5000, 5000])).toBe(5000);
    expect(Math.exp(logMean([0, 4].map(Math.log)))).toBeCloseTo(2, 12);
  });

  test('returns -Infinity for zeros', () => {
    expect(logMean([-Infinity, -Infinity])).toBe(-Infinity);
  });
});
