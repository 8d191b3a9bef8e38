import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DynamoSwapRecord } from '../../../../src/swap/dynamo/index.js';
import { parseSwapRecordItem } from '../../../../src/swap/record/parse-record-item.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { recordItem } from '../../../support/swap-record-items.js';

const faultKinds = ['throttle', 'serverError', 'timeout', 'lostResponse'] as const;
const tableName = 'stack-swaps';

const schedules = fc.record({
  writers: fc.integer({ min: 2, max: 5 }),
  writes: fc.integer({ min: 2, max: 6 }),
  faults: fc.array(
    fc.record({ kind: fc.constantFrom(...faultKinds), atCall: fc.integer({ min: 1, max: 60 }) }),
    { maxLength: 12 },
  ),
  pauses: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 5, maxLength: 5 }),
});

type Schedule = typeof schedules extends fc.Arbitrary<infer Value> ? Value : never;

interface Write {
  readonly writeId: string;
  readonly outcome: 'written' | 'conflict' | 'failed';
}

describe('DynamoSwapRecord with concurrent writers', () => {
  test('loses no written item, for any faults', { timeout: 60_000 }, async () => {
    let writes = 0;
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        const { done, version, ids } = await run(schedule);
        writes += done.length;

        const written = done.filter(({ outcome }) => outcome === 'written').map(({ writeId }) => writeId);
        expect(ids.filter((id) => written.includes(id)).toSorted()).toEqual(written.toSorted());
        expect(new Set(ids).size).toBe(ids.length);
        expect(version).toBe(ids.length);
        // A lost response can hide a write that took effect from its own writer, once another one has followed.
        const hidden = ids.filter((id) => !written.includes(id));
        const lost = schedule.faults.filter(({ kind }) => kind === 'lostResponse');
        expect(hidden.length).toBeLessThanOrEqual(lost.length);
      }),
      { numRuns: 40, seed: 14 },
    );

    expect(writes).toBeGreaterThan(300);
  });
});

/** Each writer adds its writes to the list of ended swaps: reads the item, and writes the next version. */
async function run({ writers, writes, faults, pauses }: Schedule) {
  const cloud = new SimulatedCloud({ latencyMilliseconds: 40 });
  const { clients, clock } = cloud;
  cloud.dynamoDb.addTable({ name: tableName, partitionKey: 'application', readLagSeconds: 5 });
  for (const { kind, atCall } of faults) cloud.injectFault({ kind, atCall });
  const done: Write[] = [];
  const write = async (record: DynamoSwapRecord, writeId: string): Promise<Write['outcome']> => {
    const item = parseSwapRecordItem(await record.read('orders'), 'orders');
    const owner = { kind: 'run', id: writeId } as const;
    const ended = {
      id: writeId,
      owner,
      incoming: 'green',
      beganAt: 0,
      endedAt: 0,
      end: 'succeeded',
    } as const;
    const next = recordItem({
      version: (item?.version ?? 0) + 1,
      writeId,
      ended: [...(item?.ended ?? []), ended],
    });
    return (await record.write(next)).status;
  };
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const record = new DynamoSwapRecord({ tableName, clients, clock });
      for (let number = 0; number < writes; number += 1) {
        const writeId = `${writer}-${number}`;
        const outcome = await write(record, writeId).catch(() => 'failed' as const);
        done.push({ writeId, outcome });
        await clock.sleep(pauses[writer] ?? 0);
      }
    }),
  );
  const last = parseSwapRecordItem(
    await new DynamoSwapRecord({ tableName, clients, clock }).read('orders'),
    'orders',
  );
  return { done, version: last?.version ?? 0, ids: (last?.ended ?? []).map(({ id }) => id) };
}
