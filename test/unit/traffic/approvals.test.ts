import { describe, expect, test } from 'vitest';
import { AccessDeniedError, InvalidInputError, ResourceStateError } from '../../../src/core/errors.js';
import type { AdvanceOptions } from '../../../src/resumable/types.js';
import type { ShiftState } from '../../../src/traffic/shift/shift-state.js';
import type { ShiftProgress } from '../../../src/traffic/shifter-options.js';
import { allAtOnce } from '../../../src/traffic/strategies/all-at-once.js';
import { steps } from '../../../src/traffic/strategies/steps.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check, CheckResult } from '../../../src/traffic/types.js';
import { type CallFault, FakeTarget, type FakeTargetOptions } from '../../support/fake-target.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { green } from './shift-states.js';

const startAt = Date.parse('2026-01-01T00:00:00Z');
const strategy = steps([
  { percent: 10, holdSeconds: 300 },
  { percent: 50, holdSeconds: 300 },
  { percent: 100, holdSeconds: 60 },
]);
const approvalPercents = [0, 10, 50];

function setUp({
  outcomes = [],
  successThreshold = 1,
  ...options
}: Partial<FakeTargetOptions> & {
  outcomes?: readonly (CheckResult['outcome'] | 'error' | 'undecided')[];
  successThreshold?: number;
  faults?: ReadonlyMap<number, CallFault>;
} = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock, ...options });
  const evaluatedAt: number[] = [];
  const errors: Check = {
    name: 'errors',
    evaluate: async () => {
      const outcome = outcomes[Math.min(evaluatedAt.length, outcomes.length - 1)] ?? 'pass';
      evaluatedAt.push((clock.now() - startAt) / 1000);
      const detail = `It was ${outcome}`;
      if (outcome === 'error') throw new Error(detail);
      return outcome === 'undecided'
        ? { outcome: 'inconclusive', undecided: true, detail }
        : { outcome, detail };
    },
  };
  const checks = outcomes.length > 0 ? [errors] : [];
  const makeShifter = () =>
    new TrafficShifter({
      target,
      clock,
      checks,
      policy: { successThreshold },
      guardIntervalSeconds: 86_400,
    });
  return { clock, target, evaluatedAt, makeShifter, shifter: makeShifter() };
}

/** Advances until only the approval is missing, or until the end. Each call has a new shifter and a state from JSON. */
async function advanceWhile(
  { clock, makeShifter }: ReturnType<typeof setUp>,
  state: ShiftState,
  options: AdvanceOptions,
  isEnough: (progress: ShiftProgress) => boolean,
): Promise<ShiftProgress> {
  for (let current = state, call = 0; call < 200; call += 1) {
    const progress = await makeShifter().advance(JSON.parse(JSON.stringify(current)), options);
    if (progress.outcome !== undefined || isEnough(progress)) return progress;
    current = progress.state;
    await clock.sleep(progress.waitSeconds * 1000);
  }
  throw new Error('It does not end');
}

const isHeld = ({ heldAt }: ShiftProgress) => heldAt !== undefined;
const never = () => false;

