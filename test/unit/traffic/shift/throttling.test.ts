import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShiftState } from '../../../../src/traffic/shift/shift-state.js';
import {
  checkAgainSeconds,
  maxPauseSeconds,
  spreadOf,
  throttleAfter,
} from '../../../../src/traffic/shift/throttling.js';
import type { TrafficShifterOptions } from '../../../../src/traffic/shifter-options.js';
import { canary } from '../../../../src/traffic/strategies/canary.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import type { Check, CheckResult } from '../../../../src/traffic/types.js';
import { FakeTarget } from '../../../support/fake-target.js';
import { JumpingClock } from '../../../support/jumping-clock.js';
import { aState, green, startAt } from '../shift-states.js';

const spread = fc.double({ min: 0, max: 0.999, noNaN: true });

const throttle = () => Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });

/** A target that AWS throttles: its reads while `isThrottled` is set, its writes by `writeThrottle`. */
class ThrottledTarget extends FakeTarget {
  isThrottled = false;
  throttledReads = 0;
  /** `lostResponse`: an attempt of the SDK takes effect without a response, and the next one is throttled. */
  writeThrottle: 'refused' | 'lostResponse' | undefined;
  throttledWrites = 0;
  /** Seconds until AWS responds to a write. */
  writeSeconds = 0;
  readonly #clock: JumpingClock;

  constructor(options: { readonly clock: JumpingClock }) {
    super(options);
    this.#clock = options.clock;
  }

  override async writeWeights(...args: Parameters<FakeTarget['writeWeights']>) {
    await this.#clock.sleep(this.writeSeconds * 1000);
    if (this.writeThrottle === undefined) return super.writeWeights(...args);
    this.throttledWrites += 1;
    if (this.writeThrottle === 'lostResponse') await super.writeWeights(...args);
    throw throttle();
  }

  override async readWeights(...options: Parameters<FakeTarget['readWeights']>) {
    if (!this.isThrottled) return super.readWeights(...options);
    this.throttledReads += 1;
    throw throttle();
  }
}

function setUp(options: Partial<TrafficShifterOptions> = {}) {
  const clock = new JumpingClock();
  const target = new ThrottledTarget({ clock });
  return { clock, target, shifter: new TrafficShifter({ target, clock, ...options }) };
}

function checkOf(result: () => CheckResult): Check {
  return { name: 'errors', evaluate: async () => result() };
}

const pass: CheckResult = { outcome: 'pass', detail: 'fine' };
const fail: CheckResult = { outcome: 'fail', detail: 'too many' };

/** Begins a shift and writes its first step. */
async function firstStep({ shifter, clock }: ReturnType<typeof setUp>, holdSeconds = 300) {
  const begun = await shifter.begin({ incoming: 'green', strategy: canary({ percent: 10, holdSeconds }) });
  const { state } = await shifter.advance(begun);
  expect(state).toMatchObject({ step: 0, verifiedWeights: green(10) });
  return { state, at: clock.now() };
}

describe('Function: throttleAfter', () => {
  test('pauses a rollback, and the reading of a write, for two seconds at most', () => {
    fc.assert(
      fc.property(spread, fc.nat({ max: 29 }), (value, count) => {
        const states = [aState({ phase: 'rollingBack' }), aState({ unverifiedWrites: 1 })];
        for (const state of states) {
          const { until } = throttleAfter({ ...state, throttled: { count, until: 0 } }, 0, value) ?? {};
          expect(until).toBeLessThanOrEqual(2000);
        }
      }),
    );
  });

  test('pauses every other reading for ever longer, and at most for the longest pause', () => {
    fc.assert(
      fc.property(spread, (value) => {
        let state = aState();
        let last = 2000;
        for (let count = 1; count <= 30; count += 1) {
          const throttled = throttleAfter(state, startAt, value);
          const pause = (throttled?.until ?? 0) - startAt;
          expect(throttled?.count).toBe(count);
          expect(pause).toBeGreaterThanOrEqual(last);
          expect(pause).toBeLessThanOrEqual(maxPauseSeconds * 1000);
          last = pause;
          state = aState(throttled && { throttled });
        }
        expect(throttleAfter(state, startAt, value)).toBeUndefined();
      }),
    );
  });
});

