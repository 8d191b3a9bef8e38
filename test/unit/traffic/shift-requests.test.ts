import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import {
  type ShiftProgress,
  type ShiftRequest,
  type ShiftState,
  TrafficShifter,
} from '../../../src/traffic/index.js';
import { parseShiftRequest } from '../../../src/traffic/shift/shift-request.js';
import { FakeTarget, type FakeTargetOptions } from '../../support/fake-target.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { green } from './shift-states.js';

const startAt = Date.parse('2026-01-01T00:00:00Z');
const request: ShiftRequest = {
  incoming: 'green',
  strategy: { type: 'linear', stepPercent: 50, intervalSeconds: 60 },
};

function setUp(options: Partial<FakeTargetOptions> = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock, ...options });
  return { clock, target, shifter: new TrafficShifter({ target, clock }) };
}

type World = ReturnType<typeof setUp>;

/** Drives a shift, stored as JSON between two calls, until its end or until it waits for an approval. */
async function drive(
  world: World,
  state: ShiftState,
  approved: readonly string[] = [],
): Promise<ShiftProgress> {
  const { shifter, clock } = world;
  const progress = await shifter.advance(shifter.parseState(JSON.parse(JSON.stringify(state))), { approved });
  if (progress.outcome !== undefined || progress.heldAt !== undefined) return progress;
  await clock.sleep(progress.waitSeconds * 1000);
  return drive(world, progress.state, approved);
}

