/** Minimum calls of a step, with the reason. */
export interface Minimum {
  readonly calls: readonly string[];
  /** Length of the longest chain of calls of which each needs the previous response. */
  readonly roundTrips: number;
  readonly because: string;
}

/**
 * Minimum calls of each step of the whole-stack swap, given the guarantees of the package. A repeated step changes nothing and is not
 * refused, so one read precedes each change. A step that waits reads once more at the end. CodeDeploy runs the missing steps.
 */
export const swapMinimum: Readonly<Record<number, Minimum>> = {
  1: {
    calls: ['rds:DescribeDBClusters', 'rds:StartDBCluster', 'rds:DescribeDBClusters'],
    roundTrips: 3,
    because: 'RDS refuses to start a cluster that is not stopped; only a read shows that it is available',
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
      "the cluster has the members' roles, the instances their states, the target the maximum of the minimum: three concurrent reads, one write",
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
    because: 'a queue is purged by its URL, and only its count shows that it is empty',
  },
  4: {
    calls: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
    roundTrips: 2,
    because: 'the new filter policy extends the old one',
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
      'mappings and alarms are found by a list; waiting for a mapping and for a consumer takes one more read each',
  },
  8: { calls: ['lambda:Invoke'], roundTrips: 1, because: 'the test is one invocation' },
  10: {
    calls: [
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:RegisterScalableTarget',
    ],
    roundTrips: 2,
    because: 'a target that already has the bounds is not written',
  },
  11: {
    calls: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
    roundTrips: 2,
    because: 'the disabling policy contains the filter policy',
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
    because: 'as step 5; the consumer is deregistered by its ARN, which only Kinesis returns',
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
      'the minimum is lowered before the cluster stops, or a stopped cluster would be scaled; only a read shows that the table is deleted',
  },
  14: {
    calls: ['sqs:GetQueueUrl', 'sqs:GetQueueUrl', 'sqs:PurgeQueue', 'sqs:PurgeQueue'],
    roundTrips: 2,
    because: 'a queue is purged by its URL',
  },
};

/** Minimum calls of the hooks outside the fifteen steps: five reports to CodeDeploy, and the verification before the traffic moves. */
export const betweenStepsMinimum: Minimum = {
  calls: [
    'rds:DescribeDBClusters',
    'lambda:ListEventSourceMappings',
    'sns:GetSubscriptionAttributes',
    ...Array.from({ length: 5 }, () => 'codedeploy:PutLifecycleEventHookExecutionStatus'),
  ],
  roundTrips: 6,
  because: 'every hook reports to CodeDeploy; the last gate makes three concurrent reads',
};
