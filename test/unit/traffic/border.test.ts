import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { InvalidInputError, UnexpectedResponseError } from '../../../src/core/errors.js';
import { canary } from '../../../src/traffic/strategies/canary.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check, TrafficTarget } from '../../../src/traffic/types.js';
import { FakeTarget } from '../../support/fake-target.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { green } from './shift-states.js';

const tenth = canary({ percent: 10, holdSeconds: 300 });

/** Target in memory that returns the same object that it keeps changing. */
function memory(live: Record<string, unknown> = { blue: 100, green: 0 }) {
  const target: TrafficTarget = {
    description: 'memory',
    readWeights: async () => live as never,
    writeWeights: async ({ blue, green }) => void Object.assign(live, { blue, green }),
  };
  return { live, target };
}

function makeShifter(target: TrafficTarget, options: object = {}) {
  return new TrafficShifter({ target, clock: new JumpingClock(), ...options });
}

describe('TrafficShifter › values from a target', () => {
  test('copies the weights, so that a later change of the object does not reach the state', async () => {
    const { live, target } = memory();
    const shifter = makeShifter(target);
    const state = await shifter.begin({ incoming: 'green', strategy: tenth });

    Object.assign(live, { blue: 45, green: 55 });

    expect(state.initialWeights).toEqual(green(0));
    const progress = await shifter.advance(state);
    expect(progress.state).toMatchObject({ phase: 'halted', reason: expect.stringContaining('drift') });
    expect(live).toEqual({ blue: 45, green: 55 });
  });

  test('keeps only the two shares, so that the state is JSON', async () => {
    const { target } = memory({ blue: 100, green: 0, etags: new Map(), version: 1n });

    const state = await makeShifter(target).begin({ incoming: 'green', strategy: tenth });

    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(state.initialWeights).toEqual(green(0));
  });

  test.each<[unknown, string]>([
    [undefined, 'got nothing'],
    [null, 'got null'],
    ['100/0', 'got "100/0"'],
    [{ blue: '100', green: 0 }, 'got blue "100", green 0'],
    [{ blue: 60, green: 60 }, 'got blue 60 %, green 60 %'],
    [{ blue: Number.NaN, green: 100 }, 'got blue NaN %, green 100 %'],
    [{ blue: 100n, green: 0n }, 'got blue 100n, green 0n'],
  ])('throws UnexpectedResponseError for the weights %o', async (weights, actual) => {
    const target = { ...memory().target, readWeights: async () => weights as never };
    const begun = makeShifter(target).begin({ incoming: 'green', strategy: tenth });

    await expect(begun).rejects.toThrowError(UnexpectedResponseError);
    await expect(begun).rejects.toThrowError(actual);
  });

  test.each<[unknown]>([
    [{ healthy: '3', total: 3 }],
    [{ healthy: 9, total: 2 }],
    [{ healthy: -1, total: 2 }],
    [{ healthy: 1.5, total: 2 }],
    [{ healthy: Number.NaN, total: 2 }],
    [{ healthy: 2n, total: 2n }],
    [{ healthy: 2 }],
    [undefined],
    [null],
    ['healthy'],
    [[2, 2]],
  ])('throws UnexpectedResponseError for the health %o, before anything is written', async (health) => {
    const { target, live } = memory();
    const shifter = makeShifter({ ...target, readHealth: async () => health as never });

    const begun = shifter.begin({ incoming: 'green', strategy: tenth });

    await expect(begun).rejects.toThrowError(UnexpectedResponseError);
    await expect(begun).rejects.toThrowError('0 ≤ healthy ≤ total');
    expect(live).toEqual(green(0));
  });

  test('throws UnexpectedResponseError for invalid nearest weights', async () => {
    const { target } = memory();
    const shifter = makeShifter({ ...target, nearestWeights: () => ({ blue: 1 }) as never });

    await expect(shifter.begin({ incoming: 'green', strategy: tenth })).rejects.toThrowError(
      UnexpectedResponseError,
    );
  });
});

describe('TrafficShifter › values passed to a target', () => {
  test('passes copies, so that a target cannot change the shift', async () => {
    const { target, live } = memory();
    const shifter = makeShifter({
      ...target,
      readWeights: async ({ expected = [] } = {}) => {
        for (const it of expected) Object.assign(it, { blue: 0, green: 100 });
        return { ...live } as never;
      },
      writeWeights: async (weights) => {
        Object.assign(live, { ...weights });
        Object.assign(weights, { blue: 7, green: 93 });
      },
      nearestWeights: (weights) => Object.assign(weights, { blue: weights.blue, green: weights.green }),
    });

    const { outcome } = await shifter.shiftTo('green', tenth);

    expect(outcome).toBe('succeeded');
    expect(live).toEqual(green(100));
  });
});