describe('TrafficShifter › requests', () => {
  test('begins on live weights only when the request accepts them', async () => {
    const { shifter } = setUp({ weights: green(50) });

    await expect(shifter.begin(request)).rejects.toThrow('has traffic already');
    expect((await shifter.begin({ ...request, acceptLiveWeights: true })).step).toBe(0);
  });

  test('begins a parsed request in the same way', async () => {
    const { shifter } = setUp();
    const gated = { ...request, approvalPercents: [50, 0], maxDurationSeconds: 900 };

    const state = await shifter.begin(gated);

    expect(await shifter.begin(shifter.parseRequest(JSON.parse(JSON.stringify(gated))))).toEqual(state);
    expect(state).toMatchObject({ approvalPercents: [0, 50], maxDurationSeconds: 900 });
    expect(shifter.parseState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  test('keeps no field for a request without approvals and time limit', async () => {
    const state = await setUp().shifter.begin(request);

    expect(state).not.toHaveProperty('approvalPercents');
    expect(state).not.toHaveProperty('maxDurationSeconds');
  });

  test('advances to the end', async () => {
    const world = setUp();

    const end = await drive(world, await world.shifter.begin(request));

    expect(end).toMatchObject({ outcome: 'succeeded', waitSeconds: 0, state: { phase: 'succeeded' } });
    expect(world.target.writes).toEqual([green(50), green(100)]);
  });

  test('waits for each approval', async () => {
    const world = setUp();
    const begun = await world.shifter.begin({ ...request, approvalPercents: [50, 0] });

    const first = await drive(world, begun);
    expect(first.heldAt).toEqual({ key: '0', detail: 'go past 0 %' });
    expect(world.target.writes).toEqual([]);
    const second = await drive(world, first.state, ['0']);
    expect(second.heldAt?.key).toBe('50');
    expect(world.target.writes).toEqual([green(50)]);
    // The first share is approved again.
    expect((await drive(world, second.state, ['0', '0'])).heldAt?.key).toBe('50');
    expect((await drive(world, second.state, ['0', '50'])).outcome).toBe('succeeded');
  });

  test('rolls back when its time is over', async () => {
    const world = setUp();
    const begun = await world.shifter.begin({ ...request, approvalPercents: [50], maxDurationSeconds: 900 });
    let progress = await drive(world, begun);
    expect(progress.heldAt).toMatchObject({ key: '50', expiresAt: startAt + 900_000 });
    while (progress.outcome === undefined) {
      await world.clock.sleep(progress.waitSeconds * 1000);
      progress = await drive(world, progress.state);
    }

    expect(progress.state).toMatchObject({
      phase: 'rolledBack',
      reason: 'Not done by 2026-01-01T00:15:00.000Z',
    });
    expect(world.clock.now()).toBe(startAt + 900_000);
    expect(world.target.writes).toEqual([green(50), green(0)]);
  });

  test('rolls back at rollBackAt when that is earlier', async () => {
    const { shifter, clock } = setUp();
    const begun = await shifter.begin({ ...request, approvalPercents: [0], maxDurationSeconds: 900 });
    const rollBackAt = startAt + 200_000;

    const held = await shifter.advance(begun, { rollBackAt });
    expect(held).toMatchObject({ waitSeconds: 60, heldAt: { expiresAt: rollBackAt } });
    await clock.sleep(190_000);
    expect((await shifter.advance(held.state, { rollBackAt })).waitSeconds).toBe(10);
    await clock.sleep(10_000);

    expect((await shifter.advance(held.state, { rollBackAt })).state.phase).toBe('rollingBack');
  });

  test('rolls back on request, and continues the rollback', async () => {
    const world = setUp();
    const { state } = await world.shifter.advance(await world.shifter.begin(request));

    const back = await world.shifter.rollBack(state, 'enough');

    expect(back).toMatchObject({ outcome: 'rolledBack', state: { phase: 'rolledBack', reason: 'enough' } });
    expect((await drive(world, back.state)).outcome).toBe('rolledBack');
    expect(world.target.writes).toEqual([green(50), green(0)]);
  });

  test('passes the signal to the target', async () => {
    const { shifter, target } = setUp();
    const { signal } = new AbortController();
    const { state } = await shifter.advance(await shifter.begin(request, { signal }), { signal });
    await shifter.rollBack(state, 'enough', { signal });

    const reads = target.calls.filter(({ kind }) => kind === 'read');
    expect(reads.length).toBeGreaterThan(3);
    expect(reads.every(({ options }) => options?.signal === signal)).toBe(true);
  });

  test.each([-1, 100, Number.NaN, '50'])(
    'throws InvalidInputError for the approval share %o',
    async (share) => {
      const begun = setUp().shifter.begin({ ...request, approvalPercents: [share as number] });

      await expect(begun).rejects.toThrowError(InvalidInputError);
    },
  );
});

describe('TrafficShifter › parseState', () => {
  test.each<[string, object, string]>([
    ['another version', { version: 2 }, 'version'],
    ['an approval above 100 %', { approvalPercents: [101] }, 'approvalPercents'],
    ['approvals that are no list', { approvalPercents: 'all' }, 'approvalPercents'],
    ['an endless time limit', { maxDurationSeconds: 1e12 }, 'maxDurationSeconds'],
  ])('throws InvalidInputError for %s', async (_, change, field) => {
    const { shifter } = setUp();
    const state = await shifter.begin(request);
    const parse = () => shifter.parseState({ ...state, ...change });

    expect(parse).toThrowError(InvalidInputError);
    expect(parse).toThrowError(new RegExp(field));
  });

  test.each([undefined, null, 'x', 7, []])('throws InvalidInputError for %o', (state) => {
    expect(() => setUp().shifter.parseState(state)).toThrowError(InvalidInputError);
  });
});

describe('TrafficShifter › halt', () => {
  test('writes nothing more, until advance resumes the shift', async () => {
    const world = setUp();
    const { state } = await world.shifter.advance(await world.shifter.begin(request));
    const before = world.target.calls.length;

    const halted = world.shifter.halt(state, 'by hand');

    expect(halted).toMatchObject({
      outcome: 'halted',
      waitSeconds: 0,
      state: { phase: 'halted', haltedIn: 'shifting', reason: 'by hand' },
      events: [{ type: 'halted', reason: 'by hand' }],
    });
    expect(world.target.calls).toHaveLength(before);
    expect((await drive(world, halted.state)).outcome).toBe('succeeded');
  });

  test('leaves an ended shift unchanged', async () => {
    const world = setUp();
    const { state } = await drive(world, await world.shifter.begin(request));

    expect(world.shifter.halt(state, 'by hand')).toEqual({
      state,
      waitSeconds: 0,
      events: [],
      outcome: 'succeeded',
    });
  });
});

describe('TrafficShifter › summarize', () => {
  test('gives the phase and the share of each state, and the completeness of its end', async () => {
    const world = setUp();
    const { shifter } = world;
    const begun = await shifter.begin(request);
    const { state: half } = await shifter.advance(begun);
    const { state: back } = await shifter.rollBack(half, 'enough');
    const { state: end } = await drive(world, await shifter.begin(request));

    expect([begun, half, back, end].map((state) => shifter.summarize(state))).toEqual([
      summary({ phase: 'shifting', percent: 0 }),
      summary({ phase: 'shifting', percent: 50 }),
      {
        ...summary({ phase: 'rolledBack', percent: 0 }),
        outcome: 'rolledBack',
        isComplete: true,
        reason: 'enough',
      },
      { ...summary({ phase: 'succeeded', percent: 100 }), outcome: 'succeeded', isComplete: true },
    ]);
  });

  test('is not complete after a partial strategy, and after a rollback that leaves traffic', async () => {
    const partial = { name: 'half', steps: [{ percent: 50, holdSeconds: 0 }], partial: true };
    const world = setUp({ weights: green(10) });
    const begun = await world.shifter.begin({
      incoming: 'green',
      strategy: partial,
      acceptLiveWeights: true,
    });
    const { state: back } = await world.shifter.rollBack(begun, 'enough');
    const { state: end } = await drive(world, begun);

    expect(world.shifter.summarize(back)).toMatchObject({ outcome: 'rolledBack', isComplete: false });
    expect(world.shifter.summarize(end)).toMatchObject({ outcome: 'succeeded', isComplete: false });
  });

  test('counts a halted rollback as one', async () => {
    const { shifter, target, clock } = setUp();
    const { state } = await shifter.advance(await shifter.begin(request));
    target.externalWrite(green(70));
    await clock.sleep(60_000);
    const { state: halted } = await shifter.rollBack(state, 'enough');

    expect(shifter.summarize(halted)).toMatchObject({ outcome: 'halted', isRollingBack: true });
  });

  test('may have succeeded from the last step on', async () => {
    const { shifter, clock } = setUp();
    const begun = await shifter.begin({ ...request, strategy: { ...linear, bakeSeconds: 600 } });
    const { state: half } = await shifter.advance(begun);
    await clock.sleep(60_000);
    const { state: pending } = await shifter.advance(half);
    const { state: baking } = await shifter.advance(pending);

    expect([begun, half, pending, baking].map((it) => shifter.summarize(it).mayHaveSucceeded)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

const linear = { type: 'linear', stepPercent: 50, intervalSeconds: 60 } as const;

function summary({ phase, percent }: { phase: string; percent: number }) {
  return {
    isRollingBack: false,
    isComplete: false,
    mayHaveSucceeded: false,
    details: { phase, incoming: 'green', incomingPercent: percent },
  };
}

describe('TrafficShifter › plannedApprovals', () => {
  test('returns the keys in ascending order', () => {
    const { shifter } = setUp();

    expect(shifter.plannedApprovals({ ...request, approvalPercents: [50, 0, 12.5, 50] })).toEqual([
      '0',
      '12.5',
      '50',
    ]);
    expect(shifter.plannedApprovals(parseShiftRequest(request))).toEqual([]);
  });
});
