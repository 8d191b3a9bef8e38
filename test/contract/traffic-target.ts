import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AccessDeniedError, OperationAbortedError, ResourceStateError } from '../../src/core/errors.js';
import type { FaultKind, SimulatedCloud } from '../../src/testing/index.js';
import { linear } from '../../src/traffic/strategies/linear.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import type { TrafficTarget, TrafficWeights } from '../../src/traffic/types.js';

/** Target on a fresh cloud, with reads and external writes for tests. */
export interface TargetSetUp {
  readonly cloud: SimulatedCloud;
  /** Target with a logger that throws. */
  readonly target: TrafficTarget;
  /** Returns every field of the resource that a write could change, weights included, as the service stores it. */
  readRaw(): unknown;
  /**
   * Removes from the result of {@link readRaw} the fields that a change of the weights may change: the weights, a revision, a
   * time of update. Two results are compared deeply.
   */
  withoutWeights(raw: unknown): unknown;
  /** Removes from the result of {@link readRaw} the fields that the service changes at each write; left out when there are none. */
  withoutRevision?(raw: unknown): unknown;
  /** True when the target restores its first parts, whatever they are meanwhile, after a later part has rejected a write. */
  readonly restoresParts?: boolean;
  /** Writes these weights, whole percents, outside the target. */
  externalWrite(weights: TrafficWeights): void;
  /** Adds a third destination outside the target. */
  addForeignDestination(): void;
  /** Removes the destination of a stack outside the target; left out when 0 % and missing are the same. */
  removeDestination?(stack: 'blue' | 'green'): void;
}

/** IAM actions of a target's calls without failures; each list is the minimum. */
export interface TargetCalls {
  readonly read: readonly string[];
  /** Calls of a write after a read. A write without one makes the calls of `read` first. */
  readonly write: readonly string[];
  /**
   * Calls of a write that moves all the traffic to the other stack.
   * @default those of any write
   */
  readonly writeAll?: readonly string[];
  /** Calls of a write after its change was accepted, which wait until it is in effect. */
  readonly confirm?: readonly string[];
  /** Calls of `readHealth` after a read; left out: one call of a target that can read health. */
  readonly health?: readonly string[];
}

const tenths: TrafficWeights = { blue: 90, green: 10 };
const wholePercents = [0, 1, 10, 33, 50, 90, 99, 100];
const survivedFaults: readonly FaultKind[] = ['throttle', 'serverError', 'timeout', 'lostResponse'];

/**
 * Contract of every {@link TrafficTarget}. A new target adds an entry in `all-targets.ts`.
 *
 * @param setUp - creates a fresh cloud on which the two stacks have the given weights.
 */
