import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalName } from '../../../../src/traffic/route-53/record-names.js';

describe('Function: canonicalName', () => {
  test.each([
    ['API.Example.com', 'api.example.com.'],
    ['*.example.com.', '\\052.example.com.'],
    ['\\052.example.com', '\\052.example.com.'],
    ['\\101.example.com', 'a.example.com.'],
    ['_dmarc.example.com', '_dmarc.example.com.'],
    ['é.example.com', '\\303\\251.example.com.'],
    ['a\\\\b', 'a\\134b.'],
    ['.', '.'],
  ])('returns %s as %s', (name, expected) => {
    expect(canonicalName(name)).toBe(expected);
  });

  test('returns a name of its own form unchanged, in the characters that Route 53 returns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const canonical = canonicalName(name);

        expect(canonical).toMatch(/^([a-z\d_.-]|\\[0-3][0-7]{2})*\.$/);
        expect(canonicalName(canonical)).toBe(canonical);
        expect(canonicalName(name.replace(/[A-Z]/g, (it) => it.toLowerCase()))).toBe(canonical);
      }),
      { numRuns: 500 },
    );
  });
});
