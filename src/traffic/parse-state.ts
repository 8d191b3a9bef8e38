import * as v from 'valibot';
import { parseInput } from '../core/validate.js';
import { type ShiftState, shiftStateVersion } from './shift-state.js';
import { strategySchema } from './strategies/strategy-schema.js';

const stack = v.picklist(['blue', 'green']);
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
const weights = v.pipe(
  v.object({ blue: share, green: share }),
  v.check(({ blue, green }) => Math.abs(blue + green - 100) < 0.1, 'two shares that are 100 % together'),
);
const time = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const stateSchema = v.object({
  version: v.literal(shiftStateVersion),
  phase: v.picklist(['shifting', 'rollingBack', 'succeeded', 'rolledBack', 'halted']),
  haltedIn: v.exactOptional(v.picklist(['shifting', 'rollingBack'])),
  incoming: stack,
  strategy: strategySchema,
  initialWeights: weights,
  verifiedWeights: weights,
  verifiedAt: time,
  step: v.pipe(v.number(), v.integer(), v.minValue(-1)),
  announcedWeights: v.exactOptional(weights),
  abandonedWeights: v.exactOptional(weights),
  unverifiedWrites: count,
  nextCheckAt: time,
  tallies: v.record(
    v.string(),
    v.object({ failures: count, inconclusives: count, errors: count, successes: count }),
  ),
  reason: v.exactOptional(v.string()),
  startedAt: time,
});

/**
 * Reads a state that was kept somewhere in between.
 *
 * @throws InvalidInputError which names every wrong field; also for a state of another version.
 */
export function parseShiftState(state: unknown): ShiftState {
  return parseInput('Shift state', stateSchema, state);
}
