/** The fewest calls with which a step can be carried out, and why it takes these. */
export interface Minimum {
  readonly calls: readonly string[];
  /** The longest row of calls of which each needs the answer of the one before. */
  readonly roundTrips: number;
  readonly because: string;
}

/**
 * The least that the APIs allow for each step of the whole-stack swap, given what the package promises: a step that is
 * repeated changes nothing and is refused nothing, so each change is preceded by one read; and a step that waits looks once
 * more at the end. CodeDeploy carries out the steps which are left out.
 */
export const swapMinimum: Readonly<Record<number, Minimum>> = {
  1: {
    calls: ['rds:DescribeDBClusters', 'rds:StartDBCluster', 'rds:DescribeDBClusters'],
    roundTrips: 3,
    because: 'RDS refuses to start a cluster that is not stopped; only a look tells that it is available',
  },
  2: {
    calls: [
      'rds:DescribeDBClusters',
      'rds:DescribeDBInstances',
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:RegisterScalableTarget',
    ],
    roundTrips: 2,
    because:
      "the cluster tells the members' roles, the instances their states, the target the maximum that the minimum may not pass: three reads side by side, one write",
  },
  3: {
    calls: [
      'lambda:Invoke',
      'sqs:GetQueueUrl',
      'sqs:GetQueueUrl',
      'sqs:PurgeQueue',
      'sqs:PurgeQueue',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueAttributes',
    ],
    roundTrips: 3,
    because: 'a queue is purged by its URL, and only its count tells that it is empty',
  },
  4: {
    calls: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
    roundTrips: 2,
    because: 'the new filter policy is made of the old one',
  },
  5: {
    calls: [
      'lambda:ListEventSourceMappings',
      'lambda:UpdateEventSourceMapping',
      'lambda:ListEventSourceMappings',
      'kinesis:DescribeStreamConsumer',
      'kinesis:RegisterStreamConsumer',
      'kinesis:DescribeStreamConsumer',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:EnableAlarmActions',
    ],
    roundTrips: 3,
    because:
      'mappings and alarms are found by a list; a mapping and a consumer are waited for, which takes one more read each',
  },
  8: { calls: ['lambda:Invoke'], roundTrips: 1, because: 'the test is one function' },
  10: {
    calls: [
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:RegisterScalableTarget',
    ],
    roundTrips: 2,
    because: 'a target that has the bounds already is not written',
  },
  11: {
    calls: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
    roundTrips: 2,
    because: 'the filter policy is kept in the one that disables',
  },
  12: {
    calls: [
      'lambda:ListEventSourceMappings',
      'lambda:UpdateEventSourceMapping',
      'lambda:ListEventSourceMappings',
      'kinesis:DescribeStreamConsumer',
      'kinesis:DeregisterStreamConsumer',
      'kinesis:DescribeStreamConsumer',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:DisableAlarmActions',
    ],
    roundTrips: 3,
    because: 'as step 5; the consumer is deregistered by its ARN, which only Kinesis tells',
  },
  13: {
    calls: [
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:RegisterScalableTarget',
      'rds:DescribeDBClusters',
      'rds:StopDBCluster',
      'rds:DescribeDBClusters',
      'dynamodb:DescribeTable',
      'dynamodb:DeleteTable',
      'dynamodb:DescribeTable',
    ],
    roundTrips: 5,
    because:
      'the minimum goes down before the cluster stops, or a stopped cluster would be scaled; only a read shows that the table is gone',
  },
  14: {
    calls: ['sqs:GetQueueUrl', 'sqs:GetQueueUrl', 'sqs:PurgeQueue', 'sqs:PurgeQueue'],
    roundTrips: 2,
    because: 'a queue is purged by its URL',
  },
};

/** The calls of the hooks outside of the fifteen steps: five answers to CodeDeploy, and the last look before the traffic moves. */
export const betweenStepsMinimum: Minimum = {
  calls: [
    'rds:DescribeDBClusters',
    'lambda:ListEventSourceMappings',
    'sns:GetSubscriptionAttributes',
    ...Array.from({ length: 5 }, () => 'codedeploy:PutLifecycleEventHookExecutionStatus'),
  ],
  roundTrips: 6,
  because: 'every hook answers CodeDeploy; the last gate looks at three things side by side',
};
