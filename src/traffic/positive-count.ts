import * as v from 'valibot';

/** A count of at least one: a limit that is reached with the first, or a later, one. */
export const positiveCount = v.pipe(
  v.number(),
  v.check((value) => Number.isInteger(value) && value >= 1, 'a whole number, 1 or more'),
);
