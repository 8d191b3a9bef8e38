import { describe, expect, test, vi } from 'vitest';
import {
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  UnexpectedResponseError,
} from '../../../src/core/errors.js';
import type { LogData, Logger } from '../../../src/core/logger.js';
import { VirtualClock } from '../../../src/testing/index.js';
import type { ShiftEvent } from '../../../src/traffic/shift/shift-events.js';
import type { ShiftState } from '../../../src/traffic/shift/shift-state.js';
import type { TrafficShifterOptions } from '../../../src/traffic/shifter-options.js';
import { allAtOnce } from '../../../src/traffic/strategies/all-at-once.js';
import { canary } from '../../../src/traffic/strategies/canary.js';
import { steps } from '../../../src/traffic/strategies/steps.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check, CheckContext, CheckResult } from '../../../src/traffic/types.js';
import { brokenLogger } from '../../support/broken-logger.js';
import { type CallFault, FakeTarget, type FakeTargetOptions } from '../../support/fake-target.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { green } from './shift-states.js';

const startAt = Date.parse('2026-01-01T00:00:00Z');
const tenth = canary({ percent: 10, holdSeconds: 300, bakeSeconds: 120 });

/** Creates a shifter on a fake rule that routes all the traffic to blue. */
function setUp({
  target: targetOptions = {},
  ...options
}: Partial<Omit<TrafficShifterOptions, 'target'>> & {
  target?: Partial<FakeTargetOptions> & { faults?: ReadonlyMap<number, CallFault> };
} = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock, ...targetOptions });
  // guard.test.ts tests the guard of a hold.
  const shifter = new TrafficShifter({ target, clock, guardIntervalSeconds: 86_400, ...options });
  return { clock, target, shifter };
}

/** Creates a check with these outcomes in turn, which repeats the last one. */
function checkOf(...outcomes: (CheckResult['outcome'] | Error)[]) {
  const contexts: CheckContext[] = [];
  const check: Check = {
    name: 'errors',
    evaluate: async (context) => {
      const outcome = outcomes[Math.min(contexts.length, outcomes.length - 1)] ?? 'pass';
      contexts.push(context);
      if (outcome instanceof Error) throw outcome;
      return { outcome, detail: `It was ${outcome}`, value: contexts.length };
    },
  };
  return { check, contexts };
}

function recordingLogger() {
  const lines: { level: keyof Logger; message: string; data: LogData }[] = [];
  const log = (level: keyof Logger) => (message: string, data: LogData) =>
    lines.push({ level, message, data });
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  return { logger, lines };
}

const typesOf = (events: readonly ShiftEvent[]) => events.map(({ type }) => type);
const secondsOf = ({ at }: ShiftEvent) => (at - startAt) / 1000;

/** Advances until the shift is done, and returns the last state. */
async function advanceToEnd(
  shifter: TrafficShifter,
  clock: JumpingClock,
  state: ShiftState,
): Promise<ShiftState> {
  const progress = await shifter.advance(state);
  if (progress.outcome !== undefined) return progress.state;
  await clock.sleep(progress.waitSeconds * 1000);
  return advanceToEnd(shifter, clock, progress.state);
}

/** Advances until a step is over, and the next weights are about to be written. */
async function advanceToPending(
  shifter: TrafficShifter,
  clock: JumpingClock,
  state: ShiftState,
): Promise<ShiftState> {
  const progress = await shifter.advance(state);
  if (progress.outcome !== undefined || progress.state.pendingWeights !== undefined) return progress.state;
  await clock.sleep(progress.waitSeconds * 1000);
  return advanceToPending(shifter, clock, progress.state);
}

