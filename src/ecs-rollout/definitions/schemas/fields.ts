import type { DocumentType } from '@smithy/types';
import * as v from 'valibot';
import { isRecord } from '../../../core/is-record.js';
import { strictObject } from '../../../core/schemas.js';
import { ReplacedText } from '../replaced-text.js';

/*
 * The kinds of fields of a definition. A value of the environment is never quoted. A text without the value of a name
 * satisfies every scalar: the missing name is reported once, elsewhere.
 *
 * The annotations let a bundler leave the schemas out when nothing asks for them.
 */

/** A string. */
export const text = scalar('a string', (value) => (typeof value === 'string' ? value : undefined));

/** A number without a fraction. */
export const whole = scalar(
  'a whole number',
  (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined),
  (replaced) => (/^-?\d+$/.test(replaced) ? Number(replaced) : undefined),
);

export const decimal = scalar(
  'a number',
  (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  (replaced) => (/^-?\d+(?:\.\d+)?$/.test(replaced) ? Number(replaced) : undefined),
);

export const flag = scalar(
  'true or false',
  (value) => (typeof value === 'boolean' ? value : undefined),
  (replaced) => (replaced === 'true' ? true : replaced !== 'false' && undefined),
);

/** JSON of any form. */
export const document = v.pipe(
  v.unknown(),
  v.transform((value) => documentOf(value)),
);

/** A map from names to strings. */
export const textMap = v.pipe(
  v.custom<Readonly<Record<string, unknown>>>(isObject, 'an object'),
  v.rawTransform<Readonly<Record<string, unknown>>, Record<string, string>>(({ dataset, addIssue }) => {
    const input = dataset.value;
    // valibot's own record drops a name like `constructor`.
    return Object.fromEntries(
      Object.entries(input).map(([key, value]) => {
        const { success, output } = v.safeParse(text, value);
        const path = [{ type: 'object', origin: 'value', input, key, value }] as const;
        if (!success) addIssue({ expected: 'a string', received: kindOf(value), path: [...path] });
        return [key, success ? output : ''];
      }),
    );
  }),
);

/**
 * One of the values that an enum of the SDK lists.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function oneOf<const Value extends string>(values: Readonly<Record<string, Value>>) {
  const all = Object.values(values);
  return scalar(`one of ${all.join(', ')}`, (value) => all.find((it) => it === value));
}

/**
 * A list of items of one kind.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function list<const Item extends v.GenericSchema>(item: Item) {
  return v.array(item);
}

/**
 * An object with these members and no others.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function members<const Entries extends v.ObjectEntries>(entries: Entries) {
  const object = strictObject(entries);
  return v.pipe(v.custom<v.InferInput<typeof object>>(isObject, 'an object'), object);
}

/** The kind of a value in words, without the value. */
export function kindOf(value: unknown): string {
  if (value instanceof ReplacedText)
    return value.soleName ? `a string (the value of ${value.soleName})` : 'a string';
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * @param parse - reads the value of a string that was one placeholder and nothing else.
 *
 * @__NO_SIDE_EFFECTS__
 */
function scalar<const Value>(
  expected: string,
  read: (value: unknown) => Value | undefined,
  parse: (replaced: string) => unknown = (replaced) => replaced,
) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Value>(({ dataset, addIssue, NEVER }) => {
      const { value } = dataset;
      if (value instanceof ReplacedText && value.text === undefined) return NEVER;
      const result = read(value instanceof ReplacedText ? resolve(value, parse) : value);
      if (result !== undefined) return result;
      addIssue({ expected, received: kindOf(value) });
      return NEVER;
    }),
  );
}

function resolve({ text, soleName }: ReplacedText, parse: (replaced: string) => unknown): unknown {
  return text !== undefined && soleName !== undefined ? parse(text) : text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !(value instanceof ReplacedText);
}

/** The value as in the JSON file, with its placeholders replaced. */
function documentOf(value: unknown): DocumentType {
  if (value instanceof ReplacedText) return value.text ?? '';
  if (Array.isArray(value)) return value.map(documentOf);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, documentOf(it)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
