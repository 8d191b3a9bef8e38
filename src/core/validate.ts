import * as v from 'valibot';
import { type InputProblem, InvalidInputError } from './errors.js';

/** A name, an identifier or an ARN. */
export const nonEmptyString = v.pipe(
  v.string(),
  v.check((value) => value.trim() !== '', 'a string that is not empty'),
);

/** A whole number that counts something. */
export const wholeNumber = v.pipe(
  v.number(),
  v.check((value) => Number.isInteger(value) && value >= 0, 'a whole number, 0 or more'),
);

/** A length of time. */
export const seconds = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(value) && value >= 0, 'a number of seconds, 0 or more'),
);

/** Both stacks of a pair, with the same shape. */
export function stackPair<const Schema extends v.GenericSchema>(schema: Schema) {
  return { blue: schema, green: schema };
}

/**
 * Checks an input against its schema and gives it back, typed; fields that the schema does not name are dropped.
 *
 * @throws {@link InvalidInputError} which names every wrong field.
 */
export function parseInput<const Schema extends v.GenericSchema>(
  subject: string,
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
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
        received: JSON.stringify(shared),
      },
    ],
  });
}

/**
 * Whether two values may name one resource: also a name and the URL or ARN that ends in it. Who means two resources of
 * one name, in two accounts or regions, gives the URL or ARN of both.
 */
export function mayBeSameResource(one: string, other: string): boolean {
  return one === other || nameIn(one) === other || one === nameIn(other);
}

function nameIn(urlOrArn: string): string {
  return urlOrArn.replace(/^.*[:/]/, '');
}

function toProblem(issue: v.BaseIssue<unknown>): InputProblem {
  return { field: v.getDotPath(issue) ?? '(all)', expected: expectation(issue), received: received(issue) };
}

function expectation(issue: v.BaseIssue<unknown>): string {
  // Words that a schema was given say more than its type or its pattern; valibot's own all begin like this.
  if (!issue.message.startsWith('Invalid ')) return issue.message;
  const isMissing = issue.expected === JSON.stringify(issue.path?.at(-1)?.key);
  return isMissing ? 'a value' : (issue.expected ?? issue.message);
}

/** A check of several fields that is forwarded to one of them tells what it got itself: the object with all of them. */
function received({ path, received }: v.BaseIssue<unknown>): string {
  const value = path?.at(-1)?.value;
  return path && received === 'Object' && typeof value !== 'object' ? String(value) : received;
}
