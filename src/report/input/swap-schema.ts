import * as v from 'valibot';
import { stackReference, strictObject, time } from '../../core/schemas.js';
import { swapRecordItemSchema } from '../../swap/record/parse-record-item.js';
import { notMisplaced } from './misplaced.js';

const event = { at: time, swapId: v.string() };
const step = v.string();

const swapEvent = v.variant('type', [
  v.object({ type: v.literal('started'), ...event, incoming: stackReference, owner: v.string() }),
  v.object({
    type: v.literal('phaseChanged'),
    ...event,
    phase: v.string(),
    reason: v.optional(v.string()),
  }),
  v.object({
    type: v.literal('rollbackRequested'),
    ...event,
    reason: v.string(),
    requestedBy: v.optional(v.string()),
  }),
  v.object({ type: v.picklist(['stepStarted', 'stepDone', 'stepSkipped']), ...event, step }),
  v.object({ type: v.picklist(['undoStarted', 'stepUndone']), ...event, step }),
  v.object({ type: v.literal('stepFailed'), ...event, step, failure: v.string() }),
  v.object({
    type: v.literal('ended'),
    ...event,
    end: v.picklist(['succeeded', 'rolledBack', 'abandoned']),
    reason: v.optional(v.string()),
    orphans: v.array(v.string()),
  }),
]);

const underWay = v.object({
  id: v.string(),
  incoming: stackReference,
  phase: v.string(),
  since: v.string(),
  wanted: v.picklist(['forward', 'back']),
  reason: v.optional(v.string()),
  haltReason: v.optional(v.string()),
  owner: v.string(),
  ownerStatus: v.optional(v.string()),
  steps: v.array(
    v.object({
      name: v.string(),
      stack: v.picklist(['incoming', 'outgoing']),
      state: v.picklist(['open', 'alreadyDone', 'started', 'done', 'undoing', 'undone']),
      inEffectAt: v.optional(v.string()),
      failure: v.optional(v.string()),
    }),
  ),
});

const ended = v.object({
  id: v.string(),
  incoming: stackReference,
  beganAt: time,
  endedAt: time,
  end: v.picklist(['succeeded', 'rolledBack', 'abandoned']),
  reason: v.optional(v.string()),
});

const status = v.object({
  application: v.string(),
  live: v.optional(stackReference),
  traffic: v.lazy((traffic) =>
    isError(traffic) ? v.object({ error: v.string() }) : v.object({ blue: v.number(), green: v.number() }),
  ),
  swap: v.optional(underWay),
  orphans: v.array(
    v.object({ swapId: v.string(), step: v.string(), stack: stackReference, reason: v.string() }),
  ),
  last: v.optional(ended),
  next: v.string(),
});

function isError(traffic: unknown): boolean {
  return typeof traffic === 'object' && traffic !== null && 'error' in traffic;
}

/** Schema of a swap's part. */
export const swapSchema = v.pipe(
  v.unknown(),
  notMisplaced((value) => Array.isArray(value), 'an object with the events: pass { swap: { history } }'),
  notMisplaced((value) => 'next' in value, 'an object with the status: pass { swap: { status } }'),
  notMisplaced((value) => 'ended' in value, 'an object with the record: pass { swap: { record } }'),
  strictObject({
    history: v.optional(v.array(swapEvent)),
    record: v.optional(swapRecordItemSchema),
    status: v.optional(status),
    outcome: v.optional(v.picklist(['succeeded', 'rolledBack', 'halted'])),
    reason: v.optional(v.string()),
    state: v.optional(v.unknown()),
  }),
  v.check(
    ({ history, record, status: read }) => (history ?? record ?? read) !== undefined,
    'the history, the record or the status of a swap',
  ),
);

/** Swap of a report, parsed. */
export type SwapPart = v.InferOutput<typeof swapSchema>;

/** Event of a swap, parsed. */
export type SwapEventPart = v.InferOutput<typeof swapEvent>;
