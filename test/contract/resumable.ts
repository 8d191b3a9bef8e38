import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { runToEnd } from '../../src/resumable/run-to-end.js';
import type { Progress, Resumable } from '../../src/resumable/types.js';

/** Failure of one call that the change makes to the outside. */
export type OutsideFault = 'throw' | 'lostResponse' | 'crashBefore' | 'crashAfter';

/** A change in a fresh world, with reads and faults for tests. */
export interface ResumableSetUp<Request, State, Event> {
  readonly clock: Clock;
  readonly request: Request;
  /** Creates the change as another process does: nothing is shared but the world. */
  make(): Resumable<Request, State, Event>;
  /** Returns the state of the world, to compare. */
  read(): unknown;
  /** Calls to the world so far. */
  calls(): number;
  /** Changes of the world so far. */
  changes(): number;
  /** Makes a call to the world fail, by its number from 1. */
  failAt(call: number, fault: OutsideFault): void;
}

/** Expectations that differ between changes. */
export interface ResumableExpectations {
  /** Keys of the request's approvals, in their order. */
  readonly approvals: readonly string[];
  /** State of the world after a success. */
  readonly wanted: unknown;
  /** Requests that are rejected. */
  readonly malformed: readonly unknown[];
  /**
   * False for a change that cannot be rolled back once it has ended.
   * @default true
   */
  readonly rollsBackAtEnd?: boolean;
  /**
   * Number of states before the end from which a rollback can come too late, because AWS ends the change by itself.
   * @default 0
   */
  readonly lateStates?: number;
  /**
   * State of the world after a rollback that comes too late.
   * @default `wanted`
   */
  readonly late?: unknown;
}

const faults: readonly OutsideFault[] = ['throw', 'lostResponse', 'crashBefore', 'crashAfter'];