describe('TrafficShifter › advance › approved', () => {
  test('writes nothing before the approval of the first step', async () => {
    const set = setUp();
    const { shifter, target, clock } = set;
    const begun = await shifter.begin({ incoming: 'green', strategy, approvalPercents });

    const held = await shifter.advance(begun, {});

    expect(held).toEqual({
      state: begun,
      waitSeconds: 60,
      heldAt: { key: '0', detail: 'go past 0 %' },
      events: [
        {
          at: startAt,
          type: 'held',
          weights: green(0),
          reason: 'Waiting for the approval to go past 0 %',
        },
      ],
    });
    await clock.sleep(86_400_000);
    expect((await shifter.advance(held.state, {})).heldAt?.key).toBe('0');
    expect(target.writes).toEqual([]);

    const { state } = await shifter.advance(held.state, { approved: ['50'] });
    expect(state.verifiedWeights).toEqual(green(10));
  });

  test.each<[string, number, object]>([
    ['rolledBack', 0, {}],
    ['succeeded', 1, {}],
    ['succeeded', 0, { minimumHealthyCount: 0 }],
  ])(
    'is %s when %d instances are healthy at the approval of the first step: %o',
    async (phase, healthy, options) => {
      const health = { healthy: 2 };
      const clock = new JumpingClock();
      const target = new FakeTarget({ clock });
      const withHealth = Object.assign(target, { readHealth: async () => ({ ...health, total: 2 }) });
      const makeShifter = () => new TrafficShifter({ target: withHealth, clock, ...options });
      const set = { ...setUp(), clock, target, makeShifter };
      const begun = await makeShifter().begin({ incoming: 'green', strategy, approvalPercents: [0] });
      const held = await advanceWhile(set, begun, {}, isHeld);
      Object.assign(health, { healthy });
      await clock.sleep(60_000);

      const end = await advanceWhile(set, held.state, { approved: ['0'] }, never);

      expect(end.state.phase).toBe(phase);
      const isBlue = phase === 'rolledBack';
      expect(target.writes.every(({ blue }) => blue === 100)).toBe(isBlue);
      if (isBlue)
        expect(end.state.reason).toBe('The green stack is no longer ready for traffic: 0 of 2 healthy');
    },
  );

  test('reads no health at the approval of the first step when no healthy target is needed', async () => {
    const clock = new JumpingClock();
    const readHealth = async () => {
      throw new AccessDeniedError({
        action: 'elasticloadbalancing:DescribeTargetHealth',
        resource: 'green',
        cause: new Error('403'),
      });
    };
    const target = Object.assign(new FakeTarget({ clock }), { readHealth });
    const makeShifter = () => new TrafficShifter({ target, clock, minimumHealthyCount: 0 });
    const set = { ...setUp(), clock, target, makeShifter };
    const begun = await makeShifter().begin({ incoming: 'green', strategy, approvalPercents: [0] });

    const end = await advanceWhile(set, begun, { approved: ['0'] }, never);

    expect(end.state.phase).toBe('succeeded');
  });

  test('waits for an approval only after the hold of a step', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });

    const first = await set.shifter.advance(begun, { approved: ['0'] });
    const held = await advanceWhile(set, first.state, { approved: ['0'] }, isHeld);

    expect(first).toMatchObject({ waitSeconds: 300 });
    expect(first.heldAt).toBeUndefined();
    expect(held).toMatchObject({ heldAt: { key: '10' }, waitSeconds: 60 });
    expect(set.clock.now()).toBe(startAt + 300_000);
    expect(set.target.writes).toEqual([green(10)]);
  });

  test('does not pass an approved share between two steps', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents: [49.9, 50] });

    const held = await advanceWhile(set, begun, {}, isHeld);

    expect(held).toMatchObject({ heldAt: { key: '49.9' }, state: { verifiedWeights: green(10) } });
    const next = await advanceWhile(set, held.state, { approved: ['49.9'] }, isHeld);
    expect(next).toMatchObject({ heldAt: { key: '50' }, state: { verifiedWeights: green(50) } });
    const end = await advanceWhile(set, next.state, { approved: ['50'] }, never);
    expect(end.state.phase).toBe('succeeded');
    expect(set.target.writes).toEqual([green(10), green(50), green(100)]);
  });

  test('needs no approval at the end of a partial strategy', async () => {
    const set = setUp();
    const partial = steps([{ percent: 20, holdSeconds: 60 }], { partial: true });

    const end = await advanceWhile(
      set,
      await set.shifter.begin({ incoming: 'green', strategy: partial, approvalPercents: [20] }),
      {},
      isHeld,
    );

    expect(end).toMatchObject({ outcome: 'succeeded', state: { phase: 'succeeded' } });
  });

  test('waits for an approval only after the checks have passed', async () => {
    const set = setUp({ outcomes: ['inconclusive', 'inconclusive', 'inconclusive', 'inconclusive', 'pass'] });
    const short = steps([
      { percent: 10, holdSeconds: 60 },
      { percent: 100, holdSeconds: 0 },
    ]);

    await advanceWhile(
      set,
      await set.shifter.begin({ incoming: 'green', strategy: short, approvalPercents: [10] }),
      {},
      isHeld,
    );

    expect(set.clock.now()).toBe(startAt + 300_000);
  });

  test('evaluates the checks while it waits for an approval', async () => {
    const set = setUp({ outcomes: ['pass'] });
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
    const held = await advanceWhile(set, begun, { approved: ['0'] }, isHeld);

    await advanceWhile(set, held.state, { approved: ['0'] }, () => set.clock.now() >= startAt + 900_000);

    expect(set.evaluatedAt).toEqual(Array.from({ length: 15 }, (_, index) => (index + 1) * 60));
  });

  test('rolls back when a check fails while it waits for an approval', async () => {
    const outcomes = [...Array.from({ length: 20 }, () => 'pass' as const), 'fail' as const];
    const set = setUp({ outcomes });
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });

    const end = await advanceWhile(set, begun, { approved: ['0'] }, never);

    expect(end.state).toMatchObject({ phase: 'rolledBack', reason: expect.stringContaining('errors') });
    expect(set.target.writes).toEqual([green(10), green(0)]);
    expect(set.clock.now()).toBe(startAt + 21 * 60_000);
  });

  test.each([['inconclusive'], ['error'], ['undecided']] as const)(
    'does not count what is %s now and then while only an approval is missing',
    async (kind) => {
      const outcomes = Array.from({ length: 400 }, (_, index) => (index % 10 === 9 ? kind : 'pass'));
      const set = setUp({ outcomes });
      const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
      const held = await advanceWhile(set, begun, { approved: ['0'] }, isHeld);

      const late = await advanceWhile(set, held.state, { approved: ['0'] }, (progress) => {
        return isHeld(progress) && set.clock.now() >= startAt + 7_200_000;
      });
      expect(late.state.phase).toBe('shifting');

      const end = await advanceWhile(set, late.state, { approved: ['50'] }, never);
      expect(end.state.phase).toBe('succeeded');
    },
  );

  test.each([
    [150, 'succeeded'],
    [400, 'rolledBack'],
  ] as const)(
    'gives a check that becomes undecided while an approval is missing the longest hold: until evaluation %d',
    async (last, outcome) => {
      const outcomes = Array.from({ length: 401 }, (_, index) =>
        index < 110 || index >= last ? 'pass' : 'undecided',
      );
      const set = setUp({ outcomes });
      const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
      const undecided = await advanceWhile(set, begun, { approved: ['0'] }, () => {
        return set.evaluatedAt.length >= 115;
      });
      expect(undecided.state.phase).toBe('shifting');

      const end = await advanceWhile(set, undecided.state, { approved: ['50'] }, never);

      expect(end.outcome).toBe(outcome);
      const seconds = (set.evaluatedAt[109] ?? 0) + 3_900;
      if (outcome === 'rolledBack') expect(set.evaluatedAt.at(-1)).toBe(seconds);
    },
  );

  test('does not prolong the longest hold when the clock was ahead while only an approval was missing', async () => {
    const outcomes: ('pass' | 'undecided')[] = ['pass'];
    const set = setUp({ outcomes });
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
    const { state } = await advanceWhile(set, begun, { approved: ['0'] }, isHeld);
    const heldAt = (set.clock.now() - startAt) / 1000;
    outcomes.push('undecided');
    await set.clock.sleep(60_000);
    const ahead = { ...state, passedAt: (state.passedAt ?? 0) + 3_000_000 };

    const { outcome } = await advanceWhile(set, ahead, { approved: ['0'] }, never);

    expect(outcome).toBe('rolledBack');
    expect(set.evaluatedAt.at(-1)).toBeLessThanOrEqual(heldAt + 3_960);
  });

  test.each([['inconclusive'], ['error'], ['undecided']] as const)(
    'rolls back when a check is %s each second time, although an approval is missing',
    async (kind) => {
      const outcomes = Array.from({ length: 120 }, (_, index) => (index % 2 === 0 ? kind : 'pass'));
      const set = setUp({ outcomes, successThreshold: 2 });
      const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });

      const end = await advanceWhile(set, begun, { approved: ['0'] }, never);

      expect(end.state.phase).toBe('rolledBack');
    },
  );

  test('does not proceed on an approval when checks have become inconclusive meanwhile', async () => {
    const set = setUp({ outcomes: ['pass', 'pass', 'pass', 'pass', 'pass', 'inconclusive'] });
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
    const held = await advanceWhile(set, begun, { approved: ['0'] }, isHeld);
    await set.clock.sleep(60_000);
    const unclear = await set.shifter.advance(held.state, { approved: ['0'] });
    expect(unclear.heldAt).toBeUndefined();

    const end = await advanceWhile(set, unclear.state, { approved: ['50'] }, never);

    expect(end.state.phase).toBe('rolledBack');
    expect(set.target.writes).toEqual([green(10), green(0)]);
  });

  test('waits again when an approval is withdrawn before the write', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
    const held = await advanceWhile(set, begun, { approved: ['0'] }, isHeld);
    const pending = await set.shifter.advance(held.state, { approved: ['50'] });
    expect(pending.state.pendingWeights).toEqual(green(50));

    const again = await advanceWhile(set, pending.state, { approved: ['0'] }, isHeld);

    expect(again).toMatchObject({ heldAt: { key: '10' }, state: { supersededWeights: green(50) } });
    expect(set.target.writes).toEqual([green(10)]);
    const end = await advanceWhile(set, again.state, { approved: ['50'] }, never);
    expect(end.state.phase).toBe('succeeded');
  });

  test.each([
    { kind: 'crashBefore' as const, writes: [green(10), green(50), green(50), green(100)] },
    { kind: 'crashAfter' as const, writes: [green(10), green(50), green(50), green(100)] },
  ])('ends the same when the process stops at an approved write ($kind) and resumes', async (it) => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
    const held = await advanceWhile(set, begun, { approved: ['0'] }, isHeld);
    const approved = await set.shifter.advance(held.state, { approved: ['10'] });
    set.target.faults.set(set.target.calls.length + 2, { kind: it.kind });
    await expect(set.shifter.advance(approved.state, { approved: ['10'] })).rejects.toThrow('stopped');

    const next = await advanceWhile(set, approved.state, { approved: ['10'] }, isHeld);
    const end = await advanceWhile(set, next.state, { approved: ['50'] }, never);

    expect(next).toMatchObject({ heldAt: { key: '50' }, state: { verifiedWeights: green(50) } });
    expect(end.state.phase).toBe('succeeded');
    expect(set.target.writes).toEqual(it.writes);
  });

  test('still waits for the approval after a halt and a resume', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
    const held = await advanceWhile(set, begun, { approved: ['0'] }, isHeld);
    set.target.externalWrite(green(33));
    const halted = await advanceWhile(set, held.state, { approved: ['50'] }, never);
    expect(halted.state.phase).toBe('halted');
    set.target.externalWrite(green(10));
    await set.clock.sleep(100_000);

    const again = await advanceWhile(set, halted.state, { approved: ['0'] }, isHeld);

    expect(again).toMatchObject({ heldAt: { key: '10' }, state: { phase: 'shifting' } });
    expect(set.target.writes).toEqual([green(10)]);
  });

  test('keeps late written weights when their approval is withdrawn', async () => {
    const set = setUp({ delaySeconds: 50 });
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });
    const written = await set.shifter.advance(begun, { approved: ['50'] });
    expect(written.state).toMatchObject({ unverifiedWrites: 1, step: -1 });
    await set.clock.sleep(60_000);

    const { state } = await set.shifter.advance(written.state, {});

    expect(state).toMatchObject({ step: 0, verifiedWeights: green(10) });
  });

  test('ignores approvals during a rollback', async () => {
    const set = setUp();
    const { state } = await set.shifter.advance(
      await set.shifter.begin({ incoming: 'green', strategy, approvalPercents }),
      { approved: ['50'] },
    );
    const turned = await set.shifter.rollBack(state, 'enough');
    expect(await set.shifter.advance(turned.state, {})).toMatchObject({ outcome: 'rolledBack' });
    expect(set.target.rule.weights).toEqual(green(0));
  });

  test('counts one approval for all the shares up to it', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });

    const end = await advanceWhile(set, begun, { approved: ['70'] }, isHeld);

    expect(end.outcome).toBe('succeeded');
  });

  test.each(['all', '-1', '100.5', '050', '5e1', '0x32', 'NaN', 'Infinity', 'bake'])(
    'ignores the approval %o, which is not the key of a share',
    async (key) => {
      const { shifter, target } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy, approvalPercents });

      const held = await shifter.advance(begun, { approved: [key] });

      expect(held.heldAt?.key).toBe('0');
      expect(target.writes).toEqual([]);
    },
  );

  test.each([[['']], [[' ']], [[10]], ['10'], [[Number.NaN]], [[null]], [{}]])(
    'throws InvalidInputError for the approvals %o',
    async (approved) => {
      const { shifter, target } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy, approvalPercents });
      const advancing = shifter.advance(begun, { approved: approved as never });
      await expect(advancing).rejects.toThrowError(InvalidInputError);
      await expect(advancing).rejects.toThrowError('approved');
      expect(target.writes).toEqual([]);
    },
  );
});

