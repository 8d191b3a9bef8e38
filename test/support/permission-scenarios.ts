import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import type { EcsDefinitions } from '../../src/ecs-rollout/index.js';
import { LambdaTools } from '../../src/lambda/index.js';
import { SqsTools } from '../../src/sqs/index.js';
import { stepFunctionsDefinition, stepFunctionsHandler } from '../../src/step-functions/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  AlbListenerRuleTarget,
  AlbListenerTarget,
  type AlbStackOptions,
  albErrorRateRegression,
  albSlowRequestRegression,
  albTargetGroup5xxRate,
  albTargetGroupLatency,
  albUnhealthyHosts,
  apiGatewayErrorRateRegression,
  appMeshErrorRateRegression,
  type Check,
  canary,
  cloudWatchAlarms,
  cloudWatchMetric,
  ecsAppMesh5xx,
  errorRateRegression,
  lambdaAliasErrorRate,
  lambdaAliasErrorRateRegression,
  lambdaCheck,
  latticeErrorRateRegression,
  metricComparison,
  rehearse,
} from '../../src/traffic/index.js';
import { allTargets } from '../contract/all-targets.js';
import { setUpProvisionedAlias } from '../contract/lambda-alias.js';
import { setUpVpcLattice } from '../contract/vpc-lattice-rule.js';
import { checkContext } from './check-context.js';
import { errorRateQuery, managedRule } from './managed-rule.js';
import type { MethodScenario } from './method-scenario.js';
import { recordedActions } from './recorded-actions.js';
import { rolloutOf } from './rollout-world.js';

/** A method or function in one situation, and the IAM actions of the calls that it makes there. */
export interface PermissionScenario {
  readonly method: string;
  readonly situation: string;
  readonly run: () => Promise<readonly string[]>;
}

/** A target of several parts makes only the calls of its parts. */
const singleTargets = allTargets.filter(({ name }) => !name.startsWith('CompositeTarget'));

const targetScenarios = singleTargets.flatMap(({ name, setUp }): PermissionScenario[] => {
  const [className = ''] = name.split(' ');
  const scenario = (
    method: string,
    act: (target: ReturnType<typeof setUp>['target']) => Promise<unknown>,
  ) => ({
    method: `${className}.${method}`,
    situation: name,
    run: async () => {
      const { cloud, target } = setUp({ blue: 100, green: 0 });
      await act(target);
      return recordedActions(cloud);
    },
  });
  const { readHealth, readSetup } = setUp({ blue: 100, green: 0 }).target;
  return [
    scenario('readWeights', (target) => target.readWeights()),
    scenario('writeWeights', (target) => target.writeWeights({ blue: 90, green: 10 })),
    ...(readHealth ? [scenario('readHealth', async (target) => target.readHealth?.('green'))] : []),
    ...(readSetup ? [scenario('readSetup', async (target) => target.readSetup?.('green'))] : []),
  ];
});

/** A load balancer whose default action and rule forward to blue alone, without group stickiness. */
function onlyBlueNamed() {
  const cloud = new SimulatedCloud();
  const elb = cloud.elasticLoadBalancing;
  const [blue, green] = ['blue', 'green'].map((name) => ({
    targetGroupArn: elb.addTargetGroup({ name, targets: ['i-1'] }).arn,
  })) as [AlbStackOptions, AlbStackOptions];
  const actions = [{ Type: 'forward' as const, TargetGroupArn: blue.targetGroupArn }];
  const { arn: listenerArn } = elb.addListener({
    loadBalancerArn: elb.addLoadBalancer({ name: 'shop' }).arn,
    defaultActions: actions,
  });
  const conditions = [{ Field: 'path-pattern', Values: ['/*'] }];
  const { arn: ruleArn } = elb.addRule({ listenerArn, priority: 1, conditions, actions });
  return { cloud, listenerArn, ruleArn, blue, green };
}