export function describeTrafficTarget(
  name: string,
  calls: TargetCalls,
  setUp: (weights: TrafficWeights) => TargetSetUp,
): void {
  const wholeWrite = [...calls.write, ...(calls.confirm ?? [])];
  const actionsOf = ({ cloud }: TargetSetUp, since = 0) =>
    cloud.calls.slice(since).map(({ action }) => action);

  describe(`Contract of TrafficTarget: ${name}`, () => {
    describe('Method: readWeights', () => {
      test.each(wholePercents)('returns the live weights (green %i %%)', async (green) => {
        const { target } = setUp({ blue: 100 - green, green });

        expectWeights(await target.readWeights(), { blue: 100 - green, green });
      });

      test('returns weights of an external write', async () => {
        const { target, externalWrite } = setUp(tenths);
        await target.readWeights();

        externalWrite({ blue: 40, green: 60 });

        expectWeights(await target.readWeights(), { blue: 40, green: 60 });
      });

      test('writes nothing', async () => {
        const { target, readRaw } = setUp(tenths);
        const before = structuredClone(readRaw());

        await target.readWeights();

        expect(readRaw()).toEqual(before);
      });

      test('has a description', () => {
        expect(setUp(tenths).target.description).toMatch(/\w+ \w+/);
      });
    });

    describe('Method: writeWeights', () => {
      test.each(wholePercents)('writes %i %%', async (green) => {
        const { target, readRaw, withoutWeights } = setUp({ blue: 71, green: 29 });
        await target.readWeights();

        await target.writeWeights({ blue: 100 - green, green });

        expectWeights(await target.readWeights(), { blue: 100 - green, green });
        const written = structuredClone(readRaw());
        await target.writeWeights({ blue: 100 - green, green });
        expectWeights(await target.readWeights(), { blue: 100 - green, green });
        expect(withoutWeights(readRaw())).toEqual(withoutWeights(written));
      });

      test('writes any share as nearestWeights returns it, from any share', async () => {
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

      test('never rounds a share above zero to zero', () => {
        const { target } = setUp(tenths);
        fc.assert(
          fc.property(shares, (green) => {
            const held = nearest(target, weightsFor(green));

            expect([held.blue > 0, held.green > 0]).toEqual([green < 100, green > 0]);
          }),
          { numRuns: 1000 },
        );
      });

      test('rounds monotonically, and keeps rounded weights unchanged', () => {
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

      test.each(wholePercents)('keeps %i %% unchanged', (green) => {
        const weights = { blue: 100 - green, green };
        expectWeights(nearest(setUp(tenths).target, weights), weights);
      });

      test('changes only the two weights', async () => {
        const { target, readRaw, withoutWeights } = setUp({ blue: 60, green: 40 });
        const before = structuredClone(readRaw());

        for (const green of [1, 50, 99, 12.5]) {
          await target.writeWeights(weightsFor(green));
          expect(withoutWeights(readRaw())).toEqual(withoutWeights(before));
        }
      });

      test('restores the previous weights', async () => {
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

      test('works when its logger throws', async () => {
        const { target } = setUp(tenths);

        await expect(target.writeWeights({ blue: 80, green: 20 })).resolves.toBeUndefined();
      });
    });

    describe('external writes', () => {
      test('throws ResourceStateError for an added destination, and writes nothing', async () => {
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

      test('detects a destination that was added after a failed read', async () => {
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

      test('rejects or overwrites a write between read and write, and never merges them', async () => {
        const set = setUp(tenths);
        await set.target.readWeights();
        const external = { blue: 40, green: 60 };
        set.externalWrite(external);
        const foreign = structuredClone(set.readRaw());

        const [written] = await Promise.allSettled([set.target.writeWeights({ blue: 80, green: 20 })]);

        if (written.status === 'rejected') {
          expect(written.reason).toBeInstanceOf(ResourceStateError);
          // A shift then halts, because one part shows drift.
          const expected = [tenths, { blue: 80, green: 20 }];
          if (set.restoresParts) expectWeights(await set.target.readWeights({ expected }), external);
          else expect(set.readRaw()).toEqual(foreign);
        } else {
          expectWeights(await set.target.readWeights(), { blue: 80, green: 20 });
        }
      });

      test('rejects or overwrites a write that a stale response hides', async () => {
        const initial = { blue: 100, green: 0 };
        const set = setUp(initial);
        await set.target.readWeights();
        set.externalWrite(tenths);
        set.cloud.injectFault({ kind: 'staleRead', times: 2 });
        expectWeights(await set.target.readWeights(), initial);

        const [written] = await Promise.allSettled([set.target.writeWeights(initial)]);

        set.cloud.clearFaults();
        if (written.status === 'rejected') expect(written.reason).toBeInstanceOf(ResourceStateError);
        else expectWeights(await set.target.readWeights(), initial);
      });
    });

    describe('failures', () => {
      const steps = [...calls.read, ...wholeWrite].length;
      const table = survivedFaults.flatMap((kind) =>
        Array.from({ length: steps }, (_, index) => ({ kind, atCall: index + 1 })),
      );

      test.each(table)('succeeds after a $kind at call $atCall', async ({ kind, atCall }) => {
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
        'throws AccessDeniedError for the missing permission %s',
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
          const withoutRevision = set.withoutRevision ?? ((raw: unknown) => raw);
          expect(withoutRevision(set.readRaw())).toEqual(withoutRevision(before));
          const isDenied = (it: string) => it === action;
          // No retry, but a write of several parts may try each part.
          expect(actionsOf(set).filter(isDenied).length).toBeLessThanOrEqual(
            [...calls.read, ...calls.write].filter(isDenied).length,
          );
        },
      );

      test('reads again after a failed write', async () => {
        const set = setUp(tenths);
        await set.target.readWeights();
        set.cloud.injectFault({ kind: 'throttle', times: 100 });
        await expect(set.target.writeWeights({ blue: 70, green: 30 })).rejects.toThrowError();
        set.cloud.clearFaults();
        const since = set.cloud.calls.length;

        await set.target.writeWeights({ blue: 70, green: 30 });

        expect(actionsOf(set, since)).toEqual([...calls.read, ...wholeWrite]);
      });

      test.each([...new Set(calls.confirm)])(
        'throws AccessDeniedError for %s after a change, and finds the change in the next read',
        async (action) => {
          const set = setUp(tenths);
          set.cloud.injectFault({ kind: 'accessDenied', action, times: 100 });

          const attempt = set.target.writeWeights({ blue: 70, green: 30 });

          await expect(attempt).rejects.toMatchObject({ name: 'AccessDeniedError', action });
          set.cloud.clearFaults();
          expectWeights(await set.target.readWeights(), { blue: 70, green: 30 });
        },
      );

      test.each([calls.read[0], calls.write[0]])('names %s when it is denied', async (action) => {
        const { cloud, target } = setUp(tenths);
        cloud.injectFault({ kind: 'accessDenied', action: action ?? '', times: 99 });

        await expect(target.writeWeights({ blue: 70, green: 30 })).rejects.toMatchObject({
          name: 'AccessDeniedError',
          action,
          resource: expect.stringMatching(/./),
        });
      });

      test('stops before the next call when aborted', async () => {
        const set = setUp(tenths);
        const { signal } = abortedController();

        await expect(set.target.readWeights({ signal })).rejects.toThrowError(OperationAbortedError);
        await expect(set.target.writeWeights({ blue: 70, green: 30 }, { signal })).rejects.toThrowError(
          OperationAbortedError,
        );

        expect(actionsOf(set)).toEqual([]);
      });

      test('writes nothing when aborted after the read', async () => {
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
      test(`makes ${calls.read.length} for a read: ${calls.read.join(', ')}`, async () => {
        const set = setUp(tenths);

        await set.target.readWeights();

        expect(actionsOf(set)).toEqual(calls.read);
      });

      test(`makes ${wholeWrite.length} for a write after a read: ${wholeWrite.join(', ')}`, async () => {
        const set = setUp(tenths);

        await set.target.readWeights();
        await set.target.writeWeights({ blue: 70, green: 30 });

        expect(actionsOf(set)).toEqual([...calls.read, ...wholeWrite]);
      });

      const step = [...calls.read, ...wholeWrite, ...calls.read];
      test(`makes ${step.length} for a step of a shift: it reads for drift, writes, and verifies`, async () => {
        const set = setUp({ blue: 100, green: 0 });
        const { cloud, target } = set;
        const shifter = new TrafficShifter({ target, clock: cloud.clock });
        const state = await shifter.begin({
          incoming: 'green',
          strategy: linear({ stepPercent: 50, intervalSeconds: 0 }),
        });
        const since = cloud.calls.length;

        const { events } = await shifter.advance(state);

        expect(events.map(({ type }) => type)).toEqual(['weightsWritten', 'weightsVerified']);
        expect(actionsOf(set, since)).toEqual(step);
      });

      test('makes both for a write without a read, and uses a reading once', async () => {
        const set = setUp(tenths);

        await set.target.writeWeights({ blue: 70, green: 30 });
        await set.target.writeWeights({ blue: 60, green: 40 });

        const both = [...calls.read, ...wholeWrite];
        expect(actionsOf(set)).toEqual([...both, ...both]);
      });
    });
  });
}

/** Shares of one stack in percent: fractions, with more whole numbers and values at and near the ends. */
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