describe('TrafficShifter › values passed to a listener, a logger and a caller', () => {
  const spoil = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const inner of Object.values(value)) spoil(inner);
    for (const key of Object.keys(value)) Reflect.set(value, key, 0);
  };

  test('passes copies, so that the shift ends the same whatever they change', async () => {
    const { target, live } = memory();
    const lines = vi.fn((_message: string, data: object) => spoil(data));
    const logger = { debug: lines, info: lines, warn: lines, error: lines };
    const check: Check = {
      name: 'errors',
      evaluate: async (context) => {
        spoil(context.weights);
        return { outcome: 'pass', detail: 'fine' };
      },
    };

    const { outcome, state, history } = await makeShifter(target, { logger, checks: [check] }).shiftTo(
      'green',
      tenth,
      { onEvent: (event, now) => [event, now].forEach(spoil) },
    );

    expect(outcome).toBe('succeeded');
    expect(live).toEqual(green(100));
    expect(lines).toHaveBeenCalled();
    spoil(history);
    expect(state).toMatchObject({ phase: 'succeeded', verifiedWeights: green(100) });
  });

  test('ignores later changes of the list and the names of checks', async () => {
    const { target } = memory();
    const failing: Check = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: '9 %' }) };
    const checks = [failing];
    const shifter = makeShifter(target, { checks });
    checks.length = 0;
    Object.assign(failing, { name: 'other', dryRun: true });

    const { outcome, reason } = await shifter.shiftTo('green', tenth);

    expect([outcome, reason]).toEqual(['rolledBack', 'The check errors failed once: 9 %']);
  });
});

describe('TrafficShifter › values from a check', () => {
  const shiftWith = async (evaluate: () => unknown, errorThreshold: number) => {
    const check = { name: 'errors', evaluate } as unknown as Check;
    const policy = { errorThreshold, intervalSeconds: 60, initialDelaySeconds: 0 };
    return makeShifter(memory().target, { checks: [check], policy }).shiftTo('green', tenth);
  };
  const hostile: [string, () => unknown][] = [
    [
      'an object whose text throws',
      () =>
        Promise.reject({
          toString: () => {
            throw new Error('no');
          },
        }),
    ],
    ['an object without a prototype', () => Promise.reject(Object.create(null))],
    ['a frozen error', () => Promise.reject(Object.freeze(new Error('frozen')))],
    ['undefined', () => Promise.reject(undefined)],
    ['a symbol', () => Promise.reject(Symbol('no'))],
    [
      'an error whose message throws',
      () =>
        Promise.reject(
          Object.defineProperty(new Error(), 'message', {
            get: () => {
              throw new Error('no');
            },
          }),
        ),
    ],
    [
      'a cyclic error',
      () => {
        const error = new Error('cycle');
        error.cause = error;
        return Promise.reject(error);
      },
    ],
    ['nothing', async () => undefined],
    ['null', async () => null],
    ['an unknown outcome', async () => ({ outcome: 'ok', detail: 'fine' })],
    ['a number', async () => 7],
    [
      'a thrown value outside of a promise',
      () => {
        throw new Error('at once');
      },
    ],
  ];

  test.each(hostile)('counts one error of the check for %s', async (_, evaluate) => {
    const once = await shiftWith(evaluate, 1);
    expect(once).toMatchObject({ outcome: 'rolledBack' });
    expect(once.reason).toMatch(/^The check errors threw once: /);
    const later = await shiftWith(evaluate, 5);
    expect(later.reason).toMatch(/^The check errors threw 5 times: /);
  });

  test('keeps only outcome, detail and a finite value', async () => {
    const result = { outcome: 'pass', detail: 5n, value: Number.NaN, more: new Map() };

    const { outcome, history } = await shiftWith(async () => result, 1);

    expect(outcome).toBe('succeeded');
    expect(history.find(({ type }) => type === 'checkEvaluated')).toMatchObject({
      result: { outcome: 'pass', detail: '5n' },
    });
    expect(JSON.parse(JSON.stringify(history))).toEqual(history);
  });
});