/** Situations of the targets with additional calls. */
const rareTargetScenarios: PermissionScenario[] = [
  {
    method: 'AlbListenerRuleTarget.readHealth',
    situation: 'a target group that no rule names',
    run: async () => {
      const { cloud, ruleArn, ...stacks } = onlyBlueNamed();
      const { listenerArn: _, ...pair } = stacks;
      await new AlbListenerRuleTarget({ ruleArns: [ruleArn], ...pair, clients: cloud.clients }).readHealth(
        'green',
      );
      return recordedActions(cloud);
    },
  },
  {
    method: 'AlbListenerTarget.readHealth',
    situation: 'a target group that no action names',
    run: async () => {
      const { cloud, ruleArn: _, ...stacks } = onlyBlueNamed();
      await new AlbListenerTarget({ ...stacks, clients: cloud.clients }).readHealth('green');
      return recordedActions(cloud);
    },
  },
  ...(['AlbListenerRuleTarget', 'AlbListenerTarget'] as const).flatMap((className) => {
    const arrange = () => {
      const { cloud, listenerArn, ruleArn, ...pair } = onlyBlueNamed();
      const options = { ...pair, clients: cloud.clients };
      const target =
        className === 'AlbListenerTarget'
          ? new AlbListenerTarget({ listenerArn, ...options })
          : new AlbListenerRuleTarget({ ruleArns: [ruleArn], ...options });
      return { cloud, target };
    };
    return [
      {
        method: `${className}.readSetup`,
        situation: 'a target group that is not named',
        run: async () => {
          const { cloud, target } = arrange();
          await target.readSetup('green');
          return recordedActions(cloud);
        },
      },
      {
        method: `${className}.changeSetup`,
        situation: 'a target group that is not named',
        run: async () => {
          const { cloud, target } = arrange();
          const original = (await target.readSetup('green')) ?? {};
          const since = cloud.calls.length;
          await target.changeSetup({ kind: 'prepare', incoming: 'green', original });
          return recordedActions(cloud, since);
        },
      },
    ];
  }),
  ...(['rule', 'defaultAction'] as const).map((kind) => ({
    method: 'VpcLatticeRuleTarget.readHealth',
    situation: `a target group that the ${kind} does not name`,
    run: async () => {
      const { cloud, target, removeDestination } = setUpVpcLattice(kind)({ blue: 100, green: 0 });
      removeDestination?.('green');
      await target.readHealth?.('green');
      return recordedActions(cloud);
    },
  })),
  {
    method: 'LambdaAliasTarget.readWeights',
    situation: 'while Lambda allocates provisioned concurrency',
    run: async () => {
      const { cloud, target } = setUpProvisionedAlias({ blue: 100, green: 0 });
      await target.writeWeights({ blue: 0, green: 100 });
      const written = cloud.calls.length;
      await target.readWeights();
      return recordedActions(cloud, written);
    },
  },
];

const targetGroupArn =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/138dc51089e322f9';
const loadBalancerArn =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/14f06032761c98f0';
const queries: MetricDataQuery[] = [
  {
    Id: 'm',
    MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Latency' }, Period: 60, Stat: 'Average' },
  },
];

/** Queries of a metric that each stack has for itself. */
const queriesOf = (stack: string): MetricDataQuery[] => [
  {
    Id: 'm',
    MetricStat: {
      Metric: {
        Namespace: 'Shop',
        MetricName: 'Requests',
        Dimensions: [{ Name: 'Stack', Value: stack }],
      },
      Period: 60,
      Stat: 'Sum',
    },
  },
];

const pairOf = <T>(of: (stack: 'blue' | 'green') => T) => ({ blue: of('blue'), green: of('green') });
const targetGroups = {
  targetGroupArn: { blue: targetGroupArn.replace('/green/', '/blue/'), green: targetGroupArn },
  loadBalancerArn,
};

