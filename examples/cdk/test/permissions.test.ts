import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { canary } from 'aws-blue-green-toolkit/traffic';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { afterAllowTraffic, beforeInstall, ecsLifecycle } from '../lambda/hooks.js';
import { ordersFromEnvironment } from '../lambda/orders.js';
import { shifterFromEnvironment } from '../lambda/shifter.js';
import {
  actionsOf,
  allStatementsOf,
  isForValidation,
  resourceOf,
  resourcesOf,
  statementsOf,
  text,
} from './resources.js';
import { synthesize } from './synthesize.js';
import { makeWorld } from './world.js';

const { template } = synthesize();

/** Sets the environment variables of a function from the template, except `others`, which are those of the simulated AWS. */
function stubEnvironment(functionId: string, others: Readonly<Record<string, string>>): void {
  const { Properties } = resourceOf(template, 'AWS::Lambda::Function', functionId);
  const variables = Properties['Environment'].Variables as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(variables)) vi.stubEnv(name, others[name] ?? text(variables[name]));
}

/** Returns the unique actions that were called, sorted. */
function called(cloud: SimulatedCloud): string[] {
  return [...new Set(cloud.calls.map(({ action }) => action))].sort();
}

/** Calls for a mapping in transition, or for a function without mappings. */
const rareCalls = ['lambda:GetEventSourceMapping', 'lambda:GetFunctionConfiguration'];

/** Call for a shift that adds a target group to its rule. */
const groupAdded = 'elasticloadbalancing:DescribeTargetGroupAttributes';

const without = (actions: readonly string[], ...excluded: readonly string[]) =>
  actions.filter((action) => !excluded.includes(action));

describe('least privilege', () => {
  test('allows no action with a wildcard, and attaches no AWS policy', () => {
    const actions = allStatementsOf(template).flatMap((statement) => statement.actions);

    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    for (const { Properties } of resourcesOf(template, 'AWS::IAM::Role').values()) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });

  test('allows all resources only for actions without resource-level permissions, of which one writes', () => {
    const everywhere = allStatementsOf(template).filter(
      (statement) => statement.resources.includes('*') && !isForValidation(statement),
    );

    expect([...new Set(everywhere.flatMap(({ actions }) => actions))].sort()).toEqual([
      'application-autoscaling:DescribeScalableTargets',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'elasticloadbalancing:DescribeRules',
      'elasticloadbalancing:DescribeTags',
      groupAdded,
      'elasticloadbalancing:DescribeTargetHealth',
      'lambda:ListEventSourceMappings',
      'rds:DescribeDBInstances',
      'sns:GetSubscriptionAttributes',
      'sns:SetSubscriptionAttributes',
    ]);
  });

  test('limits the changes of a hook to its own stack', () => {
    const arn = (rest: string) => `arn:aws:${rest}`;
    const inAccount = (service: string, rest: string) => arn(`${service}:eu-west-1:111122223333:${rest}`);

    expect(statementsOf(template, 'HooksBeforeInstallRole')).toEqual(
      expect.arrayContaining([
        {
          actions: ['codedeploy:PutLifecycleEventHookExecutionStatus'],
          resources: [inAccount('codedeploy', 'deploymentgroup:orders/web')],
        },
        {
          actions: ['rds:DescribeDBClusters', 'rds:StartDBCluster'],
          resources: [inAccount('rds', 'cluster:orders-green')],
        },
        {
          actions: ['application-autoscaling:RegisterScalableTarget'],
          resources: [inAccount('application-autoscaling', 'scalable-target/*')],
          conditions: {
            StringEquals: {
              'application-autoscaling:scalable-dimension': ['rds:cluster:ReadReplicaCount'],
            },
          },
        },
        {
          actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
          resources: [inAccount('lambda', 'event-source-mapping:*')],
          conditions: {
            ArnLike: { 'lambda:FunctionArn': [inAccount('lambda', 'function:orders-ingest-green')] },
          },
        },
        {
          actions: ['cloudwatch:EnableAlarmActions'],
          resources: [inAccount('cloudwatch', 'alarm:orders-green-*')],
        },
      ]),
    );
    const ofPartner = statementsOf(template, 'HooksBeforeInstallRole').filter((statement) =>
      JSON.stringify(statement).includes('orders-blue'),
    );
    expect(ofPartner.flatMap(({ actions }) => actions)).toEqual(['rds:DescribeDBClusters']);
    expect(JSON.stringify(statementsOf(template, 'HooksAfterAllowTrafficRole'))).not.toContain(
      'orders-green',
    );
  });

  test('limits the changes of rules to their listener', () => {
    const listener = 'app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2';
    const ruleArns = `arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/${listener}`;
    const changes = (role: string) =>
      statementsOf(template, role).filter(({ actions }) => actions.some((it) => /:(Modify|Delete)/.test(it)));

    expect(changes('TrafficStepRole')).toEqual([
      { actions: ['elasticloadbalancing:ModifyRule'], resources: [`${ruleArns}/9683b2d02a6cabee`] },
    ]);
    for (const { resources } of changes('ReportsProviderRole')) expect(resources).toEqual([`${ruleArns}/*`]);
  });

  test.each(['Traffic', 'Reports'])('the machine %s runs its function, and itself', (name) => {
    const { Properties } = resourceOf(template, 'AWS::StepFunctions::StateMachine', `${name}Machine`);
    const arn = (resource: string) =>
      `arn:aws:states:eu-west-1:111122223333:${resource}:${Properties['StateMachineName']}`;

    const [functionId] = [...resourcesOf(template, 'AWS::Lambda::Function').keys()].filter((id) =>
      id.startsWith(name === 'Traffic' ? 'TrafficStep' : 'ReportsProvider'),
    );

    const statements = statementsOf(template, `${name}MachineRole`);

    expect(statements).toHaveLength(4);
    expect(statements).toEqual(
      expect.arrayContaining([
        {
          actions: ['lambda:InvokeFunction'],
          resources: [text({ 'Fn::GetAtt': [functionId, 'Arn'] })],
        },
        { actions: ['states:StartExecution'], resources: [arn('stateMachine')] },
        {
          actions: ['states:DescribeExecution', 'states:StopExecution'],
          resources: [`${arn('execution')}:*`],
        },
        {
          actions: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
          resources: [
            'arn:aws:events:eu-west-1:111122223333:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule',
          ],
        },
      ]),
    );
  });
});

