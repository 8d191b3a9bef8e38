import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ecsLifecycleStages } from '../../src/core/ecs-lifecycle-stages.js';
import type { EcsSwapHookHandler } from '../../src/hooks/swap-hook-types.js';
import { SimulatedCloud, type SimulatedLambdaFunction } from '../../src/testing/index.js';
import { programsOf, root } from '../support/guide-programs.js';

type Handler = SimulatedLambdaFunction['handler'];

const hour = 3_600_000;
const service = { cluster: 'orders', service: 'web' };
const [codeDeployProgram = '', ecsProgram = '', canaryProgram = ''] = programsOf('README.md').map(
  ({ code }) => code,
);

/** Folder in the repository, because the programs import the package by its own name. */
const folder = mkdtempSync(join(root, 'test/simulation/readme-'));
let programs = 0;

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation(() => {});
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** Runs a program of the README, with the simulated clients and clock in the places that the README names. */
async function runProgram(code: string, cloud: SimulatedCloud): Promise<Record<string, unknown>> {
  vi.stubGlobal('cloud', cloud);
  const withBoth = /new (?:\w+\.)?(?:AuroraTools|LambdaTools|DynamoSwapRecord|AlbListenerRuleTarget)\(\{/g;
  const simulated = code
    .replace(withBoth, '$& clients: cloud.clients, clock: cloud.clock,')
    .replace(/(?:codeDeploySwitch|ecsSwitch|albErrorRateRegression)\(\{/g, '$& clients: cloud.clients,')
    .replace(/new (?:StackSwap|traffic\.TrafficShifter)\(\{/g, '$& clock: cloud.clock,')
    .replace('codeDeploySwapHooks(swap)', 'codeDeploySwapHooks(swap, { clients: cloud.clients })');
  programs += 1;
  const file = join(folder, `${programs}.ts`);
  writeFileSync(file, simulated);
  return (await import(file)) as Record<string, unknown>;
}

/** Adds a database and a queue reader of each stack. Those of blue are on. */
function addStacks(cloud: SimulatedCloud): void {
  for (const stack of ['blue', 'green']) {
    const isLive = stack === 'blue';
    cloud.rds.addCluster({
      name: `orders-${stack}`,
      status: isLive ? 'available' : 'stopped',
      readers: 1,
    });
    const { arn } = cloud.sqs.addQueue({ name: `orders-${stack}` });
    cloud.lambda.addFunction({ name: `orders-ingest-${stack}` });
    const state = isLive ? 'Enabled' : 'Disabled';
    cloud.lambda.addMapping({ functionName: `orders-ingest-${stack}`, eventSourceArn: arn, state });
  }
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
}

/** Adds the schedule that continues the swap after its deployment. */
function addTick(cloud: SimulatedCloud, functionName: string): void {
  const targets = [`arn:aws:lambda:eu-west-1:123456789012:function:${functionName}`];
  cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets });
}

function stateOf(cloud: SimulatedCloud, stack: string): string[] {
  const [mapping] = cloud.lambda.mappingsOf(`orders-ingest-${stack}`);
  return [cloud.rds.cluster(`orders-${stack}`).status, mapping?.state ?? 'none'];
}

describe("the README's swap with CodeDeploy", () => {
  test('switches green on before the users come, and blue off after they have left', async () => {
    const cloud = new SimulatedCloud();
    addStacks(cloud);
    const web = cloud.addWebService({ ...service, deployedBy: 'CODE_DEPLOY' });
    vi.stubEnv('LISTENER_ARN', web.listenerArn);
    const { swap: _, ...handlers } = await runProgram(codeDeployProgram, cloud);
    for (const [name, handler] of Object.entries(handlers))
      cloud.lambda.addFunction({ name, handler: handler as Handler, timeoutSeconds: 900 });
    addTick(cloud, 'deploymentEnded');

    cloud.codeDeploy.addDeploymentGroup({
      application: 'orders',
      name: 'web',
      service,
      route: web.route,
      deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
      hooks: {
        BeforeInstall: 'beforeInstall',
        AfterInstall: 'afterInstall',
        AfterAllowTestTraffic: 'afterAllowTestTraffic',
        BeforeAllowTraffic: 'beforeAllowTraffic',
        AfterAllowTraffic: 'afterAllowTraffic',
      },
    });
    const taskDefinition = web.register('green');
    const deployment = cloud.codeDeploy.startDeployment({
      application: 'orders',
      group: 'web',
      taskDefinition,
    });
    while (deployment.replacementPercent < 10) await cloud.clock.sleep(10_000);
    const states = [stateOf(cloud, 'blue'), stateOf(cloud, 'green')];
    const status = await deployment.ended;
    await cloud.clock.sleep(hour);

    expect(status).toBe('Succeeded');
    expect(states).toEqual([
      ['available', 'Enabled'],
      ['available', 'Enabled'],
    ]);
    expect(stateOf(cloud, 'green')).toEqual(['available', 'Enabled']);
    expect(stateOf(cloud, 'blue')).toEqual(['stopped', 'Disabled']);
  });
});

describe("the README's swap with ECS's own deployments", () => {
  test('switches green on before the users come, and blue off after they have left', async () => {
    const cloud = new SimulatedCloud();
    addStacks(cloud);
    const web = cloud.addWebService(service);
    vi.stubEnv('LISTENER_ARN', web.listenerArn);
    const { handler } = (await runProgram(ecsProgram, cloud)) as { readonly handler: Handler };
    cloud.lambda.addFunction({ name: 'swap', handler, timeoutSeconds: 900 });
    addTick(cloud, 'swap');

    const { status } = await cloud.ecsDeployments.run({
      service,
      taskDefinition: web.register('green'),
      strategy: { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
      hooks: [{ handler: handler as EcsSwapHookHandler, stages: ecsLifecycleStages }],
    });
    await cloud.clock.sleep(hour);

    expect(status).toBe('SUCCESSFUL');
    expect(stateOf(cloud, 'green')).toEqual(['available', 'Enabled']);
    expect(stateOf(cloud, 'blue')).toEqual(['stopped', 'Disabled']);
  });
});

describe("the README's canary", () => {
  function makeShop(errorRateOfGreen: number) {
    const cloud = new SimulatedCloud();
    const { elasticLoadBalancing } = cloud;
    const loadBalancer = elasticLoadBalancing.addLoadBalancer({ name: 'shop' });
    const blue = elasticLoadBalancing.addTargetGroup({ name: 'blue', targets: ['10.0.0.1'] }).arn;
    const green = elasticLoadBalancing.addTargetGroup({ name: 'green', targets: ['10.0.1.1'] }).arn;
    const TargetGroups = [
      { TargetGroupArn: blue, Weight: 100 },
      { TargetGroupArn: green, Weight: 0 },
    ];
    const listener = elasticLoadBalancing.addListener({
      loadBalancerArn: loadBalancer.arn,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    const rule = elasticLoadBalancing.addRule({
      listenerArn: listener.arn,
      priority: 1,
      conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    }).arn;
    cloud.addTraffic({
      through: rule,
      requestsPerSecond: 30,
      stacks: {
        blue: { targetGroupArn: blue, errorRate: 0.002, latencySeconds: 0.1 },
        green: { targetGroupArn: green, errorRate: errorRateOfGreen, latencySeconds: 0.1 },
      },
    });
    vi.stubEnv('RULE_ARN', rule);
    vi.stubEnv('BLUE_ARN', blue);
    vi.stubEnv('GREEN_ARN', green);
    vi.stubEnv('LOAD_BALANCER_ARN', loadBalancer.arn);
    return { cloud, weightOfGreen: () => elasticLoadBalancing.weightsInForce(rule)[green] };
  }

  test('gives green all the traffic when it is as good as blue', async () => {
    const { cloud, weightOfGreen } = makeShop(0.002);

    await runProgram(canaryProgram, cloud);

    expect(weightOfGreen()).toBe(100);
  });

  test('returns the traffic to blue and throws when green fails more often', async () => {
    const { cloud, weightOfGreen } = makeShop(0.2);

    await expect(runProgram(canaryProgram, cloud)).rejects.toThrow(/^rolledBack: The check .* failed/);

    expect(weightOfGreen()).toBe(0);
  });
});
