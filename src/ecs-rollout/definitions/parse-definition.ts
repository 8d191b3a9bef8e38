import type * as v from 'valibot';
import { describeValue } from '../../core/describe-value.js';
import type { InputProblem } from '../../core/errors.js';
import { checkDocument } from './check-document.js';
import type { DefinitionKind } from './definition-kinds.js';
import type { FileText } from './file-text.js';
import { findJsonFault } from './json-fault.js';
import {
  type DocumentProblem,
  type Environment,
  type JsonPath,
  replacePlaceholders,
} from './replace-placeholders.js';

/** A definition, or the problems of its file. */
export interface ParsedDefinition<Definition> {
  /** Undefined when there are problems or missing names. */
  readonly definition: Definition | undefined;
  /** The places of each name that has no value. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
  /** All other problems. */
  readonly problems: readonly InputProblem[];
}

/** Parses the text of a file, replaces its placeholders, and validates the result. */
export function parseDefinition<const Schema extends v.GenericSchema>(
  kind: DefinitionKind<Schema>,
  fileText: FileText,
  env: Environment,
): ParsedDefinition<v.InferOutput<Schema>> {
  const { file } = fileText;
  const parsed = parseJson(fileText);
  if ('problem' in parsed) return { definition: undefined, missing: new Map(), problems: [parsed.problem] };

  const output = withoutOutput(kind, parsed.value);
  const { value, missing, problems } = replacePlaceholders(output.document, env);
  const checked = output.isWrapped ? undefined : checkDocument(kind.schema, value);
  const all = [...output.problems, ...problems, ...(checked?.success === false ? checked.problems : [])];
  return {
    definition: checked?.success && all.length === 0 && missing.size === 0 ? checked.output : undefined,
    missing: new Map([...missing].map(([name, paths]) => [name, paths.map((path) => placeIn(file, path))])),
    problems: all.map(({ path, ...problem }) => ({ field: placeIn(file, path), ...problem })),
  };
}

/** A file that is the output of an AWS CLI command gets one problem, not one for each of its members. */
function withoutOutput<Schema extends v.GenericSchema>(
  { input, output, wrapper, outputMembers }: DefinitionKind<Schema>,
  document: unknown,
): { document: unknown; isWrapped: boolean; problems: DocumentProblem[] } {
  const unchanged = { document, isWrapped: false, problems: [] };
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return unchanged;
  const problem = { path: [], expected: `the input of ${input}`, actual: `the output of ${output}` };
  const content: unknown = Object.getOwnPropertyDescriptor(document, wrapper.member)?.value;
  if (typeof content === 'object' && content !== null) {
    const text = `the file is the output of ${output}; use the content of ${wrapper.content} as the input of ${input}`;
    return { document: {}, isWrapped: true, problems: [{ ...problem, text }] };
  }
  const found = Object.keys(document).filter((name) => outputMembers.includes(name));
  if (found.length === 0) return unchanged;
  const entries = Object.entries(document).filter(([name]) => !outputMembers.includes(name));
  const text = `the file is the output of ${output}; remove ${inWords(found)}, which ${input} does not take`;
  return { document: Object.fromEntries(entries), isWrapped: false, problems: [{ ...problem, text }] };
}

function inWords(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join();
}

function parseJson(fileText: FileText): { readonly value: unknown } | { readonly problem: InputProblem } {
  const { file } = fileText;
  if ('problem' in fileText) return { problem: { field: file, ...fileText.problem } };
  try {
    return { value: JSON.parse(fileText.text) };
  } catch (error) {
    const fault = findJsonFault(fileText.text);
    if (fault === undefined) throw error;
    const { line, column, expected, actual } = fault;
    return { problem: { field: `${file}:${line}:${column}`, expected, actual } };
  }
}

/** Such as `task-definition.json: containerDefinitions[0].image`. Long names are cut. */
function placeIn(file: string, path: JsonPath): string {
  const parts = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[A-Za-z_]\w{0,59}$/.test(key) ? `.${key}` : `[${describeValue(key)}]`;
  });
  return parts.length === 0 ? file : `${file}: ${parts.join('').replace(/^\./, '')}`;
}
