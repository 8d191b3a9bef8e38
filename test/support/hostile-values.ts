/** An object whose every access throws. */
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

/** Values that no options object and no field of one may be, `undefined` apart: each has to be refused, never to be a `TypeError`. */
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

/** Numbers that no length of time, share or count may be. */
export const hostileNumbers = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  1e306,
  Number.MAX_SAFE_INTEGER,
];

function cyclic(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