const checks: Readonly<Record<string, (cloud: SimulatedCloud) => Check>> = {
  albErrorRateRegression: ({ clients }) => albErrorRateRegression({ ...targetGroups, clients }),
  albSlowRequestRegression: ({ clients }) =>
    albSlowRequestRegression({ ...targetGroups, slowerThanSeconds: 1, clients }),
  apiGatewayErrorRateRegression: ({ clients }) =>
    apiGatewayErrorRateRegression({ stages: pairOf((stage) => ({ apiId: 'a1', stage })), clients }),
  appMeshErrorRateRegression: ({ clients }) =>
    appMeshErrorRateRegression({
      clusterName: 'shop',
      taskDefinitionFamily: pairOf((it) => `web-${it}`),
      clients,
    }),
  errorRateRegression: ({ clients }) =>
    errorRateRegression({
      name: 'errors',
      requests: pairOf(queriesOf),
      failures: pairOf(queriesOf),
      clients,
    }),
  lambdaAliasErrorRateRegression: ({ clients }) =>
    lambdaAliasErrorRateRegression({
      functionName: 'orders',
      aliasName: 'live',
      version: { blue: '1', green: '2' },
      clients,
    }),
  latticeErrorRateRegression: ({ clients }) =>
    latticeErrorRateRegression({
      targetGroup: { blue: 'tg-0123456789abcdef0', green: 'tg-0123456789abcdef1' },
      clients,
    }),
  albTargetGroup5xxRate: ({ clients }) =>
    albTargetGroup5xxRate({ targetGroupArn, loadBalancerArn, maxPercent: 5, windowSeconds: 300, clients }),
  albTargetGroupLatency: ({ clients }) =>
    albTargetGroupLatency({ targetGroupArn, loadBalancerArn, maxSeconds: 1, windowSeconds: 300, clients }),
  albUnhealthyHosts: ({ clients }) =>
    albUnhealthyHosts({ targetGroupArn, loadBalancerArn, windowSeconds: 300, clients }),
  cloudWatchAlarms: ({ clients }) => cloudWatchAlarms({ name: 'alarms', alarmNames: ['errors'], clients }),
  cloudWatchMetric: ({ clients }) =>
    cloudWatchMetric({ name: 'latency', queries, max: 1, windowSeconds: 300, clients }),
  ecsAppMesh5xx: ({ clients }) =>
    ecsAppMesh5xx({
      clusterName: 'shop',
      taskDefinitionFamily: 'web',
      max: 5,
      windowSeconds: 300,
      clients,
    }),
  lambdaAliasErrorRate: ({ clients }) =>
    lambdaAliasErrorRate({
      functionName: 'orders',
      aliasName: 'live',
      version: '2',
      maxPercent: 5,
      windowSeconds: 300,
      clients,
    }),
  lambdaCheck: ({ clients, lambda }) => {
    lambda.addFunction({ name: 'health', handler: () => ({ healthy: true }) });
    return lambdaCheck({ functionName: 'health', clients });
  },
  metricComparison: ({ clients }) =>
    metricComparison({
      name: 'latency',
      queries: { blue: queries, green: queries },
      maxRatio: 2,
      windowSeconds: 300,
      clients,
    }),
};

const checkScenarios = Object.entries(checks).map(
  ([method, make]): PermissionScenario => ({
    method,
    situation: 'one evaluation',
    run: async () => {
      const cloud = new SimulatedCloud();
      await make(cloud).evaluate(checkContext(cloud));
      return recordedActions(cloud);
    },
  }),
);

const rehearsalScenario: PermissionScenario = {
  method: 'rehearse',
  situation: 'an hour',
  run: async () => {
    const cloud = new SimulatedCloud();
    const { clients, clock } = cloud;
    const now = clock.now();
    const checks = [albErrorRateRegression({ ...targetGroups, clients })];
    const strategy = canary({ percent: 10, holdSeconds: 600 });
    await rehearse({
      strategy,
      checks,
      clients,
      clock,
      from: new Date(now - 3_600_000),
      to: new Date(now),
    });
    return recordedActions(cloud);
  },
};

const metric = ({ targetGroups, loadBalancer }: ReturnType<typeof managedRule>) => ({
  CloudWatchMetric: { Query: errorRateQuery(targetGroups.green, loadBalancer.arn), Max: 5 },
});

