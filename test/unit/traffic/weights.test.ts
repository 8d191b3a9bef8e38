import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  areSame,
  describeWeights,
  fromScale,
  isPair,
  toScale,
  weightsOf,
} from '../../../src/traffic/weights.js';

describe('Function: weightsOf', () => {
  test('returns the rest for the other stack', () => {
    expect(weightsOf('blue', 30)).toEqual({ blue: 30, green: 70 });
    expect(weightsOf('green', 30)).toEqual({ blue: 70, green: 30 });
  });
});

describe('Function: areSame', () => {
  const half = { blue: 50, green: 50 };

  test('returns true for readings that differ by rounding', () => {
    expect(areSame(half, { blue: 50.009, green: 49.991 })).toBe(true);
  });

  test.each([
    [{ blue: 50.02, green: 49.98 }],
    [{ blue: 49.98, green: 50.02 }],
    [{ blue: 50, green: 50.02 }],
    [{ blue: 50.02, green: 50 }],
    [{ blue: Number.NaN, green: Number.NaN }],
    [undefined],
  ])('returns false for %o', (other) => {
    expect(areSame(half, other)).toBe(false);
  });
});

describe('Function: isPair', () => {
  test.each([
    { blue: 100, green: 0 },
    { blue: 0, green: 100 },
    { blue: 33.3, green: 66.66 },
  ])('returns true for %o', (value) => {
    expect(isPair(value)).toBe(true);
  });

  test.each([
    undefined,
    null,
    'blue',
    {},
    { blue: 100 },
    { green: 100 },
    { blue: '50', green: 50 },
    { blue: 50, green: '50' },
    { blue: 50, green: 49 },
    { blue: 50, green: 51 },
    { blue: 101, green: -1 },
    { blue: -1, green: 101 },
    { blue: Number.NaN, green: 50 },
  ])('returns false for %o', (value) => {
    expect(isPair(value)).toBe(false);
  });
});

describe('Function: describeWeights', () => {
  test('rounds to hundredths of a percent', () => {
    expect(describeWeights({ blue: 66.66666, green: 33.33333 })).toBe('blue 66.67 %, green 33.33 %');
  });
});

describe('Functions: toScale and fromScale', () => {
  test.each([
    [0, 100, { blue: 100, green: 0 }],
    [0.001, 100, { blue: 99, green: 1 }],
    [10, 999, { blue: 899, green: 100 }],
    [50, 999, { blue: 500, green: 499 }],
    [99.999, 100, { blue: 1, green: 99 }],
    [100, 100, { blue: 0, green: 100 }],
  ])('converts green %d to a scale of %d', (green, scale, expected) => {
    const scaled = toScale({ blue: 100 - green, green }, scale);
    expect(scaled.blue + scaled.green).toBe(scale);
    // Halves of an odd number round to either side.
    expect(Math.abs(scaled.green - expected.green)).toBeLessThanOrEqual(green === 50 ? 1 : 0);
  });

  test('returns undefined when both numbers are 0', () => {
    expect(fromScale({ blue: 0, green: 0 })).toBeUndefined();
    expect(fromScale({ blue: 0, green: 3 })).toEqual({ blue: 0, green: 100 });
    expect(fromScale({ blue: 1, green: 3 })).toEqual({ blue: 25, green: 75 });
    expect(fromScale({ blue: 45, green: 55 })).toEqual({ blue: 45, green: 55 });
  });

  test('never rounds a share to 0 or 100 %, and returns held weights unchanged', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.integer({ min: 2, max: 1000 }),
        (percent, scale) => {
          const weights = weightsOf('green', percent);
          const scaled = toScale(weights, scale);
          const held = fromScale(scaled);

          expect(scaled.blue + scaled.green).toBe(scale);
          expect(scaled.green > 0).toBe(weights.green > 0);
          expect(scaled.blue > 0).toBe(weights.blue > 0);
          expect(held && toScale(held, scale)).toEqual(scaled);
          expect(Math.abs((held?.green ?? 0) - percent)).toBeLessThanOrEqual(100 / scale + 1e-9);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