describe('TrafficShifter › advance › rollBackAt', () => {
  const rollBackAt = startAt + 600_000;

  test('rolls back a shift that has not succeeded by then', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy });

    const end = await advanceWhile(set, begun, { rollBackAt }, never);

    expect(end.state).toMatchObject({ phase: 'rolledBack', reason: 'Not done by 2026-01-01T00:10:00.000Z' });
    expect(set.target.writes).toEqual([green(10), green(50), green(0)]);
    expect(set.clock.now()).toBe(rollBackAt);
  });

  test('leaves a succeeded shift unchanged', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy: allAtOnce() });
    const end = await advanceWhile(set, begun, { rollBackAt }, never);
    await set.clock.sleep(3_600_000);

    expect(await set.shifter.advance(end.state, { rollBackAt })).toMatchObject({
      outcome: 'succeeded',
      state: { phase: 'succeeded' },
    });
    expect(set.target.rule.weights).toEqual(green(100));
  });

  test('ends the wait for an approval', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy, approvalPercents });

    const end = await advanceWhile(set, begun, { rollBackAt }, never);

    expect(end.state.phase).toBe('rolledBack');
    expect(set.target.changes.every(({ weights }) => weights.green === 0)).toBe(true);
    expect(set.clock.now()).toBe(rollBackAt);
  });

  test('rolls back a halted shift as well, unless there is still drift', async () => {
    const set = setUp();
    const { state } = await set.shifter.advance(await set.shifter.begin({ incoming: 'green', strategy }));
    set.target.externalWrite(green(33));
    const halted = await advanceWhile(set, state, {}, never);
    await set.clock.sleep(600_000);

    const again = await advanceWhile(set, halted.state, { rollBackAt }, never);
    expect(again.state).toMatchObject({ phase: 'halted', haltedIn: 'rollingBack' });
    set.target.externalWrite(green(10));
    const end = await advanceWhile(set, again.state, { rollBackAt }, never);

    expect(end.state).toMatchObject({ phase: 'rolledBack', reason: expect.stringContaining('Not done by') });
    expect(set.target.writes).toEqual([green(10), green(0)]);
  });

  test('returns a state with the pending rollback before it writes', async () => {
    const set = setUp();
    const { state } = await set.shifter.advance(await set.shifter.begin({ incoming: 'green', strategy }));
    await set.clock.sleep(600_000);

    const turned = await set.shifter.advance(state, { rollBackAt });

    expect(turned.outcome).toBeUndefined();
    expect(turned).toMatchObject({
      waitSeconds: 0,
      state: { phase: 'rollingBack', pendingWeights: green(0) },
      events: [{ at: rollBackAt, type: 'rollingBack', reason: 'Not done by 2026-01-01T00:10:00.000Z' }],
    });
    expect(set.target.writes).toEqual([green(10)]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1e300, '2026-01-01'])(
    'throws InvalidInputError for a time of %o',
    async (at) => {
      const { shifter } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy });
      const advancing = shifter.advance(begun, { rollBackAt: at as number });
      await expect(advancing).rejects.toThrowError(InvalidInputError);
      await expect(advancing).rejects.toThrowError('rollBackAt');
    },
  );
});

