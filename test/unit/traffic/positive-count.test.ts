import * as v from 'valibot';
import { expect, test } from 'vitest';
import { positiveCount } from '../../../src/traffic/positive-count.js';

test.each([1, 2, 300])('takes %o', (value) => {
  expect(v.safeParse(positiveCount, value).success).toBe(true);
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'])('refuses %o', (value) => {
  expect(v.safeParse(positiveCount, value).issues).toHaveLength(1);
});
