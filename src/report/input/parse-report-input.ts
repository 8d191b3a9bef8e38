import * as v from 'valibot';
import { strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { notMisplaced } from './misplaced.js';
import { rehearsalSchema } from './rehearsal-schema.js';
import { rolloutSchema } from './rollout-schema.js';
import { shiftSchema } from './shift-schema.js';
import { swapSchema } from './swap-schema.js';

const schema = v.pipe(
  v.unknown(),
  notMisplaced(
    (value) => 'history' in value,
    'the kind of change: pass { shift: { history } }, { rollout: { history } } or { swap: { history } }',
  ),
  notMisplaced((value) => 'status' in value, 'the kind of change: pass { swap: { status } }'),
  notMisplaced((value) => 'record' in value, 'the kind of change: pass { swap: { record } }'),
  notMisplaced((value) => 'state' in value, 'the kind of change: pass { shift: { state } }'),
  strictObject({
    title: v.optional(v.string()),
    facts: v.optional(v.record(v.string(), v.union([v.string(), v.number()])), {}),
    shift: v.optional(shiftSchema),
    rollout: v.optional(rolloutSchema),
    swap: v.optional(swapSchema),
    rehearsal: v.optional(
      v.lazy((value) => (Array.isArray(value) ? v.array(rehearsalSchema) : rehearsalSchema)),
    ),
  }),
  v.check(
    ({ shift, rollout, swap, rehearsal }) => (shift ?? rollout ?? swap ?? rehearsal) !== undefined,
    'a shift, a rollout, a swap or a rehearsal',
  ),
);

/**
 * Parses the input of a report.
 *
 * @throws InvalidInputError which names every invalid or unknown field.
 */
export function parseReportInput(input: unknown) {
  const { rehearsal, ...rest } = parseInput('Report input', schema, input);
  const rehearsals = rehearsal === undefined ? [] : Array.isArray(rehearsal) ? rehearsal : [rehearsal];
  return { ...rest, rehearsals };
}
