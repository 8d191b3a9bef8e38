import * as v from 'valibot';
import { nearestName } from '../../core/nearest-name.js';
import { knownNamesOf } from '../../core/schemas.js';
import type { DocumentProblem, JsonPath } from './replace-placeholders.js';
import { kindOf } from './schemas/fields.js';

/** Comparing names takes time, and a message shows only the first problems. */
const maxSuggestions = 10;

/** The content of a document, or its problems. */
export type CheckedDocument<Output> =
  | { readonly success: true; readonly output: Output }
  | { readonly success: false; readonly problems: readonly DocumentProblem[] };

/** Validates a document against its schema. Takes time in proportion to its length. */
export function checkDocument<const Schema extends v.GenericSchema>(
  schema: Schema,
  document: unknown,
): CheckedDocument<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, document);
  if (result.success) return { success: true, output: result.output };
  // Unknown fields first: they often explain the others.
  const unknown = result.issues.filter((issue) => knownNamesOf(issue) !== undefined);
  const others = result.issues.filter((issue) => knownNamesOf(issue) === undefined);
  return { success: false, problems: [...unknown.map(toUnknownField), ...others.map(toProblem)] };
}

function toUnknownField(issue: v.BaseIssue<unknown>, index: number): DocumentProblem {
  const path = pathOf(issue);
  const problem = { path, expected: 'no such field', actual: kindOf(issue.path?.at(-1)?.value) };
  const known = knownNamesOf(issue) ?? [];
  const name = index < maxSuggestions ? nearestName(String(path.at(-1)), known) : undefined;
  return name === undefined ? problem : { ...problem, text: `unknown field; did you mean ${name}?` };
}

function toProblem(issue: v.BaseIssue<unknown>): DocumentProblem {
  const path = pathOf(issue);
  switch (issue.type) {
    case 'object_with_rest':
      return { path, expected: 'a value', actual: 'none' };
    case 'array':
      return { path, expected: 'an array', actual: kindOf(issue.input) };
    case 'custom':
      return { path, expected: issue.message, actual: kindOf(issue.input) };
    default:
      return { path, expected: issue.expected ?? issue.message, actual: issue.received };
  }
}

function pathOf({ path }: v.BaseIssue<unknown>): JsonPath {
  return (path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}
