import * as v from 'valibot';
import { stackReference, strictObject, time } from '../../core/schemas.js';
import { shiftStateSchema } from '../../traffic/shift/parse-state.js';
import { notMisplaced } from './misplaced.js';

/** Weights of both stacks. */
export const weights = v.object({
  blue: v.pipe(v.number(), v.finite()),
  green: v.pipe(v.number(), v.finite()),
});

const counts = v.object({ requests: v.number(), failures: v.number() });

const evidence = v.object({
  value: v.number(),
  required: v.number(),
  incoming: counts,
  outgoing: counts,
  ratioLowerBound: v.optional(v.number()),
});

/** Result of a check, or its error. */
const checkResult = v.object({
  outcome: v.picklist(['pass', 'fail', 'inconclusive', 'error']),
  detail: v.string(),
  value: v.optional(v.number()),
  undecided: v.optional(v.boolean()),
  evidence: v.optional(evidence),
});

/** Evaluation of a check, as shifts and rollouts emit it. */
export const checkEvaluated = v.object({
  type: v.literal('checkEvaluated'),
  at: time,
  check: v.string(),
  dryRun: v.boolean(),
  result: checkResult,
});

const withWeights = { at: time, weights };

const shiftEvent = v.variant('type', [
  v.object({ type: v.literal('started'), ...withWeights, incoming: stackReference, strategy: v.string() }),
  v.object({ type: v.literal('weightsWritten'), ...withWeights }),
  v.object({ type: v.literal('weightsVerified'), ...withWeights }),
  checkEvaluated,
  v.object({ type: v.literal('held'), ...withWeights, reason: v.string() }),
  v.object({ type: v.literal('rollingBack'), at: time, reason: v.string() }),
  v.object({ type: v.literal('halted'), at: time, reason: v.string() }),
  v.object({ type: v.literal('rolledBack'), ...withWeights, reason: v.string() }),
  v.object({ type: v.literal('succeeded'), ...withWeights }),
]);

/** Schema of a shift's part. */
export const shiftSchema = v.pipe(
  v.unknown(),
  notMisplaced((value) => Array.isArray(value), 'an object with the events: pass { shift: { history } }'),
  notMisplaced((value) => 'phase' in value, 'an object with the state: pass { shift: { state } }'),
  strictObject({
    history: v.optional(v.array(shiftEvent)),
    state: v.optional(shiftStateSchema),
    outcome: v.optional(v.picklist(['succeeded', 'rolledBack', 'halted'])),
    reason: v.optional(v.string()),
  }),
  v.check(
    ({ history, state }) => history !== undefined || state !== undefined,
    'the history or the state of a shift',
  ),
);

/** Shift of a report, parsed. */
export type ShiftPart = v.InferOutput<typeof shiftSchema>;

/** Event of a shift, parsed. */
export type ShiftEventPart = v.InferOutput<typeof shiftEvent>;

/** Evaluation of a check, parsed. */
export type Evaluation = v.InferOutput<typeof checkEvaluated>;

/** Evidence of a comparison, parsed. */
export type Evidence = v.InferOutput<typeof evidence>;
