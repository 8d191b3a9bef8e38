import * as v from 'valibot';
import { messageOf } from '../../core/describe-error.js';
import { describeValue } from '../../core/describe-value.js';
import { type InvalidInputError, invalidInput } from '../../core/errors.js';
import { isRecord } from '../../core/is-record.js';
import { copyPlainData } from '../../core/plain-data.js';
import { nonEmptyString, positiveCount, strictObject, wholeNumber } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { JsonValue } from '../plan/step.js';
import type { OrphanStep, StepRecord, SwapRecordItem, SwapUnderWay } from './types.js';

/** Present version of the format of an item. */
export const recordFormat = 1;

/**
 * Maximum size of an item as JSON, in UTF-8 bytes. DynamoDB stores items of up to 400 KB, and the plan, the claim and the
 * ended swaps need room beside the steps.
 */
export const maxRecordBytes = 256_000;

const stack = v.picklist(['blue', 'green']);
const phase = v.picklist([
  'preparing',
  'testing',
  'switching',
  'baking',
  'retiring',
  'returningTraffic',
  'undoing',
  'halted',
]);
const end = v.picklist(['succeeded', 'rolledBack', 'abandoned']);
const time = v.pipe(
  v.number(),
  v.check((value) => Math.abs(value) <= 8.64e15, 'a time in milliseconds since 1970'),
);
const json = v.custom<JsonValue>((value) => value !== undefined, 'a JSON value');
const memory = v.custom<{ readonly [key: string]: JsonValue }>(isRecord, 'a JSON object');

/** The schema of every member of a type. A member without one fails to compile. */
type EntriesOf<Type> = { readonly [Name in keyof Required<Type>]: v.GenericSchema };

const step = strictObject({
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
  memory: v.exactOptional(memory),
  failure: v.exactOptional(v.string()),
} satisfies EntriesOf<StepRecord>);

const owner = strictObject({ kind: v.picklist(['codeDeploy', 'ecs', 'run']), id: nonEmptyString });

const swap = strictObject({
  id: nonEmptyString,
  owner,
  incoming: stack,
  phase,
  haltedIn: v.exactOptional(
    v.pipe(
      phase,
      v.check((it) => it !== 'halted', 'the phase in which the swap halted'),
      v.transform((it) => it as Exclude<typeof it, 'halted'>),
    ),
  ),
  beganAt: time,
  phaseSince: time,
  wanted: v.picklist(['forward', 'back']),
  reason: v.exactOptional(v.string()),
  haltReason: v.exactOptional(v.string()),
  requestedBy: v.exactOptional(v.string()),
  plan: v.array(v.string()),
  steps: v.record(v.string(), step),
  switchedAt: v.exactOptional(time),
  shift: v.exactOptional(json),
  shiftDueAt: v.exactOptional(time),
  shiftOutcome: v.exactOptional(v.picklist(['succeeded', 'rolledBack'])),
  returnRequestedAt: v.exactOptional(time),
  noTrafficSince: v.exactOptional(time),
  hook: v.exactOptional(strictObject({ name: nonEmptyString, executionId: nonEmptyString, since: time })),
  answers: v.exactOptional(v.record(v.string(), v.picklist(['Succeeded', 'Failed']))),
} satisfies EntriesOf<SwapUnderWay>);

/** Schema of a stored item of the present format. */
export const swapRecordItemSchema = strictObject({
  format: v.literal(recordFormat),
  application: nonEmptyString,
  version: positiveCount,
  writeId: nonEmptyString,
  fingerprint: v.exactOptional(v.string()),
  live: v.exactOptional(stack),
  swap: v.exactOptional(swap),
  claim: v.exactOptional(strictObject({ id: nonEmptyString, expiresAt: time })),
  orphans: v.array(
    strictObject({
      swapId: nonEmptyString,
      owner,
      step: nonEmptyString,
      stack,
      reason: v.string(),
      record: v.exactOptional(step),
    } satisfies EntriesOf<OrphanStep>),
  ),
  undoInEffectAt: v.exactOptional(v.record(v.string(), time)),
  ended: v.array(
    strictObject({
      id: nonEmptyString,
      owner,
      incoming: stack,
      beganAt: time,
      endedAt: time,
      end,
      reason: v.exactOptional(v.string()),
    }),
  ),
} satisfies EntriesOf<SwapRecordItem>);

