import { expect, test } from 'vitest';
import { truncate } from '../../../src/core/truncate.js';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc…'],
  ['ab😀', 3, 'ab…'],
  ['ab😀c', 4, 'ab😀…'],
  ['abc', 0, '…'],
])('truncates %j to %d characters without half of a surrogate pair', (text, max, expected) => {
  expect(truncate(text, max)).toBe(expected);
});
