import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { canary } from 'aws-blue-green-toolkit/traffic';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { shifterFromEnvironment } from '../lambda/shifter.js';
import { ordersSwap } from '../lambda/swap.js';
import { actionsOf, allStatementsOf, resourceOf, resourcesOf, statementsOf, text } from './resources.js';
import { synthesize } from './synthesize.js';
import { makeWorld } from './world.js';

const { template } = synthesize();
const ecs = synthesize({ context: { deployedBy: 'ecs' } }).template;

/** Sets the environment variables of a function from the template, except `others`, which are those of the simulated AWS. */
function stubEnvironment(
  functionId: string,
  others: Readonly<Record<string, string>>,
  from = template,
): void {
  const { Properties } = resourceOf(from, 'AWS::Lambda::Function', functionId);
  const variables = Properties['Environment'].Variables as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(variables)) vi.stubEnv(name, others[name] ?? text(variables[name]));
}

/** Returns the unique actions that were called, sorted. */
function called(cloud: SimulatedCloud): string[] {
  return [...new Set(cloud.calls.map(({ action }) => action))].sort();
}

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
    const roles = [
      'SwapRole',
      'TrafficRole',
      'TrafficMachineRole',
      'ReportsProviderRole',
      'ReportsProviderMachineRole',
    ];
    const everywhere = roles
      .flatMap((role) => statementsOf(template, role))
      .filter(({ resources }) => resources.includes('*'));

    expect([...new Set(everywhere.flatMap(({ actions }) => actions))].sort()).toEqual([
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'ecs:DescribeTaskDefinition',
      'elasticloadbalancing:DescribeRules',
      'elasticloadbalancing:DescribeTags',
      groupAdded,
      'elasticloadbalancing:DescribeTargetHealth',
      'lambda:ListEventSourceMappings',
      'sns:GetSubscriptionAttributes',
      'sns:SetSubscriptionAttributes',
    ]);
  });

  test('limits the changes of rules to their listener', () => {
    const listener = 'app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2';
    const ruleArns = `arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/${listener}`;
    const changes = (role: string) =>
      statementsOf(template, role).filter(({ actions }) => actions.some((it) => /:(Modify|Delete)/.test(it)));

    expect(changes('TrafficRole')).toEqual([
      { actions: ['elasticloadbalancing:ModifyRule'], resources: [`${ruleArns}/9683b2d02a6cabee`] },
    ]);
    for (const { resources } of changes('ReportsProviderRole')) expect(resources).toEqual([`${ruleArns}/*`]);
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
    { deployedBy: 'codeDeploy', functionId: 'SwapBeforeInstall', of: template },
    { deployedBy: 'ecs', functionId: 'SwapFunction', of: ecs },
  ] as const)('of a swap by $deployedBy', ({ deployedBy, functionId, of }) => {
    stubEnvironment(functionId, {}, of);
    const { dependencies } = makeWorld();

    const needed = ordersSwap(deployedBy, dependencies).permissions();

    expect(actionsOf(of, 'SwapRole')).toEqual([...new Set(needed.map(({ action }) => action))].sort());
  });

  test('of a traffic shift', async () => {
    const { cloud, dependencies, loadBalancerArn, targetGroupArns, addRule } = makeWorld();
    const ruleArn = addRule();
    stubEnvironment('TrafficFunction', {
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
    expect(called(cloud)).toEqual(without(actionsOf(template, 'TrafficRole'), groupAdded));
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
      const { Properties } = resourceOf(at, 'Custom::ManagedListenerRule', 'Reports');
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
