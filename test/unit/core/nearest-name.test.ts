import { describe, expect, test } from 'vitest';
import { nearestName } from '../../../src/core/nearest-name.js';

const known = ['target', 'checks', 'policy', 'failureThreshold', 'expectedStatus', 'holdSeconds', 'percent'];

describe('Function: nearestName', () => {
  test.each([
    ['check', 'checks'],
    ['failureTresholds', 'failureThreshold'],
    ['expectStatus', 'expectedStatus'],
    ['hold', 'holdSeconds'],
    ['Percent', 'percent'],
    ['percnet', 'percent'],
  ])('returns for %s: %s', (name, expected) => {
    expect(nearestName(name, known)).toBe(expected);
  });

  test.each(['', 'x', 'colour', 'x'.repeat(10_000)])('returns undefined for "%.10s"', (name) => {
    expect(nearestName(name, known)).toBeUndefined();
  });
});
