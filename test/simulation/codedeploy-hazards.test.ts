import { describe, expect, test } from 'vitest';
import { makeHandler as afterAllowTestTraffic } from '../../examples/whole-stack-swap/hooks/after-allow-test-traffic.js';
import { makeHandler as afterAllowTraffic } from '../../examples/whole-stack-swap/hooks/after-allow-traffic.js';
import { makeHandler as afterInstall } from '../../examples/whole-stack-swap/hooks/after-install.js';
import { makeHandler as beforeAllowTraffic } from '../../examples/whole-stack-swap/hooks/before-allow-traffic.js';
import { makeHandler as beforeInstall } from '../../examples/whole-stack-swap/hooks/before-install.js';
import { makeStack } from '../../examples/whole-stack-swap/stack.js';
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
  /** The conclusion about today's example. */
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
      example: 'is not called; both stacks stay on for ever',
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
      example: 'switches green off although its tasks still run',
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
      green: on,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'is not called; green stays on without traffic',
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
      blue: off,
      green: on,
      purgedLiveDatabase: true,
      lostMessages: true,
      example: 'purges the database of green at 10 %, then switches off blue, which has all the traffic',
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
      purgedLiveDatabase: true,
      lostMessages: true,
      example: 'BeforeInstall purges the database of green, which has all the traffic',
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
      green: 'database available, subscription disabled, reader Disabled',
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'leaves half of green on',
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
      green: on,
      purgedLiveDatabase: false,
      lostMessages: false,
      example: 'listens to no event; green stays on as with the event',
    },
  },
];

/** Runs the demo's deployment with one hazard, and waits two hours. */
async function runWith({ group, testsPass = true, arrange, stopsAtTenPercent }: Hazard) {
  const world = makeWorld({ testsPass });
  const { cloud, feed, service, settings } = world;
  await cloud.clock.sleep(600_000);
  addGroup(world, group);
  arrange?.(world);
  const purgedLive: StackReference[] = [];
  const { purge } = world.databases;
  world.databases.purge = (stack) => {
    const percent = stack === 'green' ? deployment.replacementPercent : 100 - deployment.replacementPercent;
    if (percent > 0) purgedLive.push(stack);
    purge.call(world.databases, stack);
  };

  const deployment = cloud.codeDeploy.startDeployment({
    application: 'orders',
    group: service.service,
    taskDefinition: 'web:2',
  });
  if (stopsAtTenPercent !== undefined) {
    while (deployment.replacementPercent !== 10) await cloud.clock.sleep(1_000);
    deployment.stop(stopsAtTenPercent);
  }
  const status = await deployment.ended;
  const rollback = (await deployment.rollback?.ended) ?? 'none';
  await cloud.clock.sleep(2 * 3_600_000);
  feed.stop();
  await cloud.clock.sleep(60_000);
  return {
    status,
    rollback,
    greenPercent: deployment.replacementPercent,
    blue: stateOf(world.describe('blue')),
    green: stateOf(world.describe('green')),
    purgedLiveDatabase: purgedLive.length > 0,
    lostMessages: feed.count(world.activeStack()).lost > 0,
    replacement: settings.replacement,
  };
}

function addGroup(world: World, changes: Partial<SimulatedDeploymentGroupOptions> = {}): void {
  const { cloud, service, settings } = world;
  const { clients, clock } = cloud;
  const stack = makeStack(settings, {
    clients,
    clock,
    logger: quiet,
    runStep: async (_number, _name, work) => void (await work()),
  });
  const options = { clients, clock, logger: quiet };
  cloud.codeDeploy.addDeploymentGroup({
    application: 'orders',
    name: service.service,
    service,
    deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    terminationWaitSeconds: 300,
    hooks: {
      BeforeInstall: beforeInstall(() => stack, options),
      AfterInstall: afterInstall(() => stack, options),
      AfterAllowTestTraffic: afterAllowTestTraffic(() => stack, options),
      BeforeAllowTraffic: beforeAllowTraffic(() => stack, options),
      AfterAllowTraffic: afterAllowTraffic(() => stack, options),
    },
    ...changes,
  });
}

function stateOf({ database, subscription, queueReader }: StackState): string {
  return `database ${database}, subscription ${subscription}, reader ${queueReader}`;
}

describe("the demo's deployment", () => {
  const lines: string[] = [];

  test.each(hazards)('$name', async (hazard) => {
    const { example, ...expected } = hazard.expected;

    const { replacement, ...outcome } = await runWith(hazard);

    expect(replacement).toBe('green');
    expect(outcome).toEqual(expected);
    lines.push(`| ${hazard.name} | ${hazard.aws} | ${hazard.source} | ${example} |`);
  });

  test('is described in a table', () => {
    const table = ['| hazard | AWS | source | the example of today |', '| --- | --- | --- | --- |', ...lines];

    expect(lines).toHaveLength(hazards.length);
    process.stdout.write(`${table.join('\n')}\n`);
  });
});
