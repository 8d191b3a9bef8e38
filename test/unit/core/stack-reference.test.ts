import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { parseStackReference, partnerOf, StackReference } from '../../../src/core/stack-reference.js';

const references = fc.constantFrom(StackReference.blue, StackReference.green);
const others = fc.anything().filter((value) => value !== 'blue' && value !== 'green');

describe('Function: partnerOf', () => {
  test('returns the other stack, and the same one again when called twice', () => {
    fc.assert(
      fc.property(references, (stack) => {
        expect(partnerOf(stack)).not.toBe(stack);
        expect(partnerOf(partnerOf(stack))).toBe(stack);
      }),
    );
  });

  test('throws InvalidInputError for an unknown stack', () => {
    // @ts-expect-error there is no red stack
    expect(() => partnerOf('red')).toThrowError(InvalidInputError);
  });
});

describe('Function: parseStackReference', () => {
  test('returns a stack that went through JSON', () => {
    fc.assert(
      fc.property(references, (stack) => {
        expect(parseStackReference(JSON.parse(JSON.stringify(stack)))).toBe(stack);
      }),
    );
  });

  test('throws InvalidInputError for any other value', () => {
    fc.assert(
      fc.property(others, (value) => {
        expect(() => parseStackReference(value)).toThrowError(InvalidInputError);
      }),
    );
  });

  test.each([
    ['Blue', '"Blue"'],
    ['x'.repeat(1000), `"${'x'.repeat(60)}…"`],
    [null, 'null'],
    [undefined, 'nothing'],
    [{ blue: 1 }, 'an object'],
  ])('names the actual value: %j', (value, actual) => {
    expect(() => parseStackReference(value)).toThrowError(
      expect.objectContaining({
        problems: [{ field: 'stack', expected: '"blue" or "green"', actual }],
      }),
    );
  });
});
