import type { Clock } from '../../core/clock.js';
import { describeValue } from '../../core/describe-value.js';
import { UnexpectedResponseError, WaitTimeoutError } from '../../core/errors.js';
import { isRecord } from '../../core/is-record.js';
import { settlesWithin } from '../../core/settles-within.js';
import { parseSwapRecordItem } from '../record/parse-record-item.js';
import type { SwapRecord, SwapRecordItem, SwapWriteResult } from '../record/types.js';

/** Seconds for one call of the record. */
const maxCallSeconds = 120;

/** Record of one application. */
export interface RecordAccess {
  readonly record: SwapRecord;
  readonly application: string;
  readonly clock: Clock;
}

/** Reads and parses the item of an application. */
export async function readItem(options: RecordAccess): Promise<SwapRecordItem | undefined> {
  const { record, application } = options;
  const stored = await withinLimit(options, (signal) => record.read(application, { signal }));
  return parseSwapRecordItem(stored, application);
}

/**
 * Makes one attempt to write an item.
 *
 * @throws WaitTimeoutError, and the errors of the record: the write may have taken effect.
 */
export async function writeItem(options: RecordAccess, item: SwapRecordItem): Promise<SwapWriteResult> {
  const { record } = options;
  return requireWriteResult(await withinLimit(options, (signal) => record.write(item, { signal })), record);
}

/** Calls the record. Each call of a session waits for the one before, so one that never settled would stop the process for ever. */
async function withinLimit<Result>(
  { record, clock }: Omit<RecordAccess, 'application'>,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  const calling = call(limit.signal);
  if (await settlesWithin(calling, maxCallSeconds * 1000, clock)) return calling;
  const timeout = new WaitTimeoutError({
    resource: record.description,
    maxWaitSeconds: maxCallSeconds,
    expected: 'a response of the store of the swap records',
    remedy: 'Check the network path to the store; the call can be repeated',
  });
  limit.abort(timeout);
  throw timeout;
}

/** @throws UnexpectedResponseError for a result that a record must not return: it could be read as written. */
function requireWriteResult(result: unknown, { description }: SwapRecord): SwapWriteResult {
  const { status, current } = isRecord(result) ? result : {};
  if (status === 'written') return { status };
  if (status === 'conflict') return { status, current };
  throw new UnexpectedResponseError({
    action: 'write',
    resource: description,
    field: "status: 'written' or 'conflict'",
    actual: describeValue(result),
  });
}
