import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describeValue } from '../../core/describe-value.js';
import { invalidInput } from '../../core/errors.js';
import { fromJson } from '../../core/from-json.js';
import { isRecord } from '../../core/is-record.js';
import { recordFormat } from '../record/parse-record-item.js';
import type { SwapRecordItem } from '../record/types.js';

type Attributes = Record<string, AttributeValue>;

/** Returns the key of an application's item: the partition key `application`, a string. */
export function keyOf(application: string): Attributes {
  return { application: { S: application } };
}

/**
 * Returns the attributes of an item. `record` has the whole item as JSON. `version` and `writeId` repeat two of its members for
 * the condition of a write, and `format` one for the table's reader.
 */
export function toAttributes({
  item,
  text,
}: {
  readonly item: SwapRecordItem;
  readonly text: string;
}): Attributes {
  return {
    ...keyOf(item.application),
    format: { N: String(item.format) },
    version: { N: String(item.version) },
    writeId: { S: item.writeId },
    record: { S: text },
  };
}

/**
 * Returns the item in stored attributes, which the caller validates.
 *
 * @throws InvalidInputError when `record` is no JSON, or when it disagrees with the attributes beside it. A changed item is not
 * overwritten, because its swap may be under way.
 */
export function fromAttributes(attributes: Attributes, application: string): unknown {
  const format = Number(attributes['format']?.N);
  // A newer release may store its items in another form.
  if (format > recordFormat) return { format };
  const text = attributes['record']?.S;
  const value = text === undefined ? undefined : fromJson(text);
  if (!isRecord(value)) throw damaged(application, 'record', 'an item as JSON', text);
  const { version, writeId } = value;
  if (Number(attributes['version']?.N) !== version)
    throw damaged(application, 'version', describeValue(version), attributes['version']?.N);
  if (attributes['writeId']?.S !== writeId)
    throw damaged(application, 'writeId', describeValue(writeId), attributes['writeId']?.S);
  return value;
}

function damaged(application: string, field: string, expected: string, actual: string | undefined) {
  const problem = { field, expected, actual: describeValue(actual) };
  const text = `expected ${problem.expected}, got ${problem.actual}. The item was changed by hand or by another program: restore it from a backup of the table`;
  return invalidInput(`Swap record of ${application}`, { ...problem, text });
}
