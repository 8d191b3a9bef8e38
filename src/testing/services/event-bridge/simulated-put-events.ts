import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { awsError } from '../../cloud/environment.js';

const maxEntries = 10;
const maxBytes = 256 * 1024;

/**
 * Refuses a request that EventBridge refuses as a whole.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export function requireSendable(entries: readonly PutEventsRequestEntry[]): void {
  if (entries.length < 1 || entries.length > maxEntries)
    throw awsError('ValidationException', `A request has 1 to ${maxEntries} entries, not ${entries.length}`);
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > maxBytes)
    throw awsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  if (entries.every((entry) => !isComplete(entry)))
    throw awsError('ValidationException', 'No entry has a Source, a DetailType and a Detail');
}

/** Returns the error of an entry that EventBridge refuses; undefined for an accepted entry. */
export function refusalOf(entry: PutEventsRequestEntry): PutEventsResultEntry | undefined {
  if (!isComplete(entry)) return refused('InvalidArgument', 'Source, DetailType and Detail are required.');
  if ((entry.DetailType ?? '').length > 128) return refused('InvalidArgument', 'DetailType is too long.');
  if (entry.Source?.startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  return isObject(entry.Detail ?? '') ? undefined : refused('MalformedDetail', 'Detail is malformed.');
}

function refused(ErrorCode: string, ErrorMessage: string): PutEventsResultEntry {
  return { ErrorCode, ErrorMessage };
}

function isComplete({ Source, DetailType, Detail }: PutEventsRequestEntry): boolean {
  return Boolean(Source && DetailType && Detail);
}

function isObject(detail: string): boolean {
  try {
    const value: unknown = JSON.parse(detail);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function sizeOf({ Time, Source, DetailType, Detail, Resources = [] }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    Time === undefined ? 0 : 14, // the size of a time
  );
}
