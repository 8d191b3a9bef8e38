import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AccessDeniedError, OperationAbortedError, ResourceStateError } from '../../src/core/errors.js';
import type { FaultKind, SimulatedCloud } from '../../src/testing/index.js';
import { linear } from '../../src/traffic/strategies/linear.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import type { TrafficTarget, TrafficWeights } from '../../src/traffic/types.js';

/** One target on a fresh cloud, and what a test needs to see and do behind its back. */
export interface TargetSetUp {
  readonly cloud: SimulatedCloud;
  /** With a logger that throws. */
  readonly target: TrafficTarget;
  /** Everything about the resource that a write could change, the weights too, as the service holds it. */
  readRaw(): unknown;
  /**
   * What {@link readRaw} gave, without what a change of the weights may change: the weights themselves, a revision, a
   * time of update. Two of them are compared deeply.
   */
  withoutWeights(raw: unknown): unknown;
  /** Somebody else gives the two stacks these weights, whole percents. */
  foreignWrite(weights: TrafficWeights): void;
  /** Somebody else adds a third destination. */
  addForeignDestination(): void;
  /** Somebody else takes the destination of a stack away; left out where 0 % and missing are the same. */
  removeDestination?(stack: 'blue' | 'green'): void;
}

/** The calls that a target makes when nothing fails, as IAM actions; each list is the least there can be. */
export interface TargetCalls {
  readonly read: readonly string[];
  /** After a read. A write without one makes the calls of `read` first. */
  readonly write: readonly string[];
}

const tenths: TrafficWeights = { blue: 90, green: 10 };
const wholePercents = [0, 1, 10, 33, 50, 90, 99, 100];
const survivedFaults: readonly FaultKind[] = ['throttle', 'serverError', 'timeout', 'lostResponse'];

/**
 * What holds for every {@link TrafficTarget}. A new target adds an entry in `all-targets.ts`.
 *
 * @param setUp - makes a fresh cloud on which the two stacks have the given weights.
 */