describe('Function: spreadOf', () => {
  test('returns the same fraction for the same shift', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (resource, startedAt) => {
        const value = spreadOf(resource, { startedAt });
        expect(value).toBe(spreadOf(resource, { startedAt }));
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
      }),
    );
  });

  test('spreads shifts that begin at the same time', () => {
    const tenths = Array.from({ length: 1000 }, (_, index) =>
      Math.floor(spreadOf(`rule ${index}`, { startedAt: startAt }) * 10),
    );
    for (let tenth = 0; tenth < 10; tenth += 1) {
      expect(tenths.filter((it) => it === tenth).length).toBeGreaterThan(60);
    }
  });
});

describe('Function: checkAgainSeconds', () => {
  test('returns a third of the interval or more, and less than the interval', () => {
    fc.assert(
      fc.property(spread, fc.integer({ min: 1, max: 3600 }), (value, interval) => {
        const seconds = checkAgainSeconds(interval, value);
        expect(seconds).toBeGreaterThanOrEqual(interval / 3 - 1e-9);
        expect(seconds).toBeLessThan(interval);
      }),
    );
  });
});

describe('TrafficShifter › while AWS throttles the readings of its target', () => {
  test('starts the rollback at the evaluation that fails', async () => {
    let result = pass;
    const world = setUp({ checks: [checkOf(() => result)] });
    const { state } = await firstStep(world);
    world.target.isThrottled = true;
    result = fail;
    await world.clock.sleep(60_000);

    const { state: next, waitSeconds } = await world.shifter.advance(state);

    expect([next.phase, waitSeconds]).toEqual(['rollingBack', 0]);
  });

  test('returns to a rollback within two seconds, until AWS answers', async () => {
    const world = setUp();
    const { state } = await firstStep(world);
    world.target.isThrottled = true;
    const waiting = await world.shifter.rollBack(state, 'enough');
    expect(waiting.state).toMatchObject({ phase: 'rollingBack', throttled: { count: 1 } });
    expect(waiting.waitSeconds).toBeLessThanOrEqual(2);
    world.target.isThrottled = false;

    const { outcome, state: end } = await world.shifter.advance(waiting.state);

    expect(outcome).toBe('rolledBack');
    expect(end).not.toHaveProperty('throttled');
  });

  test('evaluates the checks of the present step while the next one waits', async () => {
    let result = pass;
    const world = setUp({ checks: [checkOf(() => result)], policy: { intervalSeconds: 20 } });
    let { state } = await firstStep(world, 60);
    await world.clock.sleep(60_000);
    world.target.isThrottled = true;
    const phases = [];
    for (let call = 0; call < 12 && state.phase === 'shifting'; call += 1) {
      const progress = await world.shifter.advance(state);
      state = progress.state;
      phases.push(state.phase);
      await world.clock.sleep(progress.waitSeconds * 1000);
      if (call === 3) result = fail;
    }

    expect(phases).toContain('rollingBack');
    expect(world.target.writes).toEqual([green(10)]);
  });

  test('leaves out the readings of the guard during the pause, and never returns at once', async () => {
    const world = setUp();
    const { state: first, at } = await firstStep(world, 3600);
    let state: ShiftState = first;
    world.target.isThrottled = true;
    await world.clock.sleep(60_000);
    let calls = 0;
    for (; world.clock.now() - at < 1_500_000; calls += 1) {
      const progress = await world.shifter.advance(state);
      state = progress.state;
      expect(progress.waitSeconds).toBeGreaterThanOrEqual(30);
      await world.clock.sleep(progress.waitSeconds * 1000);
    }

    expect(world.target.throttledReads).toBeLessThanOrEqual(calls);
    expect(calls).toBeLessThanOrEqual(20);
    // The hold counts: the shift was watched.
    expect(state).toMatchObject({ phase: 'shifting', step: 0, verifiedAt: first.verifiedAt });
  });

  test('evaluates the checks on time after the clock was set back', async () => {
    const evaluatedAt: number[] = [];
    let offset = 0;
    const { clock, target } = setUp();
    const watch = {
      now: () => clock.now() + offset,
      sleep: (milliseconds: number) => clock.sleep(milliseconds),
    };
    const check = checkOf(() => {
      evaluatedAt.push(clock.now());
      return pass;
    });
    const shifter = new TrafficShifter({ target, clock: watch, checks: [check] });
    let { state } = await firstStep({ clock, target, shifter }, 7_200);
    target.isThrottled = true;
    const end = clock.now() + 7_000_000;
    clock.schedule(3_600, () => {
      offset = -3_000_000;
    });
    while (clock.now() < end) {
      const progress = await shifter.advance(state);
      ({ state } = progress);
      await clock.sleep(progress.waitSeconds * 1000);
    }

    const gaps = evaluatedAt.slice(1).map((at, index) => at - (evaluatedAt[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(120_000);
  });

  test('throws after too many throttles in a row, so that the limits of the caller count', async () => {
    const { shifter, target } = setUp();
    const state = aState({ throttled: { count: 30, until: 0 }, pendingWeights: green(50) });
    target.isThrottled = true;

    await expect(shifter.advance(state)).rejects.toThrowError('Rate exceeded');
  });

  test('begins late instead of failing', async () => {
    const { shifter, target, clock } = setUp();
    target.isThrottled = true;
    clock.schedule(8, () => {
      target.isThrottled = false;
    });

    const state = await shifter.begin({
      incoming: 'green',
      strategy: canary({ percent: 10, holdSeconds: 0 }),
    });

    expect(state).toMatchObject({ phase: 'shifting', step: -1 });
  });

  test('begins nothing when AWS throttles for longer than some seconds', async () => {
    const { shifter, target, clock } = setUp();
    target.isThrottled = true;
    const startedAt = clock.now();
    const request = { incoming: 'green', strategy: canary({ percent: 10, holdSeconds: 0 }) } as const;

    await expect(shifter.begin(request)).rejects.toThrowError('Rate exceeded');

    expect(clock.now() - startedAt).toBeLessThanOrEqual(40_000);
  });

  test('ignores a pause that is longer than any, as in a state that was edited', async () => {
    const world = setUp();
    const { state } = await firstStep(world, 3600);
    const paused = { ...state, throttled: { count: 1, until: world.clock.now() + 1e10 } };
    await world.clock.sleep(60_000);

    const { waitSeconds } = await world.shifter.advance(paused);

    expect(waitSeconds).toBeLessThanOrEqual(maxPauseSeconds);
  });
});

describe('TrafficShifter › while AWS throttles the writes of its target', () => {
  /** The first step is done, and the next weights are pending. */
  async function secondStep(world: ReturnType<typeof setUp>) {
    const { state } = await firstStep(world, 60);
    await world.clock.sleep(60_000);
    const { state: pending } = await world.shifter.advance(state);
    expect(pending.pendingWeights).toEqual(green(100));
    return pending;
  }

  test('returns a step to the hold, evaluates its checks, and rolls back when one fails', async () => {
    let result = pass;
    const world = setUp({ checks: [checkOf(() => result)], policy: { intervalSeconds: 20 } });
    let state: ShiftState = await secondStep(world);
    world.target.writeThrottle = 'refused';

    const held = await world.shifter.advance(state);

    expect(held.state).toMatchObject({ step: 0, verifiedWeights: green(10), throttled: { count: 1 } });
    expect(held.state).not.toHaveProperty('pendingWeights');
    expect(held.events.at(-1)).toMatchObject({
      type: 'held',
      reason: 'AWS throttled the last call to the target: Rate exceeded',
    });
    result = fail;
    ({ state } = held);
    for (let call = 0; call < 5 && state.phase === 'shifting'; call += 1) {
      await world.clock.sleep(20_000);
      ({ state } = await world.shifter.advance(state));
    }
    expect(state.phase).toBe('rollingBack');
  });

  test('evaluates the checks at once when the write has outlasted the time of their evaluation', async () => {
    const world = setUp({
      checks: [checkOf(() => pass)],
      policy: { intervalSeconds: 20, initialDelaySeconds: 20 },
    });
    const state = await secondStep(world);
    world.target.writeThrottle = 'refused';
    world.target.writeSeconds = 90;

    const held = await world.shifter.advance(state);

    expect(held.state).toMatchObject({ step: 0, throttled: { count: 1 } });
    expect(held.state.throttled?.until).toBeGreaterThan(world.clock.now());
    expect(held.waitSeconds).toBe(0);
    const { events, waitSeconds } = await world.shifter.advance(held.state);
    expect(events).toContainEqual(expect.objectContaining({ type: 'checkEvaluated' }));
    expect(waitSeconds).toBeGreaterThan(0);
  });

  test('writes the step after the pause', async () => {
    const world = setUp();
    let state: ShiftState = await secondStep(world);
    world.target.writeThrottle = 'refused';
    let progress = await world.shifter.advance(state);
    world.target.writeThrottle = undefined;
    for (let call = 0; call < 6 && progress.outcome === undefined; call += 1) {
      await world.clock.sleep(progress.waitSeconds * 1000);
      ({ state } = progress);
      progress = await world.shifter.advance(state);
    }

    expect(progress.outcome).toBe('succeeded');
    expect(world.target.writes).toEqual([green(10), green(100)]);
  });

  test('accepts a write that took effect before its repetition was throttled', async () => {
    const world = setUp();
    const state = await secondStep(world);
    world.target.writeThrottle = 'lostResponse';
    let progress = await world.shifter.advance(state);
    world.target.writeThrottle = undefined;
    for (let call = 0; call < 6 && progress.outcome === undefined; call += 1) {
      await world.clock.sleep(progress.waitSeconds * 1000);
      progress = await world.shifter.advance(progress.state);
    }

    expect(progress.outcome).toBe('succeeded');
  });

  test('waits before the first step, for which there is no hold', async () => {
    const world = setUp();
    const request = { incoming: 'green', strategy: canary({ percent: 10, holdSeconds: 0 }) } as const;
    const begun = await world.shifter.begin(request);
    world.target.writeThrottle = 'refused';

    const { state, waitSeconds } = await world.shifter.advance(begun);

    expect(state).toMatchObject({ step: -1, pendingWeights: green(10), throttled: { count: 1 } });
    expect(waitSeconds).toBeGreaterThanOrEqual(30);
  });

  test('repeats a rollback within two seconds, until AWS accepts it', async () => {
    const world = setUp();
    const { state } = await firstStep(world);
    world.target.writeThrottle = 'refused';
    let progress = await world.shifter.rollBack(state, 'enough');
    for (let call = 0; call < 9; call += 1) {
      expect(progress.state).toMatchObject({ phase: 'rollingBack', pendingWeights: green(0) });
      expect(progress.waitSeconds).toBeLessThanOrEqual(2);
      await world.clock.sleep(progress.waitSeconds * 1000);
      progress = await world.shifter.advance(progress.state);
    }
    world.target.writeThrottle = undefined;

    expect(await world.shifter.advance(progress.state)).toMatchObject({ outcome: 'rolledBack' });
    expect(world.target.throttledWrites).toBe(10);
  });

  test('throws from a rollback to weights that were accepted, which are not read again', async () => {
    const world = setUp();
    const { state } = await firstStep(world);
    world.target.writeThrottle = 'refused';

    const rollback = world.shifter.rollBack(state, 'enough', { acceptLiveWeights: true });

    await expect(rollback).rejects.toThrowError('Rate exceeded');
  });
});

describe('TrafficShifter › while AWS throttles a check', () => {
  test('evaluates it again before the interval is over, and counts the error', async () => {
    const world = setUp({ checks: [{ name: 'errors', evaluate: () => Promise.reject(throttle()) }] });
    const { state } = await firstStep(world);
    await world.clock.sleep(60_000);

    const { state: next, waitSeconds } = await world.shifter.advance(state);

    expect(next.tallies).toMatchObject({ errors: { errors: 1 } });
    expect(waitSeconds).toBeGreaterThanOrEqual(20);
    expect(waitSeconds).toBeLessThan(60);
  });
});