/** Contract of every {@link Resumable}: a change of your own passes it as well. */
export function describeResumable<Request, State, Event>(
  name: string,
  {
    approvals,
    wanted,
    malformed,
    rollsBackAtEnd = true,
    lateStates = 0,
    late = wanted,
  }: ResumableExpectations,
  setUp: () => ResumableSetUp<Request, State, Event>,
): void {
  type World = ResumableSetUp<Request, State, Event>;

  /** Passes a state on as JSON. */
  const stored = ({ make }: World, state: State): State =>
    make().parseState(JSON.parse(JSON.stringify(state)));

  /** Continues from a state, each call in another process. A call that fails is repeated. */
  async function continueFrom(world: World, begun: State, approved: readonly string[] = approvals) {
    const states: State[] = [begun];
    const seen: Progress<State, Event>[] = [];
    for (let state = begun; states.length < 500; ) {
      const progress = await attempt(() => world.make().advance(stored(world, state), { approved }));
      if (progress !== undefined) {
        state = progress.state;
        states.push(state);
        seen.push(progress);
        if (progress.outcome !== undefined) return { outcome: progress.outcome, state, states, seen };
        if (progress.heldAt !== undefined) return { heldAt: progress.heldAt, state, states, seen };
      }
      await world.clock.sleep((progress?.waitSeconds ?? 10) * 1000);
    }
    throw new Error(`${name} does not end`);
  }

  async function rollBackFrom(world: World, from: State) {
    for (let tries = 0; tries < 20; tries += 1) {
      const progress = await attempt(() => world.make().rollBack(stored(world, from), 'by hand'));
      if (progress?.outcome !== undefined) return progress;
      if (progress !== undefined) {
        await world.clock.sleep(progress.waitSeconds * 1000);
        return continueFrom(world, progress.state);
      }
      await world.clock.sleep(10_000);
    }
    throw new Error(`${name} does not roll back`);
  }

  /** States from which the change can be rolled back. */
  const reversible = (states: readonly State[]) =>
    rollsBackAtEnd ? states : states.slice(0, states.length - 1 - lateStates);

  async function begin(world: World): Promise<State> {
    const { make, request } = world;
    return make().begin(make().parseRequest(JSON.parse(JSON.stringify(request))));
  }

  async function succeed(world: World) {
    return continueFrom(world, await begin(world));
  }

  describe(`Contract of Resumable: ${name}`, () => {
    test('has a description', () => {
      expect(setUp().make().description).toMatch(/\w+ \w+/);
    });

    test.each(malformed.map((it) => [it]))('rejects the request %j', (request) => {
      expect(() => setUp().make().parseRequest(request)).toThrowError();
    });

    test('begins without a change', async () => {
      const world = setUp();
      const before = world.read();

      await begin(world);

      expect([world.read(), world.changes()]).toEqual([before, 0]);
    });

    test('succeeds', async () => {
      const world = setUp();

      expect((await succeed(world)).outcome).toBe('succeeded');
      expect(world.read()).toEqual(wanted);
    });

    test('has states that JSON can hold', async () => {
      const { states } = await succeed(setUp());

      for (const state of states) expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    });

    test('rejects a state of another version, and anything else', async () => {
      const world = setUp();
      const state = await begin(world);

      for (const other of [{ ...state, version: 999 }, { ...state, version: undefined }, {}, 'state', 7])
        expect(() => world.make().parseState(other)).toThrowError();
    });

    test('starts at most one change with each call', async () => {
      const world = setUp();
      let state: State = await begin(world);
      for (let outcome: unknown; outcome === undefined; ) {
        const before = world.changes();
        const progress = await world.make().advance(stored(world, state), { approved: approvals });

        expect(world.changes() - before).toBeLessThanOrEqual(1);
        ({ state, outcome } = progress);
        await world.clock.sleep(progress.waitSeconds * 1000);
      }
    });

    test('leaves the given state unchanged', async () => {
      const world = setUp();
      const { states } = await succeed(world);
      for (const state of states) {
        const copy = structuredClone(state);
        await attempt(() => world.make().advance(state, { approved: approvals }));
        await attempt(() => world.make().rollBack(state, 'by hand'));
        expect(state).toEqual(copy);
      }
    });

    test('changes nothing more after its end', async () => {
      const world = setUp();
      const { state } = await succeed(world);
      const before = world.changes();

      const again = await world.make().advance(stored(world, state));

      expect(again.outcome).toBe('succeeded');
      expect(world.changes()).toBe(before);
    });

    test('waits for each approval under its own key', async () => {
      const world = setUp();
      const asked: string[] = [];
      let state: State = await begin(world);
      for (const expected of approvals) {
        const held = await continueFrom(world, state, ['another key', ...asked]);
        const before = world.changes();
        expect(held.heldAt).toMatchObject({ key: expected, detail: expect.stringMatching(/\S/) });
        const later = await continueFrom(world, held.state, asked);
        expect(later.heldAt?.key).toBe(expected);
        expect(world.changes()).toBe(before);
        asked.push(expected);
        state = later.state;
      }

      expect((await continueFrom(world, state, asked)).outcome).toBe('succeeded');
    });

    test.each(faults)(
      'ends the same when any call ends with %s, and another process resumes',
      async (fault) => {
        const usual = setUp();
        await succeed(usual);
        for (let call = 1; call <= usual.calls(); call += 1) {
          const world = setUp();
          const begun = await begin(world);
          if (call <= world.calls()) continue;
          world.failAt(call, fault);

          const { outcome } = await continueFrom(world, begun);

          expect([call, outcome, world.read()]).toEqual([call, 'succeeded', wanted]);
        }
      },
    );

    test('rolls back from any state, and leaves all as before', async () => {
      const { states } = await succeed(setUp());
      for (const [index] of reversible(states).entries()) {
        const world = setUp();
        const before = world.read();
        const state = await reach(world, index);

        const end = await rollBackFrom(world, state);

        expect([index, end.outcome, world.read()]).toEqual([index, 'rolledBack', before]);
      }
    });

    test.each(faults)('rolls back when a call of the rollback ends with %s', async (fault) => {
      const { states } = await succeed(setUp());
      for (const [index] of reversible(states).entries()) {
        for (let offset = 1; offset <= 4; offset += 1) {
          const world = setUp();
          const before = world.read();
          const state = await reach(world, index);
          world.failAt(world.calls() + offset, fault);

          const end = await rollBackFrom(world, state);

          expect([index, offset, end.outcome, world.read()]).toEqual([index, offset, 'rolledBack', before]);
        }
      }
    });

    test('continues a rollback when it is requested again', async () => {
      const { states } = await succeed(setUp());
      for (const [index] of reversible(states).entries()) {
        const world = setUp();
        const before = world.read();
        const first = await world.make().rollBack(stored(world, await reach(world, index)), 'by hand');

        const end = await rollBackFrom(world, first.state);

        expect([index, end.outcome, world.read()]).toEqual([index, 'rolledBack', before]);
      }
    });

    test('halts without a change in any state, and resumes', async () => {
      const { states } = await succeed(setUp());
      if (setUp().make().halt === undefined) return;
      for (const [index] of states.slice(0, -1).entries()) {
        const world = setUp();
        const state = await reach(world, index);
        const [calls, before] = [world.calls(), world.read()];

        const halted = world.make().halt?.(stored(world, state), 'by hand');

        expect([halted?.outcome, world.calls(), world.read()]).toEqual(['halted', calls, before]);
        const end = await continueFrom(world, (halted ?? expect.unreachable()).state);
        expect([index, end.outcome]).toEqual([index, 'succeeded']);
      }
    });

    test('summarizes each state', async () => {
      const world = setUp();
      const { seen, states } = await succeed(world);
      if (world.make().summarize === undefined) return;
      for (const { state, outcome } of seen)
        expect(world.make().summarize?.(state)).toMatchObject({
          isRollingBack: false,
          ...(outcome && { outcome }),
        });
      const other = setUp();
      const { state: back } = await rollBackFrom(other, await reach(other, states.length - 2 - lateStates));
      expect(other.make().summarize?.(back)).toMatchObject({ outcome: 'rolledBack', reason: 'by hand' });
      const { details } = other.make().summarize?.(back) ?? expect.unreachable();
      expect(JSON.parse(JSON.stringify(details))).toEqual(details);
    });

    test('plans its calls and approvals', async () => {
      const world = setUp();
      const { seen } = await succeed(world);
      const change = world.make();

      expect(change.plannedCalls?.(world.request) ?? Infinity).toBeGreaterThanOrEqual(seen.length);
      expect(change.plannedApprovals?.(world.request) ?? approvals).toEqual(approvals);
    });

    test('succeeds in runToEnd, with its events', async () => {
      const world = setUp();
      const asked: string[] = [];

      const result = await runToEnd(world.make(), world.request, {
        clock: world.clock,
        isApproved: ({ key }) => {
          asked.push(key);
          return true;
        },
      });

      expect(result.outcome).toBe('succeeded');
      expect(result.history.length).toBeGreaterThan(0);
      expect(asked).toEqual(approvals);
      expect(world.read()).toEqual(wanted);
    });

    test('rolls back in runToEnd after an abort, at any time', async () => {
      const { states } = await succeed(setUp());
      for (const [index] of states.entries()) {
        const world = setUp();
        const before = world.read();
        const controller = new AbortController();
        let waits = 0;
        const clock: Clock = {
          now: () => world.clock.now(),
          sleep: async (milliseconds, signal) => {
            if (waits++ === index) controller.abort(new Error('Enough'));
            await world.clock.sleep(milliseconds, signal);
          },
        };

        const { outcome, reason } = await runToEnd(world.make(), world.request, {
          clock,
          approved: approvals,
          signal: controller.signal,
        });

        if (outcome === 'succeeded') continue;
        // A rollback that comes too late changes nothing, and says so.
        const isLate = lateStates > 0 && outcome === 'halted';
        if (isLate) expect([reason, world.read()]).toEqual([expect.stringContaining('Enough'), late]);
        else expect([outcome, reason, world.read()]).toEqual(['rolledBack', 'Aborted: Enough', before]);
      }
    });

    /** Repeats the calls of a success up to a state. */
    async function reach(world: World, index: number): Promise<State> {
      let state: State = await begin(world);
      for (let call = 0; call < index; call += 1) {
        const progress = await world.make().advance(stored(world, state), { approved: approvals });
        state = progress.state;
        await world.clock.sleep(progress.waitSeconds * 1000);
      }
      return state;
    }
  });
}

async function attempt<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch {
    return undefined;
  }
}