describe('TrafficShifter › partial strategies', () => {
  const half = steps(
    [
      { percent: 20, holdSeconds: 60 },
      { percent: 50, holdSeconds: 120 },
    ],
    { partial: true },
  );

  test('ends below 100 % with split traffic', async () => {
    const set = setUp({ outcomes: ['pass'] });
    const begun = await set.shifter.begin({ incoming: 'green', strategy: half });

    const end = await advanceWhile(set, begun, {}, never);

    expect(end.state).toMatchObject({ phase: 'succeeded', verifiedWeights: green(50) });
    expect(set.target.writes).toEqual([green(20), green(50)]);
    expect(set.clock.now()).toBe(startAt + 180_000);
  });

  test('evaluates checks at the last step, and rolls back from it', async () => {
    const set = setUp({ outcomes: ['pass', 'pass', 'fail'] });

    const end = await advanceWhile(
      set,
      await set.shifter.begin({ incoming: 'green', strategy: half }),
      {},
      never,
    );

    expect(end.state.phase).toBe('rolledBack');
    expect(set.target.rule.weights).toEqual(green(0));
  });

  test('halts when the last weights are no longer live', async () => {
    const set = setUp();
    const begun = await set.shifter.begin({ incoming: 'green', strategy: half });
    const last = await advanceWhile(set, begun, {}, ({ state }) => state.step === 1);
    set.target.externalWrite(green(40));

    const end = await advanceWhile(set, last.state, {}, never);

    expect(end.state).toMatchObject({ phase: 'halted', reason: expect.stringContaining('green 40 %') });
  });

  test('continues from accepted live weights, and holds the last step', async () => {
    const set = setUp({ weights: green(50) });
    const begun = await set.shifter.begin({ incoming: 'green', strategy: half, acceptLiveWeights: true });
    expect(begun).toMatchObject({ step: 1, phase: 'shifting' });

    const end = await advanceWhile(set, begun, {}, never);

    expect(end.state.phase).toBe('succeeded');
    expect(set.target.writes).toEqual([]);
  });

  test.each([100, 60])('throws ResourceStateError for a stack that already has %d percent', async (share) => {
    const set = setUp({ weights: green(share) });

    const beginning = set.shifter.begin({ incoming: 'green', strategy: half, acceptLiveWeights: true });

    await expect(beginning).rejects.toThrowError(ResourceStateError);
    await expect(beginning).rejects.toThrowError(
      /more traffic than the shift ends with: expected green 50 % at most, got .*green \d+ %\. Shift to the other/,
    );
  });
});
