import { describe, expect, test } from 'vitest';
import { RequestHistory, wasReported } from '../../../../src/custom-resource/ledger/request-history.js';
import {
  type RunRecord,
  tagOfRecord,
  targetGroupKey,
} from '../../../../src/custom-resource/ledger/run-record.js';

const base: RunRecord = {
  owner: 'owner',
  requestId: 'update',
  run: 'a',
  status: 'begun',
  isUnsettled: false,
  sequence: 1,
  madeAt: 1000,
  from: undefined,
  to: undefined,
  endedAt: undefined,
  rollbackTo: undefined,
};

const record = (changes: Partial<RunRecord>): RunRecord => ({ ...base, ...changes });

/** The history of a rule with these records, from the view of the first one. */
function historyOf(self: RunRecord, ...others: readonly RunRecord[]): RequestHistory {
  return new RequestHistory([[self, ...others].map(tagOfRecord)], self);
}

/** The history before the first record of the run. */
function unrecorded(self: RunRecord, ...others: readonly RunRecord[]): RequestHistory {
  return new RequestHistory([others.map(tagOfRecord)], self);
}

describe('RequestHistory › position', () => {
  const create = record({ requestId: 'create', status: 'SUCCESS', madeAt: 900 });
  const update = record({ requestId: 'update', sequence: 2 });
  const later = record({ requestId: 'rollback', madeAt: 1001, sequence: 3 });

  test('returns current for the newest run of the newest request', () => {
    expect(historyOf(update, create).position).toEqual({ kind: 'current' });
  });

  test('returns unrecorded for a run without a tag', () => {
    expect(unrecorded(update, create).position).toEqual({ kind: 'unrecorded' });
    expect(unrecorded(update).position).toEqual({ kind: 'unrecorded' });
  });

  test.each(['begun', 'delegated', 'SUCCESS', 'FAILED'] as const)(
    'returns overtaken when a request that was made later is %s, recorded or not',
    (status) => {
      expect(historyOf(update, create, { ...later, status }).position).toEqual({ kind: 'overtaken' });
      expect(unrecorded(update, create, { ...later, status }).position).toEqual({ kind: 'overtaken' });
    },
  );

  test('returns ended for a request that has its response, also after a later request', () => {
    const ended = record({ run: 'b', status: 'FAILED' });

    expect(historyOf(update, ended, later).position).toEqual({ kind: 'ended', status: 'FAILED' });
    expect(unrecorded(update, ended).position).toEqual({ kind: 'ended', status: 'FAILED' });
  });

  test('returns duplicate for every run of a request except the latest', () => {
    const latest = { ...update, run: 'b', sequence: 3 };

    expect(historyOf(update, latest).position).toEqual({ kind: 'duplicate' });
    expect(historyOf(latest, update).position).toEqual({ kind: 'current' });
  });

  test('returns current for exactly one of two runs with the same sequence number', () => {
    const twin = { ...update, run: 'b' };

    const positions = [historyOf(update, twin), historyOf(twin, update)].map(({ position }) => position.kind);

    expect(positions.sort()).toEqual(['current', 'duplicate']);
  });

  test('ignores requests of other resources, and malformed tags', () => {
    const foreign = { ...later, owner: 'other' };
    const malformed = [
      { Key: 'aws-blue-green-toolkit:request:owner:later:b', Value: 'begun x 2000' },
      { Key: 'aws-blue-green-toolkit:request:owner', Value: 'begun 9 2000 . . . .' },
      { Key: 'Name' },
      { Key: undefined },
    ];

    expect(historyOf(update, foreign).position).toEqual({ kind: 'current' });
    expect(new RequestHistory([[tagOfRecord(update), ...malformed]], update).position).toEqual({
      kind: 'current',
    });
  });
});

describe('RequestHistory › requests of the same second', () => {
  const create = record({ requestId: 'create', status: 'SUCCESS', sequence: 1, to: 'old' });
  const update = record({ requestId: 'update', sequence: 2, from: 'old', to: 'new' });
  const rollback = record({ requestId: 'rollback', sequence: 3, from: 'new', to: 'old' });

  test('are in the order of their records', () => {
    expect(historyOf(update, create, rollback).position).toEqual({ kind: 'overtaken' });
    expect(historyOf(rollback, create, update).position).toEqual({ kind: 'current' });
    expect(unrecorded(rollback, create, update).position).toEqual({ kind: 'unrecorded' });
  });

  test('are in the order of their properties when the update is recorded after its rollback', () => {
    const [early, late] = [
      { ...rollback, sequence: 2 },
      { ...update, sequence: 3 },
    ];

    expect(historyOf(early, create, late).position).toEqual({ kind: 'current' });
    expect(historyOf(late, create, early).position).toEqual({ kind: 'overtaken' });
    expect(unrecorded(late, create, { ...early, status: 'SUCCESS' }).position).toEqual({ kind: 'overtaken' });
  });

  test('are in the order of their records when the same update is repeated after a rollback', () => {
    const failed = { ...update, status: 'FAILED' as const };
    const done = { ...rollback, status: 'SUCCESS' as const };
    const again = record({ requestId: 'again', sequence: 4, from: 'old', to: 'new' });

    expect(unrecorded(again, create, failed, done).position).toEqual({ kind: 'unrecorded' });
    expect(historyOf(again, create, failed, done).position).toEqual({ kind: 'current' });
  });

  test('always have one newest request', () => {
    const same = [update, { ...rollback, sequence: 2 }];

    const kinds = [historyOf(same[0] ?? base, ...same.slice(1)), historyOf(same[1] ?? base, update)].map(
      ({ position }) => position.kind,
    );

    expect(kinds.sort()).toEqual(['current', 'overtaken']);
  });

  test('are in the order of their records without a date', () => {
    const dateless = (it: RunRecord): RunRecord => ({ ...it, madeAt: undefined });

    expect(historyOf(dateless(update), dateless(rollback)).position).toEqual({ kind: 'overtaken' });
    expect(historyOf(dateless(rollback), update).position).toEqual({ kind: 'current' });
  });
});

