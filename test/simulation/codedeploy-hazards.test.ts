import { describe, expect, test } from 'vitest';
import { makeWorld, type StackState, type World } from '../../examples/whole-stack-swap/world.js';
import type { StackReference } from '../../src/core/index.js';
import type { SimulatedDeploymentGroupOptions } from '../../src/testing/index.js';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const userGuide = 'docs.aws.amazon.com/codedeploy/latest/userguide';

/** One thing that goes wrong in the demo's deployment. */
interface Hazard {
  readonly name: string;
  /** Behaviour of AWS, and its source. */
  readonly aws: string;
  readonly source: string;
  readonly group?: Partial<SimulatedDeploymentGroupOptions>;
  readonly testsPass?: boolean;
  readonly arrange?: (world: World) => void;
  /** Stops the deployment once the replacement has 10 % of the traffic. */
  readonly stopsAtTenPercent?: { readonly rollBack?: boolean };
  /** Observed afterwards. */
  readonly expected: Outcome;
}

/** State in which the example ends. */
interface Outcome {
  readonly status: string;
  readonly rollback: string;
  /** Percent of the production traffic that green has. */
  readonly greenPercent: number;
  readonly blue: string;
  readonly green: string;
  /** True when a hook has purged the database of a stack with production traffic. */
  readonly purgedLiveDatabase: boolean;
  /** True when the stack with the traffic has not read every message. */
  readonly lostMessages: boolean;
  /** Reaction of the example. */
  readonly example: string;
}

const on = 'database available, subscription enabled, reader Enabled';
const off = 'database stopped, subscription disabled, reader Disabled';

const hazards: readonly Hazard[] = [
  {
    name: 'stopped by a person at 10 %',
    aws: 'Stopped; both task sets and the weights stay as they are',
    source: `${userGuide}/deployments-stop.html`,
    stopsAtTenPercent: {},
    expected: {
      status: 'Stopped',
      rollback: 'none',
      greenPercent: 10,
      blue: on,
      green: on,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'keeps both stacks on, and waits until a person has returned the traffic',
    },
  },
  {
    name: 'no automatic rollback',
    aws: 'Failed; the replacement task set stays behind the test listener',
    source: `${userGuide}/deployments-rollback-and-redeploy.html`,
    testsPass: false,
    expected: {
      status: 'Failed',
      rollback: 'none',
      greenPercent: 0,
      blue: on,
      green: off,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'makes green idle again: only the test listener has its tasks',
    },
  },
  {
    name: 'rollback deployment',
    aws: 'a deployment of its own (creator codeDeployRollback) succeeds',
    source: `${userGuide}/deployments-rollback-and-redeploy.html`,
    stopsAtTenPercent: { rollBack: true },
    expected: {
      status: 'Stopped',
      rollback: 'Succeeded',
      greenPercent: 0,
      blue: on,
      green: off,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'makes green idle again when blue has all the traffic',
    },
  },
  {
    name: 'rollback deployment that runs hooks',
    aws: 'undocumented; hooksInRollback: true assumes the hooks of the previous revision',
    source: 'not verified',
    group: { hooksInRollback: true },
    stopsAtTenPercent: { rollBack: true },
    expected: {
      status: 'Stopped',
      rollback: 'Succeeded',
      greenPercent: 0,
      blue: on,
      green: off,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'lets the hooks of the rollback pass, and makes green idle again',
    },
  },
  {
    name: 'duplicate hook event after an hour',
    aws: 'Lambda delivers an asynchronous event at least once, and keeps it for 6 hours',
    source: 'docs.aws.amazon.com/lambda/latest/dg/invocation-async.html',
    arrange: ({ cloud }) => cloud.lambda.deliverEvents((_event, number) => (number === 1 ? [0, 3_600] : [0])),
    expected: {
      status: 'Succeeded',
      rollback: 'none',
      greenPercent: 100,
      blue: off,
      green: on,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'does nothing for a deployment that has ended',
    },
  },
  {
    name: 'killed hook, every attempt',
    aws: 'Lambda retries twice; CodeDeploy waits for one hour and fails the deployment',
    source: `${userGuide}/reference-appspec-file-structure-hooks.html`,
    arrange: ({ cloud }) =>
      cloud.injectFault({ kind: 'killBefore', action: 'sns:SetSubscriptionAttributes', times: 3 }),
    expected: {
      status: 'Failed',
      rollback: 'none',
      greenPercent: 0,
      blue: on,
      green: off,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'answers Failed at 55 minutes, and makes green idle again',
    },
  },
  {
    name: 'lost event',
    aws: 'CodeDeploy sends events to EventBridge with best effort',
    source: 'docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codedeploy.html',
    stopsAtTenPercent: { rollBack: true },
    arrange: ({ cloud }) => cloud.eventBridge.deliverEvents(() => []),
    expected: {
      status: 'Stopped',
      rollback: 'Succeeded',
      greenPercent: 0,
      blue: on,
      green: off,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'makes green idle again: the schedule suffices',
    },
  },
];

/** Runs the demo's deployment with one hazard, and waits. */
async function runWith({ group, testsPass = true, arrange, stopsAtTenPercent }: Hazard) {
  const world = makeWorld({ testsPass, logger: quiet, group: { autoRollback: false, ...group } });
  const { cloud, feed, percentOf } = world;
  await cloud.clock.sleep(600_000);
  arrange?.(world);
  const purgedLive: StackReference[] = [];
  const { purge } = world.databases;
  world.databases.purge = (stack) => {
    if (percentOf(stack) > 0) purgedLive.push(stack);
    purge.call(world.databases, stack);
  };

  const deployment = world.deploy(world.register('green'));
  if (stopsAtTenPercent !== undefined) {
    while (percentOf('green') !== 10) await cloud.clock.sleep(1_000);
    deployment.stop(stopsAtTenPercent);
  }
  const status = await deployment.ended;
  const rollback = (await deployment.rollback?.ended) ?? 'none';
  await cloud.clock.sleep(4_500_000);
  feed.stop();
  await cloud.clock.sleep(60_000);
  return {
    status,
    rollback,
    greenPercent: percentOf('green'),
    blue: stateOf(world.describe('blue')),
    green: stateOf(world.describe('green')),
    purgedLiveDatabase: purgedLive.length > 0,
    lostMessages: feed.count(world.activeStack()).lost > 0,
  };
}

function stateOf({ database, subscription, queueReader }: StackState): string {
  return `database ${database}, subscription ${subscription}, reader ${queueReader}`;
}

describe("the demo's deployment", () => {
  const lines: string[] = [];

  test.each(hazards)('$name', async (hazard) => {
    const { example, ...expected } = hazard.expected;

    expect(await runWith(hazard)).toEqual(expected);
    lines.push(`| ${hazard.name} | ${hazard.aws} | ${hazard.source} | ${example} |`);
  });

  test('is described in a table', () => {
    const table = ['| hazard | AWS | source | the example |', '| --- | --- | --- | --- |', ...lines];

    expect(lines).toHaveLength(hazards.length);
    process.stdout.write(`${table.join('\n')}\n`);
  });
});
