import * as v from 'valibot';

/** A name for a dimension or an attribute. */
export const changeName = v.pipe(
  v.string(),
  v.check(
    (value) => /^[\x20-\x7e]{1,250}$/.test(value) && value.trim() !== '',
    'a name of 1 to 250 printable ASCII characters',
  ),
);