describe('RequestHistory › mayOthersWrite', () => {
  const self = record({ requestId: 'self', sequence: 5, madeAt: 2000 });

  test.each<[string, RunRecord[], boolean]>([
    ['without others', [], false],
    ['after a request that has ended', [record({ status: 'SUCCESS' })], false],
    ['after a request in progress', [record({ status: 'begun' })], true],
    ['after a request that was delegated', [record({ status: 'delegated' })], true],
    [
      'after a request that ended with a write under way',
      [record({ status: 'FAILED', isUnsettled: true })],
      true,
    ],
    [
      'after a request that waited for an earlier one in progress',
      [record({ status: 'begun' }), record({ requestId: 'between', status: 'SUCCESS', madeAt: 1500 })],
      false,
    ],
    ['with another run of the same request', [{ ...self, run: 'b', sequence: 4 }], true],
    ['with a request of another resource in progress', [record({ owner: 'other' })], false],
  ])('%s: %j', (_situation, others, expected) => {
    expect(historyOf(self, ...others).mayOthersWrite).toBe(expected);
  });
});

describe('RequestHistory › goesBack', () => {
  const blue = 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/blue/73e2d6bc24d8a067';
  const green = 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/green/73e2d6bc24d8a068';
  const self = record({ requestId: 'self', sequence: 2, madeAt: 2000 });
  const rollbackTo = targetGroupKey(blue);

  test.each<[RunRecord['status'], boolean, boolean]>([
    ['FAILED', false, true],
    ['FAILED', true, true],
    ['begun', false, true],
    ['delegated', false, true],
    ['begun', true, false],
    ['SUCCESS', false, false],
  ])('after %s, arrived: %j, returns %j', (status, hasArrived, expected) => {
    const history = historyOf(self, record({ status, rollbackTo }));

    expect(history.goesBack({ targetGroupArn: blue, hasArrived })).toBe(expected);
    expect(history.goesBack({ targetGroupArn: green, hasArrived })).toBe(false);
  });
});

describe('RequestHistory › records', () => {
  test('counts a rule as reported after a response or a delegation', () => {
    const tags = (status: RunRecord['status']) => [tagOfRecord(record({ status }))];

    const statuses = ['begun', 'delegated', 'SUCCESS', 'FAILED'] as const;
    expect(statuses.map((it) => wasReported(tags(it), base))).toEqual([false, true, true, true]);
  });

  test.each<[string, Partial<RunRecord>, boolean]>([
    ['after it', { endedAt: 101 }, false],
    ['in the same second', { endedAt: 100 }, true],
    ['before it', { endedAt: 99 }, true],
    ['after it, of another resource', { endedAt: 101, owner: 'other' }, true],
    ['after it, to a request that was made later', { endedAt: 103, madeAt: 101 }, true],
    ['at a time that is unknown', { endedAt: undefined }, true],
    ['after it, to a request whose time is unknown', { endedAt: 101, madeAt: undefined }, true],
  ])('for a request made at 100, a response %s counts as reported: %j', (_when, fields, expected) => {
    const tags = [tagOfRecord(record({ status: 'SUCCESS', madeAt: 90, ...fields }))];

    expect(wasReported(tags, { ...base, madeAt: 100 })).toBe(expected);
  });

  test.each([
    [101, 90, false],
    [101, 89, true],
    [105, 89, true],
    [106, 89, false],
  ])(
    'tolerates clock differences for later requests: ended at %d, overtaken until %d: %j',
    (endedAt, replacedUntil, expected) => {
      const tags = [tagOfRecord(record({ status: 'SUCCESS', madeAt: 90, endedAt }))];

      expect(wasReported(tags, { ...base, madeAt: 100 }, replacedUntil)).toBe(expected);
    },
  );

  test('returns the time of the newest request only after its success', () => {
    const create = record({ requestId: 'create', madeAt: 900, status: 'SUCCESS' });

    expect(unrecorded(base).newestMadeAt).toBeUndefined();
    expect(unrecorded(base, create).newestMadeAt).toBe(900);
    for (const status of ['begun', 'delegated', 'FAILED'] as const) {
      const newest = record({ requestId: 'x', madeAt: 950, sequence: 2, status });
      expect(unrecorded(record({ madeAt: 1000, sequence: 3 }), create, newest).newestMadeAt).toBeUndefined();
    }
  });

  test('returns a higher sequence number than that of every run before', () => {
    expect(unrecorded(base).nextSequence).toBe(1);
    expect(historyOf(base, record({ requestId: 'x', sequence: 41 })).nextSequence).toBe(42);
  });

  test('returns the tags of old requests as obsolete when there are many, and never its own', () => {
    const others = Array.from({ length: 12 }, (_, index) =>
      record({ requestId: `r${index}`, status: 'SUCCESS', madeAt: 100 + index, sequence: index + 1 }),
    );
    const self = record({ requestId: 'self', madeAt: 50, sequence: 99 });

    const obsolete = historyOf(self, ...others).obsoleteKeys;

    expect(historyOf(self, ...others.slice(1)).obsoleteKeys).toEqual([]);
    expect(obsolete).toHaveLength(6);
    expect(obsolete.every((key) => /:r[0-5]:/.test(key))).toBe(true);
  });
});
