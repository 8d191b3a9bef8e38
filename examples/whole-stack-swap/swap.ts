import type { StackPair, StackReference } from 'aws-blue-green-toolkit/core';
import type { CodeDeployHookOptions } from 'aws-blue-green-toolkit/hooks';
import type { MessageCount } from './feed.js';
import { makeHandler as afterAllowTestTraffic } from './hooks/after-allow-test-traffic.js';
import { makeHandler as afterAllowTraffic } from './hooks/after-allow-traffic.js';
import { makeHandler as afterInstall } from './hooks/after-install.js';
import { makeHandler as beforeAllowTraffic } from './hooks/before-allow-traffic.js';
import { makeHandler as beforeInstall } from './hooks/before-install.js';
import { Recorder, type StepListener, type StepRecord } from './recorder.js';
import { makeStack, type Stack } from './stack.js';
import { makeWorld, type StackState, type World } from './world.js';

/** Scenarios of the demo. */
export const scenarios = ['swap', 'failed-tests'] as const;

/** One of the {@link scenarios}. */
export type Scenario = (typeof scenarios)[number];

/** Result of a run of the demo. */
export interface SwapDocument {
  readonly outcome: 'succeeded' | 'rolledBack';
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
}

/** Names of the fifteen steps, for a view that lists them before they run. */
export const stepNames = [
  'Replacement database cluster is started',
  "Its minimum of readers is raised to the active cluster's size",
  'Replacement database and queues are purged, the newest schema is created',
  'Subscriptions are enabled for the replacement queue',
  'Queue reader, stream consumer and alarms of the replacement are switched on',
  'A new task set is created',
  'The new task set is put behind the test listener',
  'Tests run against the test listener',
  'The replacement becomes the active stack',
  'Minimum of readers of the active cluster goes back to normal',
  'Subscriptions of the old stack are disabled',
  'Queue reader, stream consumer and alarms of the old stack are switched off',
  'Old database cluster is stopped, the old session table is deleted',
  'Old queues are purged',
  'The old task set is destroyed',
] as const;

/** Steps that CodeDeploy runs itself. */
const codeDeploySteps = {
  Install: { number: 6, name: stepNames[5] },
  AllowTestTraffic: { number: 7, name: stepNames[6] },
  AllowTraffic: { number: 9, name: stepNames[8] },
  TerminateOriginal: { number: 15, name: stepNames[14] },
} as const;

/** Changes that a test makes to a run. */
export interface SwapChanges {
  /** Changes the simulated resources before the run. */
  readonly setScene?: (world: World) => void;
  /** Replaces the tools of the hooks. */
  readonly changeStack?: (stack: Stack) => Stack;
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Swaps the whole stack in a simulated AWS while a feed publishes messages. */
export async function runSwap({
  scenario,
  listener,
  changes = {},
}: {
  scenario: Scenario;
  listener?: StepListener;
  changes?: SwapChanges;
}): Promise<SwapDocument> {
  const world = makeWorld({ testsPass: scenario !== 'failed-tests' });
  changes.setScene?.(world);
  const { cloud, feed } = world;
  await cloud.clock.sleep(10 * 60_000); // 10 minutes of messages before the deployment
  const before = describeBoth(world);
  const startedAt = cloud.clock.now();

  const recorder = new Recorder(cloud, listener);
  const { status } = await deploy(world, recorder, changes);
  const virtualSeconds = Math.round((cloud.clock.now() - startedAt) / 1000);

  await cloud.clock.sleep(10 * 60_000); // 10 minutes of messages after it
  feed.stop();
  await cloud.clock.sleep(60_000);
  return {
    outcome: status === 'Succeeded' ? 'succeeded' : 'rolledBack',
    activeStack: world.activeStack(),
    steps: recorder.steps,
    messages: feed.count(world.activeStack()),
    cloud: { before, after: describeBoth(world), calls: cloud.calls.length, virtualSeconds },
  };
}

/** Deploys the web service with the simulated CodeDeploy and the hooks of this example. */
async function deploy(
  { cloud, settings, service }: World,
  recorder: Recorder,
  { changeStack = (stack) => stack }: SwapChanges,
) {
  const { clients, clock } = cloud;
  const tools = makeStack(settings, { clients, clock, logger: quiet, runStep: recorder.runStep });
  const stack = changeStack(tools);
  const options: CodeDeployHookOptions = { clients, clock, logger: quiet };
  let endStep: ReturnType<Recorder['start']> = () => {};
  return cloud.codeDeploy.runDeployment({
    service,
    taskDefinition: 'web:2',
    terminationWaitSeconds: 300,
    hooks: {
      BeforeInstall: beforeInstall(() => stack, options),
      AfterInstall: afterInstall(() => stack, options),
      AfterAllowTestTraffic: afterAllowTestTraffic(() => stack, options),
      BeforeAllowTraffic: beforeAllowTraffic(() => stack, options),
      AfterAllowTraffic: afterAllowTraffic(() => stack, options),
    },
    onLifecycleEvent: (name, progress) => {
      recorder.currentHook = name;
      const step = Object.entries(codeDeploySteps).find(([event]) => event === name)?.[1];
      if (step === undefined) return;
      if (progress === 'started') endStep = recorder.start(step.number, step.name, 'CodeDeploy');
      else endStep(progress === 'succeeded' ? 'done' : 'failed');
    },
  });
}

function describeBoth({ describe }: World): StackPair<StackState> {
  return { blue: describe('blue'), green: describe('green') };
}
