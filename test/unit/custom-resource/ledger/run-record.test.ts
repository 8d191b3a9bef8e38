import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ownerKey,
  propertiesKey,
  type RunRecord,
  recordsIn,
  requestKey,
  tagOfRecord,
  targetGroupKey,
} from '../../../../src/custom-resource/ledger/run-record.js';

const seconds = fc.option(fc.integer({ min: 0, max: 9_999_999_999 }), { nil: undefined });
const hash = fc.option(
  fc.string().map((text) => propertiesKey({ text })),
  { nil: undefined },
);

const records: fc.Arbitrary<RunRecord> = fc.record({
  owner: fc.record({ stackId: fc.string(), logicalResourceId: fc.string() }).map(ownerKey),
  requestId: fc.oneof(fc.uuid(), fc.string()).map(requestKey),
  run: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value) => value.toString(16)),
  status: fc.constantFrom<RunRecord['status']>('begun', 'delegated', 'SUCCESS', 'FAILED'),
  isUnsettled: fc.boolean(),
  sequence: fc.integer({ min: 0, max: 999_999_999 }),
  madeAt: seconds,
  endedAt: seconds,
  rollbackTo: fc.option(fc.string({ minLength: 1 }).map(targetGroupKey), { nil: undefined }),
  from: hash,
  to: hash,
});

describe('tagOfRecord', () => {
  test('writes a tag that Elastic Load Balancing accepts, and that is read as the same record', () => {
    fc.assert(
      fc.property(records, (record) => {
        const tag = tagOfRecord(record);

        expect(tag.Key).toMatch(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u);
        expect(tag.Value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u);
        expect(recordsIn(tag)).toEqual([record]);
      }),
    );
  });
});

describe('recordsIn', () => {
  test('returns no record for any other tag', () => {
    fc.assert(
      fc.property(fc.record({ Key: fc.string(), Value: fc.string() }, { requiredKeys: ['Key'] }), (tag) => {
        expect(recordsIn(tag)).toEqual([]);
      }),
    );
  });
});

describe('propertiesKey', () => {
  test('is the same for the same properties in another order, and differs for others', () => {
    const properties = { Priority: '1', Headers: { a: ['1'], b: ['2'] }, Hosts: ['a', 'b'] };
    const reordered = { Hosts: ['a', 'b'], Headers: { b: ['2'], a: ['1'] }, Priority: '1' };

    expect(propertiesKey(reordered)).toBe(propertiesKey(properties));
    expect(propertiesKey({ ...properties, Hosts: ['b', 'a'] })).not.toBe(propertiesKey(properties));
    expect([undefined, null, 'text', 5].map(propertiesKey)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
