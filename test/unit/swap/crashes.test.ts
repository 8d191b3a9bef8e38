import { describe, expect, test } from 'vitest';
import type { StackSwapOptions } from '../../../src/swap/swap-options.js';
import { Crash } from '../../support/fake-target.js';
import { SwapWorld } from '../../support/swap-world.js';

/** A process that stops at one of its calls. Later calls of the same process have no effect. */
class StoppingProcess {
  calls = 0;
  hasStopped = false;
  readonly #stopAt: number;

  constructor(world: SwapWorld, stopAt: number) {
    this.#stopAt = stopAt;
    world.around = (_call, at) => this.#count(at);
    world.record.around = (_kind, at) => this.#count(at);
  }

  /** Stops before a call, or after it took effect and before its response. */
  #count(at: 'before' | 'after'): void {
    if (this.hasStopped) throw new Crash();
    this.calls += 1;
    if (this.calls !== this.#stopAt) return;
    this.hasStopped = true;
    throw new Crash(`at ${at} of call ${this.calls}`);
  }
}

const final = () => {
  throw Object.assign(new Error('no orders'), {
    name: 'ValidationException',
    $metadata: { httpStatusCode: 400 },
  });
};

const plans: Record<string, (world: SwapWorld) => Partial<StackSwapOptions>> = {
  'a good swap': () => ({}),
  'a swap with a failing test': (world) => ({ test: [world.test('smoke test', final)] }),
};

/** Runs a swap that stops at a call, and continues it in other processes until its end. */
async function runWithStop(optionsOf: (world: SwapWorld) => Partial<StackSwapOptions>, stopAt: number) {
  const world = new SwapWorld();
  const before = world.state;
  const swap = world.swap(optionsOf(world));
  const request = swap.parseRequest({ owner: { kind: 'run', id: 'run-1' } });
  const process = new StoppingProcess(world, stopAt);
  await runUntilStop(world, swap, request, process);
  world.around = () => {};
  world.record.around = () => {};
  const next = world.swap(optionsOf(world));
  let outcome: string | undefined;
  let state = await next.begin(request);
  for (let calls = 0; outcome === undefined && calls < 300; calls += 1) {
    const progress = await next.advance(state);
    ({ state, outcome } = progress);
    if (outcome === undefined) await world.clock.sleep(progress.waitSeconds * 1000);
  }
  return { world, before, outcome, process };
}

async function runUntilStop(
  world: SwapWorld,
  swap: ReturnType<SwapWorld['swap']>,
  request: ReturnType<ReturnType<SwapWorld['swap']>['parseRequest']>,
  process: StoppingProcess,
) {
  try {
    let state = await swap.begin(request);
    for (let outcome: unknown; outcome === undefined; ) {
      const progress = await swap.advance(state);
      ({ state, outcome } = progress);
      if (process.hasStopped) return;
      await world.clock.sleep(progress.waitSeconds * 1000);
    }
  } catch (error) {
    if (!process.hasStopped) throw error;
  }
}

describe.each(Object.entries(plans))('StackSwap › stopped at any call of %s', (name, optionsOf) => {
  test('ends all old or all new when another process continues', async () => {
    const { process: whole } = await runWithStop(optionsOf, Number.POSITIVE_INFINITY);
    expect(whole.calls).toBeGreaterThan(30);

    for (let stopAt = 1; stopAt <= whole.calls; stopAt += 1) {
      const { world, before, outcome } = await runWithStop(optionsOf, stopAt);
      const live = world.record.item?.live;
      const label = `${name}, call ${stopAt}`;
      expect([label, outcome]).toEqual([label, name === 'a good swap' ? 'succeeded' : 'rolledBack']);
      if (outcome === 'rolledBack') {
        expect([label, world.state, live]).toEqual([label, before, 'blue']);
        expect(world.calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
      } else {
        expect([label, live, world.target.rule.weights.green]).toEqual([label, 'green', 100]);
        const done = { 'green database': true, 'green subscription': true, 'blue database': false };
        expect([label, world.state]).toMatchObject([label, done]);
        expect(world.calls.filter(({ stack, percent }) => stack === 'blue' && percent > 0)).toEqual([]);
      }
    }
  }, 60_000);
});
