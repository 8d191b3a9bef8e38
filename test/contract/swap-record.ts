import { describe, expect, test } from 'vitest';
import { InvalidInputError, OperationAbortedError } from '../../src/core/errors.js';
import { maxRecordBytes, parseSwapRecordItem } from '../../src/swap/record/parse-record-item.js';
import type { SwapRecord, SwapRecordItem } from '../../src/swap/record/types.js';
import { recordItem, swapUnderWay } from '../support/swap-record-items.js';

/** A new store, and a second way to it as another process has. */
export interface SwapRecordSetUp {
  readonly record: SwapRecord;
  readonly other: SwapRecord;
}

/** Tests that every swap record passes. */
export function testSwapRecord(
  name: string,
  /** Opens a store, empty or with an item that another release has written. */
  setUp: (stored?: SwapRecordItem) => Promise<SwapRecordSetUp>,
): void {
  describe(`Swap record: ${name}`, () => {
    test('returns undefined for an application without an item', async () => {
      const { record } = await setUp();

      expect(await record.read('orders')).toBeUndefined();
      expect(parseSwapRecordItem(undefined, 'orders')).toBeUndefined();
    });

    test('returns every member of the written item to another process', async () => {
      const { record, other } = await setUp();
      const item = recordItem({
        fingerprint: 'orders/web listener-1',
        swap: { ...swapUnderWay, shift: { phase: 'shifting', list: [1, null, 'ä€𝄞'] } },
        claim: { id: 'process-1', expiresAt: 1_796_000_090_000 },
        orphans: [
          {
            owner: { kind: 'run', id: 'run-0' },
            swapId: 'swap-0',
            step: 'stop database',
            stack: 'blue',
            reason: 'denied',
          },
        ],
        undoInEffectAt: { 'enable subscription': 1_796_000_900_000 },
        ended: [
          {
            id: 'swap-0',
            owner: { kind: 'run', id: 'run-0' },
            incoming: 'blue',
            beganAt: 1,
            endedAt: 2,
            end: 'rolledBack',
            reason: 'test',
          },
        ],
      });

      expect(await record.write(item)).toEqual({ status: 'written' });

      expect(await other.read('orders')).toEqual(item);
      expect(parseSwapRecordItem(await other.read('orders'), 'orders')).toEqual(item);
    });

    test('shares no object with its callers', async () => {
      const { record } = await setUp();
      const item = recordItem({ swap: structuredClone(swapUnderWay) });
      await record.write(item);

      Object.assign(item.swap ?? {}, { phase: 'retiring' });
      Object.assign((await record.read('orders')) as object, { live: 'green' });

      expect(await record.read('orders')).toMatchObject({ live: 'blue', swap: { phase: 'preparing' } });
    });

    test('replaces the item by its next version', async () => {
      const { record, other } = await setUp();
      await record.write(recordItem());

      expect(await other.write(recordItem({ version: 2, live: 'green' }))).toEqual({ status: 'written' });

      expect(await record.read('orders')).toEqual(recordItem({ version: 2, live: 'green' }));
    });

    test.each([1, 2, 4])(
      'returns the stored item, and writes nothing, for version %i after 2',
      async (version) => {
        const { record, other } = await setUp();
        await record.write(recordItem());
        await record.write(recordItem({ version: 2 }));

        const result = await other.write(recordItem({ version, writeId: 'other', live: 'green' }));

        expect(result).toEqual({ status: 'conflict', current: recordItem({ version: 2 }) });
        expect(await record.read('orders')).toEqual(recordItem({ version: 2 }));
      },
    );

    test('returns a conflict without an item for version 2 when nothing is stored', async () => {
      const { record } = await setUp();

      expect(await record.write(recordItem({ version: 2 }))).toEqual({
        status: 'conflict',
        current: undefined,
      });
      expect(await record.read('orders')).toBeUndefined();
    });

    test.each([1, 2])('counts a repeated write of version %i as written', async (version) => {
      const { record } = await setUp();
      if (version === 2) await record.write(recordItem());
      const item = recordItem({ version });
      await record.write(item);

      expect(await record.write(item)).toEqual({ status: 'written' });
      expect(await record.read('orders')).toEqual(item);
    });

    test('writes one of 20 items of the same version', async () => {
      const { record, other } = await setUp();
      await record.write(recordItem());
      const items = Array.from({ length: 20 }, (_, index) =>
        recordItem({ version: 2, writeId: `writer-${index}` }),
      );

      const results = await Promise.all(items.map((item, index) => (index % 2 ? record : other).write(item)));

      const winners = items.filter((_, index) => results[index]?.status === 'written');
      expect(winners).toHaveLength(1);
      expect(await record.read('orders')).toEqual(winners[0]);
    });

    test('keeps the items of two applications apart', async () => {
      const { record } = await setUp();
      const payments = recordItem({ application: 'payments', writeId: 'write-1' });
      await record.write(recordItem());

      expect(await record.write(payments)).toEqual({ status: 'written' });
      expect(await record.write(recordItem({ version: 2 }))).toEqual({ status: 'written' });

      expect(await record.read('payments')).toEqual(payments);
      expect(await record.read('orders')).toEqual(recordItem({ version: 2 }));
    });

    test('leaves the item of a newer release unchanged, which parseSwapRecordItem refuses', async () => {
      const newer = { ...recordItem({ version: 7 }), format: 2, lanes: [] };
      const { record } = await setUp(newer as object as SwapRecordItem);

      const current = await record.read('orders');
      const result = await record.write(recordItem());

      expect(result).toMatchObject({ status: 'conflict' });
      for (const value of [current, result.status === 'conflict' && result.current])
        expect(() => parseSwapRecordItem(value, 'orders')).toThrowError(
          /^Invalid swap record of orders: format: expected 1, got 2, which a newer release wrote. Update/,
        );
      expect(await record.read('orders')).toEqual(current);
    });

    test.each<[string, object]>([
      ['a version of 0', { version: 0 }],
      ['an empty writeId', { writeId: '' }],
      ['no application', { application: undefined }],
      ['an unknown member', { locked: true }],
      ['a time that is no number', { claim: { id: 'process-1', expiresAt: Number.NaN } }],
      [
        'a member that throws',
        {
          get live() {
            throw new Error('broken');
          },
        },
      ],
      ['a bigint', { swap: 1n }],
    ])('throws InvalidInputError for an item with %s, and writes nothing', async (_, changes) => {
      const { record } = await setUp();
      const item = Object.defineProperties({ ...recordItem() }, Object.getOwnPropertyDescriptors(changes));

      await expect(record.write(item)).rejects.toThrowError(InvalidInputError);

      expect(await record.read('orders')).toBeUndefined();
    });

    test('throws InvalidInputError for an item that is too large, and names its largest step', async () => {
      const { record } = await setUp();
      const steps = {
        small: { claimedAt: 1 },
        large: { memory: { text: 'ä'.repeat(maxRecordBytes / 2) } },
      };

      await expect(record.write(recordItem({ swap: { ...swapUnderWay, steps } }))).rejects.toThrowError(
        /expected at most 256000 bytes of JSON, got 256\d+ bytes; its largest step is "large", 256\d+ bytes/,
      );

      expect(await record.read('orders')).toBeUndefined();
    });

    test('stores an item of the maximum size', async () => {
      const { record } = await setUp();
      const size = (text: string) => recordItem({ swap: { ...swapUnderWay, reason: text } });
      const rest = maxRecordBytes - Buffer.byteLength(JSON.stringify(size('')));

      expect(await record.write(size('x'.repeat(rest)))).toEqual({ status: 'written' });
      await expect(record.write(size('x'.repeat(rest + 1)))).rejects.toThrowError(InvalidInputError);
    });

    test('throws OperationAbortedError, and writes nothing, after an abort', async () => {
      const { record } = await setUp();
      const signal = AbortSignal.abort();

      await expect(record.write(recordItem(), { signal })).rejects.toThrowError(OperationAbortedError);
      await expect(record.read('orders', { signal })).rejects.toThrowError(OperationAbortedError);

      expect(await record.read('orders')).toBeUndefined();
    });

    test('throws InvalidInputError for an unknown option', async () => {
      const { record } = await setUp();
      const options = { sginal: AbortSignal.abort() };

      await expect(record.read('orders', options as object)).rejects.toThrowError(/did you mean signal/);
      await expect(record.write(recordItem(), options as object)).rejects.toThrowError(InvalidInputError);
    });

    test.each([undefined, null, '', ' ', 7, {}])(
      'throws InvalidInputError for the application %o',
      async (name) => {
        const { record } = await setUp();

        await expect(record.read(name as string)).rejects.toThrowError(InvalidInputError);
      },
    );
  });
}
