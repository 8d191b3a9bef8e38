import * as v from 'valibot';
import type { DocumentProblem, JsonPath } from './replace-placeholders.js';
import { kindOf } from './schemas/fields.js';

/** What a document is, or everything that is wrong with it. */
export type CheckedDocument<Output> =
  | { readonly success: true; readonly output: Output }
  | { readonly success: false; readonly problems: readonly DocumentProblem[] };

/** Holds a document against its schema. */
export function checkDocument<const Schema extends v.GenericSchema>(
  schema: Schema,
  document: unknown,
): CheckedDocument<v.InferOutput<Schema>> {
  const unknownFields: DocumentProblem[] = [];
  // Of the unknown fields of an object valibot names one; without it, it names the next.
  for (;;) {
    const result = v.safeParse(schema, document);
    const issues = result.issues ?? [];
    const found = issues.filter(isUnknownField);
    for (const issue of found) {
      unknownFields.push({
        path: pathOf(issue),
        expected: 'no such field',
        actual: kindOf(valueAt(issue)),
      });
      removeField(issue);
    }
    if (found.length > 0) continue;
    if (result.success && unknownFields.length === 0) return { success: true, output: result.output };
    return { success: false, problems: [...unknownFields, ...issues.map(toProblem)] };
  }
}

function isUnknownField(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === 'strict_object' && issue.expected === 'never';
}

function valueAt({ path }: v.BaseIssue<unknown>): unknown {
  return path?.at(-1)?.value;
}

function removeField({ path }: v.BaseIssue<unknown>): void {
  const last = path?.at(-1);
  if (last?.type === 'object') Reflect.deleteProperty(last.input, last.key);
}

function toProblem(issue: v.BaseIssue<unknown>): DocumentProblem {
  const path = pathOf(issue);
  switch (issue.type) {
    case 'strict_object':
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