/**
 * Parses a stored item of an application. Returns undefined when nothing is stored.
 *
 * @throws InvalidInputError for an item of a newer release, of another application, or with a damaged field. Such an item is
 * never overwritten, because its swap may be under way.
 */
export function parseSwapRecordItem(value: unknown, application: string): SwapRecordItem | undefined {
  if (value === undefined) return undefined;
  const subject = subjectOf(application);
  // Read once: a store of the user's own may return an object with getters.
  const copy = copyPlainData(subject, value);
  requireKnownFormat(subject, copy);
  const item = parseInput(subject, swapRecordItemSchema, copy);
  if (item.application === application) return item;
  throw refused(subject, {
    field: 'application',
    expected: describeValue(application),
    actual: describeValue(item.application),
  });
}

/**
 * Returns an item as JSON.
 *
 * @throws InvalidInputError for an item that could not be read again, or that is too large.
 */
export function encodeSwapRecordItem(item: SwapRecordItem): {
  readonly item: SwapRecordItem;
  readonly text: string;
} {
  const text = toJson(item);
  const { application } = parseInput(
    'Swap record',
    v.object({ application: nonEmptyString }),
    fromText(text),
  );
  const parsed = parseSwapRecordItem(fromText(text), application);
  if (parsed === undefined) throw refused('Swap record', { expected: 'an item', actual: 'undefined' });
  requireFits(parsed, text);
  return { item: parsed, text };
}

/** Returns the size of an item as JSON, in UTF-8 bytes. A write refuses more than {@link maxRecordBytes}. */
export function bytesOfRecord(item: SwapRecordItem): number {
  return bytesOf(toJson(item));
}

function requireKnownFormat(subject: string, value: unknown): void {
  const format = isRecord(value) ? value['format'] : undefined;
  if (typeof format !== 'number' || format <= recordFormat) return;
  const text = `expected ${recordFormat}, got ${format}, which a newer release wrote. Update aws-blue-green-toolkit here to the version that the other functions of the swap have. Nothing was changed`;
  throw refused(subject, { field: 'format', expected: `${recordFormat}`, actual: `${format}`, text });
}

function requireFits({ application, swap: underWay }: SwapRecordItem, text: string): void {
  const bytes = bytesOf(text);
  if (bytes <= maxRecordBytes) return;
  const sizes = Object.entries(underWay?.steps ?? {})
    .map(([name, record]) => ({ name, bytes: bytesOf(JSON.stringify(record)) }))
    .sort((one, other) => other.bytes - one.bytes);
  const largest =
    sizes[0] && `; its largest step is ${describeValue(sizes[0].name)}, ${sizes[0].bytes} bytes`;
  throw refused(subjectOf(application), {
    expected: `at most ${maxRecordBytes} bytes of JSON`,
    actual: `${bytes} bytes${largest ?? ''}`,
  });
}

function toJson(item: SwapRecordItem): string {
  try {
    return JSON.stringify(item) ?? 'null';
  } catch (error) {
    throw refused('Swap record', {
      expected: 'plain data',
      actual: `an object that throws: ${messageOf(error)}`,
    });
  }
}

function fromText(text: string): unknown {
  return JSON.parse(text);
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

function subjectOf(application: string): string {
  return `Swap record of ${application}`;
}

function refused(
  subject: string,
  problem: { field?: string; expected: string; actual: string; text?: string },
): InvalidInputError {
  return invalidInput(subject, { field: '', ...problem });
}
