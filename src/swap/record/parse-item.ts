import * as v from 'valibot';
import { nonEmptyString, wholeNumber } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { SwapRecordItem } from './types.js';

const stack = v.picklist(['blue', 'green']);
const time = v.pipe(v.number(), v.finite());
const owner = v.object({ kind: v.picklist(['codeDeploy', 'ecs', 'run']), id: nonEmptyString });
const phases = [
  'preparing',
  'testing',
  'switching',
  'baking',
  'retiring',
  'returningTraffic',
  'undoing',
] as const;

const json = v.custom<NonNullable<unknown>>((value) => value !== undefined, 'a JSON value');

const stepRecord = v.object({
  wasDone: v.exactOptional(v.boolean()),
  before: v.exactOptional(json),
  claimedAt: v.exactOptional(time),
  attempts: v.exactOptional(wholeNumber),
  attemptedAt: v.exactOptional(time),
  ranAt: v.exactOptional(time),
  doneAt: v.exactOptional(time),
  inEffectAt: v.exactOptional(time),
  undoClaimedAt: v.exactOptional(time),
  undoAttempts: v.exactOptional(wholeNumber),
  undoAttemptedAt: v.exactOptional(time),
  undoRanAt: v.exactOptional(time),
  undoneAt: v.exactOptional(time),
  memory: v.exactOptional(v.record(v.string(), json)),
  failure: v.exactOptional(v.string()),
});

const swapSchema = v.object({
  id: nonEmptyString,
  owner,
  incoming: stack,
  phase: v.picklist([...phases, 'halted']),
  haltedIn: v.exactOptional(v.picklist(phases)),
  beganAt: time,
  phaseSince: time,
  wanted: v.picklist(['forward', 'back']),
  reason: v.exactOptional(v.string()),
  requestedBy: v.exactOptional(v.string()),
  plan: v.array(v.string()),
  steps: v.record(v.string(), stepRecord),
  switchedAt: v.exactOptional(time),
  shift: v.exactOptional(json),
  shiftDueAt: v.exactOptional(time),
  shiftOutcome: v.exactOptional(v.picklist(['succeeded', 'rolledBack'])),
  returnRequestedAt: v.exactOptional(time),
  noTrafficSince: v.exactOptional(time),
  hook: v.exactOptional(v.object({ name: nonEmptyString, executionId: nonEmptyString, since: time })),
  answers: v.exactOptional(v.record(v.string(), v.picklist(['Succeeded', 'Failed']))),
});

const orphan = v.object({
  swapId: nonEmptyString,
  owner,
  step: nonEmptyString,
  stack,
  reason: v.string(),
});

const ended = v.object({
  id: nonEmptyString,
  owner,
  incoming: stack,
  beganAt: time,
  endedAt: time,
  end: v.picklist(['succeeded', 'rolledBack', 'abandoned']),
  reason: v.exactOptional(v.string()),
});

const itemSchema = v.object({
  format: v.literal(1, 'format 1; a newer version of aws-blue-green-toolkit has written the item'),
  application: nonEmptyString,
  version: wholeNumber,
  writeId: nonEmptyString,
  fingerprint: v.exactOptional(nonEmptyString),
  live: v.exactOptional(stack),
  swap: v.exactOptional(swapSchema),
  claim: v.exactOptional(v.object({ id: nonEmptyString, expiresAt: time })),
  orphans: v.array(orphan),
  undoInEffectAt: v.exactOptional(v.record(v.string(), time)),
  ended: v.array(ended),
});

/**
 * Parses a stored item.
 *
 * @throws InvalidInputError for anything else, also for an item of another version or of another application.
 */
export function parseItem(value: unknown, application: string, description: string): SwapRecordItem {
  const subject = `Item ${application} of ${description}`;
  const item = parseInput(
    subject,
    v.pipe(
      itemSchema,
      v.forward(
        v.partialCheck([['application']], (it) => it.application === application, `"${application}"`),
        ['application'],
      ),
    ),
    value,
  );
  return item as SwapRecordItem;
}
