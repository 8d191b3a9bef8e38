import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { parseShiftRequest } from '../../../../src/traffic/shift/shift-request.js';
import {
  advanceRun,
  approve,
  beginRun,
  parseShiftRun,
  type RunProgress,
  rollBackRun,
  type ShiftRun,
} from '../../../../src/traffic/shift/shift-run.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import { FakeTarget, type FakeTargetOptions } from '../../../support/fake-target.js';
import { JumpingClock } from '../../../support/jumping-clock.js';
import { green } from '../shift-states.js';

const startAt = Date.parse('2026-01-01T00:00:00Z');
const strategy = { type: 'linear', stepPercent: 50, intervalSeconds: 60 };

function setUp(options: Partial<FakeTargetOptions> = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock, ...options });
  return { clock, target, shifter: new TrafficShifter({ target, clock }) };
}

/** Drives a run, stored as JSON between two calls, as an engine does. */
async function drive({ shifter, clock }: ReturnType<typeof setUp>, run: ShiftRun): Promise<RunProgress> {
  const progress = await advanceRun(shifter, parseShiftRun(JSON.parse(JSON.stringify(run))));
  if (progress.done || progress.heldAtPercent !== undefined) return progress;
  await clock.sleep(progress.waitSeconds * 1000);
  return drive({ shifter, clock } as ReturnType<typeof setUp>, progress.run);
}

describe('Functions: beginRun, advanceRun, rollBackRun and approve', () => {
  test('begins the requested shift, and writes nothing yet', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy });

    const run = await beginRun(set.shifter, request);

    expect(run).toEqual({ request, state: await set.shifter.begin(request) });
    expect(set.target.writes).toEqual([]);
  });

  test('begins on live weights only when the request accepts them', async () => {
    const set = setUp({ weights: green(50) });
    const refused = parseShiftRequest({ incoming: 'green', strategy });
    const accepted = parseShiftRequest({ incoming: 'green', strategy, acceptLiveWeights: true });

    await expect(beginRun(set.shifter, refused)).rejects.toThrow('has traffic already');
    expect((await beginRun(set.shifter, accepted)).state.step).toBe(0);
  });

  test('advances to the end', async () => {
    const set = setUp();
    const run = await beginRun(set.shifter, parseShiftRequest({ incoming: 'green', strategy }));

    const end = await drive(set, run);

    expect(end).toMatchObject({ done: true, waitSeconds: 0, run: { state: { phase: 'succeeded' } } });
    expect(end.run.request).toEqual(run.request);
    expect('state' in end).toBe(false);
    expect(set.target.writes).toEqual([green(50), green(100)]);
  });

  test('waits for each approval', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy, approvalPercents: [50, 0] });
    const run = await beginRun(set.shifter, request);

    const first = await drive(set, run);
    expect(first.heldAtPercent).toBe(0);
    expect(set.target.writes).toEqual([]);
    const second = await drive(set, approve(first.run, 0));
    expect(second.heldAtPercent).toBe(50);
    expect(set.target.writes).toEqual([green(50)]);
    // The first share is approved again.
    expect((await drive(set, approve(second.run, 0))).heldAtPercent).toBe(50);
    const end = await drive(set, approve(second.run, 50));
    expect(end.run.state.phase).toBe('succeeded');
  });

  test('counts one approval for all the shares up to it', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy, approvalPercents: [0, 50] });
    const run = await beginRun(set.shifter, request);
    expect((await drive(set, approve(run, 70))).done).toBe(true);
  });

  test('rolls back when its time is over', async () => {
    const set = setUp();
    const request = parseShiftRequest({
      incoming: 'green',
      strategy,
      approvalPercents: [50],
      maxDurationSeconds: 900,
    });
    let progress = await drive(set, await beginRun(set.shifter, request));
    while (!progress.done) {
      await set.clock.sleep(progress.waitSeconds * 1000);
      progress = await drive(set, progress.run);
    }

    expect(progress.run.state).toMatchObject({
      phase: 'rolledBack',
      reason: 'Not done by 2026-01-01T00:15:00.000Z',
    });
    expect(set.clock.now()).toBe(startAt + 900_000);
    expect(set.target.writes).toEqual([green(50), green(0)]);
  });

  test('rolls back on request, and continues the rollback', async () => {
    const set = setUp();
    const begun = await beginRun(set.shifter, parseShiftRequest({ incoming: 'green', strategy }));
    const { run } = await advanceRun(set.shifter, begun);

    const back = await rollBackRun(set.shifter, run, 'enough');

    expect(back).toMatchObject({ done: true, run: { state: { phase: 'rolledBack', reason: 'enough' } } });
    expect((await drive(set, back.run)).done).toBe(true);
    expect(set.target.writes).toEqual([green(50), green(0)]);
  });

  test('passes the signal to the shifter', async () => {
    const set = setUp();
    const { signal } = new AbortController();
    const begun = await beginRun(set.shifter, parseShiftRequest({ incoming: 'green', strategy }), {
      signal,
    });
    const { run } = await advanceRun(set.shifter, begun, { signal });
    await rollBackRun(set.shifter, run, 'enough', { signal });
    const reads = set.target.calls.filter(({ kind }) => kind === 'read');
    expect(reads.length).toBeGreaterThan(3);
    expect(reads.every(({ options }) => options?.signal === signal)).toBe(true);
  });

  test.each([-1, 101, Number.NaN, '50', undefined])(
    'throws InvalidInputError for an approval of %o',
    async (percent) => {
      const set = setUp();
      const request = parseShiftRequest({ incoming: 'green', strategy, approvalPercents: [0] });
      const run = await beginRun(set.shifter, request);
      expect(() => approve(run, percent as number)).toThrowError(InvalidInputError);
    },
  );
});

describe('Function: parseShiftRun', () => {
  test('returns a stored run', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy, maxDurationSeconds: 1000 });
    const run = approve(await beginRun(set.shifter, request), 10);
    expect(parseShiftRun(JSON.parse(JSON.stringify(run)))).toEqual(run);
  });

  test.each<[string, object, string]>([
    ['no request', { request: undefined }, 'incoming|request'],
    ['no state', { state: undefined }, 'state'],
    ['an invalid request', { request: { incoming: 'red' } }, 'incoming'],
    ['a state of another version', { state: { version: 2 } }, 'version'],
    ['an invalid approval', { approvedPercent: 'all' }, 'approvedPercent'],
    ['an approval above 100 %', { approvedPercent: 101 }, 'approvedPercent'],
  ])('throws InvalidInputError for %s', async (_, change, field) => {
    const set = setUp();
    const run = await beginRun(set.shifter, parseShiftRequest({ incoming: 'green', strategy }));
    const parse = () => parseShiftRun({ ...run, ...change });
    expect(parse).toThrowError(InvalidInputError);
    expect(parse).toThrowError(new RegExp(field));
  });

  test.each([undefined, null, 'x', 7, []])('throws InvalidInputError for %o', (run) => {
    expect(() => parseShiftRun(run)).toThrowError(InvalidInputError);
  });
});
