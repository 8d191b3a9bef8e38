import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { ToolkitError } from '../../../src/core/errors.js';
import { SwapWorld } from '../swap-world.js';

const runnerName = new AsyncLocalStorage<string>();
const request = { owner: { kind: 'run', id: 'run-1' } } as const;

/** More calls of `advance` than a swap needs. */
const maxCalls = 500;

/**
 * Longest call of the record with which the swap has to end. A claim lasts 90 s, and no change starts in the last 15 s of it: over calls
 * that are slower, the runners change nothing, end late, or turn back.
 */
const maxCallSeconds = 50;

/** Two runners that advance one swap. */
export interface Race {
  /** Seconds before and after each call, used in turn. */
  readonly seconds: readonly number[];
  readonly testFails: boolean;
}

/** Any race. Most calls return at once. */
export const arbitraryRace: fc.Arbitrary<Race> = fc.record({
  seconds: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })), {
    minLength: 3,
    maxLength: 12,
  }),
  testFails: fc.boolean(),
});

/** Runs a race to its end. Returns what was wrong: changes beside the claim of the other runner, repeated steps, changes under users. */
export async function violationsOfRace({ seconds, testFails }: Race): Promise<string[]> {
  const world = new SwapWorld();
  const owners = new Map<string, string>();
  const beside: string[] = [];
  let next = 0;
  const pause = () => {
    next += 1;
    return world.clock.sleep((seconds[next % seconds.length] ?? 0) * 1000);
  };
  world.record.around = async (_kind, at, item) => {
    const name = runnerName.getStore() ?? 'setup';
    if (at === 'before' && item?.claim && !owners.has(item.claim.id)) owners.set(item.claim.id, name);
    await pause();
  };
  world.around = async (call, at) => {
    const { claim } = world.record.item ?? {};
    const name = runnerName.getStore() ?? 'setup';
    const holder = claim && claim.expiresAt > world.clock.now() ? owners.get(claim.id) : 'none';
    if (at === 'before' && holder !== name) beside.push(`${call.step} by ${name}, claim of ${holder}`);
    await pause();
  };
  const outcomes = await Promise.all(['first', 'second'].map((name) => runAs(name, world, testFails)));
  const migrations = world.calls.filter(({ step }) => step === 'migrate schema').length;
  const underUsers = world.calls.filter(({ stack, percent }) => stack === 'blue' && percent > 0);
  const slowest = Math.max(...seconds.map((it, index) => it + (seconds[(index + 1) % seconds.length] ?? 0)));
  const mustEnd = slowest <= maxCallSeconds;
  const end = testFails ? 'rolledBack' : 'succeeded';
  return [
    ...beside,
    ...outcomes.filter((outcome) => mustEnd && outcome !== end).map((outcome) => `ended as ${outcome}`),
    ...(migrations === 1 || (migrations === 0 && !mustEnd)
      ? []
      : [`"migrate schema" was called ${migrations} times`]),
    ...underUsers.map(({ step, percent }) => `${step} on blue with ${percent} %`),
    ...(world.state['green database'] === !testFails || !mustEnd ? [] : ['green is not as the end says']),
  ];
}

/** Advances the swap until its end, as one process of its own. */
function runAs(name: string, world: SwapWorld, testFails: boolean): Promise<string | undefined> {
  return runnerName.run(name, async () => {
    const swap = world.swap(planOf(world, testFails));
    let state = await swap.begin(request);
    for (let calls = 0; calls < maxCalls; calls += 1) {
      try {
        const progress = await swap.advance(state);
        if (progress.outcome !== undefined) return progress.outcome;
        state = progress.state;
        await world.clock.sleep(progress.waitSeconds * 1000);
      } catch (error) {
        if (!ToolkitError.isInstance(error) || error.code !== 'SWAP_CONFLICT') throw error;
        await world.clock.sleep(5_000);
      }
    }
    return undefined;
  });
}

function planOf(world: SwapWorld, testFails: boolean) {
  const fail = () => {
    throw Object.assign(new Error('no'), { name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  };
  return {
    ...world.plan(),
    prepare: [
      world.step('start database'),
      world.test('migrate schema', () => {}, { repeatable: false }),
      world.step('enable subscription', { propagationSeconds: 60 }),
    ],
    test: [world.test('smoke test', testFails ? fail : () => {})],
  };
}