const customResourceScenarios: readonly PermissionScenario[] = [
  {
    method: 'managedListenerRuleHandler',
    situation: 'the whole life of a rule',
    run: async () => {
      const world = managedRule();
      const { cloud, stack, template } = world;
      const watched = { ...metric(world), StepWeight: 50, StepInterval: '1m' };
      await stack.create(template({ blue: 100, green: 0 }, watched));
      cloud.addTraffic({
        through: () => world.weights() ?? { blue: 0, green: 0 },
        loadBalancerArn: world.loadBalancer.arn,
        requestsPerSecond: 50,
        stacks: {
          blue: { targetGroupArn: world.targetGroups.blue },
          green: { targetGroupArn: world.targetGroups.green },
        },
      });
      await stack.update(template({ blue: 0, green: 100 }, { ...watched, Priority: 12 }));
      // More records than the rule keeps.
      for (let priority = 13; priority < 25; priority += 1) {
        await stack.update(template({ blue: 0, green: 100 }, { ...watched, Priority: priority }));
      }
      await stack.delete();
      return recordedActions(cloud);
    },
  },
  {
    method: 'managedListenerRuleHandler',
    situation: 'a rollout that is delegated',
    run: async () => {
      const started: string[] = [];
      const world = managedRule({
        handler: {
          delegate: {
            stateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:rollouts',
            steps: stepFunctionsHandler,
            stepFunctions: {
              send: async (command) => {
                if (command instanceof StartExecutionCommand) started.push('states:StartExecution');
                return {};
              },
            },
          },
        },
      });
      const { cloud, stack, template } = world;
      const slow = { StepWeight: 20, StepInterval: '6m' };
      await stack.create(template({ blue: 100, green: 0 }, slow));
      await stack.update(template({ blue: 0, green: 100 }, slow));
      return [...recordedActions(cloud), ...started];
    },
  },
];

