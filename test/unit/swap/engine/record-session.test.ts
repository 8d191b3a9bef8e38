import { beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/core/logger.js';
import { RecordSession } from '../../../../src/swap/engine/record-session.js';
import { changeSteps, changeSwap, requestRollback } from '../../../../src/swap/engine/transitions.js';
import { VirtualClock } from '../../../../src/testing/cloud/virtual-clock.js';
import { MemorySwapRecord } from '../../../support/memory-swap-record.js';
import { recordItem, swapUnderWay } from '../../../support/swap-record-items.js';

let clock: VirtualClock;
let record: MemorySwapRecord;

beforeEach(() => {
  clock = new VirtualClock(new Date('2026-11-29T00:00:00Z'));
  record = new MemorySwapRecord();
  record.item = recordItem({ swap: swapUnderWay });
});

const open = () =>
  RecordSession.open({ record, application: 'orders', clock, logger: silentLogger, onWrite: () => {} });

const same = changeSwap((swap) => swap);
const phase = (name: 'testing') => changeSwap((swap) => ({ ...swap, phase: name }));
const failing = (message = 'lost') => Object.assign(new Error(message), { name: 'TimeoutError' });

describe('RecordSession › claim', () => {
  test('takes the claim for 90 s with the first change, and renews it every 30 s', async () => {
    const session = await open();
    await session.update(phase('testing'), 'take');
    const { expiresAt = 0 } = record.item?.claim ?? {};
    expect([expiresAt - clock.now(), record.item?.swap?.phase]).toEqual([90_000, 'testing']);

    await clock.sleep(301_000);
    expect((record.item?.claim?.expiresAt ?? 0) - clock.now()).toBeGreaterThan(59_000);
    expect(session.mayStartChange()).toBe(true);

    await session.release();
    expect(record.item).not.toHaveProperty('claim');
    const { version } = record.item ?? {};
    await clock.sleep(300_000);
    expect(record.item?.version).toBe(version);
  });

  test('rejects a second process until 30 s after the end of the claim', async () => {
    const first = await open();
    await first.update(same, 'take');
    const { expiresAt = 0 } = record.item?.claim ?? {};
    const { item } = record;
    const second = await open();
    expect(second.otherClaimUntil()).toBe(expiresAt + 30_000);
    await expect(second.update(same, 'take')).rejects.toMatchObject({ code: 'SWAP_CONFLICT' });
    expect(record.item).toEqual(item);
    await first.release();

    record.item = recordItem({ swap: swapUnderWay, claim: { id: 'gone', expiresAt: clock.now() - 29_000 } });
    await expect((await open()).update(same, 'take')).rejects.toMatchObject({ code: 'SWAP_CONFLICT' });
    await clock.sleep(1_000);
    const third = await open();
    expect(await third.update(same, 'take')).toBe(true);
    await third.release();
  });

  test('aborts what is in flight before the claim ends when it cannot be renewed', async () => {
    const session = await open();
    await session.update(same, 'take');
    const { expiresAt = 0 } = record.item?.claim ?? {};
    record.around = (kind) => {
      if (kind === 'write') throw failing('unreachable');
    };
    let abortedAt = 0;
    session.signal.addEventListener('abort', () => {
      abortedAt = clock.now();
    });

    await clock.sleep(200_000);

    expect(abortedAt).toBeGreaterThan(0);
    expect(abortedAt).toBeLessThanOrEqual(expiresAt);
    expect(session.mayStartChange()).toBe(false);
  });

  test('starts no change in the last 15 s of its claim', async () => {
    const session = await open();
    await session.update(same, 'take');
    record.around = (kind) => (kind === 'write' ? clock.sleep(46_000) : undefined);
    await clock.sleep(74_000);
    expect(session.mayStartChange()).toBe(true);
    await clock.sleep(1_500);
    expect(session.mayStartChange()).toBe(false);
    record.around = () => {};
    await clock.sleep(10_000);
    await session.release();
  });

  test('aborts when another process has taken the claim', async () => {
    const session = await open();
    await session.update(same, 'take');
    const { item } = record;
    if (item !== undefined) {
      const claim = { id: 'other', expiresAt: clock.now() + 90_000 };
      record.item = { ...item, version: item.version + 1, writeId: 'other', claim };
    }

    await expect(session.update(same)).rejects.toMatchObject({ code: 'SWAP_CONFLICT' });
    expect(session.signal.aborted).toBe(true);
  });
});

describe('RecordSession › writes', () => {
  test('makes no conflict with its own write whose response was lost', async () => {
    const session = await open();
    let lost = true;
    record.around = (kind, at) => {
      if (kind === 'write' && at === 'after' && lost) {
        lost = false;
        throw failing();
      }
    };

    expect(await session.update(phase('testing'))).toBe(true);
    expect(record.item).toMatchObject({ version: 2, swap: { phase: 'testing' } });
    expect(await session.update(same)).toBe(true);
  });

  test('applies its change to a request to roll back that was written meanwhile', async () => {
    const session = await open();
    await session.update(same, 'take');
    const person = await open();
    expect(await person.update(requestRollback('orders are late', 'anna'), 'beside')).toBe(true);

    expect(await session.update(phase('testing'))).toBe(true);

    expect(record.item?.swap).toMatchObject({ phase: 'testing', wanted: 'back', requestedBy: 'anna' });
    expect(session.rollbackSignal.aborted).toBe(true);
    expect(record.item?.claim).toBeDefined();
    await session.release();
  });

  test('throws SwapConflictError without a claim when another process has written first', async () => {
    const session = await open();
    await (await open()).update(phase('testing'));

    await expect(session.update(same)).rejects.toMatchObject({ code: 'SWAP_CONFLICT' });
  });

  test('reads again after a write with an unknown outcome', async () => {
    const session = await open();
    record.around = (kind, at) => {
      if (kind === 'write' && at === 'after') throw failing();
    };
    await expect(session.update(phase('testing'))).rejects.toThrowError('lost');
    record.around = () => {};

    expect(await session.update(same)).toBe(true);
    expect(record.item).toMatchObject({ version: 3, swap: { phase: 'testing' } });
  });

  test('throws InvalidInputError, and writes nothing, for an item of a newer release', async () => {
    record.item = { ...recordItem(), format: 2 } as never;

    await expect(open()).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(record.writes).toEqual([]);
  });
});

describe('RecordSession › note', () => {
  const done = changeSteps([{ name: 'start database' }], (step) => ({ ...step, doneAt: 7 }));
  const isDone = () => record.item?.swap?.steps['start database']?.doneAt === 7;

  test('shows a noted change at once, and writes it with the next write', async () => {
    const session = await open();
    session.note(done);
    expect([session.item?.swap?.steps['start database']?.doneAt, isDone()]).toEqual([7, false]);

    await session.update(phase('testing'), 'take');
    expect([record.item?.swap?.phase, isDone(), record.writes.length]).toEqual(['testing', true, 1]);
    await session.writeNotes();
    expect(record.writes).toHaveLength(1);
    await session.release();
  });

  test('keeps a note whose write did not apply, and writes it at the end', async () => {
    const session = await open();
    session.note(done);

    expect(await session.update(() => undefined)).toBe(false);
    expect(record.writes).toHaveLength(0);
    await session.writeNotes();
    expect(isDone()).toBe(true);
  });

  test('applies a note to the newer item when a request to roll back was written first', async () => {
    const session = await open();
    await session.update(same, 'take');
    session.note(done);
    await (await open()).update(requestRollback('late'), 'beside');

    await session.release();
    expect([record.item?.swap?.wanted, isDone()]).toEqual(['back', true]);
  });

  test('loses a note that it could not write, so that the next process looks again', async () => {
    const session = await open();
    session.note(done);
    record.around = (kind) => {
      if (kind === 'write')
        throw Object.assign(new Error('denied'), {
          name: 'AccessDenied',
          $metadata: { httpStatusCode: 403 },
        });
    };

    await expect(session.writeNotes()).rejects.toThrow('denied');
    expect([(await open()).item, isDone()]).toEqual([record.item, false]);
  });
});
