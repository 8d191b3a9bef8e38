import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { positiveCount, positiveSeconds } from '../../../src/core/schemas.js';

describe('A positive count', () => {
  test.each([1, 2, 300])('may be %o', (value) => {
    expect(v.safeParse(positiveCount, value).success).toBe(true);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'])('is not %o', (value) => {
    expect(v.safeParse(positiveCount, value).issues).toHaveLength(1);
  });
});

describe('Positive seconds', () => {
  test.each([1, 1.5, 300])('may be %o', (value) => {
    expect(v.safeParse(positiveSeconds, value).success).toBe(true);
  });

  test.each([0, 0.9, -1, Number.NaN, Number.POSITIVE_INFINITY, '1'])('are not %o', (value) => {
    expect(v.safeParse(positiveSeconds, value).issues).toHaveLength(1);
  });
});
