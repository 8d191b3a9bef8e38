import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { positiveCount, positiveSeconds } from '../../../src/core/schemas.js';

describe('Schema: positiveCount', () => {
  test.each([1, 2, 300])('accepts %o', (value) => {
    expect(v.safeParse(positiveCount, value).success).toBe(true);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'])('rejects %o', (value) => {
    expect(v.safeParse(positiveCount, value).issues).toHaveLength(1);
  });
});

describe('Schema: positiveSeconds', () => {
  test.each([1, 1.5, 300])('accepts %o', (value) => {
    expect(v.safeParse(positiveSeconds, value).success).toBe(true);
  });

  test.each([0, 0.9, -1, Number.NaN, Number.POSITIVE_INFINITY, '1'])('rejects %o', (value) => {
    expect(v.safeParse(positiveSeconds, value).issues).toHaveLength(1);
  });
});
