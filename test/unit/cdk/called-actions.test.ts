import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ecsSwapHook } from '../../../src/hooks/index.js';
import { DynamoSwapRecord } from '../../../src/swap/dynamo/index.js';
import { ecsSwitch, StackSwap } from '../../../src/swap/index.js';
import type { SimulatedCloud, SimulatedEcsHook, SimulatedEventPattern } from '../../../src/testing/index.js';
import { actionsOf, addCodeDeployHooks, addEcsHook, addRule, makeStack } from '../../support/cdk-stack.js';
import { makeCodeDeploySwapWorld } from '../../support/codedeploy-swap-world.js';
import { makeEcsDeploymentWorld } from '../../support/ecs-deployment-world.js';
import { managedRule } from '../../support/managed-rule.js';
import { recordedActions } from '../../support/recorded-actions.js';

const hour = 3_600_000;

beforeEach(() => void vi.stubEnv('CDK_VALIDATION', 'false'));
afterEach(() => void vi.unstubAllEnvs());

/** Returns the actions of all clouds. */
function actionsIn(...clouds: readonly SimulatedCloud[]): string[] {
  return [...new Set(clouds.flatMap((cloud) => recordedActions(cloud)))].sort();
}

describe('the policy of CodeDeploySwapHooks', () => {
  test('equals the calls of a swap that succeeds, and of one that a person rolls back', async () => {
    const plan = () => ({ prepare: [], test: [], retire: [] });
    const good = makeCodeDeploySwapWorld({ plan });
    const succeeding = good.deploy(good.taskDefinitions.green);
    await succeeding.ended;
    expect(succeeding.status).toBe('Succeeded');
    await good.cloud.clock.sleep(hour);
    const back = makeCodeDeploySwapWorld({ plan });
    const deployment = back.deploy(back.taskDefinitions.green);
    await back.until(() => deployment.replacementPercent === 10);
    await back.swap.requestRollBack('orders are late');
    await deployment.ended;
    await back.cloud.clock.sleep(hour);
    expect(deployment.rollback?.status).toBe('Succeeded');

    const { stack } = makeStack();
    addCodeDeployHooks(stack);

    expect(actionsOf(stack, 'HooksRole')).toEqual(actionsIn(good.cloud, back.cloud));
  });
});

describe('the function of EcsSwapHook', () => {
  const { stack } = makeStack();
  const construct = addEcsHook(stack);

  /** Returns the pattern of the event in the template, for the service of the simulator. */
  function eventPatternIn(): SimulatedEventPattern {
    const rules = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule'));
    const { EventPattern } =
      rules.map(({ Properties }) => Properties).find((it) => 'EventPattern' in it) ?? {};
    return {
      ...EventPattern,
      resources: ['arn:aws:ecs:eu-west-1:123456789012:service/orders/web'],
    };
  }

  function makeWorld() {
    const world = makeEcsDeploymentWorld();
    const { cloud, clients, service, listenerArn } = world;
    const { clock } = cloud;
    cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
    const record = new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock });
    const swap = new StackSwap({
      application: 'orders',
      record,
      clock,
      boundBy: 'STACK',
      switch: ecsSwitch({ ...service, listenerArn, clients }),
    });
    const handler = ecsSwapHook(swap);
    const hook = {
      stages: construct.lifecycleHook.lifecycleStages,
      handler: (event, context) => handler(event, context),
    } as SimulatedEcsHook;
    const { arn } = cloud.lambda.addFunction({
      name: 'hook',
      timeoutSeconds: 900,
      handler: (event, context) => handler(event, context as never),
    });
    cloud.eventBridge.addRule({ name: 'event', eventPattern: eventPatternIn(), targets: [arn] });
    cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets: [arn] });
    const deploy = () => world.deploy(world.taskDefinitions.green, { hooks: [hook] });
    return { cloud, swap, deploy, item: async () => (await record.read('orders')) as { live?: string } };
  }

  test('swaps with the stages and the triggers of the construct, and calls what its policy allows', async () => {
    const good = makeWorld();
    expect((await good.deploy().ended).status).toBe('SUCCESSFUL');
    await good.cloud.clock.sleep(hour);
    expect(await good.item()).toMatchObject({ live: 'green', ended: [{ end: 'succeeded' }] });
    const back = makeWorld();
    const deployment = back.deploy();
    await back.cloud.clock.sleep(4 * 60_000);
    await back.swap.requestRollBack('orders are late');
    expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    await back.cloud.clock.sleep(hour);
    expect(await back.item()).toMatchObject({ live: 'blue', ended: [{ end: 'rolledBack' }] });

    expect(actionsOf(stack, 'HookRole')).toEqual(actionsIn(good.cloud, back.cloud));
  });
});

describe('the policy of ManagedListenerRule', () => {
  test('equals the calls of a rule from its creation to its deletion', async () => {
    const { cloud, stack: cloudFormation, listenerArn, targetGroups, loadBalancer, weights } = managedRule();
    const nameIn = (arn: string, kind: string) => arn.slice(arn.indexOf(kind));
    const sumOf = (metricName: string) =>
      new Metric({
        namespace: 'AWS/ApplicationELB',
        metricName,
        statistic: 'Sum',
        dimensionsMap: {
          TargetGroup: nameIn(targetGroups.green, 'targetgroup/'),
          LoadBalancer: nameIn(loadBalancer.arn, 'app/'),
        },
      });
    const errorRate = new MathExpression({
      expression: 'FILL(errors, 0) / requests * 100',
      usingMetrics: { errors: sumOf('HTTPCode_Target_5XX_Count'), requests: sumOf('RequestCount') },
      period: Duration.minutes(1),
    });
    const make = (green: number, priority = 11) => {
      const { stack } = makeStack();
      addRule(stack, {
        listenerArn,
        priority,
        destinations: [
          { targetGroupArn: targetGroups.blue, weight: 100 - green },
          { targetGroupArn: targetGroups.green, weight: green },
        ],
        stepInterval: Duration.minutes(2),
        cloudWatchMetric: { metric: errorRate, max: 1 },
      });
      return stack;
    };
    const propertiesOf = (stack: ReturnType<typeof make>) => {
      const [rule] = Object.values(Template.fromStack(stack).findResources('Custom::ManagedListenerRule'));
      return { ...rule?.['Properties'], ServiceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:rule' };
    };
    cloud.addTraffic({
      through: () => weights() ?? { blue: 0, green: 0 },
      loadBalancerArn: loadBalancer.arn,
      requestsPerSecond: 20,
      stacks: { blue: { targetGroupArn: targetGroups.blue }, green: { targetGroupArn: targetGroups.green } },
    });

    expect(await cloudFormation.create(propertiesOf(make(0)))).toBe('CREATE_COMPLETE');
    expect(await cloudFormation.update(propertiesOf(make(100)))).toBe('UPDATE_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
    expect(await cloudFormation.update(propertiesOf(make(100, 12)))).toBe('UPDATE_COMPLETE');
    expect(await cloudFormation.delete()).toBe('DELETE_COMPLETE');

    const allowed = actionsOf(make(0), 'RuleProviderRole');
    // No rollout was delegated, and no tag had to be removed.
    const rare = ['elasticloadbalancing:RemoveTags', 'states:StartExecution'];
    expect(allowed.filter((action) => !rare.includes(action))).toEqual(actionsIn(cloud));
    expect(allowed).toEqual(expect.arrayContaining(rare));
  });
});
