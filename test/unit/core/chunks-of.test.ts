import { expect, test } from 'vitest';
import { chunksOf } from '../../../src/core/chunks-of.js';

test.each([
  [[], []],
  [['a'], [['a']]],
  [['a', 'b'], [['a', 'b']]],
  [
    ['a', 'b', 'c', 'd', 'e'],
    [['a', 'b'], ['c', 'd'], ['e']],
  ],
])('splits %j into parts of at most 2', (items, expected) => {
  expect(chunksOf(items, 2)).toEqual(expected);
});
