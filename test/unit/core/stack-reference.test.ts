import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { parseStackReference, partnerOf, StackReference } from '../../../src/core/stack-reference.js';

const references = fc.constantFrom(StackReference.blue, StackReference.green);
const others = fc.anything().filter((value) => value !== 'blue' && value !== 'green');

describe('Function: partnerOf', () => {
  test('gives the other one, and the same one again when asked twice', () => {
    fc.assert(
      fc.property(references, (reference) => {
        expect(partnerOf(reference)).not.toBe(reference);
        expect(partnerOf(partnerOf(reference))).toBe(reference);
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
      fc.property(references, (reference) => {
        expect(parseStackReference(JSON.parse(JSON.stringify(reference)))).toBe(reference);
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
    ['x'.repeat(1000), JSON.stringify('x'.repeat(40))],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ blue: 1 }, 'object'],
  ])('says what it received: %j', (value, received) => {
    expect(() => parseStackReference(value)).toThrowError(
      expect.objectContaining({
        problems: [{ field: 'reference', expected: '"blue" or "green"', received }],
      }),
    );
  });
});
