import * as v from 'valibot';
import { type CallOptions, throwIfAborted } from '../../core/aws-call.js';
import { fromJson } from '../../core/from-json.js';
import { isRecord } from '../../core/is-record.js';
import type { Permission } from '../../core/permissions.js';
import { callOptionsSchema, nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { encodeSwapRecordItem } from './parse-record-item.js';
import type { SwapRecord, SwapRecordItem, SwapWriteResult } from './types.js';

/** Options of {@link InMemorySwapRecord}. */
export interface InMemorySwapRecordOptions {
  /**
   * Items that are stored at the beginning, by application. They are not validated, as in any store.
   * @default none
   */
  readonly items?: Readonly<Record<string, unknown>> | undefined;
}

const optionsSchema = strictObject({ items: v.optional(v.record(v.string(), v.unknown())) });

/**
 * Swap records in the memory of one process, for tests and for swaps that only one process runs. They are lost when the
 * process ends. Two processes need a `DynamoSwapRecord`.
 *
 * @example
 * ```ts
 * import { InMemorySwapRecord } from 'aws-blue-green-toolkit/swap';
 *
 * const record = new InMemorySwapRecord();
 * ```
 */
export class InMemorySwapRecord implements SwapRecord {
  /** `memory of this process` */
  readonly description = 'memory of this process';
  /** None: nothing is called. */
  readonly permissions: readonly Permission[] = [];
  /** JSON by application, so that no caller shares an object with the store. */
  readonly #items = new Map<string, string>();

  /** @throws InvalidInputError for an unknown or malformed option. */
  constructor(options: InMemorySwapRecordOptions = {}) {
    const { items = {} } = parseInput('InMemorySwapRecord options', optionsSchema, options);
    for (const [application, item] of Object.entries(items))
      this.#items.set(application, JSON.stringify(item));
  }

  /**
   * Returns a copy of the stored item; undefined when there is none.
   *
   * @throws InvalidInputError, OperationAbortedError
   */
  async read(application: string, options: CallOptions = {}): Promise<unknown> {
    const key = parseInput('Application', nonEmptyString, application);
    this.#requireRunning(key, options);
    return this.#stored(key);
  }

  /**
   * Stores an item on the condition of its version.
   *
   * @throws InvalidInputError for an item that could not be read again, or that is larger than 256,000 bytes;
   * OperationAbortedError
   */
  async write(item: SwapRecordItem, options: CallOptions = {}): Promise<SwapWriteResult> {
    const encoded = encodeSwapRecordItem(item);
    const { application, version, writeId } = encoded.item;
    this.#requireRunning(application, options);
    const current = this.#stored(application);
    const stored = isRecord(current) ? current : undefined;
    if (stored?.['writeId'] === writeId) return { status: 'written' };
    const isNext = current === undefined ? version === 1 : stored?.['version'] === version - 1;
    if (!isNext) return { status: 'conflict', current };
    this.#items.set(application, encoded.text);
    return { status: 'written' };
  }

  #stored(application: string): unknown {
    const text = this.#items.get(application);
    return text === undefined ? undefined : fromJson(text);
  }

  #requireRunning(resource: string, options: CallOptions): void {
    const { signal } = parseInput('Call options', callOptionsSchema, options);
    throwIfAborted({ signal, resource });
  }
}
