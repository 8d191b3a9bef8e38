import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { InMemorySwapRecord } from '../../../../src/swap/record/in-memory-swap-record.js';
import {
  bytesOfRecord,
  encodeSwapRecordItem,
  parseSwapRecordItem,
} from '../../../../src/swap/record/parse-record-item.js';
import { recordItem, swapUnderWay } from '../../../support/swap-record-items.js';

const full = recordItem({ swap: swapUnderWay, claim: { id: 'process-1', expiresAt: 1 } });

describe('parseSwapRecordItem', () => {
  test.each<[string, object, string]>([
    ['a newer format', { format: 2 }, 'format: expected 1, got 2, which a newer release wrote'],
    ['no format', { format: undefined }, 'format: expected'],
    ['a format that is text', { format: '1' }, 'format: expected 1, got "1"'],
    ['another application', { application: 'payments' }, 'application: expected "orders", got "payments"'],
    ['an unknown member', { lanes: [] }, 'lanes: unknown'],
    ['an unknown stack', { live: 'red' }, 'live: expected'],
    ['an unknown phase', { swap: { ...swapUnderWay, phase: 'waiting' } }, 'swap.phase: expected'],
    [
      'halted as the phase before',
      { swap: { ...swapUnderWay, haltedIn: 'halted' } },
      'swap.haltedIn: expected',
    ],
    [
      'a damaged step',
      { swap: { ...swapUnderWay, steps: { one: { doneAt: 'now' } } } },
      'swap.steps.one.doneAt',
    ],
    ['no list of orphans', { orphans: undefined }, 'orphans: expected'],
    [
      'an unknown owner',
      { swap: { ...swapUnderWay, owner: { kind: 'jenkins', id: '1' } } },
      'swap.owner.kind',
    ],
  ])('throws InvalidInputError for %s', (_, changes, problem) => {
    const parse = () => parseSwapRecordItem({ ...full, ...changes }, 'orders');

    expect(parse).toThrowError(InvalidInputError);
    expect(parse).toThrowError(`Invalid swap record of orders: `);
    expect(parse).toThrowError(problem);
  });

  test('returns a halted swap with the phase before', () => {
    const halted = { ...full, swap: { ...swapUnderWay, phase: 'halted', haltedIn: 'undoing' } };

    expect(parseSwapRecordItem(halted, 'orders')).toEqual(halted);
  });

  test('throws InvalidInputError, or returns an item that can be stored again, for any value', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({ ...fields(full), ...fields(swapUnderWay) }, { requiredKeys: [] }),
      fc
        .tuple(fc.constantFrom(...Object.keys(full)), fc.anything())
        .map(([key, value]) => ({ ...full, [key]: value })),
    );
    fc.assert(
      fc.property(anything, (value) => {
        try {
          const item = parseSwapRecordItem(value, 'orders');
          if (item !== undefined) expect(encodeSwapRecordItem(item).item).toEqual(item);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { numRuns: 500, seed: 14 },
    );
  });
});

describe('bytesOfRecord', () => {
  test('returns the bytes of the stored JSON', () => {
    const item = recordItem({ fingerprint: 'ä€𝄞' });

    expect(bytesOfRecord(item)).toBe(Buffer.byteLength(encodeSwapRecordItem(item).text));
  });
});

describe('InMemorySwapRecord', () => {
  test.each([
    [{ item: {} }, 'item: unknown option; did you mean items?'],
    [{ items: 1 }, 'items: expected an object'],
    [null, 'expected an object'],
  ])('throws InvalidInputError for the options %j', (options, problem) => {
    expect(() => new InMemorySwapRecord(options as object)).toThrowError(problem);
  });
});

function fields(of: object) {
  return Object.fromEntries(
    Object.entries(of).map(([key, value]) => [key, fc.oneof(fc.constant(value as unknown), fc.anything())]),
  );
}