describe('calls of the functions equal the permissions', () => {
  beforeEach(() => {
    vi.spyOn(console, 'info').mockImplementation(() => {});
    vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test.each([
    { event: 'BeforeInstall', hook: beforeInstall },
    { event: 'AfterAllowTraffic', hook: afterAllowTraffic },
  ] as const)("CodeDeploy's $event", async ({ event, hook }) => {
    const { cloud, dependencies, subscriptionArns } = makeWorld();
    stubEnvironment(`Hooks${event}`, {
      BLUE_SUBSCRIPTION_ARN: subscriptionArns.blue,
      GREEN_SUBSCRIPTION_ARN: subscriptionArns.green,
    });
    const handler = hook(() => ordersFromEnvironment(dependencies), dependencies);

    const { status } = await cloud.codeDeploy.runDeployment({ hooks: { [event]: handler } });

    expect(status).toBe('Succeeded');
    const isUp = event === 'BeforeInstall';
    expect(cloud.rds.cluster(isUp ? 'orders-green' : 'orders-blue').status).toBe(
      isUp ? 'available' : 'stopping',
    );
    expect(called(cloud)).toEqual(without(actionsOf(template, `Hooks${event}Role`), ...rareCalls));
  });

  test('of the ECS hook', async () => {
    const { cloud, dependencies, subscriptionArns } = makeWorld();
    stubEnvironment('HooksEcsLifecycle', {
      BLUE_SUBSCRIPTION_ARN: subscriptionArns.blue,
      GREEN_SUBSCRIPTION_ARN: subscriptionArns.green,
    });
    const handler = ecsLifecycle(ordersFromEnvironment(dependencies), { clock: cloud.clock });

    const { status } = await cloud.ecsDeployments.run({
      strategy: { type: 'BLUE_GREEN' },
      hooks: [{ handler, stages: ['PRE_SCALE_UP', 'POST_SCALE_UP'] }],
    });

    expect(status).toBe('SUCCESSFUL');
    expect(called(cloud)).toEqual(without(actionsOf(template, 'HooksEcsLifecycleRole'), ...rareCalls));
  });

  test('of a traffic shift', async () => {
    const { cloud, dependencies, loadBalancerArn, targetGroupArns, addRule } = makeWorld();
    const ruleArn = addRule();
    stubEnvironment('TrafficStep', {
      RULE_ARN: ruleArn,
      LOAD_BALANCER_ARN: loadBalancerArn,
      BLUE_TARGET_GROUP_ARN: targetGroupArns.blue,
      GREEN_TARGET_GROUP_ARN: targetGroupArns.green,
    });
    cloud.addTraffic({
      through: ruleArn,
      requestsPerSecond: 20,
      stacks: {
        blue: { targetGroupArn: targetGroupArns.blue },
        green: { targetGroupArn: targetGroupArns.green },
      },
    });
    const shifter = shifterFromEnvironment(dependencies);

    const { outcome, reason } = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));

    expect({ outcome, reason }).toEqual({ outcome: 'succeeded' });
    expect(called(cloud)).toEqual(without(actionsOf(template, 'TrafficStepRole'), groupAdded));
  });

  test('of the managed rule from creation to deletion', async () => {
    const { cloud, dependencies, loadBalancerArn, listenerArn, targetGroupArns } = makeWorld();
    const lambda = managedListenerRuleHandler({ ...dependencies, fetch: cloud.cloudFormation.fetch });
    const stack = cloud.cloudFormation.addStack({ name: 'orders-deployment', lambda: { handler: lambda } });
    const properties = (reportsGreen: number, others: object = {}) => {
      const { template: at } = synthesize({
        context: { reportsGreen },
        props: { loadBalancerArn, listenerArn },
      });
      const { Properties } = resourceOf(at, 'Custom::ManagedListenerRule', 'ReportsRule');
      const [blue, green] = Properties['Destinations'];
      const query = Properties['CloudWatchMetric'].Query as string;
      return {
        ...Properties,
        ServiceToken: text(Properties['ServiceToken']),
        Destinations: [
          { ...blue, TargetGroupArn: targetGroupArns.blue },
          { ...green, TargetGroupArn: targetGroupArns.green },
        ],
        CloudWatchMetric: {
          ...Properties['CloudWatchMetric'],
          Query: query.replaceAll(
            /targetgroup\/reports-green\/\w+/g,
            targetGroupArns.green.split(':')[5] ?? '',
          ),
        },
        // With the template's StepWeight the rollout takes 20 minutes, and would be delegated.
        StepWeight: 50,
        ...others,
      };
    };
    let rule: string | undefined;
    cloud.addTraffic({
      through: () => {
        const weights = rule === undefined ? {} : cloud.elasticLoadBalancing.weightsInForce(rule);
        return { blue: weights[targetGroupArns.blue] ?? 0, green: weights[targetGroupArns.green] ?? 0 };
      },
      loadBalancerArn,
      requestsPerSecond: 20,
      stacks: {
        blue: { targetGroupArn: targetGroupArns.blue },
        green: { targetGroupArn: targetGroupArns.green },
      },
    });

    const created = await stack.create(properties(0));
    rule = cloud.elasticLoadBalancing.rulesOf(listenerArn)[0]?.arn;
    const shifted = await stack.update(properties(100));
    const moved = await stack.update(properties(100, { Priority: 21 }));
    // The rule is gone before the deletion has its response.
    rule = undefined;
    const deleted = await stack.delete();
    await cloud.cloudFormation.close();

    expect([created, shifted, moved, deleted]).toEqual([
      'CREATE_COMPLETE',
      'UPDATE_COMPLETE',
      'UPDATE_COMPLETE',
      'DELETE_COMPLETE',
    ]);
    // The tags are part of the creation, no tag had to be removed, and nothing was delegated.
    expect(called(cloud)).toEqual(
      without(
        actionsOf(template, 'ReportsProviderRole'),
        'states:StartExecution',
        'elasticloadbalancing:RemoveTags',
      ),
    );
  });
});
