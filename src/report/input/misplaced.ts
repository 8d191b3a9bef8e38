import * as v from 'valibot';

/** Refuses a value in the place of the object that should hold it, and names the right place. */
/* @__NO_SIDE_EFFECTS__ */
export function notMisplaced(isMisplaced: (value: object) => boolean, expected: string) {
  return v.check<unknown, string>(
    (value) => typeof value !== 'object' || value === null || !isMisplaced(value),
    expected,
  );
}
