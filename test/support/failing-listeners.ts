/** Every kind of failing listener, for `test.each`. */
export const failingListeners: readonly (readonly [string, () => unknown])[] = [
  [
    'throws',
    () => {
      throw new Error('no display');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no display'))],
];
