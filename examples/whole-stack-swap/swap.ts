import type { StackPair, StackReference } from 'aws-blue-green-toolkit/core';
import type { SwapEvent, SwapPreview } from 'aws-blue-green-toolkit/swap';
import type { MessageCount } from './feed.js';
import { Recorder, type StepListener, type StepRecord } from './recorder.js';
import { runScenario, type Scenario } from './scenarios.js';
import { numbersOf } from './step-names.js';
import { makeWorld, type StackState, type World, type WorldOptions } from './world.js';

/** Result of a run of the demo. */
export interface SwapDocument {
  readonly outcome: 'succeeded' | 'rolledBack' | 'previewed';
  readonly activeStack: StackReference;
  readonly steps: readonly StepRecord[];
  readonly messages: MessageCount;
  readonly cloud: {
    readonly before: StackPair<StackState>;
    readonly after: StackPair<StackState>;
    /** Calls that the hooks made, the SDK's retries included. */
    readonly calls: number;
    readonly virtualSeconds: number;
  };
  /** Only in the scenario `preview`. */
  readonly preview?: SwapPreview;
}

/** Changes that a test makes to a run. */
export interface SwapChanges extends Partial<Pick<WorldOptions, 'makeSwap' | 'group'>> {
  /** Changes the simulated resources before the run. */
  readonly setScene?: (world: World) => void;
}

/** Swaps the whole stack in a simulated AWS while a feed publishes messages. */
export async function runSwap({
  scenario,
  listener,
  onEvent,
  changes: { setScene, ...options } = {},
}: {
  scenario: Scenario;
  listener?: StepListener;
  /** Receives the events of the swap, after its end. */
  onEvent?: (event: SwapEvent) => void;
  changes?: SwapChanges;
}): Promise<SwapDocument> {
  const createsDatabase = scenario === 'created-database';
  const recorder = new Recorder(numbersOf({ createsDatabase }), listener);
  const { logger } = recorder;
  const world = makeWorld({ testsPass: scenario !== 'failed-tests', createsDatabase, logger, ...options });
  const { cloud, feed } = world;
  recorder.cloud = cloud;
  setScene?.(world);
  await cloud.clock.sleep(10 * 60_000); // 10 minutes of messages before the deployment
  const before = describeBoth(world);
  const startedAt = cloud.clock.now();

  const result = await runScenario(scenario, world, recorder);
  while (world.isUnderWay()) await cloud.clock.sleep(10_000);
  const virtualSeconds = Math.round((cloud.clock.now() - startedAt) / 1000);

  await cloud.clock.sleep(10 * 60_000); // 10 minutes of messages after it
  feed.stop();
  await cloud.clock.sleep(60_000);
  for (const event of recorder.events) onEvent?.(event);
  return {
    outcome: result.outcome,
    activeStack: world.activeStack(),
    steps: recorder.steps,
    messages: feed.count(world.activeStack()),
    cloud: { before, after: describeBoth(world), calls: cloud.calls.length, virtualSeconds },
    ...(result.preview && { preview: result.preview }),
  };
}

function describeBoth({ describe }: World): StackPair<StackState> {
  return { blue: describe('blue'), green: describe('green') };
}
