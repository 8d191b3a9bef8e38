import * as v from 'valibot';
import { ResourceStateError } from '../../core/errors.js';
import { parseInput } from '../../core/validate.js';
import type { JsonValue } from '../plan/step.js';

/** Largest recorded state: the record has room for 4 KB of each step. */
const maxBytes = 3500;

const names = v.array(v.string());
const selectionSchema = v.union([v.object({ only: names }), v.object({ allBut: names })]);

/** Resources that a step changes: some of them by name, or all others. */
export type Selection = v.InferOutput<typeof selectionSchema>;

/**
 * Reads the state that a step recorded before its change. It is never guessed.
 *
 * @throws InvalidInputError when nothing, or something else, was recorded.
 */
export function parseRecorded<const Schema extends v.GenericSchema>(
  step: string,
  schema: Schema,
  before: JsonValue | undefined,
): v.InferOutput<Schema> {
  return parseInput(`Recorded state of the step ${step}`, schema, before);
}

/** Reads a recorded selection. */
export function parseSelection(step: string, before: JsonValue | undefined): Selection {
  return parseRecorded(step, selectionSchema, before);
}

/** True for a resource that the step changes. */
export function isSelected(selection: Selection, id: string): boolean {
  return 'only' in selection ? selection.only.includes(id) : !selection.allBut.includes(id);
}

/**
 * Returns the shorter form of a selection that fits into the record.
 *
 * @throws ResourceStateError when neither form fits, before anything is changed.
 */
export function selectionOf(
  step: string,
  { all, changed }: { readonly all: readonly string[]; readonly changed: readonly string[] },
): Selection {
  const others = all.filter((id) => !changed.includes(id));
  const only = { only: [...changed] };
  if (fits(only)) return only;
  const allBut = { allBut: others };
  if (fits(allBut)) return allBut;
  throw new ResourceStateError(`Cannot record the state before the step ${step}`, {
    resource: step,
    expected: `at most ${maxBytes} bytes of names`,
    actual: `${changed.length} resources to change and ${others.length} to leave alone`,
    remedy: 'Change all of them, or none, by hand before the swap, or split them over several steps',
  });
}

function fits(selection: Selection): boolean {
  return new TextEncoder().encode(JSON.stringify(selection)).length <= maxBytes;
}
