import fc from 'fast-check';

/** Object that throws on every access. */
export const throwingObject = new Proxy(
  {},
  {
    get: () => {
      throw new Error('cannot be read');
    },
    has: () => {
      throw new Error('cannot be read');
    },
    ownKeys: () => {
      throw new Error('cannot be read');
    },
  },
);

/** Invalid values for every options object and every field, except `undefined`. None may cause a `TypeError`. */
export const hostileValues: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['a bigint', 5n],
  ['a symbol', Symbol('hostile')],
  ['a function', () => 5],
  ['an array', [[]]],
  ['an object without a prototype', Object.assign(Object.create(null), { toJSON: 5 })],
  ['a cyclic object', cyclic()],
  ['an object that throws', throwingObject],
  ['NaN', Number.NaN],
];

/** Invalid numbers for every duration, share and count. */
export const hostileNumbers = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  1e306,
  Number.MAX_SAFE_INTEGER,
];

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const throws = () => {
  throw new RangeError('a getter of the caller');
};

/** Values that an untyped caller may pass. */
export const unexpectedValues: readonly unknown[] = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  1e306,
  1n,
  '',
  ' ',
  '\ud800',
  'constructor',
  true,
  [],
  [null],
  {},
  Object.create(null),
  Object.freeze({ toString: null, valueOf: null }),
  JSON.parse('{"__proto__": {"cluster": "x"}, "constructor": 1}'),
  Symbol('odd'),
  () => undefined,
  new Date(Number.NaN),
  new Map(),
  new Proxy({}, { get: throws, has: throws, ownKeys: throws, getOwnPropertyDescriptor: throws }),
  Object.defineProperty({}, 'cluster', { get: throws, enumerable: true }),
  revokedProxy(),
  cyclic(),
];

/** Returns one of {@link unexpectedValues}, or anything else. A function, because fast-check reads the values that it generates. */
export const unexpectedValue: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.nat(unexpectedValues.length - 1).map((index) => () => unexpectedValues[index]),
  fc
    .anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, maxDepth: 2 })
    .map((value) => () => value),
);

function cyclic(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
