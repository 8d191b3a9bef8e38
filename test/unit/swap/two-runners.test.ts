import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ToolkitError } from '../../../src/core/errors.js';
import { SwapWorld } from '../../support/swap-world.js';

const runnerName = new AsyncLocalStorage<string>();

/** Pauses of a schedule, used in turn. */
class Pauses {
  readonly #seconds: readonly number[];
  #next = 0;

  constructor(seconds: readonly number[]) {
    this.#seconds = seconds;
  }

  next(): number {
    this.#next += 1;
    return this.#seconds[this.#next % this.#seconds.length] ?? 0;
  }
}

async function raceOf(seconds: readonly number[], testFails: boolean) {
  const world = new SwapWorld();
  const pauses = new Pauses(seconds);
  const owners = new Map<string, string>();
  const violations: string[] = [];
  world.record.around = async (_kind, at, item) => {
    const name = runnerName.getStore() ?? 'setup';
    if (at === 'before' && item?.claim && !owners.has(item.claim.id)) owners.set(item.claim.id, name);
    await world.clock.sleep(pauses.next() * 1000);
  };
  world.around = async (call, at) => {
    const { claim } = world.record.item ?? {};
    const name = runnerName.getStore() ?? 'setup';
    const holder = claim && claim.expiresAt > world.clock.now() ? owners.get(claim.id) : 'none';
    if (at === 'before' && holder !== name) violations.push(`${call.step} by ${name}, claim of ${holder}`);
    await world.clock.sleep(pauses.next() * 1000);
  };
  const fail = () => {
    throw Object.assign(new Error('no'), { name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  };
  const options = () => ({
    ...world.plan(),
    prepare: [
      world.step('start database'),
      world.test('migrate schema', () => {}, { repeatable: false }),
      world.step('enable subscription', { propagationSeconds: 60 }),
    ],
    test: [world.test('smoke test', testFails ? fail : () => {})],
  });
  const request = { owner: { kind: 'run', id: 'run-1' } } as const;
  const outcomes = await Promise.all(
    ['first', 'second'].map((name) =>
      runnerName.run(name, async () => {
        const swap = world.swap(options());
        let outcome: string | undefined;
        let state = await swap.begin(request);
        for (let calls = 0; outcome === undefined && calls < 500; calls += 1) {
          try {
            const progress = await swap.advance(state);
            ({ state, outcome } = progress);
            await world.clock.sleep(progress.waitSeconds * 1000);
          } catch (error) {
            if (!ToolkitError.isInstance(error) || error.code !== 'SWAP_CONFLICT') throw error;
            await world.clock.sleep(5_000);
          }
        }
        return outcome;
      }),
    ),
  );
  return { world, outcomes, violations };
}

describe('StackSwap › two runners on one swap', () => {
  test('change nothing while the other one has a valid claim, and end the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })), { minLength: 3, maxLength: 12 }),
        fc.boolean(),
        async (seconds, testFails) => {
          const { world, outcomes, violations } = await raceOf(seconds, testFails);

          expect(violations).toEqual([]);
          const end = testFails ? 'rolledBack' : 'succeeded';
          expect(outcomes).toEqual([end, end]);
          expect(world.calls.filter(({ step }) => step === 'migrate schema')).toHaveLength(1);
          expect(world.state['green database']).toBe(!testFails);
          expect(world.calls.filter(({ stack, percent }) => stack === 'blue' && percent > 0)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('StackSwap › many starters', () => {
  test('begins one of 100 swaps, and refuses the others with the one under way', async () => {
    const world = new SwapWorld();
    const swaps = Array.from({ length: 100 }, () => world.swap());

    const begun = await Promise.allSettled(swaps.map((swap) => swap.begin({})));

    expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = begun.flatMap((it) => (it.status === 'rejected' ? [it.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['SWAP_IN_PROGRESS']));
    expect(world.calls).toEqual([]);
  });
});
