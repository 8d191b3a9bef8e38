import * as v from 'valibot';
import { messageOf } from './describe-error.js';
import { describeValue } from './describe-value.js';
import { type InputProblem, InvalidInputError } from './errors.js';
import { nearestName } from './nearest-name.js';
import { knownNamesOf } from './schemas.js';

/** Fields whose value is never shown. */
const sensitive = /api_?key|app_?key|token|secret|password|authorization|credential|cookie/i;

/** A message suggests a name for as many unknown keys, and lists as many known ones. */
const maxNames = 12;

/** Names of types as valibot gives them, in words. */
const typeNames: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'an array',
  Function: 'a function',
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
};

/**
 * Parses an input by its schema. The result is a copy of what the schema names.
 *
 * @throws {@link InvalidInputError} which names every wrong field.
 */
export function parseInput<const Schema extends v.GenericSchema>(
  subject: string,
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const result = safeParse(subject, schema, input);
  if (result.success) return result.output;
  throw new InvalidInputError({ subject, problems: result.issues.map(toProblem) });
}

/**
 * Refuses a pair whose two stacks are the same resource: switching one off would switch off the other.
 *
 * @throws {@link InvalidInputError}
 */
export function requireDistinct(
  subject: string,
  field: string,
  blue: readonly string[],
  green: readonly string[],
  isSame: (one: string, other: string) => boolean = (one, other) => one === other,
): void {
  const shared = green.find((value) => blue.some((other) => isSame(value, other)));
  if (shared === undefined) return;
  throw new InvalidInputError({
    subject,
    problems: [
      {
        field: `green.${field}`,
        expected: 'another resource than that of blue',
        actual: describeValue(shared),
      },
    ],
  });
}

/**
 * True when two values may name one resource: also a name and the URL or ARN that ends in it. For two resources of one
 * name, in two accounts or Regions, give the URL or ARN of both.
 */
export function mayBeSameResource(one: string, other: string): boolean {
  return one === other || nameIn(one) === other || one === nameIn(other);
}

function nameIn(urlOrArn: string): string {
  return urlOrArn.replace(/^.*[:/]/, '');
}

/** An input with a getter or a proxy that throws is an invalid one. */
function safeParse<Schema extends v.GenericSchema>(subject: string, schema: Schema, input: unknown) {
  try {
    return v.safeParse(schema, input);
  } catch (error) {
    const actual = `an object that throws: ${messageOf(error)}`;
    throw new InvalidInputError({ subject, problems: [{ field: '', expected: 'plain data', actual }] });
  }
}

function toProblem(issue: v.BaseIssue<unknown>, index: number): InputProblem {
  const field = fieldOf(issue.path);
  const known = knownNamesOf(issue);
  if (known === undefined) return { field, expected: expectation(issue), actual: actualOf(issue) };
  // Comparing names takes time, and the message shows the first problems only.
  const name = index < maxNames ? nearestName(lastKey(issue.path), known) : undefined;
  const expected = name ?? inWords(known);
  const text = `unknown option; ${name === undefined ? `expected ${expected}` : `did you mean ${name}?`}`;
  return { field, expected, actual: 'an unknown option', text };
}

/** The path of a field as one writes it: `checks[0].name`; empty for the whole input. */
export function fieldOf(path: v.BaseIssue<unknown>['path']): string {
  let field = '';
  for (const { key } of path ?? []) {
    const name = typeof key === 'symbol' ? key.toString() : String(key);
    if (typeof key === 'number') field += `[${name}]`;
    else if (!/^[\w$-]{1,60}$/.test(name)) field += `[${describeValue(name)}]`;
    else field += field === '' ? name : `.${name}`;
  }
  return field;
}

function inWords(known: readonly string[]): string {
  if (known.length === 0) return 'no options';
  return `one of ${known.slice(0, maxNames).join(', ')}${known.length > maxNames ? ', …' : ''}`;
}

function lastKey(path: v.BaseIssue<unknown>['path']): string {
  const key = path?.at(-1)?.key;
  return typeof key === 'string' ? key : '';
}

function expectation({ message, expected, path }: v.BaseIssue<unknown>): string {
  // Words that a schema was given say more than its type or its pattern; valibot's own all begin like this.
  if (!message.startsWith('Invalid ')) return message;
  if (expected === null) return message;
  if (expected === JSON.stringify(path?.at(-1)?.key)) return 'a value';
  const alternatives = expected.replace(/^\((.*)\)$/, '$1').split(' | ');
  const words = alternatives.map((it) => (Object.hasOwn(typeNames, it) ? typeNames[it] : it));
  const last = words.at(-1) ?? '';
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${last}` : last;
}

function actualOf(issue: v.BaseIssue<unknown>): string {
  const { path, input, type } = issue;
  // A check of several fields that is forwarded to one of them has the object with all of them as its input.
  const value = path?.length ? path.at(-1)?.value : input;
  if (path?.some(({ key }) => sensitive.test(String(key))))
    return typeof value === 'string' ? 'a string' : describeValue(value);
  const hasOwnWords = type.startsWith('raw_') && !Object.hasOwn(typeNames, issue.received);
  return hasOwnWords ? issue.received : describeValue(value);
}
