/** An object whose every access throws. */
const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('cannot be read');
    },
    ownKeys: () => {
      throw new Error('cannot be read');
    },
    getOwnPropertyDescriptor: () => {
      throw new Error('cannot be read');
    },
  },
);

/** Invalid values for an options object. */
export const invalidOptions: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['a number', 5],
  ['a bigint', 5n],
  ['a string', 'signal'],
  ['a symbol', Symbol('options')],
  ['a function', () => ({})],
  ['an array', []],
  ['an object that throws', throwing],
];

/** Invalid values for `maxWaitSeconds`. */
export const invalidSeconds: readonly unknown[] = [
  null,
  '60',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  1e306,
  5n,
];

/** Invalid values for a string option. */
export const invalidTexts: readonly (readonly [name: string, value: unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['an empty string', ''],
  ['spaces', '  '],
  ['half of a surrogate pair', 'a\ud800'],
  ['NaN', Number.NaN],
  ['a bigint', 1n],
  ['a symbol', Symbol('text')],
  ['an object without a prototype', Object.create(null)],
  ['an object that throws', throwing],
];
