import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeValue } from '../../../src/core/describe-value.js';

describe('Function: describeValue', () => {
  test.each<[unknown, string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    ['', 'an empty string'],
    ['blue', '"blue"'],
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [10n, '10n'],
    [true, 'true'],
    [[], 'an empty array'],
    [['a'], 'an array of 1 item'],
    [['a', 'b'], 'an array of 2 items'],
    [{ a: 1 }, 'an object'],
    [new Date(), 'an object'],
    [() => {}, 'a function'],
    [Symbol('s'), 'a symbol'],
    ['x'.repeat(100), `"${'x'.repeat(60)}…"`],
    [`${'x'.repeat(59)}😀`, `"${'x'.repeat(59)}…"`],
    ['http://user:secret@example.com/', '"http://…@example.com/"'],
  ])('describes %o as %s', (value, words) => {
    expect(describeValue(value)).toBe(words);
  });

  test('returns a short text for any value', () => {
    fc.assert(fc.property(fc.anything(), (value) => describeValue(value).length < 400));
  });

  test('does not throw for a revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();

    expect(describeValue(proxy)).toBe('an object');
  });
});
