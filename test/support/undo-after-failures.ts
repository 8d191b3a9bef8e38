import { expect } from 'vitest';
import { partnerOf } from '../../src/core/stack-reference.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/index.js';
import { StackSwap, type SwapStep, shiftTraffic } from '../../src/swap/index.js';
import type { Fault } from '../../src/testing/index.js';
import { allAtOnce } from '../../src/traffic/strategies/all-at-once.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import { allSteps, type StepUnderTest } from '../contract/all-steps.js';
import { createStackWorld, type StackWorld } from '../contract/stack-world.js';
import { FakeTarget } from './fake-target.js';

/** Faults of a call. The SDK makes three attempts, so a call fails after three. */
const faults = {
  throws: { kind: 'accessDenied', times: 1 },
  'is throttled': { kind: 'throttle', times: 3 },
  'loses its response': { kind: 'lostResponse', times: 3 },
  'is killed before': { kind: 'crashBefore' },
  'is killed after': { kind: 'crashAfter' },
} as const satisfies Record<string, Fault>;

/** Name of a fault. */
export type FaultName = keyof typeof faults;

const request = { owner: { kind: 'run', id: 'run-1' } } as const;

/** The test that fails in each run, so that everything is undone. */
const failingTest: SwapStep = {
  name: 'smoke test',
  undo: 'none',
  run: () =>
    Promise.reject(
      Object.assign(new Error('no orders'), {
        name: 'ValidationException',
        $metadata: { httpStatusCode: 400 },
      }),
    ),
};

/** A swap whose only step brings in the stack of the step, and whose test fails. */
async function arrange({ stack, after, create, arrange: arrangeWorld }: StepUnderTest) {
  const world = await createStackWorld({ mixed: true });
  arrangeWorld?.(world);
  const { cloud, createTools } = world;
  const { clients, clock } = cloud;
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  const weights = { blue: 0, green: 0, [partnerOf(stack)]: 100 };
  const target = new FakeTarget({ clock, weights });
  const createSwap = () => {
    const tools = createTools();
    return new StackSwap({
      application: 'orders',
      record: new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock }),
      prepare: [...(after === undefined ? [] : [after(tools)]), create(tools)],
      test: [failingTest],
      switch: shiftTraffic(new TrafficShifter({ target, clock }), allAtOnce()),
      clock,
    });
  };
  return { world, createSwap, before: stateOf(world), since: cloud.calls.length };
}

function stateOf({ stateOf: of }: StackWorld): unknown {
  return { blue: of('blue'), green: of('green') };
}

/** Runs a swap to its end, and continues it in another process when the first one is killed. */
async function runToEnd({ world, createSwap }: Awaited<ReturnType<typeof arrange>>): Promise<string> {
  const { cloud } = world;
  const swap = createSwap();
  try {
    let state = await swap.begin(request);
    for (;;) {
      const progress = await swap.advance(state);
      if (progress.outcome !== undefined) return progress.outcome;
      state = progress.state;
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    }
  } catch {
    cloud.restart();
    const next = createSwap();
    await next.begin(request);
    return (await next.resume({ maxWaitSeconds: 36_000 })).outcome;
  }
}

/** Numbers of the calls that a whole run makes to the services behind the steps, without the polls between two changes. */
async function numbersOfCalls(step: StepUnderTest): Promise<number[]> {
  const arranged = await arrange(step);
  expect(await runToEnd(arranged)).toBe('rolledBack');
  const read = new Set<string>();
  return arranged.world.cloud.calls.slice(arranged.since).flatMap(({ action, input }, index) => {
    if (/^dynamodb:(Get|Put)Item$/.test(action)) return [];
    const request = `${action} ${JSON.stringify(input)}`;
    if (!/:(Describe|Get|List)/.test(action)) read.clear();
    else if (read.has(request)) return [];
    read.add(request);
    return [index + 1];
  });
}

/** Steps of `retire` that lose data, or that no undo takes back, are not undone. */
export const undoneSteps = allSteps.filter(({ name }) => !/^(delete|switchOver)/.test(name));

/** Runs a swap with a fault at each call of a step, and expects the state before. `choose`: the faults at one of `count` calls. */
export async function expectUndone(
  step: StepUnderTest,
  choose: (all: readonly FaultName[], index: number, count: number) => readonly FaultName[],
): Promise<void> {
  const names = Object.keys(faults).filter(isFaultName);
  const numbers = await numbersOfCalls(step);
  for (const [index, atCall] of numbers.entries()) {
    for (const name of choose(names, index, numbers.length)) await expectUndoneAfter(step, name, atCall);
  }
}

async function expectUndoneAfter(step: StepUnderTest, name: FaultName, atCall: number): Promise<void> {
  const arranged = await arrange(step);
  const { cloud } = arranged.world;
  cloud.injectFault({ ...faults[name], atCall });
  const outcome = await runToEnd(arranged);
  // An undo that is denied halts. A person allows it, and resumes.
  const isHalted = outcome === 'halted' && name === 'throws';
  const end = isHalted ? (await arranged.createSwap().resume()).outcome : outcome;
  await cloud.clock.sleep(600_000);

  const label = `${name} at call ${atCall}`;
  expect([label, end]).toEqual([label, 'rolledBack']);
  expect([label, stateOf(arranged.world)]).toEqual([label, arranged.before]);
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}
