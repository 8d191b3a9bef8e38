import * as v from 'valibot';

/*
 * CloudFormation passes every number, boolean and duration of a template as a string. A malformed value is an error, never a
 * guess: `parseInt` would return 5 for "5 minutes".
 */

/** A value of a template; `parse` returns undefined for a malformed one. */
function templateValue<T>(expected: string, parse: (raw: unknown) => T | undefined) {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ expected, message: expected });
      return NEVER;
    }),
  );
}

/** A whole number: `5` or `"5"`. */
export function templateInteger(min: number, max: number) {
  return templateValue(`a whole number from ${min} to ${max}`, (raw) => {
    const value = typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : raw;
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : undefined;
  });
}

/** A number: `0.5`, `"5.0"`, `"-1e-3"`. */
export const templateNumber = templateValue('a number', (raw) => {
  const value = typeof raw === 'string' && /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(raw) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
});

/** `true`, `"true"`, `false` or `"false"`. */
export const templateBoolean = templateValue('true or false', (raw) => {
  if (raw === true || raw === 'true') return true;
  return raw === false || raw === 'false' ? false : undefined;
});

const secondsPerUnit: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** A duration in the form of courier, which is Go's: `5s`, `1m30s`, `500ms`. Its output is in seconds. */
export function templateDuration(min: number, max: number) {
  return templateValue(`a duration such as 5s or 1m30s, ${min} s to ${max} s`, (raw) => {
    if (typeof raw !== 'string' || !/^(\d{1,9}(\.\d{1,9})?(ms|s|m|h)){1,4}$/.test(raw)) return undefined;
    const parts = [...raw.matchAll(/([\d.]+)(ms|s|m|h)/g)];
    const seconds = parts.reduce(
      (sum, [, count, unit = '']) => sum + Number(count) * (secondsPerUnit[unit] ?? 0),
      0,
    );
    return seconds >= min && seconds <= max ? seconds : undefined;
  });
}

/** Names that validation silently drops from any object, which would lose a condition. */
const unusableNames = ['__proto__', 'constructor', 'prototype'];

/** Maximum depth of a resource's properties. */
const maxDepth = 4;

/** A value in which no property has an unusable name. */
export const usableNames = v.rawCheck<unknown>(({ dataset, addIssue }) => {
  for (const name of unusableNamesIn(dataset.value)) {
    const expected = 'another name';
    addIssue({ expected, message: expected, received: name });
  }
});

function unusableNamesIn(value: unknown, depth = 1): string[] {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return [];
  const names = unusableNames.filter((name) => Object.hasOwn(value, name));
  return [...names, ...Object.values(value).flatMap((it) => unusableNamesIn(it, depth + 1))];
}

/** An object with only known keys. Reports each unknown key. */
export function templateObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(
    v.looseObject(entries),
    v.rawCheck(({ dataset, addIssue }) => {
      if (typeof dataset.value !== 'object' || dataset.value === null) return;
      const input: Record<string, unknown> = { ...dataset.value };
      for (const key of Object.keys(input).filter((it) => !Object.hasOwn(entries, it))) {
        const expected = 'a known property';
        addIssue({
          expected,
          message: expected,
          // Leaves the value out, which can be a secret.
          received: 'an unknown one',
          path: [{ type: 'object', origin: 'key', input, key, value: input[key] }],
        });
      }
    }),
  );
}
