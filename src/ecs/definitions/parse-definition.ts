import type * as v from 'valibot';
import type { InputProblem } from '../../core/errors.js';
import { checkDocument } from './check-document.js';
import type { FileText } from './file-text.js';
import { findJsonFault } from './json-fault.js';
import { type Environment, type JsonPath, replacePlaceholders } from './replace-placeholders.js';

/** A definition, or what is wrong with its file. */
export interface ParsedDefinition<Definition> {
  /** There is none when there are problems or missing names. */
  readonly definition: Definition | undefined;
  /** Where each name that has no value is used. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
  /** Everything else that is wrong. */
  readonly problems: readonly InputProblem[];
}

/** Parses the text of a file, replaces its placeholders, and holds it against its schema. */
export function parseDefinition<const Schema extends v.GenericSchema>(
  schema: Schema,
  fileText: FileText,
  env: Environment,
): ParsedDefinition<v.InferOutput<Schema>> {
  const { file } = fileText;
  const parsed = parseJson(fileText);
  if ('problem' in parsed) return { definition: undefined, missing: new Map(), problems: [parsed.problem] };

  const { value, missing, problems } = replacePlaceholders(parsed.value, env);
  const checked = checkDocument(schema, value);
  const all = [...problems, ...('problems' in checked ? checked.problems : [])];
  return {
    definition: 'output' in checked && all.length === 0 && missing.size === 0 ? checked.output : undefined,
    missing: new Map([...missing].map(([name, paths]) => [name, paths.map((path) => placeIn(file, path))])),
    problems: all.map(({ path, ...problem }) => ({ field: placeIn(file, path), ...problem })),
  };
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

/** Such as `task-definition.json: containerDefinitions[0].image`. */
function placeIn(file: string, path: JsonPath): string {
  const parts = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return parts.length === 0 ? file : `${file}: ${parts.join('').replace(/^\./, '')}`;
}
