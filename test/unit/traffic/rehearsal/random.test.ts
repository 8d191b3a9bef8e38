import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFor, thin } from '../../../../src/traffic/rehearsal/random.js';

describe('randomFor', () => {
  test('returns the same numbers for the same key, and others for another key', () => {
    const numbers = (key: string) => Array.from({ length: 5 }, randomFor(key));

    expect(numbers('1/60000')).toEqual(numbers('1/60000'));
    expect(numbers('1/60000')).not.toEqual(numbers('1/120000'));
  });
});

describe('thin', () => {
  test.each([
    [5, 0.3],
    [400, 0.01],
    [1000, 0.1],
    [2000, 0.5],
    [2000, 0.99],
    [100_000, 0.02],
  ])('has the mean and the variance of a binomial distribution: %i, %d', (count, probability) => {
    const runs = 20_000;
    const results = Array.from({ length: runs }, (_, run) => thin(count, probability, randomFor(`${run}`)));

    const mean = results.reduce((total, it) => total + it, 0) / runs;
    const variance = results.reduce((total, it) => total + (it - mean) ** 2, 0) / runs;
    const expected = count * probability * (1 - probability);
    expect(Math.abs(mean - count * probability)).toBeLessThan(4 * Math.sqrt(expected / runs));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.06);
  });

  test('returns a whole number within the count for every count and probability', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), fc.string(), (count, share, key) => {
        const result = thin(count, share, randomFor(key));
        expect(Number.isInteger(result) && result >= 0 && result <= count).toBe(true);
      }),
    );
  });

  test('returns the value itself for the probability 1, and 0 for 0', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), (value, key) => {
        expect(thin(value, 1, randomFor(key))).toBe(value);
        expect(thin(value, 0, randomFor(key))).toBe(0);
      }),
    );
  });

  test('multiplies the part behind the decimal point, and values that are no count', () => {
    expect(thin(0.5, 0.2, randomFor('a'))).toBeCloseTo(0.1);
    expect(thin(-10, 0.2, randomFor('a'))).toBeCloseTo(-2);
    expect(thin(1e300, 0.5, randomFor('a'))).toBe(5e299);
  });
});