describe('Class: TrafficShifter', () => {
  describe('Constructor', () => {
    const bad = { check: checkOf().check };

    test.each<[string, object, string]>([
      ['no target', { target: undefined }, 'target'],
      ['a target without methods', { target: { description: 'x' } }, 'target.readWeights'],
      ['a check without a name', { checks: [{ ...bad.check, name: ' ' }] }, 'checks[0].name'],
      [
        'a check named like a property of every object',
        { checks: [{ ...bad.check, name: 'constructor' }] },
        'checks[0].name',
      ],
      ['a check without a method', { checks: [{ name: 'x' }] }, 'checks[0].evaluate'],
      ['two checks with the same name', { checks: [bad.check, bad.check] }, 'checks'],
      ['no time between checks', { policy: { intervalSeconds: 0 } }, 'policy.intervalSeconds'],
      ['a negative delay', { policy: { initialDelaySeconds: -1 } }, 'policy.initialDelaySeconds'],
      ['a failure threshold of 0', { policy: { failureThreshold: 0 } }, 'policy.failureThreshold'],
      [
        'a fractional inconclusive threshold',
        { policy: { inconclusiveThreshold: 1.5 } },
        'policy.inconclusiveThreshold',
      ],
      ['an error threshold of 0', { policy: { errorThreshold: 0 } }, 'policy.errorThreshold'],
      ['no successes', { policy: { successThreshold: 0 } }, 'policy.successThreshold'],
      ['an unknown rollback', { rollback: 'slowly' }, 'rollback'],
      [
        'a rollback step of 0 %',
        { rollback: { stepPercent: 0, intervalSeconds: 1 } },
        'rollback.stepPercent',
      ],
      ['a rollback without steps', { rollback: { intervalSeconds: 1 } }, 'rollback.stepPercent'],
      [
        'a rollback with an invalid interval',
        { rollback: { stepPercent: 1, intervalSeconds: 'soon' } },
        'rollback.intervalSeconds',
      ],
      ['a negative count', { minimumHealthyCount: -1 }, 'minimumHealthyCount'],
      ['a negative propagation', { propagationSeconds: -1 }, 'propagationSeconds'],
    ])('throws InvalidInputError for %s', (_, options, field) => {
      const target = new FakeTarget({ clock: new JumpingClock() });
      const make = () => new TrafficShifter({ target, ...options });

      expect(make).toThrowError(InvalidInputError);
      expect(make).toThrowError(field);
    });

    test('works with the system clock and without a logger', async () => {
      const target = new FakeTarget({ clock: new JumpingClock() });
      const before = Date.now();
      const state = await new TrafficShifter({ target }).begin({ incoming: 'green', strategy: tenth });
      expect(state.startedAt).toBeGreaterThanOrEqual(before);
    });
  });

  describe('Method: getWeights', () => {
    test('returns the live weights', async () => {
      const { shifter } = setUp({ target: { weights: green(30) } });
      expect(await shifter.getWeights()).toEqual(green(30));
    });

    test('passes the signal to the target', async () => {
      const { shifter, target } = setUp();
      const { signal } = new AbortController();
      await shifter.getWeights({ signal });
      expect(target.calls[0]?.options?.signal).toBe(signal);
    });

    test.each([[{ blue: 60, green: 60 }], [{ blue: Number.NaN, green: 0 }], [undefined]])(
      'throws UnexpectedResponseError for %o',
      async (answer) => {
        const { shifter, target } = setUp();
        vi.spyOn(target, 'readWeights').mockResolvedValue(answer as never);

        await expect(shifter.getWeights()).rejects.toThrowError(UnexpectedResponseError);
        await expect(shifter.getWeights()).rejects.toThrowError('100 % together');
        await expect(shifter.begin({ incoming: 'green', strategy: tenth })).rejects.toThrowError(
          UnexpectedResponseError,
        );
      },
    );
  });

  describe('Method: begin', () => {
    test('returns the first state, and writes nothing', async () => {
      const { shifter, target } = setUp({ policy: { initialDelaySeconds: 30 } });

      const state = await shifter.begin({ incoming: 'green', strategy: tenth });

      expect(state).toEqual({
        version: 1,
        phase: 'shifting',
        incoming: 'green',
        strategy: tenth,
        initialWeights: green(0),
        verifiedWeights: green(0),
        verifiedAt: startAt,
        readAt: startAt,
        step: -1,
        pendingWeights: green(10),
        unverifiedWrites: 0,
        nextCheckAt: startAt + 30_000,
        tallies: {},
        startedAt: startAt,
      });
      expect(target.calls.map(({ kind }) => kind)).toEqual(['read']);
    });

    test('waits for 60 s before the first checks by default', async () => {
      const { nextCheckAt } = await setUp().shifter.begin({ incoming: 'green', strategy: tenth });
      expect(nextCheckAt).toBe(startAt + 60_000);
    });

    test('uses the weights that the target can hold', async () => {
      const { shifter } = setUp({ target: { scale: 3 } });
      const state = await shifter.begin({ incoming: 'green', strategy: tenth });
      expect(state.pendingWeights?.green).toBeCloseTo(33.33);
    });

    test('returns a succeeded state when the stack already has all the traffic', async () => {
      const { shifter } = setUp({ target: { weights: green(100) } });
      expect(await shifter.begin({ incoming: 'green', strategy: tenth })).toMatchObject({
        phase: 'succeeded',
        step: 1,
      });
    });

    test.each([0.5, 50, 99.75])(
      'throws ResourceStateError when the stack already has traffic (green %d)',
      async (share) => {
        const { shifter, target } = setUp({ target: { weights: green(share) } });

        const begun = shifter.begin({ incoming: 'green', strategy: tenth });

        await expect(begun).rejects.toThrowError(ResourceStateError);
        await expect(begun).rejects.toThrowError(
          `The green stack has traffic already: expected green 0 %, got blue ${100 - share} %, green ${share} %`,
        );
        await expect(begun).rejects.toThrowError('acceptLiveWeights');
        expect(target.writes).toEqual([]);
      },
    );

    test('leaves out steps below accepted live weights', async () => {
      const strategy = steps([10, 20, 50, 100].map((percent) => ({ percent, holdSeconds: 60 })));
      const from = async (share: number) => {
        const { shifter } = setUp({ target: { weights: green(share) } });
        return shifter.begin({ incoming: 'green', strategy, acceptLiveWeights: true });
      };

      expect(await from(30)).toMatchObject({
        step: 1,
        verifiedWeights: green(30),
        initialWeights: green(30),
      });
      expect(await from(30)).not.toHaveProperty('pendingWeights');
      expect(await from(50)).toMatchObject({ step: 2 });
      expect(await from(5)).toMatchObject({ step: -1, pendingWeights: green(10) });
    });

    test('throws ResourceStateError for other destinations than the pair', async () => {
      const { shifter } = setUp({ target: { faults: new Map([[1, { kind: 'intruder' }]]) } });
      await expect(shifter.begin({ incoming: 'green', strategy: tenth })).rejects.toThrowError(
        ResourceStateError,
      );
    });

    test('throws ResourceStateError for a stack that is not healthy', async () => {
      const none = setUp({ target: { healthy: 0 } });
      const one = setUp({ target: { healthy: 1 }, minimumHealthyCount: 2 });
      const well = setUp({ target: { healthy: 1 } });

      await expect(none.shifter.begin({ incoming: 'green', strategy: tenth })).rejects.toThrowError(
        'The green stack is not ready for traffic: expected 1 or more healthy, got 0 of 2 (one is starting)',
      );
      await expect(one.shifter.begin({ incoming: 'green', strategy: tenth })).rejects.toThrowError(
        'expected 2 or more healthy',
      );
      expect(await well.shifter.begin({ incoming: 'green', strategy: tenth })).toMatchObject({
        phase: 'shifting',
      });
    });

    test('describes the health without a detail', async () => {
      const { shifter } = setUp({ target: { healthy: 2 }, minimumHealthyCount: 3 });
      await expect(shifter.begin({ incoming: 'green', strategy: tenth })).rejects.toThrowError(
        'got 2 of 2. Bring',
      );
    });

    test('passes the signal to readHealth', async () => {
      const { shifter, target } = setUp({ target: { healthy: 2 } });
      const health = vi.spyOn(target as Required<FakeTarget>, 'readHealth');
      const { signal } = new AbortController();
      await shifter.begin({ incoming: 'green', strategy: tenth }, { signal });
      expect(health).toHaveBeenCalledWith('green', { signal });
    });

    test('does not read the health with minimumHealthyCount 0', async () => {
      const { shifter, target } = setUp({ target: { healthy: 0 }, minimumHealthyCount: 0 });
      await shifter.begin({ incoming: 'green', strategy: tenth });
      expect(target.calls.map(({ kind }) => kind)).toEqual(['read']);
    });

    test.each([
      ['a strategy', () => setUp().shifter.begin({ incoming: 'green', strategy: { name: 'x', steps: [] } })],
      ['a stack', () => setUp().shifter.begin({ incoming: 'red' as never, strategy: tenth })],
      [
        'a value of acceptLiveWeights',
        () => setUp().shifter.begin({ incoming: 'green', strategy: tenth, acceptLiveWeights: 'no' as never }),
      ],
    ])('throws InvalidInputError for %s that is invalid', async (_, begin) => {
      await expect(begin()).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('Method: advance', () => {
    test('reads, writes and reads back one step', async () => {
      const { shifter, target } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });

      const { state, ...progress } = await shifter.advance(begun);

      expect(progress).toEqual({
        waitSeconds: 300,
        events: [
          { at: startAt, type: 'weightsWritten', weights: green(10) },
          { at: startAt, type: 'weightsVerified', weights: green(10) },
        ],
      });
      expect(state).toMatchObject({ step: 0, verifiedWeights: green(10) });
      expect(target.calls.slice(1).map(({ kind }) => kind)).toEqual(['read', 'write', 'read']);
      expect(target.rule.weights).toEqual(green(10));
    });

    test('makes no call while nothing is due', async () => {
      const { shifter, target, clock } = setUp();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      const before = target.calls.length;
      await clock.sleep(100_000);

      const progress = await shifter.advance(state);

      expect(progress).toEqual({ state, waitSeconds: 200, events: [] });
      expect(target.calls).toHaveLength(before);
    });

    test('returns a state with pending weights before it writes them', async () => {
      const { shifter, target, clock } = setUp();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      await clock.sleep(300_000);

      const pending = await shifter.advance(state);

      expect(pending.waitSeconds).toBe(0);
      expect(pending.outcome).toBeUndefined();
      expect(pending.state.pendingWeights).toEqual(green(100));
      expect(target.rule.weights).toEqual(green(10));
      await shifter.advance(pending.state);
      expect(target.rule.weights).toEqual(green(100));
    });

    test('passes the expected weights to the target, the pending ones last', async () => {
      const { shifter, target } = setUp();
      await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      const [, guard, , verification] = target.calls;
      expect(guard?.options?.expected).toEqual([green(0), green(10)]);
      expect(verification?.options?.expected).toEqual([green(0), green(10)]);
    });

    test('continues a state from JSON in another process', async () => {
      const { shifter, target, clock } = setUp();
      let state = await shifter.begin({ incoming: 'green', strategy: tenth });
      while (state.phase === 'shifting') {
        const handed = JSON.parse(JSON.stringify(state));
        const progress = await new TrafficShifter({ target, clock }).advance(handed);
        await clock.sleep(progress.waitSeconds * 1000);
        state = progress.state;
      }
      expect(state.phase).toBe('succeeded');
      expect(target.rule.weights).toEqual(green(100));
      expect(clock.now()).toBe(startAt + 420_000);
    });

    test.each([
      ['succeeded', { verifiedWeights: green(100), step: 1 }],
      ['rolledBack', {}],
    ] as const)('leaves a shift that has %s unchanged', async (phase, changes) => {
      const { shifter, target } = setUp();
      const { pendingWeights: _, ...begun } = await shifter.begin({ incoming: 'green', strategy: tenth });
      const state: ShiftState = { ...begun, ...changes, phase };
      const before = target.calls.length;

      expect(await shifter.advance(state)).toEqual({ state, waitSeconds: 0, outcome: phase, events: [] });
      expect(target.calls).toHaveLength(before);
    });

    test.each([undefined, 'state', { version: 2 }])(
      'throws InvalidInputError for the state %o',
      async (state) => {
        const { shifter, target } = setUp();
        await expect(shifter.advance(state as never)).rejects.toThrowError(InvalidInputError);
        await expect(shifter.rollBack(state as never, 'x')).rejects.toThrowError(InvalidInputError);
        expect(target.calls).toEqual([]);
      },
    );

    test('waits until written weights are in effect', async () => {
      const { shifter, target, clock } = setUp({ target: { delaySeconds: 7 } });
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });

      const { state, events } = await shifter.advance(begun);

      expect(state).toMatchObject({ step: 0, verifiedAt: startAt + 8000 });
      expect(events.map(secondsOf)).toEqual([0, 8]);
      expect(clock.now()).toBe(startAt + 8000);
      expect(target.writes).toHaveLength(1);
    });

    test('reads a last time when the propagation time is over', async () => {
      const { shifter } = setUp({ target: { delaySeconds: 7 }, propagationSeconds: 7 });
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      expect(state).toMatchObject({ step: 0, verifiedAt: startAt + 7000 });
    });

    test('halts when written weights never take effect, and resumes', async () => {
      const { shifter, target, clock } = setUp({ target: { delaySeconds: 1e6 } });
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });

      const halted = await advanceToEnd(shifter, clock, begun);

      expect(halted).toMatchObject({
        phase: 'halted',
        haltedIn: 'shifting',
        reason: 'The written weights did not take effect: still blue 100 %, green 0 %',
      });
      expect(target.writes).toEqual([green(10), green(10), green(10)]);
      expect(clock.now()).toBe(startAt + 90_000);
      target.delaySeconds = 0;
      const { state } = await shifter.advance(halted);
      expect(state).toMatchObject({ phase: 'shifting', step: 0, unverifiedWrites: 0 });
      expect(state).not.toHaveProperty('reason');
    });

    test('repeats a reading that shows drift before it halts', async () => {
      const faults = new Map<number, CallFault>([
        [6, { kind: 'stale', changes: 1 }],
        [7, { kind: 'stale', changes: 1 }],
      ]);
      const quick = steps([10, 20, 100].map((percent) => ({ percent, holdSeconds: 0 })));
      const { shifter, target, clock } = setUp({ target: { faults } });

      const end = await advanceToEnd(
        shifter,
        clock,
        await shifter.begin({ incoming: 'green', strategy: quick }),
      );

      expect(end.phase).toBe('succeeded');
      expect(target.writes).toEqual([green(10), green(20), green(100)]);
    });

    test('halts on drift and writes nothing more, and continues when the weights are restored', async () => {
      const { shifter, target, clock } = setUp();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      await clock.sleep(150_000);
      target.externalWrite(green(50));
      await clock.sleep(150_000);

      const halted = await advanceToEnd(shifter, clock, state);
      const again = await advanceToEnd(shifter, clock, halted);

      const reason =
        'The weights were changed outside this shift (drift): expected blue 90 %, green 10 % or blue 0 %, green 100 %, got blue 50 %, green 50 %';
      expect(halted).toMatchObject({ phase: 'halted', haltedIn: 'shifting', reason });
      expect(again).toMatchObject({ phase: 'halted', reason });
      expect(target.writes).toEqual([green(10)]);
      expect(target.rule.weights).toEqual(green(50));

      target.externalWrite(green(10));
      expect(await advanceToEnd(shifter, clock, again)).toMatchObject({ phase: 'succeeded' });
    });

    test('holds and checks the step again after a resume', async () => {
      const { check, contexts } = checkOf('pass', 'pass', 'pass', 'pass', 'pass', 'fail');
      const { shifter, target, clock } = setUp({ checks: [check] });
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      const pending = await advanceToPending(shifter, clock, state);
      target.externalWrite(green(50));
      const halted = await advanceToEnd(shifter, clock, pending);
      expect(halted).toMatchObject({ phase: 'halted', pendingWeights: green(100) });
      expect(contexts).toHaveLength(5);
      target.externalWrite(green(10));
      await clock.sleep(3_600_000);
      const takenUpAt = clock.now();

      const end = await advanceToEnd(shifter, clock, halted);

      expect(end).toMatchObject({ phase: 'rolledBack', reason: 'The check errors failed once: It was fail' });
      expect(target.writes).toEqual([green(10), green(0)]);
      expect(clock.now() - takenUpAt).toBe(60_000);
    });

    test('holds and checks the step again after drift of the next weights', async () => {
      const { check } = checkOf('pass', 'pass', 'pass', 'pass', 'pass', 'fail');
      const { shifter, target, clock } = setUp({ checks: [check] });
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      const write = target.writeWeights.bind(target);
      target.writeWeights = async (weights, options) => {
        await write(weights, options);
        target.externalWrite(green(50));
      };
      const halted = await advanceToEnd(shifter, clock, state);
      expect(halted).toMatchObject({ phase: 'halted', pendingWeights: green(100), unverifiedWrites: 1 });
      target.writeWeights = write;
      target.externalWrite(green(10));
      await clock.sleep(3_600_000);

      const end = await advanceToEnd(shifter, clock, halted);

      expect(end).toMatchObject({ phase: 'rolledBack', reason: 'The check errors failed once: It was fail' });
      expect(target.writes).toEqual([green(10), green(100), green(0)]);
    });

    test('waits for the further check of another shifter', async () => {
      const { shifter, target, clock } = setUp();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      await clock.sleep(300_000);
      const pending = await shifter.advance(state);
      expect(pending.state.pendingWeights).toEqual(green(100));
      const { check } = checkOf('fail');

      const other = new TrafficShifter({ target, clock, checks: [check] });
      const end = await advanceToEnd(other, clock, pending.state);

      expect(end.phase).toBe('rolledBack');
      expect(target.writes).toEqual([green(10), green(0)]);
    });

    test('finds weights after a resume that were written before the halt', async () => {
      const { check } = checkOf('pass');
      const { shifter, target, clock } = setUp({ checks: [check] });
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      const pending = await advanceToPending(shifter, clock, state);
      target.externalWrite(green(50));
      const halted = await advanceToEnd(shifter, clock, pending);
      target.externalWrite(green(100));

      const { state: next } = await shifter.advance(halted);

      expect(next).toMatchObject({ phase: 'shifting', step: 1, verifiedWeights: green(100) });
    });

    test('halts on a third destination', async () => {
      const { shifter, target, clock } = setUp();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      target.setIntruder(true);
      await clock.sleep(300_000);

      const halted = await advanceToEnd(shifter, clock, state);

      expect(halted).toMatchObject({
        phase: 'halted',
        reason:
          'The target was changed outside this shift (drift): There are other destinations than the two stacks',
      });
      target.setIntruder(false);
      expect(await advanceToEnd(shifter, clock, halted)).toMatchObject({ phase: 'succeeded' });
    });

    test('halts when the rule does not exist', async () => {
      const { shifter, target } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });
      const gone = new ResourceNotFoundError('The rule does not exist', { resource: 'fake rule 1' });
      vi.spyOn(target, 'readWeights').mockRejectedValue(gone);

      const { state } = await shifter.advance(begun);

      expect(state).toMatchObject({
        phase: 'halted',
        reason: 'The target was changed outside this shift (drift): The rule does not exist',
      });
    });

    test.each([
      Object.assign(new Error('Not ours'), { code: 'RESOURCE_STATE' }),
      new UnexpectedResponseError({ action: 'readWeights', resource: 'x', field: 'y' }),
      undefined,
    ])('throws any other error of a reading (%s)', async (error) => {
      const { shifter, target } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });
      vi.spyOn(target, 'readWeights').mockRejectedValue(error);

      const [advanced] = await Promise.allSettled([shifter.advance(begun)]);

      expect(advanced).toEqual({ status: 'rejected', reason: error });
    });

    test('halts on a third destination that appears with the write', async () => {
      const { shifter, target, clock } = setUp({
        target: { faults: new Map([[4, { kind: 'intruder' }]]) },
      });
      const halted = await advanceToEnd(
        shifter,
        clock,
        await shifter.begin({ incoming: 'green', strategy: tenth }),
      );
      expect(halted).toMatchObject({ phase: 'halted', unverifiedWrites: 1 });
      expect(target.writes).toHaveLength(1);
    });

    test('halts when the weights change during the bake', async () => {
      const { shifter, target, clock } = setUp();
      const { state } = await shifter.advance(
        await shifter.begin({ incoming: 'green', strategy: allAtOnce({ bakeSeconds: 60 }) }),
      );
      await clock.sleep(30_000);
      target.externalWrite(green(0));
      await clock.sleep(30_000);

      const halted = await advanceToEnd(shifter, clock, state);

      expect(halted.phase).toBe('halted');
      // After a resume the bake restarts: the time before was not under these weights.
      target.externalWrite(green(100));
      const resumed = await shifter.advance(halted);
      expect(resumed.waitSeconds).toBe(60);
      expect(resumed.outcome).toBeUndefined();
    });

    test('rolls back at once with the AWS error when a permission is denied', async () => {
      for (const call of [2, 3, 4]) {
        const { shifter, target, clock } = setUp({
          target: { faults: new Map([[call, { kind: 'denied' }]]) },
        });

        const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));

        expect(state).toMatchObject({
          phase: 'rollingBack',
          reason:
            'The shift cannot proceed: Access to fake rule 1 was denied. Allow the IAM action fake:Call on it',
        });
        expect(await advanceToEnd(shifter, clock, state)).toMatchObject({ phase: 'rolledBack' });
        expect(target.rule.weights).toEqual(green(0));
      }
    });

    test.each<CallFault['kind']>(['throw', 'lostResponse'])(
      'throws the error of the target (%s), and accepts the same state again',
      async (kind) => {
        for (const call of [2, 3, 4]) {
          const faults = new Map([[call, { kind } as CallFault]]);
          const { shifter, target } = setUp({ target: { faults } });
          const begun = await shifter.begin({ incoming: 'green', strategy: tenth });

          await expect(shifter.advance(begun)).rejects.toThrowError();
          const { state } = await shifter.advance(begun);

          expect(state).toMatchObject({ step: 0, verifiedWeights: green(10) });
          expect(target.rule.weights).toEqual(green(10));
        }
      },
    );

    test('stops when aborted, but does not abort a write', async () => {
      const { shifter, target } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });
      const controller = new AbortController();
      const { signal } = controller;
      const write = target.writeWeights.bind(target);
      const writes = vi.spyOn(target, 'writeWeights').mockImplementation(async (weights, options) => {
        controller.abort(new Error('Enough'));
        await write(weights, options);
      });

      const advanced = shifter.advance(begun, { signal });

      await expect(advanced).rejects.toThrowError(OperationAbortedError);
      expect(target.rule.weights).toEqual(green(10));
      expect(writes.mock.calls[0]?.[1]?.signal).toBeUndefined();
      const before = target.calls.length;
      await expect(shifter.advance(begun, { signal })).rejects.toThrowError(OperationAbortedError);
      expect(target.calls).toHaveLength(before);
    });

    test('stops at once when aborted during the verification', async () => {
      const { shifter, clock } = setUp({ target: { delaySeconds: 20 } });
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });
      const controller = new AbortController();
      clock.schedule(1, () => controller.abort());

      const advanced = shifter.advance(begun, { signal: controller.signal });

      await expect(advanced).rejects.toThrowError(OperationAbortedError);
      expect(clock.now()).toBe(startAt + 1000);
    });

    test('writes nothing when aborted during the reading before', async () => {
      const { shifter, target } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });
      const controller = new AbortController();
      const read = target.readWeights.bind(target);
      vi.spyOn(target, 'readWeights').mockImplementation(async (options) => {
        controller.abort();
        return read(options);
      });

      await expect(shifter.advance(begun, { signal: controller.signal })).rejects.toThrowError(
        OperationAbortedError,
      );
      expect(target.writes).toEqual([]);
    });
  });

  describe('Checks of a shift', () => {
    const policy = { initialDelaySeconds: 30, intervalSeconds: 60 };

    /** Runs a whole shift with one check that has these outcomes. */
    async function shiftWith(
      outcomes: (CheckResult['outcome'] | Error)[],
      options: Partial<Omit<TrafficShifterOptions, 'target'>> = {},
    ) {
      const { check, contexts } = checkOf(...outcomes);
      const set = setUp({ policy, checks: [check], ...options });
      const result = await set.shifter.shiftTo('green', tenth);
      return { ...set, contexts, result };
    }

    test('evaluates checks after the delay, at each interval, under the verified weights', async () => {
      const { contexts, result } = await shiftWith(['pass']);

      expect(result.outcome).toBe('succeeded');
      expect(contexts.map(({ now, weights }) => [(now - startAt) / 1000, weights.green])).toEqual([
        ...[30, 90, 150, 210, 270].map((at) => [at, 10]),
        ...[330, 390].map((at) => [at, 100]),
      ]);
      expect(contexts[0]).toMatchObject({
        incoming: 'green',
        outgoing: 'blue',
        weightsSince: startAt,
        signal: undefined,
      });
      expect(contexts.at(-1)?.weightsSince).toBe(startAt + 300_000);
    });

    test('passes the beginning of the shift at every step', async () => {
      const { contexts, result } = await shiftWith(['pass']);

      expect(new Set(contexts.map(({ startedAt }) => startedAt))).toEqual(new Set([result.state.startedAt]));
    });

    test('rolls back at the first failure by default', async () => {
      const { result, target } = await shiftWith(['pass', 'fail']);

      expect(result).toMatchObject({
        outcome: 'rolledBack',
        reason: 'The check errors failed once: It was fail',
      });
      expect(target.rule.weights).toEqual(green(0));
      expect(result.history.at(-1)).toMatchObject({ type: 'rolledBack', reason: result.reason });
      expect(result.history.map(secondsOf).at(-1)).toBe(90);
    });

    test('tolerates failures below the threshold, counted over the whole shift', async () => {
      const outcomes = ['fail', 'pass', 'pass', 'pass', 'pass', 'fail', 'pass'] as const;
      const lenient = { ...policy, failureThreshold: 3 };
      const strict = { ...policy, failureThreshold: 2 };

      expect((await shiftWith([...outcomes], { policy: lenient })).result.outcome).toBe('succeeded');
      const { result } = await shiftWith([...outcomes], { policy: strict });
      expect(result).toMatchObject({ outcome: 'rolledBack', reason: expect.stringContaining('2 times') });
    });

    test('tolerates four inconclusive evaluations by default, and holds the step meanwhile', async () => {
      const twice = await shiftWith(['inconclusive', 'inconclusive', 'inconclusive', 'inconclusive', 'pass']);
      const five = await shiftWith(['inconclusive']);

      expect(twice.result.outcome).toBe('succeeded');
      expect(five.result).toMatchObject({
        outcome: 'rolledBack',
        reason: 'The check errors was inconclusive 5 times: It was inconclusive',
      });
    });

    test('tolerates two errors by default, counted separately', async () => {
      const broken = new Error('No network');
      const twice = await shiftWith([broken, broken, 'inconclusive', 'inconclusive', 'pass']);
      const thrice = await shiftWith([broken]);

      expect(twice.result.outcome).toBe('succeeded');
      expect(twice.result.history).toContainEqual({
        at: startAt + 30_000,
        type: 'checkEvaluated',
        check: 'errors',
        dryRun: false,
        result: { outcome: 'error', detail: 'No network' },
      });
      expect(thrice.result).toMatchObject({
        outcome: 'rolledBack',
        reason: 'The check errors threw 3 times: No network',
      });
    });

    test('holds the step longer when checks have not passed', async () => {
      const many = { ...policy, inconclusiveThreshold: 9 };
      const unclear = [
        'inconclusive',
        'inconclusive',
        'inconclusive',
        'inconclusive',
        'inconclusive',
      ] as const;
      const { result } = await shiftWith([...unclear, 'inconclusive', 'pass'], { policy: many });

      const held = result.history.filter(({ type }) => type === 'held');
      expect(held).toEqual([
        {
          at: startAt + 330_000,
          type: 'held',
          weights: green(10),
          reason: 'Not passed yet: errors',
        },
      ]);
      const full = result.history.find((it) => it.type === 'weightsVerified' && it.weights.green === 100);
      expect(full && secondsOf(full)).toBe(390);
    });

    test('requires the configured number of passes in a row', async () => {
      const { result } = await shiftWith(['pass', 'pass', 'inconclusive', 'pass'], {
        policy: { ...policy, successThreshold: 3 },
      });
      const full = result.history.find((it) => it.type === 'weightsVerified' && it.weights.green === 100);
      expect(full && secondsOf(full)).toBe(330);
    });

    test('does not hold a step for ever when checks are inconclusive in turns', async () => {
      const unclear: (CheckResult['outcome'] | Error)[] = [];
      for (let turn = 0; turn < 40; turn += 1) unclear.push('pass', 'inconclusive', new Error('No network'));
      const { result } = await shiftWith(unclear, { policy: { ...policy, successThreshold: 2 } });
      expect(result.outcome).toBe('rolledBack');
    });

    test('emits evaluations of dry runs, and ignores their outcome', async () => {
      const dry: Check = {
        ...checkOf('fail', new Error('x'), 'inconclusive').check,
        name: 'dry',
        dryRun: true,
      };
      const { result } = await shiftWith(['pass'], { checks: [dry, checkOf('pass').check] });
      const alone = await shiftWith(['pass'], { checks: [dry] });

      expect(result.outcome).toBe('succeeded');
      expect(alone.result.outcome).toBe('succeeded');
      const evaluations = result.history.filter((it) => it.type === 'checkEvaluated' && it.check === 'dry');
      expect(evaluations.length).toBeGreaterThan(3);
      expect(evaluations[0]).toMatchObject({ dryRun: true, result: { outcome: 'fail' } });
    });

    test.each([undefined, {}, { outcome: 'PASS' }, { outcome: true }])(
      'counts an error for the result %o',
      async (answer) => {
        const check = { name: 'errors', evaluate: async () => answer as never };
        const { result } = await shiftWith([], { checks: [check], policy: { ...policy, errorThreshold: 1 } });
        expect(result).toMatchObject({ outcome: 'rolledBack' });
        expect(result.reason).toContain('of evaluate for check errors');
      },
    );

    test('describes a thrown value that is not an error', async () => {
      const check: Check = {
        name: 'errors',
        evaluate: () => {
          throw 'plain text';
        },
      };
      const { result } = await shiftWith([], { checks: [check] });
      expect(result.reason).toContain('plain text');
    });

    test('evaluates checks that are class instances', async () => {
      class Custom implements Check {
        readonly name = 'custom';
        readonly #outcome = 'pass';
        async evaluate() {
          return { outcome: this.#outcome, detail: 'well' } as const;
        }
      }
      const { result } = await shiftWith([], { checks: [new Custom()] });
      expect(result.outcome).toBe('succeeded');
    });

    test('requires all checks to pass', async () => {
      const slow: Check = { ...checkOf('inconclusive').check, name: 'slow' };
      const { result } = await shiftWith([], { checks: [checkOf('pass').check, slow] });
      expect(result.reason).toContain('The check slow was inconclusive');
    });

    test('rolls back on an abort while a check hangs', async () => {
      const controller = new AbortController();
      const check: Check = {
        name: 'hangs',
        evaluate: () => {
          queueMicrotask(() => controller.abort(new Error('Enough')));
          return new Promise(() => {});
        },
      };
      const { shifter, target } = setUp({ policy, checks: [check] });

      const result = await shifter.shiftTo('green', tenth, { signal: controller.signal });

      expect(result).toMatchObject({ outcome: 'rolledBack', reason: 'Aborted: Enough' });
      expect(target.rule.weights).toEqual(green(0));
    });

    test('does not count checks that end because of an abort', async () => {
      const controller = new AbortController();
      const check: Check = {
        name: 'heeds',
        evaluate: async ({ signal }) => {
          controller.abort(new Error('Enough'));
          signal?.throwIfAborted();
          return { outcome: 'pass', detail: 'never' };
        },
      };
      const { shifter } = setUp({ policy, checks: [check] });
      const result = await shifter.shiftTo('green', tenth, { signal: controller.signal });
      expect(typesOf(result.history)).not.toContain('checkEvaluated');
      expect(result.state.tallies).toEqual({});
    });

    test('evaluates no check after an abort', async () => {
      const { check, contexts } = checkOf('pass');
      const { shifter, clock } = setUp({ policy, checks: [check] });
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      await clock.sleep(30_000);

      const advanced = shifter.advance(state, { signal: AbortSignal.abort() });

      await expect(advanced).rejects.toThrowError(OperationAbortedError);
      expect(contexts).toEqual([]);
    });

    test('removes its listener from the signal', async () => {
      const { signal } = new AbortController();
      const remove = vi.spyOn(signal, 'removeEventListener');
      const add = vi.spyOn(signal, 'addEventListener');
      const { shifter } = setUp({ policy, checks: [checkOf('pass').check] });
      await shifter.shiftTo('green', tenth, { signal });
      expect(add.mock.calls.length).toBeGreaterThan(5);
      expect(remove.mock.calls.length).toBe(add.mock.calls.length);
    });
  });

  describe('Method: rollBack', () => {
    test('restores the initial weights in one write', async () => {
      const { shifter, target } = setUp();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));

      const back = await shifter.rollBack(state, 'too slow');

      expect(back).toMatchObject({
        outcome: 'rolledBack',
        waitSeconds: 0,
        state: { phase: 'rolledBack', reason: 'too slow' },
      });
      expect(typesOf(back.events)).toEqual([
        'rollingBack',
        'weightsWritten',
        'weightsVerified',
        'rolledBack',
      ]);
      expect(target.rule.weights).toEqual(green(0));
    });

    test('rolls back in steps when configured', async () => {
      const rollback = { stepPercent: 4, intervalSeconds: 15 };
      const { shifter, target, clock } = setUp({ rollback });
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));

      const first = await shifter.rollBack(state, 'too slow');

      expect(first.outcome).toBeUndefined();
      expect(first).toMatchObject({ waitSeconds: 15, state: { phase: 'rollingBack' } });
      await clock.sleep(15_000);
      const end = await advanceToEnd(shifter, clock, first.state);
      expect(end).toMatchObject({ phase: 'rolledBack', reason: 'too slow' });
      expect(target.writes).toEqual([green(10), green(6), green(2), green(0)]);
      expect(clock.now()).toBe(startAt + 30_000);
    });

    test('rolls back a succeeded shift', async () => {
      const { shifter, target, clock } = setUp();
      const end = await advanceToEnd(
        shifter,
        clock,
        await shifter.begin({ incoming: 'green', strategy: allAtOnce() }),
      );
      expect(end.phase).toBe('succeeded');

      const { state } = await shifter.rollBack(end, 'second thoughts');

      expect(state.phase).toBe('rolledBack');
      expect(target.rule.weights).toEqual(green(0));
    });

    test('leaves a rolled back shift unchanged', async () => {
      const { shifter, target } = setUp();
      const { state } = await shifter.rollBack(
        await shifter.begin({ incoming: 'green', strategy: tenth }),
        'no',
      );
      const before = target.calls.length;

      expect(await shifter.rollBack(state, 'again')).toEqual({
        state,
        waitSeconds: 0,
        outcome: 'rolledBack',
        events: [],
      });
      expect(target.calls).toHaveLength(before);
    });

    test('restores the initial share of the incoming stack', async () => {
      const { shifter, target } = setUp({ target: { weights: green(30), scale: 999 } });
      const half = canary({ percent: 50, holdSeconds: 300 });
      const { state } = await shifter.advance(
        await shifter.begin({ incoming: 'green', strategy: half, acceptLiveWeights: true }),
      );
      expect(target.rule.weights.green).toBeCloseTo(50, 0);

      const back = await shifter.rollBack(state, 'no');

      expect(back.state.phase).toBe('rolledBack');
      expect(target.rule.weights.green).toBeCloseTo(30, 1);
    });

    test('accepts the same state again after a failure', async () => {
      const faults = new Map<number, CallFault>([[7, { kind: 'lostResponse' }]]);
      const rollback = { stepPercent: 4, intervalSeconds: 15 };
      const { shifter, target } = setUp({ target: { faults }, rollback });
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));

      await expect(shifter.rollBack(state, 'no')).rejects.toThrowError('lostResponse');
      const again = await shifter.rollBack(state, 'no');

      expect(again.state).toMatchObject({ phase: 'rollingBack', verifiedWeights: green(6) });
      expect(target.rule.weights).toEqual(green(6));
    });

    test('keeps the superseded weights when called twice', async () => {
      const { shifter, target, clock } = setUp();
      const begun = await shifter.begin({ incoming: 'green', strategy: tenth });
      target.faults.set(3, { kind: 'lostResponse' });
      await expect(shifter.advance(begun)).rejects.toThrowError();
      target.faults.set(5, { kind: 'throw' });
      await expect(shifter.rollBack(begun, 'first')).rejects.toThrowError();
      const rollingBack: ShiftState = {
        ...begun,
        phase: 'rollingBack',
        reason: 'first',
        supersededWeights: green(10),
        pendingWeights: green(0),
      };

      const { state } = await shifter.rollBack(rollingBack, 'second');

      expect(state).toMatchObject({ phase: 'rolledBack', reason: 'first' });
      expect(target.rule.weights).toEqual(green(0));
      expect(clock.now()).toBe(startAt);
    });

    test('halts on drift, unless the live weights are accepted', async () => {
      const { shifter, target } = setUp();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenth }));
      target.externalWrite(green(40));

      const halted = await shifter.rollBack(state, 'no');

      expect(halted).toMatchObject({
        outcome: 'halted',
        state: { phase: 'halted', haltedIn: 'rollingBack' },
      });
      expect(halted.state).toMatchObject({ rollbackReason: 'no' });
      expect(target.rule.weights).toEqual(green(40));

      const refused = shifter.rollBack(halted.state, 'no', { acceptLiveWeights: 'false' as never });
      await expect(refused).rejects.toThrowError('Invalid rollBack options: acceptLiveWeights');
      const accepted = await shifter.rollBack(halted.state, 'no, really', { acceptLiveWeights: true });
      expect(accepted.state).toMatchObject({ phase: 'rolledBack', reason: 'no' });
      expect(target.rule.weights).toEqual(green(0));
    });

    test('only lowers the incoming stack from accepted weights, step by step', async () => {
      const rollback = { stepPercent: 20, intervalSeconds: 0 };
      const { shifter, target, clock } = setUp({ rollback });
      const { state } = await shifter.advance(
        await shifter.begin({ incoming: 'green', strategy: allAtOnce() }),
      );
      target.externalWrite(green(30));

      const first = await shifter.rollBack(state, 'no', { acceptLiveWeights: true });
      const end = await advanceToEnd(shifter, clock, first.state);

      expect(end.phase).toBe('rolledBack');
      expect(target.writes).toEqual([green(100), green(10), green(0)]);
    });

    test('writes although a reading shows the initial weights, because it may be stale', async () => {
      const { shifter, target } = setUp();
      const { state } = await shifter.advance(
        await shifter.begin({ incoming: 'green', strategy: allAtOnce() }),
      );
      target.faults.set(target.calls.length + 1, { kind: 'stale', changes: 1 });

      const back = await shifter.rollBack(state, 'no').catch(() => undefined);

      expect(target.rule.weights).toEqual(green(0));
      expect(back?.state.phase).toBe('rolledBack');
    });
  });

  describe('Method: shiftTo', () => {
    test('runs a whole shift, and emits each event as it happens', async () => {
      const { shifter, target } = setUp({
        checks: [checkOf('pass').check],
        policy: { intervalSeconds: 300 },
      });
      const emitted: [string, string][] = [];

      const result = await shifter.shiftTo('green', tenth, {
        onEvent: (event, state) => emitted.push([event.type, state.phase]),
      });

      expect(result.outcome).toBe('succeeded');
      expect(result).not.toHaveProperty('reason');
      expect(result.history.map((event) => [event.type, secondsOf(event)])).toEqual([
        ['started', 0],
        ['weightsWritten', 0],
        ['weightsVerified', 0],
        ['checkEvaluated', 60],
        ['weightsWritten', 300],
        ['weightsVerified', 300],
        ['checkEvaluated', 360],
        ['succeeded', 420],
      ]);
      expect(result.history[0]).toEqual({
        at: startAt,
        type: 'started',
        incoming: 'green',
        weights: green(0),
        strategy: tenth.name,
      });
      expect(emitted.map(([type]) => type)).toEqual(typesOf(result.history));
      expect(emitted.at(-1)).toEqual(['succeeded', 'succeeded']);
      expect(target.calls.map(({ kind }) => kind)).toEqual([
        'read', // begin
        'read', // guard
        'write',
        'read', // verification
        'read', // beside the check
        'read',
        'write',
        'read',
        'read', // beside the check
        'read', // at the end of the bake
      ]);
    });

    test('succeeds when there is nothing to do', async () => {
      const { shifter } = setUp({ target: { weights: green(100) } });
      const { outcome, history } = await shifter.shiftTo('green', tenth);
      expect(outcome).toBe('succeeded');
      expect(typesOf(history)).toEqual(['started', 'succeeded']);
    });

    test('throws the errors of begin', async () => {
      const { shifter } = setUp({ target: { weights: green(50) } });
      await expect(shifter.shiftTo('green', tenth)).rejects.toThrowError(ResourceStateError);
      const accepted = await shifter.shiftTo('green', tenth, { acceptLiveWeights: true });
      expect(accepted.outcome).toBe('succeeded');
    });

    test.each([
      { onAbort: 'stop' },
      { onEvent: 'log' },
      { acceptLiveWeights: 'no' },
      { maxAttempts: 0 },
      { maxAttempts: 1.5 },
      { maxRollbackAttempts: 0 },
    ])('throws InvalidInputError for %o', async (options) => {
      const { shifter, target } = setUp();
      await expect(shifter.shiftTo('green', tenth, options as never)).rejects.toThrowError(InvalidInputError);
      expect(target.calls).toEqual([]);
    });

    test('logs and ignores a listener that throws or rejects', async () => {
      const { logger, lines } = recordingLogger();
      const { shifter } = setUp({ logger });
      let count = 0;

      const { outcome } = await shifter.shiftTo('green', tenth, {
        onEvent: (async () => {
          count += 1;
          throw count === 1 ? 'odd' : new Error('No display');
        }) as () => void,
      });
      const second = await setUp({ logger }).shifter.shiftTo('green', tenth, {
        onEvent: () => {
          throw new Error('At once');
        },
      });

      expect([outcome, second.outcome]).toEqual(['succeeded', 'succeeded']);
      const errors = lines.filter(({ level }) => level === 'error');
      expect(errors.map(({ data }) => data['error'])).toEqual(
        expect.arrayContaining(['odd', 'Error: No display', 'Error: At once']),
      );
      expect(errors[0]?.message).toBe('Event listener of the shift failed');
    });

    test('waits for the promises of a listener at the end', async () => {
      const clock = new VirtualClock();
      const shifter = new TrafficShifter({ target: new FakeTarget({ clock }), clock });
      const done: string[] = [];

      await shifter.shiftTo('green', tenth, {
        onEvent: async ({ type }) => {
          await clock.sleep(1000);
          done.push(type);
        },
      });

      expect(done.at(-1)).toBe('succeeded');
    });

    test('rolls back on an abort', async () => {
      const { shifter, target, clock } = setUp();
      const controller = new AbortController();
      clock.schedule(100, () => controller.abort(new Error('Enough')));

      const result = await shifter.shiftTo('green', tenth, { signal: controller.signal });

      expect(result).toMatchObject({ outcome: 'rolledBack', reason: 'Aborted: Enough' });
      expect(target.rule.weights).toEqual(green(0));
      expect(clock.now()).toBe(startAt + 100_000);
    });

    test('halts on an abort when configured, and resumes', async () => {
      const { shifter, target, clock } = setUp();
      const controller = new AbortController();
      clock.schedule(100, () => controller.abort('plain text'));
      const { signal } = controller;

      const result = await shifter.shiftTo('green', tenth, { signal, onAbort: 'halt' });

      expect(result).toMatchObject({ outcome: 'halted', reason: 'Aborted: plain text' });
      expect(target.rule.weights).toEqual(green(10));
      expect(await advanceToEnd(shifter, clock, result.state)).toMatchObject({ phase: 'succeeded' });
    });

    test('leaves the weights unchanged on an abort before the first write', async () => {
      const { shifter, target } = setUp();
      const read = target.readWeights.bind(target);
      const controller = new AbortController();
      vi.spyOn(target, 'readWeights').mockImplementationOnce(async (options) => {
        controller.abort(new Error('Enough'));
        return read(options);
      });

      const result = await shifter.shiftTo('green', tenth, { signal: controller.signal });

      expect(result.outcome).toBe('rolledBack');
      expect(target.changes.every(({ weights }) => weights.green === 0)).toBe(true);
    });

    test('continues a rollback on an abort', async () => {
      const rollback = { stepPercent: 2, intervalSeconds: 30 };
      const { shifter, target, clock } = setUp({ rollback, checks: [checkOf('fail').check] });
      const controller = new AbortController();
      clock.schedule(100, () => controller.abort(new Error('Enough')));

      const result = await shifter.shiftTo('green', tenth, { signal: controller.signal });

      expect(result).toMatchObject({ outcome: 'rolledBack', reason: expect.stringContaining('failed once') });
      expect(target.rule.weights).toEqual(green(0));
      expect(typesOf(result.history).filter((type) => type === 'rollingBack')).toHaveLength(1);
    });

    test('halts on the halt signal', async () => {
      const { shifter, target, clock } = setUp();
      const controller = new AbortController();
      clock.schedule(100, () => controller.abort(new Error('The process ends')));
      const { signal: haltSignal } = controller;

      const result = await shifter.shiftTo('green', tenth, {
        haltSignal,
        signal: new AbortController().signal,
      });

      expect(result).toMatchObject({
        outcome: 'halted',
        reason: 'Aborted: The process ends',
        state: { haltedIn: 'shifting' },
      });
      expect(target.rule.weights).toEqual(green(10));
      expect(clock.now()).toBe(startAt + 100_000);
    });

    test('halts a rollback that waits for its next attempt on the halt signal, and writes nothing later', async () => {
      const { shifter, target, clock } = setUp();
      for (let call = 5; call <= 30; call += 1) target.faults.set(call, { kind: 'throw' });
      const [abort, end] = [new AbortController(), new AbortController()];
      clock.schedule(100, () => abort.abort(new Error('Enough')));
      clock.schedule(200, () => end.abort(new Error('The process ends')));

      const result = await shifter.shiftTo('green', tenth, { signal: abort.signal, haltSignal: end.signal });
      const calls = target.calls.length;
      await clock.sleep(86_400_000);

      expect(result).toMatchObject({
        outcome: 'halted',
        reason: 'Aborted: The process ends',
        state: { haltedIn: 'rollingBack', rollbackReason: 'Aborted: Enough' },
      });
      expect(target.calls).toHaveLength(calls);
      expect(target.rule.weights).toEqual(green(10));
    });

    test('halts a rollback on an abort of the halt signal', async () => {
      const rollback = { stepPercent: 2, intervalSeconds: 30 };
      const { shifter, target, clock } = setUp({ rollback, checks: [checkOf('fail').check] });
      const controller = new AbortController();
      clock.schedule(100, () => controller.abort(new Error('Enough')));
      const { signal } = controller;

      const result = await shifter.shiftTo('green', tenth, { signal, onAbort: 'halt' });

      expect(result).toMatchObject({ outcome: 'halted', state: { haltedIn: 'rollingBack' } });
      expect(target.rule.weights.green).toBeGreaterThan(0);
      const end = await advanceToEnd(shifter, clock, result.state);
      expect(end).toMatchObject({ phase: 'rolledBack', reason: expect.stringContaining('failed once') });
    });

    test('reacts at once to an abort during a pause after a failed call', async () => {
      const faults = new Map<number, CallFault>([[2, { kind: 'throw' }]]);
      const { shifter, clock } = setUp({ target: { faults } });
      const controller = new AbortController();
      clock.schedule(4, () => controller.abort(new Error('Enough')));

      const result = await shifter.shiftTo('green', tenth, { signal: controller.signal });

      expect(result).toMatchObject({ outcome: 'rolledBack', reason: 'Aborted: Enough' });
      expect(clock.now()).toBe(startAt + 4000);
    });

    test('names the last error when the time is over', async () => {
      const { shifter, clock } = setUp({ target: { faults: new Map([[2, { kind: 'throw' }]]) } });
      const controller = new AbortController();
      clock.schedule(4, () => controller.abort(new DOMException('The time is over', 'TimeoutError')));

      const { reason } = await shifter.shiftTo('green', tenth, { signal: controller.signal });

      expect(reason).toMatch(/^Aborted: The time is over; the last error was: ./);
    });

    test('ignores an abort after the end', async () => {
      const { shifter } = setUp();
      const controller = new AbortController();
      const result = await shifter.shiftTo('green', allAtOnce(), {
        signal: controller.signal,
        onEvent: ({ type }) => type === 'succeeded' && controller.abort(),
      });
      expect(result.outcome).toBe('succeeded');
    });

    test('retries a failed step 10 s later', async () => {
      const { logger, lines } = recordingLogger();
      const faults = new Map([2, 3, 4, 5].map((call): [number, CallFault] => [call, { kind: 'throw' }]));
      const { shifter, clock } = setUp({ target: { faults }, logger });

      const { outcome } = await shifter.shiftTo('green', allAtOnce());

      expect(outcome).toBe('succeeded');
      expect(clock.now()).toBe(startAt + 40_000);
      const warnings = lines.filter(({ level }) => level === 'warn');
      expect(warnings).toHaveLength(4);
      expect(warnings[0]).toEqual({
        level: 'warn',
        message: 'Step of the shift failed and will be retried',
        data: { resource: 'fake rule 1', error: 'The call failed (throw)' },
      });
    });

    test('rolls back when a step fails too often in a row', async () => {
      const { shifter, target } = setUp();
      const read = target.readWeights.bind(target);
      let failures = 5;
      vi.spyOn(target, 'readWeights').mockImplementation(async (options) => {
        if (target.rule.weights.green === 10 && target.calls.length > 3 && failures-- > 0)
          throw new Error('No answer');
        return read(options);
      });

      const result = await shifter.shiftTo('green', tenth);

      expect(result).toMatchObject({
        outcome: 'rolledBack',
        reason: 'The shift cannot proceed: No answer',
      });
      expect(target.rule.weights).toEqual(green(0));
    });

    test('counts failures in a row only', async () => {
      const faults = new Map([2, 6, 7].map((call): [number, CallFault] => [call, { kind: 'throw' }]));
      const { shifter } = setUp({ target: { faults } });
      const { outcome } = await shifter.shiftTo('green', tenth, { maxAttempts: 3 });
      expect(outcome).toBe('succeeded');
    });

    test('retries a rollback for longer', async () => {
      const { shifter, target, clock } = setUp();
      for (let call = 5; call <= 26; call += 1) target.faults.set(call, { kind: 'throw' });

      const result = await shifter.shiftTo('green', tenth);

      expect(result.outcome).toBe('rolledBack');
      expect(target.rule.weights).toEqual(green(0));
      const pausesBack = 10 + 20 + 40 + 80 + 160 + 12 * 300;
      expect(clock.now()).toBe(startAt + (300 + 4 * 10 + pausesBack) * 1000);
    });

    test('halts when the rollback fails as well', async () => {
      const { shifter, target, clock } = setUp();
      for (let call = 5; call <= 100; call += 1) target.faults.set(call, { kind: 'throw' });

      const result = await shifter.shiftTo('green', tenth, { maxAttempts: 2, maxRollbackAttempts: 2 });

      expect(result).toMatchObject({
        outcome: 'halted',
        reason: 'The shift cannot proceed: The call failed (throw)',
        state: {
          haltedIn: 'rollingBack',
          rollbackReason: 'The shift cannot proceed: The call failed (throw)',
        },
      });
      expect(typesOf(result.history).slice(-2)).toEqual(['rollingBack', 'halted']);
      expect(clock.now()).toBe(startAt + 320_000);
      target.faults.clear();
      const end = await advanceToEnd(shifter, clock, result.state);
      expect(end.phase).toBe('rolledBack');
    });

    test.each([
      Object.assign(new Error('Not ours'), { code: 'ACCESS_DENIED' }),
      new UnexpectedResponseError({ action: 'readWeights', resource: 'x', field: 'y' }),
    ])('retries after a failure that may pass (%s)', async (error) => {
      const { shifter, target, clock } = setUp();
      const read = target.readWeights.bind(target);
      let calls = 0;
      vi.spyOn(target, 'readWeights').mockImplementation(async (options) => {
        calls += 1;
        if (calls === 2) throw error;
        return read(options);
      });

      const { outcome } = await shifter.shiftTo('green', allAtOnce());

      expect(outcome).toBe('succeeded');
      expect(clock.now()).toBe(startAt + 10_000);
    });

    test('does not retry after a denied permission', async () => {
      const { shifter, target, clock } = setUp();
      for (let call = 2; call <= 100; call += 1) target.faults.set(call, { kind: 'denied' });

      const result = await shifter.shiftTo('green', tenth);

      expect(result.outcome).toBe('halted');
      expect(result.reason).toContain('denied');
      expect(target.calls).toHaveLength(3);
      expect(clock.now()).toBe(startAt);
    });

    test('halts on drift, with the reason', async () => {
      const { shifter, target, clock } = setUp();
      clock.schedule(100, () => target.externalWrite(green(50)));

      const result = await shifter.shiftTo('green', tenth);

      expect(result.outcome).toBe('halted');
      expect(result.reason).toContain('changed outside this shift (drift)');
      expect(result.history.at(-1)).toMatchObject({ type: 'halted', reason: result.reason });
      expect(target.rule.weights).toEqual(green(50));
    });

    test('waits for a hold that is longer than any timer', async () => {
      const { shifter, clock } = setUp();
      const sleeps = vi.spyOn(clock, 'sleep');
      const days = canary({ percent: 10, holdSeconds: 40 * 86_400 });

      const { outcome } = await shifter.shiftTo('green', days);

      expect(outcome).toBe('succeeded');
      expect(clock.now()).toBe(startAt + 40 * 86_400_000);
      expect(Math.max(...sleeps.mock.calls.map(([milliseconds]) => milliseconds))).toBe(86_400_000);
    });

    test('throws an error of the clock', async () => {
      const { shifter, clock } = setUp();
      vi.spyOn(clock, 'sleep').mockRejectedValue(new Error('The clock is broken'));
      const shifted = shifter.shiftTo('green', tenth);
      await expect(shifted).rejects.toThrowError('The clock is broken');
    });
  });

  describe('Log', () => {
    test('writes a line for each event, with its details', async () => {
      const { logger, lines } = recordingLogger();
      const { shifter } = setUp({ logger, checks: [checkOf('fail').check] });

      await shifter.shiftTo('green', tenth);

      const written = lines.map(({ level, message }) => `${level}: ${message}`);
      expect(written).toEqual([
        'info: Started shift',
        'info: Wrote weights of shift',
        'info: Verified weights of shift',
        'debug: Evaluated check',
        'warn: Started rollback of shift',
        'info: Wrote weights of shift',
        'info: Verified weights of shift',
        'info: Rolled back shift',
      ]);
      expect(lines[1]?.data).toEqual({
        resource: 'fake rule 1',
        weights: green(10),
        from: 'blue 100 %, green 0 %',
        to: 'blue 90 %, green 10 %',
        durationMs: 0,
      });
      expect(lines.at(-1)?.data).toMatchObject({ reason: expect.any(String), durationMs: 60_000 });
    });

    test('rolls back when the logger fails at every line', async () => {
      const { shifter, target } = setUp({ logger: brokenLogger, checks: [checkOf('fail').check] });

      const { outcome, reason } = await shifter.shiftTo('green', tenth);

      expect({ outcome, reason }).toEqual({
        outcome: 'rolledBack',
        reason: 'The check errors failed once: It was fail',
      });
      expect(target.writes).toEqual([green(10), green(0)]);
    });

    test('writes a warning for a halt', async () => {
      const { logger, lines } = recordingLogger();
      const { shifter, target, clock } = setUp({ logger });
      clock.schedule(100, () => target.externalWrite(green(50)));
      await shifter.shiftTo('green', tenth);
      expect(lines.at(-1)).toMatchObject({ level: 'warn', message: 'Halted shift' });
    });
  });
});
