import * as v from 'valibot';
import { messageOf } from './describe-error.js';
import { describeValue } from './describe-value.js';
import { type InputProblem, InvalidInputError, invalidInput } from './errors.js';
import { nearestName } from './nearest-name.js';
import { knownNamesOf } from './schemas.js';

/** Names of fields whose value is never shown. */
const sensitive = /api_?key|app_?key|token|secret|password|authorization|credential|cookie/i;

/** Maximum number of unknown keys with a suggestion, and of known keys listed in a message. */
const maxNames = 12;

/** Descriptions of valibot's type names. */
const typeNames: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'an array',
  Function: 'a function',
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
};

/**
 * Parses an input with a schema. The result is a copy that holds the fields of the schema.
 *
 * @throws {@link InvalidInputError} which names every invalid field.
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
 * Rejects a pair whose stacks are the same resource: switching one off would switch off the other.
 *
 * @throws {@link InvalidInputError} for a value that both stacks have.
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
  throw invalidInput(subject, {
    field: `green.${field}`,
    expected: 'a different resource from blue',
    actual: describeValue(shared),
  });
}

/**
 * True when two values may name one resource, such as a name and the URL or ARN that ends in it. Two resources with the same
 * name, in two accounts or Regions, must both be named by URL or ARN.
 */
export function mayBeSameResource(one: string, other: string): boolean {
  return one === other || nameIn(one) === other || one === nameIn(other);
}

function nameIn(urlOrArn: string): string {
  return urlOrArn.replace(/^.*[:/]/, '');
}

/** @throws InvalidInputError also for an input with a getter or a proxy that throws. */
function safeParse<Schema extends v.GenericSchema>(subject: string, schema: Schema, input: unknown) {
  try {
    return v.safeParse(schema, input);
  } catch (error) {
    const actual = `an object that throws: ${messageOf(error)}`;
    throw invalidInput(subject, { field: '', expected: 'plain data', actual });
  }
}

function toProblem(issue: v.BaseIssue<unknown>, index: number): InputProblem {
  const field = fieldOf(issue.path);
  const known = knownNamesOf(issue);
  if (known === undefined) return { field, expected: expectation(issue), actual: actualOf(issue) };
  // Comparing names takes time, and the message shows the first problems only.
  const name = index < maxNames ? nearestName(lastKey(issue.path), known) : undefined;
  const expected = name ?? listNames(known);
  const text = `unknown option; ${name === undefined ? `expected ${expected}` : `did you mean ${name}?`}`;
  return { field, expected, actual: 'an unknown option', text };
}

/** Formats the path of a field, such as `checks[0].name`; empty for the whole input. */
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

function listNames(known: readonly string[]): string {
  if (known.length === 0) return 'no options';
  return `one of ${known.slice(0, maxNames).join(', ')}${known.length > maxNames ? ', …' : ''}`;
}

function lastKey(path: v.BaseIssue<unknown>['path']): string {
  const key = path?.at(-1)?.key;
  return typeof key === 'string' ? key : '';
}

function expectation({ message, expected, path }: v.BaseIssue<unknown>): string {
  // A message of our own is more specific than the type. Valibot's own messages all begin with this word.
  if (!message.startsWith('Invalid ')) return message;
  if (expected === null) return message;
  if (expected === JSON.stringify(path?.at(-1)?.key)) return 'a value';
  const alternatives = expected.replace(/^\((.*)\)$/, '$1').split(' | ');
  const names = alternatives.map((it) => (Object.hasOwn(typeNames, it) ? typeNames[it] : it));
  const last = names.at(-1) ?? '';
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${last}` : last;
}

function actualOf(issue: v.BaseIssue<unknown>): string {
  const { path, input, type } = issue;
  // The input of a check that is forwarded to one field is the whole object.
  const value = path?.length ? path.at(-1)?.value : input;
  if (path?.some(({ key }) => sensitive.test(String(key))))
    return typeof value === 'string' ? 'a string' : describeValue(value);
  const hasOwnText = type.startsWith('raw_') && !Object.hasOwn(typeNames, issue.received);
  return hasOwnText ? issue.received : describeValue(value);
}