/** The IAM actions of the integrations of a state machine, from the pages in the permissions. */
const integrations: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['lambda:InvokeFunction'],
  'sns:publish.waitForTaskToken': ['sns:Publish'],
  'sqs:sendMessage.waitForTaskToken': ['sqs:SendMessage'],
  'states:startExecution': ['states:StartExecution'],
  'states:startExecution.sync': [
    'events:DescribeRule',
    'events:PutRule',
    'events:PutTargets',
    'states:DescribeExecution',
    'states:StartExecution',
    'states:StopExecution',
  ],
};

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:shift';
const stateMachineScenarios = [
  { topicArn: 'arn:aws:sns:eu-west-1:123456789012:approvals', timeoutSeconds: 60 },
  { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/approvals', timeoutSeconds: 60 },
].map(
  (approval): PermissionScenario => ({
    method: 'stepFunctionsDefinition',
    situation: Object.keys(approval)[0] ?? '',
    run: async () => {
      const { States } = stepFunctionsDefinition({ functionArn, approval });
      const tasks = Object.values(States).flatMap(({ Resource }) =>
        typeof Resource === 'string' ? [Resource] : [],
      );
      return tasks.flatMap((resource) => {
        const [, integration = resource] = resource.split(':states:::');
        return integrations[integration.replace(/:2$/, '')] ?? [`unknown: ${integration}`];
      });
    },
  }),
);

/** Two functions with a mapping and a rule each. Green is the alias `live` of its function. */
function arrangeReaders(cloud: SimulatedCloud) {
  for (const stack of ['blue', 'green']) {
    const functionName = `reader-${stack}`;
    const { arn } = cloud.lambda.addFunction({ name: functionName, versions: ['1'] });
    cloud.lambda.addAlias({ functionName, name: 'live', version: '1' });
    const qualifier = stack === 'green' ? ':live' : '';
    cloud.lambda.addMapping({
      functionName: functionName + qualifier,
      eventSourceArn: cloud.sqs.addQueue({ name: stack }).arn,
      state: 'Enabled',
    });
    cloud.eventBridge.addRule({ name: `nightly-${stack}`, state: 'ENABLED', targets: [arn + qualifier] });
  }
  return new LambdaTools({
    blue: { functionName: 'reader-blue' },
    green: { functionName: 'reader-green', alias: 'live' },
    clients: cloud.clients,
    clock: cloud.clock,
  });
}

/** Situations of the tools' methods with permissions that the fault matrix does not use. */
export const furtherMethodScenarios: readonly MethodScenario[] = [
  {
    name: 'SqsTools.waitForPurge (of a purge that another process began)',
    arrange(cloud) {
      for (const name of ['orders-blue', 'orders-green']) cloud.sqs.addQueue({ name });
      cloud.sqs.send('orders-blue', 'an order');
      const inOneProcess = () =>
        new SqsTools({
          blue: { queue: 'orders-blue' },
          green: { queue: 'orders-green' },
          clients: cloud.clients,
          clock: cloud.clock,
        });
      return {
        act: async () => {
          await inOneProcess().purgeQueues('blue');
          await inOneProcess().waitForPurge('blue');
        },
        verify: () => expect(cloud.sqs.queue('orders-blue').messages).toEqual([]),
      };
    },
  },
  {
    name: 'LambdaTools.disableEventMapping (while it is being enabled)',
    arrange(cloud) {
      const tools = arrangeReaders(cloud);
      return {
        act: async () => {
          await tools.disableEventMapping('blue');
          await cloud.clock.sleep(60_000);
          await tools.enableEventMapping('blue');
          await tools.disableEventMapping('blue');
          await cloud.clock.sleep(60_000);
        },
        verify: () => expect(cloud.lambda.mappingsOf('reader-blue')).toMatchObject([{ state: 'Disabled' }]),
      };
    },
  },
  ...(['blue', 'green'] as const).map((stack) => ({
    name: `LambdaTools.waitForEventMappingState (of ${stack} without mappings)`,
    arrange(cloud: SimulatedCloud) {
      for (const name of ['idle-blue', 'idle-green']) cloud.lambda.addFunction({ name, versions: ['1'] });
      cloud.lambda.addAlias({ functionName: 'idle-green', name: 'live', version: '1' });
      const tools = new LambdaTools({
        blue: { functionName: 'idle-blue' },
        green: { functionName: 'idle-green', alias: 'live' },
        clients: cloud.clients,
        clock: cloud.clock,
      });
      return {
        act: () => tools.waitForEventMappingState(stack, 'Disabled'),
        verify: () => expect(cloud.lambda.mappingsOf(`idle-${stack}`)).toEqual([]),
      };
    },
  })),
  {
    name: 'LambdaTools.waitForEventMappingState (of a mapping that is not listed yet)',
    arrange(cloud) {
      const tools = arrangeReaders(cloud);
      const { arn } = cloud.sqs.addQueue({ name: 'returns' });
      return {
        act: async () => {
          await tools.listEventSourceMappings('blue');
          await tools.createEventSourceMapping('blue', arn);
          cloud.injectFault({ kind: 'staleRead', action: 'lambda:ListEventSourceMappings' });
          await tools.waitForEventMappingState('blue', 'Enabled');
        },
        verify: () =>
          expect(cloud.lambda.mappingsOf('reader-blue')).toMatchObject([
            { state: 'Enabled' },
            { state: 'Enabled' },
          ]),
      };
    },
  },
  ...(['disableRule', 'enableRule'] as const).map((method) => ({
    name: `LambdaTools.${method} (one stack is an alias)`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeReaders(cloud);
      if (method === 'enableRule') cloud.eventBridge.rule('nightly-green').state = 'DISABLED';
      const state = method === 'enableRule' ? 'ENABLED' : 'DISABLED';
      return {
        act: () => tools[method]('green'),
        verify: () => expect(cloud.eventBridge.rule('nightly-green').state).toBe(state),
      };
    },
  })),
  {
    name: 'EcsRollout.up (tasks that fail)',
    arrange(cloud) {
      cloud.ecs.addCluster('shop');
      cloud.ecs.failTasks({ image: 'web:1', among: 'service' }, { kind: 'exits' });
      const rollout = rolloutOf(cloud);
      const definitions = {
        service: {
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
        },
        taskDefinition: {
          family: 'web',
          networkMode: 'awsvpc',
          requiresCompatibilities: ['FARGATE'],
          cpu: '256',
          memory: '512',
          containerDefinitions: [{ name: 'app', image: 'web:1' }],
        },
      } satisfies EcsDefinitions;
      return {
        act: () => rollout.up(definitions).catch((error: unknown) => error),
        verify: (error) => expect(error).toMatchObject({ name: 'RolloutError', phase: 'serviceStable' }),
      };
    },
  },
];

/** Scenarios of everything except the methods of tools. */
export const permissionScenarios: readonly PermissionScenario[] = [
  ...targetScenarios,
  ...rareTargetScenarios,
  ...checkScenarios,
  rehearsalScenario,
  ...customResourceScenarios,
  ...stateMachineScenarios,
];
