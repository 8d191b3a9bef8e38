import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { describe, expect, test } from 'vitest';
import { runSwap } from '../../examples/whole-stack-swap/swap.js';
import type { World } from '../../examples/whole-stack-swap/world.js';
import { SnsTools } from '../../src/sns/index.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/index.js';
import { disableSubscription, enableSubscription, StackSwap, shiftTraffic } from '../../src/swap/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  AlbListenerRuleTarget,
  type Check,
  canary,
  cloudWatchAlarms,
  TrafficShifter,
} from '../../src/traffic/index.js';
import { recordedActions } from '../support/recorded-actions.js';

const namedBy = (swap: StackSwap) =>
  [
    ...new Set(
      swap
        .permissions()
        .filter(({ notCalled }) => notCalled === undefined)
        .map(({ action }) => action),
    ),
  ].sort();

const refused = (name: string) =>
  Object.assign(new Error('refused for now'), { name, $metadata: { httpStatusCode: 400 } });

describe('StackSwap.permissions', () => {
  test('names exactly the calls of good, undone and halted runs of the example with its hooks', async () => {
    const seen = new Set<string>();
    let named: string[] = [];
    const run = async (scenario: 'swap' | 'failed-tests', change: (world: World) => void = () => {}) => {
      let world: World | undefined;
      const setScene = (it: World) => {
        world = it;
        change(it);
      };
      const { outcome } = await runSwap({ scenario, changes: { setScene } });
      for (const action of world === undefined ? [] : recordedActions(world.cloud)) seen.add(action);
      if (world !== undefined) named = namedBy(world.swap);
      return outcome;
    };

    expect(await run('swap')).toBe('succeeded');
    expect(await run('failed-tests')).toBe('rolledBack');
    // A retire that stops in the middle, and is completed by the ticks.
    expect(
      await run('swap', ({ cloud }) =>
        cloud.injectFault({ kind: 'accessDenied', action: 'rds:StopDBCluster', times: 3 }),
      ),
    ).toBe('succeeded');
    // A person rolls the swap back while the traffic moves.
    expect(
      await run('swap', ({ cloud, percentOf, swap }) => {
        let isRequested = false;
        cloud.clock.every(20, () => {
          if (isRequested || percentOf('green') !== 10) return;
          isRequested = true;
          void swap.requestRollBack('orders are late');
        });
      }),
    ).toBe('rolledBack');
    // Another program is changing the mapping, so its state is read.
    expect(
      await run('swap', ({ cloud }) =>
        cloud.injectFault({
          kind: refused('ResourceInUseException'),
          action: 'lambda:UpdateEventSourceMapping',
        }),
      ),
    ).toBe('succeeded');

    expect([...seen].sort()).toEqual(named);
  }, 120_000);

  test('names the calls of the target and the checks of shiftTraffic, and those of the record', async () => {
    const seen = new Set<string>();
    let named: string[] = [];
    for (const alarmState of ['OK', 'ALARM'] as const) {
      const { cloud, swap } = createShiftedSwap(alarmState);
      const { outcome } = await swap.run();
      expect(outcome).toBe(alarmState === 'OK' ? 'succeeded' : 'rolledBack');
      for (const action of recordedActions(cloud)) seen.add(action);
      named = namedBy(swap);
    }

    expect([...seen].sort()).toEqual(named);
    expect(named).toEqual(
      expect.arrayContaining([
        'cloudwatch:DescribeAlarms',
        'dynamodb:PutItem',
        'elasticloadbalancing:ModifyRule',
        'lambda:GetFunctionConfiguration',
      ]),
    );
  });
});

/** A subscription behind a listener rule, whose traffic the swap shifts itself. */
function createShiftedSwap(alarmState: 'OK' | 'ALARM') {
  const cloud = new SimulatedCloud();
  const { clients, clock, elasticLoadBalancing, cloudWatch, dynamoDb, sns, sqs } = cloud;
  dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  cloud.lambda.addFunction({ name: 'orders' });
  cloudWatch.addAlarm({ name: 'orders-late', state: alarmState });
  sns.addTopic('orders');
  const subscribe = (stack: string) => {
    const queue = sqs.addQueue({ name: `orders-${stack}` }).name;
    return { subscriptionArn: sns.subscribe({ topic: 'orders', queue, filterPolicy: {} }).arn };
  };
  const groupOf = (stack: string, target: string) =>
    elasticLoadBalancing.addTargetGroup({ name: `web-${stack}`, targets: [target] }).arn;
  const groups = { blue: groupOf('blue', '10.0.0.1'), green: groupOf('green', '10.0.1.1') };
  // No action names the group of green yet.
  const forward = { Type: 'forward' as const, TargetGroupArn: groups.blue };
  const { arn: loadBalancerArn } = elasticLoadBalancing.addLoadBalancer({ name: 'web' });
  const { arn: listenerArn } = elasticLoadBalancing.addListener({
    loadBalancerArn,
    defaultActions: [forward],
  });
  const { arn: ruleArn } = elasticLoadBalancing.addRule({
    listenerArn,
    priority: 1,
    conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
    actions: [forward],
  });
  const subscriptions = new SnsTools({ blue: subscribe('blue'), green: subscribe('green'), clients, clock });
  const ownCheck: Check = {
    name: 'function',
    permissions: [{ action: 'lambda:GetFunctionConfiguration', resources: ['function'] }],
    evaluate: async () => {
      await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'orders' }));
      return { outcome: 'pass', detail: 'the function exists' };
    },
  };
  const shifter = new TrafficShifter({
    target: new AlbListenerRuleTarget({
      ruleArns: [ruleArn],
      blue: { targetGroupArn: groups.blue },
      green: { targetGroupArn: groups.green },
      clients,
      clock,
    }),
    checks: [cloudWatchAlarms({ name: 'late', alarmNames: ['orders-late'], clients }), ownCheck],
    clock,
  });
  const swap = new StackSwap({
    application: 'orders-production',
    record: new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock }),
    prepare: [enableSubscription(subscriptions)],
    switch: shiftTraffic(shifter, canary({ percent: 10, holdSeconds: 120 })),
    retire: [disableSubscription(subscriptions)],
    clock,
  });
  return { cloud, swap };
}
