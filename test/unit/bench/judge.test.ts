import { describe, expect, test } from 'vitest';
import { countFalseStops } from '../../../bench/judge/false-stops.js';
import { plain, regression } from '../../../bench/judge/judges.js';
import { randomOf } from '../../../bench/judge/random.js';
import { countBursts } from '../../../bench/judge/traffic.js';
import { worlds } from '../../../bench/judge/worlds.js';
import { replaceBetween } from '../../../bench/marks.js';

/** Mean and variance of numbers. */
function moments(length: number, draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length }, draw);
  const mean = values.reduce((sum, it) => sum + it, 0) / length;
  return { mean, variance: values.reduce((sum, it) => sum + (it - mean) ** 2, 0) / (length - 1) };
}

describe('randomOf', () => {
  test('returns the same numbers for the same seed only', () => {
    const draw = (seed: number) => Array.from({ length: 20 }, randomOf(seed).uniform);

    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test.each([0.01, 2, 24, 26, 2000])('draws Poisson counts of mean %d', (expected) => {
    const random = randomOf(3);
    const { mean, variance } = moments(20_000, () => random.poisson(expected));

    expect(mean / expected).toBeCloseTo(1, expected < 1 ? 0 : 1);
    expect(variance / expected).toBeCloseTo(1, expected < 1 ? 0 : 1);
  });

  test('draws geometric sizes of at least 1', () => {
    const random = randomOf(4);
    const sizes = Array.from({ length: 20_000 }, () => random.geometric(5));

    expect(Math.min(...sizes)).toBe(1);
    expect(sizes.reduce((sum, it) => sum + it, 0) / 20_000).toBeCloseTo(5, 0);
  });

  test.each([0.3, 1])('draws gamma factors of mean 1 that vary by %d', (variation) => {
    const random = randomOf(7);
    const { mean, variance } = moments(20_000, () => random.gamma(variation));

    expect(mean).toBeCloseTo(1, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(variation, 1);
  });

  test('draws normal numbers', () => {
    const { mean, variance } = moments(20_000, randomOf(5).normal);

    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });
});

describe('countBursts', () => {
  test.each([1, 3])('keeps the error rate when bursts last %d periods', (periods) => {
    const count = countBursts(randomOf(6), { requests: 2000, base: 0.005 }, { mean: 20, periods });
    const { mean, variance } = moments(5000, () => count(0, 0.1).outgoing.failures);

    expect(Math.abs(mean - 9)).toBeLessThan(1);
    expect(variance).toBeGreaterThan(2 * mean);
  });
});

describe('countFalseStops', () => {
  const world = (name: string) => worlds.filter((it) => it.name === name).slice(0, 1);

  test.each(world('d'))('finds that bursts mislead a plain likelihood ratio', (bursts) => {
    const size = { shifts: 100, looks: 60, seed: 1 };

    expect(countFalseStops(bursts, plain, size).one).toBeGreaterThan(20);
    expect(countFalseStops(bursts, regression(), size).one).toBeLessThan(5);
  });
});

describe('replaceBetween', () => {
  test('replaces the text between two marks, and nothing else', () => {
    const page = 'a <!-- x: begin --> old <!-- x: end --> z';

    expect(replaceBetween('x', page, 'new')).toBe('a <!-- x: begin -->\n\nnew\n\n<!-- x: end --> z');
  });

  test('throws an error when a mark is missing', () => {
    expect(() => replaceBetween('y', 'a', 'new')).toThrow('<!-- y: begin -->');
  });
});
