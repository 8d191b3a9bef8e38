import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import {
  anyFunction,
  nonEmptyString,
  seconds,
  stackPair,
  strictObject,
  wholeNumber,
} from '../../../src/core/schemas.js';
import { parseInput, requireDistinct } from '../../../src/core/validate.js';

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

  test('returns only the fields of the schema', () => {
    const input = { blue: { queue: 'a', extra: 1 }, green: { queue: 'b', count: 2 }, other: true };

    expect(parseInput('Options', schema, input)).toEqual({
      blue: { queue: 'a' },
      green: { queue: 'b', count: 2 },
    });
  });

  test('names every invalid field by its path', () => {
    const input = { blue: { queue: '  ', count: -1 }, green: { queue: 5 } };

    expect(problemsOf(() => parseInput('Options', schema, input))).toEqual([
      { field: 'blue.queue', expected: 'a string that is not empty', actual: '"  "' },
      { field: 'blue.count', expected: 'a whole number, 0 or more', actual: '-1' },
      { field: 'green.queue', expected: 'a string', actual: '5' },
    ]);
  });

  test('names a function among the alternatives of a field', () => {
    const alternatives = v.object({ key: v.union([nonEmptyString, anyFunction]) });

    expect(problemsOf(() => parseInput('Options', alternatives, { key: 5 }))).toEqual([
      { field: 'key', expected: 'a string or a function', actual: '5' },
    ]);
  });

  test('reports a missing field', () => {
    expect(problemsOf(() => parseInput('Options', schema, { blue: { queue: 'a' } }))).toEqual([
      { field: 'green', expected: 'a value', actual: 'nothing' },
    ]);
  });

  test('reports the whole input when it is not an object', () => {
    expect(problemsOf(() => parseInput('Options', schema, 'blue'))).toEqual([
      { field: '', expected: 'an object', actual: '"blue"' },
    ]);
  });

  test.each([
    [
      'of a check',
      v.pipe(
        v.number(),
        v.check(() => false, 'an even number'),
      ),
    ],
    ['of a type', v.custom<number>(() => false, 'an even number')],
    ['of a limit', v.pipe(v.number(), v.maxValue(0, 'an even number'))],
  ])('uses the message %s as the expectation', (_, schema) => {
    expect(problemsOf(() => parseInput('Options', v.object({ it: schema }), { it: 1 }))).toEqual([
      { field: 'it', expected: 'an even number', actual: '1' },
    ]);
  });

  test("falls back to the schema's message when it has no expectation", () => {
    const schema = v.object({ it: v.pipe(v.number(), v.integer()) });

    expect(problemsOf(() => parseInput('Options', schema, { it: 1.5 }))).toEqual([
      { field: 'it', expected: 'Invalid integer: Received 1.5', actual: '1.5' },
    ]);
  });

  test('shows the value of the field that a check of several fields reports', () => {
    const bounds = v.pipe(
      v.object({ min: v.number(), max: v.optional(v.number()) }),
      v.forward(
        v.check(({ min, max = 0 }) => min < max, 'more than min'),
        ['max'],
      ),
    );

    expect(problemsOf(() => parseInput('Options', bounds, { min: 2, max: 1 }))).toEqual([
      { field: 'max', expected: 'more than min', actual: '1' },
    ]);
    expect(problemsOf(() => parseInput('Options', bounds, { min: 2 }))).toEqual([
      { field: 'max', expected: 'more than min', actual: 'nothing' },
    ]);
  });

  test('names an unknown member without its value', () => {
    const schema = strictObject({ it: v.number() });

    expect(problemsOf(() => parseInput('Options', schema, { it: 1, key: 'secret' }))).toEqual([
      {
        field: 'key',
        expected: 'one of it',
        actual: 'an unknown option',
        text: 'unknown option; expected one of it',
      },
    ]);
  });

  test('suggests the nearest known option, also for nested options', () => {
    const schema = strictObject({ checks: v.array(strictObject({ name: v.string() })) });
    const messageOf = (input: unknown) => {
      try {
        return parseInput('Options', schema, input);
      } catch (error) {
        return (error as Error).message;
      }
    };

    expect(messageOf({ checks: [], check: [] })).toBe(
      'Invalid options: check: unknown option; did you mean checks?',
    );
    expect(messageOf({ checks: [{ name: 'a', nane: 'b' }] })).toBe(
      'Invalid options: checks[0].nane: unknown option; did you mean name?',
    );
    expect(messageOf([])).toBe('Invalid options: expected an object, got an empty array');
  });

  test('reports ten problems and the number of the others, in linear time', () => {
    const input = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`unknown${index}`, 1]));
    const act = () => parseInput('Options', strictObject({ known: v.optional(v.number()) }), input);

    expect(problemsOf(act)).toHaveLength(10_000);
    expect(act).toThrow(/and 9990 more$/);
  });

  test('shows no value of a field that holds a secret', () => {
    const schema = strictObject({
      apiKey: v.pipe(
        v.string(),
        v.check(() => false, 'another one'),
      ),
    });

    expect(problemsOf(() => parseInput('Options', schema, { apiKey: '12345' }))).toEqual([
      { field: 'apiKey', expected: 'another one', actual: 'a string' },
    ]);
  });

  test('throws InvalidInputError for an input whose getter throws', () => {
    const input = Object.defineProperty({}, 'it', {
      enumerable: true,
      get() {
        throw new Error('no value');
      },
    });

    expect(problemsOf(() => parseInput('Options', strictObject({ it: v.number() }), input))).toEqual([
      { field: '', expected: 'plain data', actual: 'an object that throws: no value' },
    ]);
  });
});

describe.each([
  ['wholeNumber', wholeNumber, [0, 1, 300], [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1']],
  ['seconds', seconds, [0, 0.5, 300], [-1, Number.NaN, Number.POSITIVE_INFINITY, '1']],
  ['nonEmptyString', nonEmptyString, ['a', ' a '], ['', ' ', 5, null]],
] as const)('Schema: %s', (_, schema, good, bad) => {
  test.each([...good])('accepts %o', (value) => {
    expect(v.safeParse(schema, value).success).toBe(true);
  });

  test.each([...bad])('rejects %o', (value) => {
    expect(v.safeParse(schema, value).success).toBe(false);
  });
});

describe('Function: requireDistinct', () => {
  test('accepts two stacks without a common value', () => {
    expect(() => requireDistinct('Options', 'queue', ['a', 'b'], ['c'])).not.toThrowError();
  });

  test('throws InvalidInputError with the value that both stacks have', () => {
    expect(problemsOf(() => requireDistinct('Options', 'queue', ['a', 'b'], ['c', 'b']))).toEqual([
      { field: 'green.queue', expected: 'a different resource from blue', actual: '"b"' },
    ]);
  });
});
