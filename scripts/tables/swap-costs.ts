import { type CodeDeploySwapHooks, codeDeploySwapHooks, ecsSwapHook } from 'aws-blue-green-toolkit/hooks';
import { disabledMarker } from 'aws-blue-green-toolkit/sns';
import { codeDeploySwitch, ecsSwitch, StackSwap } from 'aws-blue-green-toolkit/swap';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { ordersPlan } from '../../examples/whole-stack-swap/short-plan.js';
import { ecsLifecycleStages } from '../../src/core/ecs-lifecycle-stages.js';
import { hookEvents } from '../../test/support/codedeploy-swap-world.js';
import { makeDeploymentWorld } from '../../test/support/deployment-world.js';
import { makeEcsDeploymentWorld } from '../../test/support/ecs-deployment-world.js';
import { CostMeter, type Costs } from './cost-meter.js';

const logger = { debug() {}, info() {}, warn() {}, error() {} };
/** The stages of `EcsSwapHook`. */
const ecsStages = ecsLifecycleStages.slice(1);

type Tick = CodeDeploySwapHooks['deploymentEnded'];

/** Adds what the plan switches: a database and a subscription of each stack. Those of blue are on. */
function addStacks(cloud: SimulatedCloud): NodeJS.ProcessEnv {
  const { arn: topic } = cloud.sns.addTopic('orders');
  const add = (stack: 'blue' | 'green') => {
    const isLive = stack === 'blue';
    const name = `orders-${stack}`;
    cloud.rds.addCluster({ name, status: isLive ? 'available' : 'stopped', readers: 1 });
    cloud.sqs.addQueue({ name });
    const filterPolicy = { [disabledMarker]: [disabledMarker] };
    return cloud.sns.subscribe({ topic, queue: name, ...(!isLive && { filterPolicy }) }).arn;
  };
  cloud.lambda.addFunction({ name: 'orders-smoke-test' });
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  return { BLUE_SUBSCRIPTION_ARN: add('blue'), GREEN_SUBSCRIPTION_ARN: add('green') };
}

function addTick(cloud: SimulatedCloud, handler: Tick): void {
  const tick = cloud.lambda.addFunction({ name: 'tick', handler, timeoutSeconds: 900 });
  cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets: [tick.arn] });
}

/** Waits until the old stack is off, and the schedule has nothing left to do. */
async function untilRetired(cloud: SimulatedCloud): Promise<void> {
  while (cloud.rds.cluster('orders-blue').status !== 'stopped') await cloud.clock.sleep(10_000);
  await cloud.clock.sleep(300_000);
}

/** Measures a swap in the hooks of CodeDeploy, or a day of its schedule without a deployment. */
export async function swapWithCodeDeploy({
  deploys = true,
}: {
  readonly deploys?: boolean;
} = {}): Promise<Costs> {
  const cloud = new SimulatedCloud({ latencyMilliseconds: 50 });
  const { clients, clock } = cloud;
  const variables = addStacks(cloud);
  const world = makeDeploymentWorld({ hooks: hookEventsByName() }, cloud);
  const mover = codeDeploySwitch({ ...world.service, listenerArn: world.listenerArn, clients });
  const plan = ordersPlan(variables, { clients, clock, logger });
  const swap = new StackSwap({ ...plan, boundBy: 'STACK', switch: mover });
  const hooks = codeDeploySwapHooks(swap, { clients });
  const meter = new CostMeter(cloud);
  for (const name of Object.keys(hookEvents) as (keyof typeof hookEvents)[]) {
    cloud.lambda.addFunction({ name, handler: meter.metered(hooks[name]), timeoutSeconds: 900 });
  }
  addTick(cloud, meter.metered(hooks.deploymentEnded));
  if (!deploys) {
    await clock.sleep(86_400_001);
    return meter.read();
  }
  const status = await world.deploy(world.taskDefinitions.green).ended;
  if (status !== 'Succeeded') throw new Error(`The measured deployment ended as ${status}`);
  await untilRetired(cloud);
  return meter.read();
}

function hookEventsByName() {
  return Object.fromEntries(Object.entries(hookEvents).map(([name, event]) => [event, name]));
}

/** Measures a swap in the hook of ECS's own deployments. */
export async function swapWithEcs(): Promise<Costs> {
  const cloud = new SimulatedCloud({ latencyMilliseconds: 50 });
  const { clients, clock } = cloud;
  const variables = addStacks(cloud);
  const { service, deploy, listenerArn, taskDefinitions } = makeEcsDeploymentWorld(cloud);
  const plan = ordersPlan(variables, { clients, clock, logger });
  const mover = ecsSwitch({ ...service, listenerArn, clients });
  const swap = new StackSwap({ ...plan, boundBy: 'STACK', switch: mover });
  const meter = new CostMeter(cloud);
  const hook = ecsSwapHook(swap);
  const handler = meter.metered(hook);
  addTick(cloud, handler as Tick);
  const { status } = await deploy(taskDefinitions.green, {
    hooks: [{ stages: ecsStages, handler: handler as typeof hook }],
  }).ended;
  if (status !== 'SUCCESSFUL') throw new Error(`The measured deployment ended as ${status}`);
  await untilRetired(cloud);
  return meter.read();
}
