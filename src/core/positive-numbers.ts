import * as v from 'valibot';

/** A count of at least one: a limit that is reached with the first, or a later, one. */
export const positiveCount = v.pipe(
  v.number(),
  v.check((value) => Number.isInteger(value) && value >= 1, 'a whole number, 1 or more'),
);

/** A time of at least a second: a margin, or a pause between two looks. */
export const positiveSeconds = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(value) && value >= 1, 'a number of seconds, 1 or more'),
);