describe('TrafficShifter › clock', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, '0', undefined, 1n, new Date()])(
    'throws before a write when the clock returns %o',
    async (now) => {
      const { target, live } = memory();
      const shifter = new TrafficShifter({
        target,
        clock: { now: () => now as never, sleep: async () => {} },
      });

      await expect(shifter.begin({ incoming: 'green', strategy: tenth })).rejects.toThrowError(
        UnexpectedResponseError,
      );
      expect(live).toEqual(green(0));
    },
  );

  const brokenClock = (from: number) => {
    const clock = new JumpingClock();
    let pauses = 0;
    return {
      now: () => clock.now(),
      sleep: async (milliseconds: number, signal?: AbortSignal) => {
        pauses += 1;
        if (pauses >= from) throw new Error('no timer');
        await clock.sleep(milliseconds, signal);
      },
    };
  };

  test.each([1, 2, 3])('rolls back when the clock cannot sleep from pause %i on', async (from) => {
    const { target, live } = memory();
    const events: string[] = [];
    const shifter = makeShifter(target, { clock: brokenClock(from), guardIntervalSeconds: 30 });

    const shifted = shifter.shiftTo('green', tenth, { onEvent: ({ type }) => events.push(type) });

    await expect(shifted).rejects.toThrow('no timer');
    expect(live).toEqual(green(0));
    expect(events.at(-1)).toBe('rolledBack');
  });

  test('halts when the clock cannot sleep while writes fail', async () => {
    const { target } = memory();
    const events: string[] = [];
    const writeWeights = () => Promise.reject(new Error('refused'));
    const shifter = makeShifter({ ...target, writeWeights }, { clock: brokenClock(1) });

    const shifted = shifter.shiftTo('green', tenth, { onEvent: ({ type }) => events.push(type) });

    await expect(shifted).rejects.toThrow('no timer');
    expect(events.at(-1)).toBe('halted');
  });

  test('prolongs a hold by less than its length when the clock is set back, and does not spin', async () => {
    const clock = new JumpingClock();
    const target = new FakeTarget({ clock });
    let offset = 0;
    let sleeps = 0;
    const adjusted = {
      now: () => clock.now() + offset,
      sleep: async (milliseconds: number) => {
        sleeps += 1;
        await clock.sleep(milliseconds);
        if (sleeps === 3) offset = -7_200_000;
      },
    };
    const started = clock.now();

    const { outcome } = await new TrafficShifter({ target, clock: adjusted }).shiftTo('green', tenth);

    expect(outcome).toBe('succeeded');
    expect(clock.now() - started).toBeLessThanOrEqual(600_000);
    expect(sleeps).toBeLessThan(20);
  });
});

describe('TrafficShifter › invalid options', () => {
  const missing = () => {
    throw new Error('no value');
  };
  /** Created on use, because fast-check cannot print them. */
  const unprintable = [
    () => new Proxy({}, { get: missing }),
    () => Object.defineProperty({}, 'policy', { enumerable: true, get: missing }),
    () => Object.create(null),
  ];
  const junk = fc.oneof(
    fc
      .anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true })
      .map((value) => () => value),
    fc.constantFrom(null, undefined, Symbol('x'), '\ud800').map((value) => () => value),
    fc.nat(unprintable.length - 1).map((index) => () => unprintable[index]?.()),
  );

  test('throws InvalidInputError or accepts the value, and throws no other error', async () => {
    await fc.assert(
      fc.asyncProperty(junk, junk, async (makeOne, makeOther) => {
        const [one, other] = [makeOne(), makeOther()];
        const { target, live } = memory();
        const shifter = makeShifter(target);
        const state = await shifter.begin({ incoming: 'green', strategy: tenth });
        const attempts: (() => unknown)[] = [
          () => new TrafficShifter(one as never),
          () => new TrafficShifter({ target, policy: one as never, rollback: other as never }),
          () => shifter.begin(one as never, other as never),
          () => shifter.begin({ incoming: one as never, strategy: other as never }),
          () => shifter.begin({ incoming: 'green', strategy: one as never }, other as never),
          () => shifter.begin({ incoming: 'green', strategy: tenth }, one as never),
          () => shifter.parseRequest(one),
          () => shifter.parseState(one),
          () => shifter.halt(one as never, other as never),
          () => shifter.halt(state, one as never),
          () => shifter.summarize(one as never),
          () => shifter.startEvents(one as never),
          () => shifter.plannedApprovals(one as never),
          () => shifter.advance(one as never, other as never),
          () => shifter.rollBack(one as never, other as never),
          () => makeShifter(memory().target).rollBack(state, one as never, other as never),
          () => shifter.getWeights(one as never),
          () => shifter.plannedCalls(one as never),
          () => shifter.shiftTo(one as never, tenth, other as never),
        ];
        for (const attempt of attempts) {
          try {
            await attempt();
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInputError);
          }
        }
        expect(state).toMatchObject({ phase: 'shifting' });
        expect(live).toEqual(green(0));
      }),
      { numRuns: 200 },
    );
  });

  test.each<[string, () => unknown, string]>([
    [
      'check',
      () => makeShifter(memory().target, { check: [] }),
      'check: unknown option; did you mean checks?',
    ],
    [
      'policy.failureThresholds',
      () => makeShifter(memory().target, { policy: { failureThresholds: 5 } }),
      'policy.failureThresholds: unknown option; did you mean failureThreshold?',
    ],
    [
      'rollback.step',
      () => makeShifter(memory().target, { rollback: { step: 5, intervalSeconds: 1, stepPercent: 1 } }),
      'rollback.step: unknown option; did you mean stepPercent?',
    ],
    [
      'policy.initialDelaySeconds that overflows',
      () => makeShifter(memory().target, { policy: { initialDelaySeconds: 1e306 } }),
      'policy.initialDelaySeconds: expected a number of seconds from 0 to 366 days, got 1e+306',
    ],
    [
      'guardIntervalSeconds 0',
      () => makeShifter(memory().target, { guardIntervalSeconds: 0 }),
      'guardIntervalSeconds: expected a number of seconds from 1 to 366 days, got 0',
    ],
  ])('throws InvalidInputError for %s', (_, make, message) => {
    expect(make).toThrowError(InvalidInputError);
    expect(make).toThrowError(message);
  });
});
