import * as v from 'valibot';
import { seconds, stackReference, time, wholeNumber } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { strategySchema } from '../strategies/strategy-schema.js';
import { isPair } from '../weights.js';
import { approvalPercent, maxDuration } from './shift-request.js';
import { type ShiftState, shiftStateVersion } from './shift-state.js';

const weights = v.pipe(
  v.object({ blue: v.number(), green: v.number() }),
  v.check((value) => isPair(value), 'two shares that are 100 % together'),
);

const fields = v.object({
  version: v.literal(shiftStateVersion),
  phase: v.picklist(['shifting', 'rollingBack', 'succeeded', 'rolledBack', 'halted']),
  haltedIn: v.exactOptional(v.picklist(['shifting', 'rollingBack'])),
  incoming: stackReference,
  strategy: strategySchema,
  initialWeights: weights,
  verifiedWeights: weights,
  verifiedAt: time,
  propagationSeconds: v.exactOptional(seconds),
  readAt: time,
  step: v.pipe(
    v.number(),
    v.check((value) => Number.isInteger(value) && value >= -1, 'a whole number, -1 or more'),
  ),
  pendingWeights: v.exactOptional(weights),
  supersededWeights: v.exactOptional(weights),
  setup: v.exactOptional(
    v.object({
      original: v.record(v.string(), v.unknown()),
      stage: v.picklist(['preparing', 'prepared', 'completing', 'completed', 'restoring', 'restored']),
      since: time,
      writes: wholeNumber,
    }),
  ),
  unverifiedWrites: wholeNumber,
  throttled: v.exactOptional(
    v.object({ count: wholeNumber, until: time, message: v.exactOptional(v.string()) }),
  ),
  nextCheckAt: time,
  passedAt: v.exactOptional(time),
  tallies: v.record(
    v.string(),
    v.object({
      failures: wholeNumber,
      inconclusives: wholeNumber,
      errors: wholeNumber,
      successes: wholeNumber,
    }),
  ),
  reason: v.exactOptional(v.string()),
  rollbackReason: v.exactOptional(v.string()),
  startedAt: time,
  approvalPercents: v.exactOptional(v.array(approvalPercent)),
  maxDurationSeconds: v.exactOptional(maxDuration),
});

/** Schema of a stored state. */
export const shiftStateSchema = v.pipe(
  fields,
  v.forward(
    v.partialCheck(
      [['step'], ['strategy']],
      ({ step, strategy }) => step < strategy.steps.length,
      'a step that the strategy has',
    ),
    ['step'],
  ),
);

/**
 * Parses a stored state.
 *
 * @throws InvalidInputError which names every invalid field; also for a state of another version.
 */
export function parseShiftState(state: unknown): ShiftState {
  return parseInput('Shift state', shiftStateSchema, state);
}
