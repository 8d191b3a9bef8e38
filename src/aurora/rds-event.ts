import * as v from 'valibot';
import { InvalidInputError } from '../core/errors.js';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { SnsEventRecord } from './types.js';

/** An RDS event, as far as the tools know it. */
export type RdsEvent =
  | { readonly kind: 'instanceCreated' | 'performanceInsightsDisabled'; readonly instance: string }
  | { readonly kind: 'other'; readonly instance: string | undefined };

const recordSchema = v.object({ Sns: v.object({ Message: nonEmptyString }) });

const messageSchema = v.object({
  'Event ID': v.optional(v.string()),
  'Event Message': v.optional(v.string()),
  'Source ID': v.optional(v.string()),
});

/**
 * Reads the RDS event in an SNS record.
 *
 * @throws InvalidInputError when the record, or the JSON in it, is malformed.
 */
export function parseRdsEvent(record: SnsEventRecord): RdsEvent {
  const { Sns } = parseInput('SNS event record', recordSchema, record);
  const message = parseInput('RDS event message', messageSchema, parseJson(Sns.Message));
  const kind = kindOf(message);
  if (kind === 'other') return { kind, instance: message['Source ID'] };
  return { kind, instance: parseInput('RDS event message', sourceSchema, message)['Source ID'] };
}

const sourceSchema = v.object({ 'Source ID': nonEmptyString });

/**
 * The ID decides, the text is the fallback. "Performance Insights has been disabled" is only known by its text: RDS gives
 * that event no ID of its own (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html).
 */
function kindOf(message: v.InferOutput<typeof messageSchema>): RdsEvent['kind'] {
  const text = message['Event Message']?.trim() ?? '';
  const [id] = /RDS-EVENT-\d{4,}/.exec(message['Event ID'] ?? '') ?? [];
  if (id === 'RDS-EVENT-0005') return 'instanceCreated';
  if (/^Performance Insights has been disabled\b/i.test(text)) return 'performanceInsightsDisabled';
  return id === undefined && /^DB instance created\b/i.test(text) ? 'instanceCreated' : 'other';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError({
      subject: 'SNS event record',
      problems: [{ field: 'Sns.Message', expected: 'JSON', actual: JSON.stringify(text.slice(0, 40)) }],
    });
  }
}
