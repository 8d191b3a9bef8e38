import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { parseStackReference, partnerOf, StackReference } from '../../../src/core/stack-reference.js';

const references = fc.constantFrom(StackReference.blue, StackReference.green);
const others = fc.anything().filter((value) => value !== 'blue' && value !== 'green');

describe('Function: partnerOf', () => {
  test('gives the other one, and the same one again when asked twice', () => {
    fc.assert(
      fc.property(references, (stack) => {
        expect(partnerOf(stack)).not.toBe(stack);
        expect(partnerOf(partnerOf(stack))).toBe(stack);
      }),
    );
  });

  test('does not take anything else for green', () => {
    // @ts-expect-error there is no red stack
    expect(() => partnerOf('red')).toThrowError(InvalidInputError);
  });
});

describe('Function: parseStackReference', () => {
  test('reads a reference that went through JSON', () => {
    fc.assert(
      fc.property(references, (stack) => {
        expect(parseStackReference(JSON.parse(JSON.stringify(stack)))).toBe(stack);
      }),
    );
  });

  test('refuses everything else', () => {
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
  ])('says what it received: %j', (value, actual) => {
    expect(() => parseStackReference(value)).toThrowError(
      expect.objectContaining({
        problems: [{ field: 'stack', expected: '"blue" or "green"', actual }],
      }),
    );
  });
});
