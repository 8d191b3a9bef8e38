import * as v from 'valibot';
import { isTime } from './clock.js';

/** Upper bound of every length of time: no execution or deployment of AWS lives longer than 366 days. */
export const maxSeconds = 366 * 86_400;

/** A name, an identifier or an ARN. Half of a surrogate pair is rejected because a URL cannot contain it. */
export const nonEmptyString = v.pipe(
  v.string(),
  v.check((value) => value.trim() !== '', 'a string that is not empty'),
  v.check((value) => !/\p{Surrogate}/u.test(value), 'text without half of a surrogate pair'),
);

/** A count of zero or more. */
export const wholeNumber = v.pipe(
  v.number(),
  v.check((value) => Number.isSafeInteger(value) && value >= 0, 'a whole number, 0 or more'),
);

/** A count of at least one. */
export const positiveCount = v.pipe(
  v.number(),
  v.check((value) => Number.isSafeInteger(value) && value >= 1, 'a whole number, 1 or more'),
);

/** A whole number with bounds. */
/* @__NO_SIDE_EFFECTS__ */
export function wholeFrom(min: number, max: number, expected = `a whole number from ${min} to ${max}`) {
  return v.pipe(
    v.number(),
    v.check((value) => Number.isInteger(value) && value >= min && value <= max, expected),
  );
}

/** A length of time. */
export const seconds = secondsFrom(0);

/** A length of time of at least one second: a margin, or an interval. */
export const positiveSeconds = secondsFrom(1);

/** A length of time above 0. */
export const someSeconds = v.pipe(
  seconds,
  v.check((value) => value > 0, 'more than 0 seconds'),
);

/** A length of time with bounds; the default upper bound is 366 days. */
/* @__NO_SIDE_EFFECTS__ */
export function secondsFrom(min: number, max: number = maxSeconds) {
  const limit = max === maxSeconds ? '366 days' : `${max}`;
  return v.pipe(
    v.number(),
    v.check((value) => value >= min && value <= max, `a number of seconds from ${min} to ${limit}`),
  );
}

/** A time in milliseconds since 1970. */
export const time = v.pipe(
  v.number(),
  v.check((value) => isTime(value), 'a time in milliseconds since 1970'),
);

/** One stack of a pair. */
export const stackReference = v.picklist(['blue', 'green']);

/** A function. Its parameters cannot be checked at run time. */
/* @__NO_SIDE_EFFECTS__ */
export function functionOf<Type extends (...args: never[]) => unknown>() {
  const schema = v.custom<Type>((value) => typeof value === 'function', 'a function');
  // A union names its members by this word; that of `v.custom` is `unknown`.
  return Object.assign(schema, { expects: 'Function' });
}

export const anyFunction = functionOf();

/** An `AbortSignal`, also one of another realm. */
export const abortSignal = v.custom<AbortSignal>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AbortSignal).aborted === 'boolean' &&
    typeof (value as AbortSignal).addEventListener === 'function',
  'an AbortSignal',
);

/** Schema entries of the options that every method has. */
export const callOptionsEntries = { signal: v.optional(abortSignal) };

/** Schema entries of the options that every `waitFor…` method has. */
export const waitOptionsEntries = { ...callOptionsEntries, maxWaitSeconds: v.optional(seconds) };

/** Both stacks of a pair, with the same shape. */
/* @__NO_SIDE_EFFECTS__ */
export function stackPair<const Schema extends v.GenericSchema>(schema: Schema) {
  return { blue: schema, green: schema };
}

/** Known keys of the object, by the issue about an unknown key. */
const knownNames = new WeakMap<v.BaseIssue<unknown>, readonly string[]>();

/** An object with exactly these entries: an array, and an unknown key, are rejected. */
/* @__NO_SIDE_EFFECTS__ */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, undefined> {
  const unknownKey = v.never((issue) => {
    knownNames.set(issue, Object.keys(entries));
    return 'no such key';
  });
  // `v.strictObject` reports the first unknown key only.
  const schema = v.objectWithRest(entries, unknownKey);
  const run: (typeof schema)['~run'] = (dataset, config) => {
    const input: unknown = dataset.value;
    if (Array.isArray(input)) return noArray['~run'](dataset, config);
    const result = schema['~run'](dataset, config);
    for (const key of skippedKeys) {
      if (!isObject(input) || !Object.hasOwn(input, key) || Object.hasOwn(entries, key)) continue;
      const { issues = [] } = unknownKey['~run']({ value: undefined }, config);
      const path = [{ type: 'object', origin: 'key', input, key, value: input[key] }];
      for (const issue of issues) Object.assign(issue, { path });
      Object.assign(result, { typed: false, issues: [...(result.issues ?? []), ...issues] });
    }
    return result;
  };
  return { ...schema, '~run': run } as unknown as v.StrictObjectSchema<Entries, undefined>;
}

/** Keys that valibot skips in its objects. */
const skippedKeys = ['__proto__', 'constructor', 'prototype'];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * Schema of an object for which users pass a bare function.
 *
 * @param expected - the object to write instead.
 */
/* @__NO_SIDE_EFFECTS__ */
export function notAFunction<const Schema extends v.GenericSchema>(expected: string, schema: Schema) {
  return v.pipe(
    v.unknown(),
    v.check((value) => typeof value !== 'function', expected),
    schema,
  );
}

const noArray = v.custom<never>(() => false, 'an object');

/** An object with no keys but these, passed through unchanged. Its values are not read, because they can be getters. */
/* @__NO_SIDE_EFFECTS__ */
export function objectWithKeys<Type extends object>(names: readonly string[]) {
  return v.pipe(
    v.custom<Type>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'an object',
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { value: input } = dataset;
      const message = (issue: v.BaseIssue<unknown>) => {
        knownNames.set(issue, names);
        return 'no such key';
      };
      for (const key of Object.keys(input)) {
        if (names.includes(key)) continue;
        addIssue({
          message,
          path: [{ type: 'object', origin: 'key', input: { ...names }, key, value: undefined }],
        });
      }
    }),
  );
}

/** Returns the known keys for an issue about an unknown key; undefined for any other issue. */
export function knownNamesOf(issue: v.BaseIssue<unknown>): readonly string[] | undefined {
  return knownNames.get(issue);
}

/** Options of a method that has only a signal. */
export const callOptionsSchema = strictObject(callOptionsEntries);

/** Options of a method that waits. */
export const waitOptionsSchema = strictObject(waitOptionsEntries);

/** Permissions that an object of the user declares. Their other fields stay, because they narrow the permission. */
export const permissionList = v.array(
  v.looseObject({ action: nonEmptyString, resources: v.union([v.literal('*'), v.array(nonEmptyString)]) }),
);