export function describeTrafficTarget(
  name: string,
  calls: TargetCalls,
  setUp: (weights: TrafficWeights) => TargetSetUp,
): void {
  const actionsOf = ({ cloud }: TargetSetUp, since = 0) =>
    cloud.calls.slice(since).map(({ action }) => action);

  describe(`${name} is a traffic target`, () => {
    describe('reading', () => {
      test.each(wholePercents)('shows the weights that are live (green %i %%)', async (green) => {
        const { target } = setUp({ blue: 100 - green, green });

        expectWeights(await target.readWeights(), { blue: 100 - green, green });
      });

      test('shows what somebody else has written', async () => {
        const { target, foreignWrite } = setUp(tenths);
        await target.readWeights();

        foreignWrite({ blue: 40, green: 60 });

        expectWeights(await target.readWeights(), { blue: 40, green: 60 });
      });

      test('changes nothing', async () => {
        const { target, readRaw } = setUp(tenths);
        const before = structuredClone(readRaw());

        await target.readWeights();

        expect(readRaw()).toEqual(before);
      });

      test('has a description for people', () => {
        expect(setUp(tenths).target.description).toMatch(/\w+ \w+/);
      });
    });

    describe('writing', () => {
      test.each(wholePercents)('brings %i %% into force', async (green) => {
        const { target, readRaw, withoutWeights } = setUp({ blue: 71, green: 29 });
        await target.readWeights();

        await target.writeWeights({ blue: 100 - green, green });

        expectWeights(await target.readWeights(), { blue: 100 - green, green });
        const written = structuredClone(readRaw());
        await target.writeWeights({ blue: 100 - green, green });
        expectWeights(await target.readWeights(), { blue: 100 - green, green });
        expect(withoutWeights(readRaw())).toEqual(withoutWeights(written));
      });

      test('brings any share into force as nearestWeights has told, from wherever it was', async () => {
        await fc.assert(
          fc.asyncProperty(shares, shares, async (before, after) => {
            const { target } = setUp(tenths);
            await target.writeWeights(weightsFor(before));

            await target.writeWeights(weightsFor(after));

            const live = await target.readWeights();
            expectWeights(live, nearest(target, weightsFor(after)));
            expect(live.blue + live.green).toBeCloseTo(100, 6);
          }),
          { numRuns: 60 },
        );
      });

      test('never makes nothing out of something', () => {
        const { target } = setUp(tenths);
        fc.assert(
          fc.property(shares, (green) => {
            const held = nearest(target, weightsFor(green));

            expect([held.blue > 0, held.green > 0]).toEqual([green < 100, green > 0]);
          }),
          { numRuns: 1000 },
        );
      });

      test('holds a greater share for a greater one, and holds what it holds', () => {
        const { target } = setUp(tenths);
        fc.assert(
          fc.property(shares, shares, (one, other) => {
            const [less, more] = [Math.min(one, other), Math.max(one, other)];
            const held = nearest(target, weightsFor(more));

            expect(held.green - nearest(target, weightsFor(less)).green).toBeGreaterThanOrEqual(-1e-9);
            expectWeights(nearest(target, held), held);
          }),
          { numRuns: 1000 },
        );
      });

      test.each(wholePercents)('holds %i %% as it is', (green) => {
        const weights = { blue: 100 - green, green };
        expectWeights(nearest(setUp(tenths).target, weights), weights);
      });

      test('changes the two weights and nothing else', async () => {
        const { target, readRaw, withoutWeights } = setUp({ blue: 60, green: 40 });
        const before = structuredClone(readRaw());

        for (const green of [1, 50, 99, 12.5]) {
          await target.writeWeights(weightsFor(green));
          expect(withoutWeights(readRaw())).toEqual(withoutWeights(before));
        }
      });

      test('goes back to what it was', async () => {
        const { target, readRaw, withoutWeights } = setUp({ blue: 100, green: 0 });
        const before = structuredClone(readRaw());
        const initial = await target.readWeights();

        await target.writeWeights({ blue: 50, green: 50 });
        await target.writeWeights({ blue: 0, green: 100 });
        await target.writeWeights(initial);

        expect(withoutWeights(readRaw())).toEqual(withoutWeights(before));
        expectWeights(await target.readWeights(), initial);
      });

      test('adds a stack that is missing', async () => {
        const { target, removeDestination } = setUp({ blue: 100, green: 0 });
        removeDestination?.('green');
        expectWeights(await target.readWeights(), { blue: 100, green: 0 });

        await target.writeWeights(tenths);

        expectWeights(await target.readWeights(), tenths);
      });

      test('does not depend on its logger', async () => {
        const { target } = setUp(tenths);

        await expect(target.writeWeights({ blue: 80, green: 20 })).resolves.toBeUndefined();
      });
    });

    describe('somebody else', () => {
      test('who adds a destination is noticed, and nothing is written', async () => {
        const set = setUp(tenths);
        set.addForeignDestination();
        const before = structuredClone(set.readRaw());

        await expect(set.target.readWeights()).rejects.toThrowError(ResourceStateError);
        await expect(set.target.writeWeights({ blue: 50, green: 50 })).rejects.toThrowError(
          ResourceStateError,
        );

        expect(set.readRaw()).toEqual(before);
        expect(actionsOf(set)).not.toContain(calls.write[0]);
      });

      test('who adds a destination after a read that failed is noticed: the reading before it is forgotten', async () => {
        const set = setUp(tenths);
        await set.target.readWeights();
        set.addForeignDestination();
        const before = structuredClone(set.readRaw());
        await expect(set.target.readWeights()).rejects.toThrowError(ResourceStateError);

        await expect(set.target.writeWeights({ blue: 50, green: 50 })).rejects.toThrowError(
          ResourceStateError,
        );

        expect(set.readRaw()).toEqual(before);
      });

      test('who writes between read and write is refused, or written over: never mixed up with', async () => {
        const set = setUp(tenths);
        await set.target.readWeights();
        set.foreignWrite({ blue: 40, green: 60 });
        const foreign = structuredClone(set.readRaw());

        const [written] = await Promise.allSettled([set.target.writeWeights({ blue: 80, green: 20 })]);

        if (written.status === 'rejected') {
          expect(written.reason).toBeInstanceOf(ResourceStateError);
          expect(set.readRaw()).toEqual(foreign);
        } else {
          expectWeights(await set.target.readWeights(), { blue: 80, green: 20 });
        }
      });

      test('whose write an old answer hides is refused, or written over: an old answer never passes for a write', async () => {
        const initial = { blue: 100, green: 0 };
        const set = setUp(initial);
        await set.target.readWeights();
        set.foreignWrite(tenths);
        set.cloud.injectFault({ kind: 'staleRead', times: 2 });
        expectWeights(await set.target.readWeights(), initial);

        const [written] = await Promise.allSettled([set.target.writeWeights(initial)]);

        set.cloud.clearFaults();
        if (written.status === 'rejected') expect(written.reason).toBeInstanceOf(ResourceStateError);
        else expectWeights(await set.target.readWeights(), initial);
      });
    });

    describe('faults', () => {
      const steps = [...calls.read, ...calls.write].length;
      const table = survivedFaults.flatMap((kind) =>
        Array.from({ length: steps }, (_, index) => ({ kind, atCall: index + 1 })),
      );

      test.each(table)('survives a $kind at call $atCall', async ({ kind, atCall }) => {
        const { cloud, target, readRaw, withoutWeights } = setUp(tenths);
        const before = structuredClone(readRaw());
        cloud.injectFault({ kind, atCall });

        await target.readWeights();
        await target.writeWeights({ blue: 70, green: 30 });

        cloud.clearFaults();
        expectWeights(await target.readWeights(), { blue: 70, green: 30 });
        expect(withoutWeights(readRaw())).toEqual(withoutWeights(before));
      });

      test.each([...new Set([...calls.read, ...calls.write])])(
        'names the missing permission %s',
        async (action) => {
          const set = setUp(tenths);
          const before = structuredClone(set.readRaw());
          set.cloud.injectFault({ kind: 'accessDenied', action, times: 100 });

          const attempt = set.target
            .readWeights()
            .then(() => set.target.writeWeights({ blue: 70, green: 30 }));

          const error = await attempt.catch((it: unknown) => it);
          expect(error).toBeInstanceOf(AccessDeniedError);
          expect(error).toMatchObject({ action });
          expect(set.readRaw()).toEqual(before);
          const isDenied = (it: string) => it === action;
          // It is not tried again; a write of several parts may try each of them.
          expect(actionsOf(set).filter(isDenied).length).toBeLessThanOrEqual(
            [...calls.read, ...calls.write].filter(isDenied).length,
          );
        },
      );

      test('a write that failed leaves no old reading behind', async () => {
        const set = setUp(tenths);
        await set.target.readWeights();
        set.cloud.injectFault({ kind: 'throttle', times: 100 });
        await expect(set.target.writeWeights({ blue: 70, green: 30 })).rejects.toThrowError();
        set.cloud.clearFaults();
        const since = set.cloud.calls.length;

        await set.target.writeWeights({ blue: 70, green: 30 });

        expect(actionsOf(set, since)).toEqual([...calls.read, ...calls.write]);
      });

      test('stops before the next call when it is aborted', async () => {
        const set = setUp(tenths);
        const { signal } = abortedController();

        await expect(set.target.readWeights({ signal })).rejects.toThrowError(OperationAbortedError);
        await expect(set.target.writeWeights({ blue: 70, green: 30 }, { signal })).rejects.toThrowError(
          OperationAbortedError,
        );

        expect(actionsOf(set)).toEqual([]);
      });

      test('writes nothing when it is aborted after the read', async () => {
        const set = setUp(tenths);
        const before = structuredClone(set.readRaw());
        await set.target.readWeights();

        await expect(
          set.target.writeWeights({ blue: 70, green: 30 }, { signal: abortedController().signal }),
        ).rejects.toThrowError(OperationAbortedError);

        expect(set.readRaw()).toEqual(before);
      });
    });

    describe('calls to AWS', () => {
      test(`a read is ${calls.read.length}: ${calls.read.join(', ')}`, async () => {
        const set = setUp(tenths);

        await set.target.readWeights();

        expect(actionsOf(set)).toEqual(calls.read);
      });

      test(`a write after a read is ${calls.write.length} more: ${calls.write.join(', ')}`, async () => {
        const set = setUp(tenths);

        await set.target.readWeights();
        await set.target.writeWeights({ blue: 70, green: 30 });

        expect(actionsOf(set)).toEqual([...calls.read, ...calls.write]);
      });

      const step = [...calls.read, ...calls.write, ...calls.read];
      test(`a step of a shift is ${step.length}: it looks for other writers, writes, and verifies`, async () => {
        const set = setUp({ blue: 100, green: 0 });
        const { cloud, target } = set;
        const shifter = new TrafficShifter({ target, clock: cloud.clock });
        const state = await shifter.begin('green', linear({ stepPercent: 50, intervalSeconds: 0 }));
        const since = cloud.calls.length;

        const { events } = await shifter.advance(state);

        expect(events.map(({ type }) => type)).toEqual(['weightsWritten', 'weightsVerified']);
        expect(actionsOf(set, since)).toEqual(step);
      });

      test('a write without a read makes both, and uses a reading once', async () => {
        const set = setUp(tenths);

        await set.target.writeWeights({ blue: 70, green: 30 });
        await set.target.writeWeights({ blue: 60, green: 40 });

        const both = [...calls.read, ...calls.write];
        expect(actionsOf(set)).toEqual([...both, ...both]);
      });
    });
  });
}

/** Shares of one stack in percent: any fraction, and more often the ends, the neighbourhood of the ends and whole numbers. */
const shares = fc.oneof(
  fc.constantFrom(0, 100, 0.001, 99.999, 0.5, 99.5, 33.333, 12.5),
  fc.integer({ min: 0, max: 100 }),
  fc.double({ min: 0, max: 100, noNaN: true }).map((share) => Math.round(share * 1000) / 1000),
);

function weightsFor(green: number): TrafficWeights {
  return { blue: 100 - green, green };
}

function nearest(target: TrafficTarget, weights: TrafficWeights): TrafficWeights {
  return target.nearestWeights?.(weights) ?? weights;
}

function expectWeights(actual: TrafficWeights, expected: TrafficWeights): void {
  expect(actual.blue).toBeCloseTo(expected.blue, 6);
  expect(actual.green).toBeCloseTo(expected.green, 6);
}

function abortedController(): AbortController {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  return controller;
}
