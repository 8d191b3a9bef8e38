import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { type IamMethod, iamPolicyFor } from '../../../src/iam/index.js';
import { methodPermissions } from '../../../src/iam/method-permissions.js';

const queues = [
  'arn:aws:sqs:eu-west-1:111122223333:orders-green',
  'arn:aws:sqs:eu-west-1:111122223333:orders-blue',
];
const table = 'arn:aws-cn:dynamodb:cn-north-1:111122223333:table/orders';
const all = Object.keys(methodPermissions) as IamMethod[];

/** Without types, as in JavaScript. */
const loosely = iamPolicyFor as (methods: unknown, resources?: unknown, options?: unknown) => unknown;

function problemsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ field }) => field);
    throw error;
  }
  return [];
}

describe('Function: iamPolicyFor', () => {
  test('allows the actions of the methods on the given resources, merged and sorted', () => {
    expect(iamPolicyFor(['SqsTools.waitForPurge', 'SqsTools.purgeQueues'], { queue: queues })).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:PurgeQueue'],
          Resource: [...queues].reverse(),
        },
      ],
    });
  });

  test.each(['aws', 'aws-cn', 'aws-us-gov'])(
    'allows a shift of a DNS name in the partition %s',
    (partition) => {
      const hostedZone = `arn:${partition}:route53:::hostedzone/Z1`;
      const dnsChange = `arn:${partition}:route53:::change/*`;

      const { Statement } = iamPolicyFor(
        [
          'Route53WeightedRecordTarget.readWeights',
          'Route53WeightedRecordTarget.writeWeights',
          'Route53WeightedRecordTarget.readHealth',
        ],
        { hostedZone, dnsChange },
        { without: ['healthCheck'] },
      );

      expect(Statement).toEqual([
        {
          Effect: 'Allow',
          Action: ['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'],
          Resource: [hostedZone],
        },
        { Effect: 'Allow', Action: ['route53:GetChange'], Resource: [dnsChange] },
      ]);
    },
  );

  test('allows a shift of a state machine on the ARN of the state machine', () => {
    const stateMachine = 'arn:aws-cn:states:cn-north-1:111122223333:stateMachine:orders';

    expect(
      iamPolicyFor(['StepFunctionsAliasTarget.readHealth', 'StepFunctionsAliasTarget.writeWeights'], {
        stateMachine,
      }).Statement,
    ).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'states:DescribeStateMachine',
          'states:DescribeStateMachineAlias',
          'states:UpdateStateMachineAlias',
        ],
        Resource: [stateMachine],
      },
    ]);
  });

  test('returns the same policy for any order and repetition', () => {
    const one = iamPolicyFor(all, '*');
    const other = iamPolicyFor([...all, ...all].reverse(), '*');

    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
  });

  test('uses a separate statement for actions that AWS cannot limit', () => {
    expect(
      iamPolicyFor(
        ['SnsTools.isSubscriptionEnabled', 'DynamoTools.waitForTableDeleted', 'cloudWatchMetric'],
        { table },
      ).Statement,
    ).toEqual([
      {
        Effect: 'Allow',
        Action: ['cloudwatch:GetMetricData', 'sns:GetSubscriptionAttributes'],
        Resource: ['*'],
      },
      { Effect: 'Allow', Action: ['dynamodb:DescribeTable'], Resource: [table] },
    ]);
  });

  test('allows a hook to respond to deployments of its own deployment group only', () => {
    const deploymentGroup = 'arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:orders/web';

    expect(iamPolicyFor(['codeDeployHook'], { deploymentGroup }).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['codedeploy:PutLifecycleEventHookExecutionStatus'],
        Resource: [deploymentGroup],
      },
    ]);
  });

  test('requires no resources for methods that AWS cannot limit', () => {
    expect(iamPolicyFor(['SnsTools.enableSubscription']).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
        Resource: ['*'],
      },
    ]);
    expect(iamPolicyFor(['TrafficShifter.begin', 'httpCheck']).Statement).toEqual([]);
  });

  test('leaves out permissions of a false condition, and their resources', () => {
    const policy = iamPolicyFor(['DynamoTools.deleteTable'], { table }, { without: ['backup'] });

    expect(policy.Statement).toEqual([
      { Effect: 'Allow', Action: ['dynamodb:DeleteTable', 'dynamodb:DescribeTable'], Resource: [table] },
    ]);
  });

  test('allows tagging of a final snapshot, and none without a snapshot', () => {
    const dbClusterSnapshot = 'arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:orders-*';
    const resources = { dbCluster: '*', dbInstance: '*', dbClusterSnapshot };
    const tagging = (without: 'finalSnapshot'[]) =>
      iamPolicyFor(['AuroraTools.deleteDatabase'], resources, { without }).Statement.filter(({ Action }) =>
        Action.includes('rds:AddTagsToResource'),
      );

    expect(tagging([])).toEqual([
      { Effect: 'Allow', Action: ['rds:AddTagsToResource'], Resource: [dbClusterSnapshot] },
    ]);
    expect(tagging(['finalSnapshot'])).toEqual([]);
  });

  test('allows a durable function to continue in a new execution, unless excluded', () => {
    const durableFunction = 'arn:aws:lambda:eu-west-1:111122223333:function:shift:*';
    const invoking = (without: 'continuation'[]) =>
      iamPolicyFor(['runDurably'], { durableFunction }, { without }).Statement.flatMap(
        ({ Action, Resource }) => (Action.includes('lambda:InvokeFunction') ? Resource : []),
      );

    expect(invoking([])).toEqual([durableFunction]);
    expect(invoking(['continuation'])).toEqual([]);
  });

  test('limits an action by a condition key where its resource is not known in advance', () => {
    const reader = 'arn:aws:lambda:eu-west-1:111122223333:function:reader';

    expect(iamPolicyFor(['LambdaTools.createEventSourceMapping'], { function: reader }).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['lambda:CreateEventSourceMapping'],
        Resource: ['*'],
        Condition: { ArnLike: { 'lambda:FunctionArn': [reader] } },
      },
      { Effect: 'Allow', Action: ['lambda:ListEventSourceMappings'], Resource: ['*'] },
    ]);
    expect(iamPolicyFor(['LambdaTools.createEventSourceMapping'], '*').Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['lambda:CreateEventSourceMapping', 'lambda:ListEventSourceMappings'],
        Resource: ['*'],
      },
    ]);
  });

  test('allows scaling only of the resources that the methods scale', () => {
    const { Statement } = iamPolicyFor(['AuroraTools.scaleIn', 'EcsTools.enableService'], '*');

    const limits = Statement.filter(({ Action }) =>
      Action.includes('application-autoscaling:RegisterScalableTarget'),
    ).map(({ Condition }) => Condition);
    expect(limits).toEqual([
      { StringEquals: { 'application-autoscaling:scalable-dimension': ['ecs:service:DesiredCount'] } },
      { StringEquals: { 'application-autoscaling:scalable-dimension': ['rds:cluster:ReadReplicaCount'] } },
    ]);
  });

  test('allows the actions that Application Auto Scaling validates only through AWS services', () => {
    const dbCluster = 'arn:aws:rds:eu-west-1:111122223333:cluster:orders-blue';
    const scalableTarget = 'arn:aws:application-autoscaling:eu-west-1:111122223333:scalable-target/*';
    const alarms = ['cloudwatch:DeleteAlarms', 'cloudwatch:DescribeAlarms', 'cloudwatch:PutMetricAlarm'];
    const viaServices = { Bool: { 'aws:ViaAWSService': ['true'] } };

    const { Statement } = iamPolicyFor(['AuroraTools.scaleIn'], { dbCluster, scalableTarget });

    expect(Statement).toContainEqual({
      Effect: 'Allow',
      Action: [
        ...alarms,
        'rds:AddTagsToResource',
        'rds:CreateDBInstance',
        'rds:DeleteDBInstance',
        'rds:DescribeDBInstances',
      ],
      Resource: ['*'],
      Condition: viaServices,
    });
    expect(Statement).toContainEqual({
      Effect: 'Allow',
      Action: ['rds:DescribeDBClusters'],
      Resource: [dbCluster],
      Condition: viaServices,
    });
    const others = Statement.filter(({ Condition }) => Condition?.['Bool'] === undefined);
    expect(others.flatMap(({ Action }) => Action).sort()).toEqual([
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:RegisterScalableTarget',
    ]);
    expect(iamPolicyFor(['EcsTools.enableService'], '*').Statement).toContainEqual({
      Effect: 'Allow',
      Action: alarms,
      Resource: ['*'],
      Condition: viaServices,
    });
    const unscaled = iamPolicyFor(['EcsTools.enableService'], '*', { without: ['scaledService'] });
    expect(JSON.stringify(unscaled)).not.toContain('cloudwatch');
  });

  test('allows roles to be passed to tasks only', () => {
    const { Statement } = iamPolicyFor(['EcsRollout.up'], '*');

    expect(Statement).toContainEqual({
      Effect: 'Allow',
      Action: ['iam:PassRole'],
      Resource: ['*'],
      Condition: { StringEquals: { 'iam:PassedToService': ['ecs-tasks.amazonaws.com'] } },
    });
  });

  test.each([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
    'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CDK
    '${Token[TOKEN.12]}',
    '*',
  ])('accepts %s as an ARN', (queue) => {
    expect(iamPolicyFor(['SqsTools.purgeQueues'], { queue }).Statement[0]?.Resource).toEqual([queue]);
  });

  test('throws InvalidInputError for arguments that cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const getter = Object.defineProperty({}, 'deploymentGroup', {
      enumerable: true,
      get: () => {
        throw new Error('no value');
      },
    });
    const policyFor = iamPolicyFor as (...args: unknown[]) => unknown;

    for (const args of [
      [proxy, '*'],
      [['codeDeployHook'], proxy],
      [['codeDeployHook'], getter],
      [['codeDeployHook'], { deploymentGroup: proxy }],
      [['codeDeployHook'], '*', proxy],
      [['codeDeployHook'], '*', { without: proxy }],
    ]) {
      expect(() => policyFor(...args)).toThrow(InvalidInputError);
    }
  });

  test('ignores kinds of resource that the methods do not use', () => {
    const policy = iamPolicyFor(['SqsTools.purgeQueues'], { queue: queues, table });

    expect(JSON.stringify(policy)).not.toContain('dynamodb');
  });

  test.each([
    ['an unknown method', () => loosely(['SqsTools.purge', 'SqsTools.purgeQueues'], '*'), ['methods[0]']],
    ['an inherited name', () => loosely(['toString'], '*'), ['methods[0]']],
    ['no list', () => loosely('SqsTools.purgeQueues', '*'), ['methods']],
    ['an unknown condition', () => loosely([], '*', { without: ['backups'] }), ['without[0]']],
    ['an unknown kind of resource', () => loosely([], { queues: '*' }), ['resources.queues']],
    ['no resources', () => loosely(['SqsTools.purgeQueues']), ['resources.queue']],
    ['null', () => loosely(['SqsTools.purgeQueues'], null), ['resources.queue']],
    ['a number', () => loosely(['SqsTools.purgeQueues'], 7n), ['resources']],
    ['an empty list', () => loosely(['SqsTools.purgeQueues'], { queue: [] }), ['resources.queue']],
    ['a name', () => loosely(['SqsTools.purgeQueues'], { queue: 'orders' }), ['resources.queue']],
    [
      'an ARN of another service',
      () => loosely(['SqsTools.purgeQueues'], { queue: table }),
      ['resources.queue'],
    ],
    [
      'everything at once',
      () => loosely(['x', 'DynamoTools.deleteTable'], { table, queue: 7 }, { without: 'backup' }),
      ['methods[0]', 'without', 'resources.queue', 'resources.backup'],
    ],
  ])('throws InvalidInputError for %s', (_what, act, fields) => {
    expect(problemsOf(act)).toEqual(fields);
  });
});
