import { afterEach, describe, expect, test, vi } from 'vitest';
import { ordersInStateMachine, swapDefinition } from '../../examples/whole-stack-swap/state-machine.js';
import { silentLogger } from '../../src/core/logger.js';
import type { StackReference } from '../../src/core/stack-reference.js';
import { ecsSwapHook } from '../../src/hooks/index.js';
import { disabledMarker } from '../../src/sns/index.js';
import { stepFunctionsHandler } from '../../src/step-functions/index.js';
import type { SimulatedCloud, SimulatedEcsHook } from '../../src/testing/index.js';
import { makeDeploymentWorld } from '../support/deployment-world.js';
import { makeEcsDeploymentWorld } from '../support/ecs-deployment-world.js';
import { makeContext } from '../support/ecs-hook.js';
import { execute } from '../support/state-machine.js';

const hour = 3_600_000;

/** Everything of the short plan: blue is on, green is off. Returns the variables of the functions. */
function addStacks(cloud: SimulatedCloud): Record<string, string> {
  cloud.sns.addTopic('orders');
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  cloud.lambda.addFunction({ name: 'orders-smoke-test', handler: () => undefined });
  return {
    BLUE_SUBSCRIPTION_ARN: addStack(cloud, 'blue'),
    GREEN_SUBSCRIPTION_ARN: addStack(cloud, 'green'),
  };
}

function addStack({ rds, sns, sqs }: SimulatedCloud, stack: StackReference): string {
  const isOn = stack === 'blue';
  rds.addCluster({ name: `orders-${stack}`, status: isOn ? 'available' : 'stopped' });
  sqs.addQueue({ name: `orders-${stack}` });
  const filterPolicy = { [disabledMarker]: [disabledMarker] };
  return sns.subscribe({ topic: 'orders', queue: `orders-${stack}`, ...(!isOn && { filterPolicy }) }).arn;
}

const databases = ({ rds }: SimulatedCloud) => [
  rds.cluster('orders-blue').status,
  rds.cluster('orders-green').status,
];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('examples/whole-stack-swap/ecs-hook.ts', () => {
  test('swaps the stacks in a deployment of ECS', async () => {
    const { cloud, deploy, taskDefinitions, listenerArn } = makeEcsDeploymentWorld();
    const { clients, clock } = cloud;
    const variables = { ...addStacks(cloud), LISTENER_ARN: listenerArn };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const { ordersOnEcs } = await import('../../examples/whole-stack-swap/ecs-hook.js');
    const handler = ecsSwapHook(ordersOnEcs(variables, { clients, clock, logger: silentLogger }));
    const tick = cloud.lambda.addFunction({
      name: 'tick',
      timeoutSeconds: 900,
      handler: (event, context) => handler(event, context as never),
    });
    cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets: [tick.arn] });
    const stages = [
      'PRE_SCALE_UP',
      'POST_SCALE_UP',
      'POST_TEST_TRAFFIC_SHIFT',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'POST_PRODUCTION_TRAFFIC_SHIFT',
    ] as const;
    const hook: SimulatedEcsHook = { stages, handler: (event, context) => handler(event, context) };

    expect((await deploy(taskDefinitions.green, { hooks: [hook] }).ended).status).toBe('SUCCESSFUL');
    expect(databases(cloud)).toEqual(['available', 'available']);
    await cloud.clock.sleep(hour);

    expect(databases(cloud)).toEqual(['stopped', 'available']);
  });
});

describe('examples/whole-stack-swap/state-machine.ts', () => {
  test('swaps the stacks in an execution of the state machine', async () => {
    const { cloud, listenerArn } = makeDeploymentWorld();
    const { clients, clock, elasticLoadBalancing } = cloud;
    const addGroup = (stack: StackReference) =>
      elasticLoadBalancing.addTargetGroup({ name: `orders-${stack}`, targets: ['10.0.0.1'] }).arn;
    const [blue, green] = [addGroup('blue'), addGroup('green')];
    const weights = [
      { TargetGroupArn: blue, Weight: 100 },
      { TargetGroupArn: green, Weight: 0 },
    ];
    const rule = elasticLoadBalancing.addRule({
      listenerArn,
      priority: 10,
      conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: weights } }],
    });
    const variables = {
      ...addStacks(cloud),
      RULE_ARN: rule.arn,
      BLUE_TARGET_GROUP_ARN: blue,
      GREEN_TARGET_GROUP_ARN: green,
    };
    const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:swap';
    const handler = stepFunctionsHandler(
      () => ordersInStateMachine(variables, { clients, clock, logger: silentLogger }),
      { clock, logger: silentLogger },
    );
    const run = (payload: unknown) => handler(JSON.parse(JSON.stringify(payload)), makeContext(clock));
    const { status, error, cause } = await execute(
      swapDefinition(functionArn),
      { request: {} },
      { clock, functions: { [functionArn]: run } },
    );
    await clock.sleep(hour);

    expect([status, error, cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    expect(elasticLoadBalancing.weightsInForce(rule.arn)).toMatchObject({ [blue]: 0, [green]: 100 });
    expect(databases(cloud)).toEqual(['stopped', 'available']);
  });
});
