import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  disable,
  disabledMarker,
  enable,
  isDisabled,
  isForeign,
  isSamePolicy,
  noPolicy,
} from '../../../src/sns/filter-policy.js';
import { matches, reasonToRefuse } from '../../../src/testing/services/sns/sns-filter-policy.js';

const whitespace = fc.constantFrom('', ' ', '\n', '\t', ' \n ');

/** JSON text of a value, including numbers in other notations than JavaScript's and strings with brackets and quotes. */
const valueText = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.constantFrom('1.0', '-0', '1e3', '0.10', '"\\u0061"', '"},{"', '"\\\\"', '"\\""'),
);

const keyText = fc
  .oneof(fc.string(), fc.constantFrom('a', '1', '__proto__', '}', ',', '"', '$or'))
  .filter((key) => key !== disabledMarker)
  .map((key) => JSON.stringify(key));

function objectText(value: fc.Arbitrary<string>, maxLength = 7): fc.Arbitrary<string> {
  const member = fc
    .tuple(whitespace, keyText, whitespace, whitespace, value, whitespace)
    .map(
      ([before, key, afterKey, beforeValue, text, after]) =>
        `${before}${key}${afterKey}:${beforeValue}${text}${after}`,
    );
  return fc
    .tuple(whitespace, fc.array(member, { maxLength }), whitespace)
    .map(([before, members, after]) => `${before}{${members.join(',')}}${after}`);
}

/** Any JSON object as text, even one that SNS refuses. */
const anyPolicy = objectText(fc.oneof(valueText, objectText(valueText, 3)));

/** Policies of both scopes that SNS accepts and the simulation can match. */
const condition = fc.oneof(
  fc.string(),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(true, false, null),
  fc.record({ prefix: fc.string({ minLength: 1 }) }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ 'anything-but': fc.array(fc.string(), { minLength: 1 }) }),
);
const conditions = fc.array(condition, { minLength: 1, maxLength: 2 });
const policyKey = fc.constantFrom('type', 'store', 'price', 'customer', 'event', 'region');
const flatPolicy = fc.dictionary(policyKey, conditions, { maxKeys: 5 });
const nestedPolicy = fc.dictionary(policyKey, fc.oneof(conditions, flatPolicy), { maxKeys: 5 });

describe('disable', () => {
  test('is reverted exactly by enable for any policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const isEmpty = Object.keys(JSON.parse(policy)).length === 0 && !policy.includes('__proto__');

        expect(enable(disable(policy))).toBe(isEmpty ? noPolicy : policy);
      }),
      { numRuns: 300 },
    );
  });

  test('is reverted by enable even after SNS has reformatted the JSON', () => {
    const rewrite = (policy: string, indent: number) => JSON.stringify(JSON.parse(policy), null, indent);
    const reverse = (policy: string) =>
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(policy)).reverse()));
    fc.assert(
      fc.property(nestedPolicy, fc.nat(3), (policy, indent) => {
        const disabled = disable(JSON.stringify(policy));

        expect(JSON.parse(enable(rewrite(disabled, indent)))).toEqual(policy);
        expect(JSON.parse(enable(reverse(disabled)))).toEqual(policy);
      }),
    );
  });

  test.each([['MessageAttributes', flatPolicy] as const, ['MessageBody', nestedPolicy] as const])(
    'returns a policy that SNS accepts and no message matches (%s)',
    (scope, policies) => {
      const messages = fc.record({
        body: fc.oneof(
          fc.json(),
          fc.string(),
          fc.dictionary(policyKey, fc.string()).map((it) => JSON.stringify(it)),
        ),
        attributes: fc.dictionary(policyKey, fc.string()),
      });
      fc.assert(
        fc.property(policies, messages, (policy, message) => {
          const own = JSON.stringify(policy);
          fc.pre(reasonToRefuse(own, scope) === undefined);

          const disabled = disable(own);

          expect(reasonToRefuse(disabled, scope)).toBeUndefined();
          expect(matches(disabled, scope, message)).toBe(false);
        }),
      );
    },
  );

  test('leaves a disabled policy unchanged', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const disabled = disable(policy);

        expect(disable(disabled)).toBe(disabled);
        expect(isDisabled(disabled)).toBe(true);
        expect(isDisabled(enable(disabled))).toBe(false);
        expect(isForeign(disabled)).toBe(false);
      }),
    );
  });

  test('adds one key in front and leaves the rest unchanged', () => {
    const disabled = disable('{ "type": ["order"], "total": [{"numeric": [">", 100.0]}] }');

    expect(disabled).toBe(
      `{"${disabledMarker}":["aws-blue-green-toolkit-disabled"], "type": ["order"], "total": [{"numeric": [">", 100.0]}] }`,
    );
  });

  test.each([
    ['five keys', '{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"]}'],
    ['five keys inside of others', '{"a":{"b":["1"],"c":["1"]},"d":{"e":["1"],"f":["1"],"g":["1"]}}'],
    ['five keys inside of alternatives', '{"$or":[{"a":["1"]},{"b":["1"]},{"c":["1"]}],"d":["1"],"e":["1"]}'],
  ])('keeps a policy of %s as a value, because SNS accepts no sixth key', (_, policy) => {
    const disabled = disable(policy);

    expect(Object.keys(JSON.parse(disabled))).toEqual([disabledMarker]);
    expect(enable(disabled)).toBe(policy);
  });
});

describe('enable', () => {
  test('leaves a policy that is not disabled as it is', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(enable(policy)).toBe(policy);
      }),
    );
  });

  test('finds the marker even as the last key', () => {
    const policy = `{"a": ["1"], "${disabledMarker}": ["aws-blue-green-toolkit-disabled"] }`;

    expect(JSON.parse(enable(policy))).toEqual({ a: ['1'] });
  });

  test('returns the policy of a subscription that had none', () => {
    expect(enable(disable(noPolicy))).toBe(noPolicy);
  });
});

describe('isForeign', () => {
  test.each([
    ['another value', `{"${disabledMarker}":["something"]}`],
    ['more values', `{"${disabledMarker}":["aws-blue-green-toolkit-disabled","{}","more"]}`],
    ['a value that is no policy', `{"${disabledMarker}":["aws-blue-green-toolkit-disabled","more"]}`],
    ['a value that is a list', `{"${disabledMarker}":["aws-blue-green-toolkit-disabled","[]"]}`],
    [
      'keys beside a folded policy',
      `{"${disabledMarker}":["aws-blue-green-toolkit-disabled","{}"],"a":["1"]}`,
    ],
  ])('returns true for a marker with %s', (_, policy) => {
    expect(isForeign(policy)).toBe(true);
    expect(isDisabled(policy)).toBe(false);
  });

  test('returns false for a policy without the marker', () => {
    expect(isForeign('{"a":["1"]}')).toBe(false);
  });
});

describe('isSamePolicy', () => {
  test('ignores the order of keys, but not the order of values', () => {
    expect(isSamePolicy('{"a":["1"],"b":["2"]}', '{ "b":["2"], "a":["1"] }')).toBe(true);
    expect(isSamePolicy('{"a":["1","2"]}', '{"a":["2","1"]}')).toBe(false);
  });
});
