import * as v from 'valibot';
import { describeValue } from '../core/describe-value.js';
import { type InvalidInputError, invalidInput } from '../core/errors.js';
import { fromJson } from '../core/from-json.js';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { rdsIdentifier } from './identifiers.js';

/** An RDS event, as far as the tools know it. */
export type RdsEvent =
  | { readonly kind: 'instanceCreated' | 'performanceInsightsDisabled'; readonly instance: string }
  | { readonly kind: 'other'; readonly instance: string | undefined };

/** The fields of an event, which its forms name differently. */
interface EventFields {
  readonly id: string | undefined;
  readonly text: string | undefined;
  readonly source: string | undefined;
  readonly sourceType: string | undefined;
  /** The field that names the source, for error messages. */
  readonly sourceField: string;
}

const subject = 'RDS event';
const optionalString = v.optional(v.string());

/** The fields that distinguish the forms. */
const formSchema = v.object({
  Records: v.optional(v.unknown()),
  Sns: v.optional(v.unknown()),
  detail: v.optional(v.unknown()),
  source: v.optional(v.unknown()),
});

const recordSchema = v.object({ Sns: v.object({ Message: nonEmptyString }) });

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-cloudwatch-events.sample.html */
const eventBridgeSchema = v.object({
  source: v.literal('aws.rds'),
  detail: v.object({
    EventID: optionalString,
    Message: optionalString,
    SourceIdentifier: optionalString,
    SourceType: optionalString,
  }),
});

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.html */
const notificationSchema = v.object({
  'Event ID': optionalString,
  'Event Message': optionalString,
  'Event Source': optionalString,
  'Source ID': optionalString,
});

/**
 * Reads an RDS event: a record of SNS with the notification of an RDS event subscription, one with an EventBridge event, or an
 * EventBridge event itself.
 *
 * @throws InvalidInputError when the event has another form, or the JSON in it is malformed.
 */
export function parseRdsEvent(input: unknown): RdsEvent {
  const form = parseInput(subject, formSchema, input);
  if (form.Sns !== undefined) {
    const { Sns } = parseInput(subject, recordSchema, input);
    return toEvent(fieldsOfMessage(parseJson(Sns.Message)));
  }
  if (isEventBridgeForm(form)) return toEvent(fieldsOfEventBridgeEvent(input));
  throw unknownForm(form.Records === undefined ? 'another form' : 'a list of records: pass one of them');
}

function fieldsOfMessage(message: unknown): EventFields {
  const form = parseInput(subject, formSchema, message);
  if (isEventBridgeForm(form)) return fieldsOfEventBridgeEvent(message);
  const notification = parseInput(subject, notificationSchema, message);
  const { 'Event ID': id, 'Event Message': text } = notification;
  if (id === undefined && text === undefined) throw unknownForm('neither "Event ID" nor "Event Message"');
  return {
    id,
    text,
    source: notification['Source ID'],
    sourceType: notification['Event Source'],
    sourceField: '"Source ID"',
  };
}

function fieldsOfEventBridgeEvent(event: unknown): EventFields {
  const { detail } = parseInput(subject, eventBridgeSchema, event);
  const { EventID: id, Message: text } = detail;
  if (id === undefined && text === undefined) throw unknownForm('neither detail.EventID nor detail.Message');
  return {
    id,
    text,
    source: detail.SourceIdentifier,
    sourceType: detail.SourceType,
    sourceField: 'detail.SourceIdentifier',
  };
}

function isEventBridgeForm({ source, detail }: v.InferOutput<typeof formSchema>): boolean {
  return source !== undefined || detail !== undefined;
}

function toEvent(fields: EventFields): RdsEvent {
  const kind = kindOf(fields);
  // AWS's samples of EventBridge events have `rds:` before the identifier.
  const instance = fields.source?.replace(/^rds:/, '');
  if (kind === 'other') return { kind, instance };
  if (v.is(rdsIdentifier, instance)) return { kind, instance };
  const problem = { field: fields.sourceField, expected: 'the identifier of a DB instance' };
  throw invalidInput(subject, { ...problem, actual: describeValue(instance) });
}

/**
 * The ID decides, the text is the fallback. "Performance Insights has been disabled" is known by its text only: that
 * event has no ID of its own (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html).
 */
function kindOf({ id = '', text = '', sourceType = 'db-instance' }: EventFields): RdsEvent['kind'] {
  const words = text.trim();
  const [knownId] = /RDS-EVENT-\d{4,}/.exec(id) ?? [];
  if (knownId === 'RDS-EVENT-0005') return 'instanceCreated';
  // A cluster, say, has events of the same words.
  if (!/^db[-_]instance$/i.test(sourceType)) return 'other';
  if (/^Performance Insights has been disabled\b/i.test(words)) return 'performanceInsightsDisabled';
  return knownId === undefined && /^DB instance created\b/i.test(words) ? 'instanceCreated' : 'other';
}

function parseJson(text: string): unknown {
  const json = fromJson(text);
  if (json !== undefined) return json;
  throw invalidInput(subject, { field: 'Sns.Message', expected: 'JSON', actual: describeValue(text) });
}

function unknownForm(actual: string): InvalidInputError {
  const expected =
    'a record of SNS with an RDS event, or an RDS event of EventBridge (source "aws.rds" with a detail)';
  return invalidInput(subject, { field: '', expected, actual });
}
