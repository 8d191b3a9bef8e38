import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import {
  nonEmptyString,
  parseInput,
  requireDistinct,
  seconds,
  stackPair,
  wholeNumber,
} from '../../../src/core/validate.js';

function problemsOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
}

describe('Function: parseInput', () => {
  const schema = v.object(stackPair(v.object({ queue: nonEmptyString, count: v.optional(wholeNumber) })));

  test('gives the input back without what the schema does not name', () => {
    const input = { blue: { queue: 'a', extra: 1 }, green: { queue: 'b', count: 2 }, other: true };

    expect(parseInput('Options', schema, input)).toEqual({
      blue: { queue: 'a' },
      green: { queue: 'b', count: 2 },
    });
  });

  test('names every wrong field by its path', () => {
    const input = { blue: { queue: '  ', count: -1 }, green: { queue: 5 } };

    expect(problemsOf(() => parseInput('Options', schema, input))).toEqual([
      { field: 'blue.queue', expected: 'a string that is not empty', received: '"  "' },
      { field: 'blue.count', expected: 'a whole number, 0 or more', received: '-1' },
      { field: 'green.queue', expected: 'string', received: '5' },
    ]);
  });

  test('says that a field is missing', () => {
    expect(problemsOf(() => parseInput('Options', schema, { blue: { queue: 'a' } }))).toEqual([
      { field: 'green', expected: 'a value', received: 'undefined' },
    ]);
  });

  test('names the whole input when it is not even an object', () => {
    expect(problemsOf(() => parseInput('Options', schema, 'blue'))).toEqual([
      { field: '(all)', expected: 'Object', received: '"blue"' },
    ]);
  });

  test("falls back to the schema's own message", () => {
    const never = v.custom<string>(() => false, 'something else');

    expect(problemsOf(() => parseInput('Options', v.object({ it: never }), { it: 1 }))).toEqual([
      { field: 'it', expected: expect.any(String), received: '1' },
    ]);
  });
});

describe.each([
  ['wholeNumber', wholeNumber, [0, 1, 300], [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1']],
  ['seconds', seconds, [0, 0.5, 300], [-1, Number.NaN, Number.POSITIVE_INFINITY, '1']],
  ['nonEmptyString', nonEmptyString, ['a', ' a '], ['', ' ', 5, null]],
] as const)('Schema: %s', (_, schema, good, bad) => {
  test.each([...good])('takes %o', (value) => {
    expect(v.safeParse(schema, value).success).toBe(true);
  });

  test.each([...bad])('refuses %o', (value) => {
    expect(v.safeParse(schema, value).success).toBe(false);
  });
});

describe('Function: requireDistinct', () => {
  test('takes two stacks that have nothing in common', () => {
    expect(() => requireDistinct('Options', 'queue', ['a', 'b'], ['c'])).not.toThrowError();
  });

  test('names what they share', () => {
    expect(problemsOf(() => requireDistinct('Options', 'queue', ['a', 'b'], ['c', 'b']))).toEqual([
      { field: 'green.queue', expected: 'another resource than that of blue', received: '"b"' },
    ]);
  });
});
