/** Calls that one step of the whole-stack swap may make. */
export interface StepCalls {
  /** Calls of the tool's own method, whose read is also the look before the change. */
  readonly calls: readonly string[];
  /** Reads of the look after the change, which verifies it. */
  readonly verification: readonly string[];
  /** Length of the longest chain of calls of which each needs the previous response. */
  readonly roundTrips: number;
  /** Writes of the record: the claim and the result of each step. Steps side by side are claimed together. */
  readonly recordWrites: number;
  readonly because: string;
}

const readers = [
  'application-autoscaling:DescribeScalableTargets',
  'rds:DescribeDBClusters',
  'rds:DescribeDBInstances',
] as const;

const switched = [
  'cloudwatch:DescribeAlarms',
  'kinesis:DescribeStreamConsumer',
  'lambda:ListEventSourceMappings',
] as const;

const purge = ['sqs:GetQueueUrl', 'sqs:GetQueueUrl', 'sqs:PurgeQueue', 'sqs:PurgeQueue'] as const;

const minimumOfReaders: StepCalls = {
  calls: [
    'application-autoscaling:DescribeScalableTargets',
    'application-autoscaling:RegisterScalableTarget',
  ],
  verification: ['application-autoscaling:DescribeScalableTargets'],
  roundTrips: 3,
  recordWrites: 2,
  because: 'a target that already has the bounds is not written',
};

const filterPolicy: StepCalls = {
  calls: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
  verification: ['sns:GetSubscriptionAttributes'],
  roundTrips: 3,
  recordWrites: 2,
  because: 'the new filter policy contains the old one',
};

/**
 * Calls of each step of the whole-stack swap. A repeated step changes nothing and is not refused, so one read precedes each change. A
 * read after it verifies the change. CodeDeploy runs the missing steps.
 */
export const swapCalls: Readonly<Record<number, StepCalls>> = {
  1: {
    calls: ['rds:DescribeDBClusters', 'rds:StartDBCluster'],
    verification: ['rds:DescribeDBClusters'],
    roundTrips: 3,
    recordWrites: 2,
    because: 'RDS refuses to start a cluster that is not stopped',
  },
  2: {
    calls: [...readers, 'application-autoscaling:RegisterScalableTarget'],
    verification: readers,
    roundTrips: 5,
    recordWrites: 2,
    because:
      "the cluster has the members' roles, the instances their states, the target the maximum of the minimum; the bounds come first",
  },
  3: {
    calls: ['lambda:Invoke', ...purge],
    verification: [],
    roundTrips: 2,
    recordWrites: 3,
    because: 'a queue is purged by its URL; the purge is done after a minute, which no call shows',
  },
  4: filterPolicy,
  5: {
    calls: [
      ...switched,
      'cloudwatch:EnableAlarmActions',
      'kinesis:RegisterStreamConsumer',
      'lambda:UpdateEventSourceMapping',
    ],
    verification: switched,
    roundTrips: 3,
    recordWrites: 6,
    because: 'mappings and alarms are found by a list; three steps run side by side',
  },
  8: {
    calls: ['lambda:Invoke'],
    verification: [],
    roundTrips: 1,
    recordWrites: 2,
    because: 'the test is one invocation',
  },
  10: minimumOfReaders,
  11: filterPolicy,
  12: {
    calls: [
      ...switched,
      'cloudwatch:DisableAlarmActions',
      'kinesis:DeregisterStreamConsumer',
      'lambda:UpdateEventSourceMapping',
    ],
    verification: switched,
    roundTrips: 3,
    recordWrites: 4,
    because: 'as step 5; the consumer is deregistered by its ARN, which only Kinesis returns',
  },
  13: {
    calls: [
      ...minimumOfReaders.calls,
      'rds:DescribeDBClusters',
      'rds:StopDBCluster',
      'dynamodb:DescribeTable',
      'dynamodb:DeleteTable',
    ],
    verification: [...minimumOfReaders.verification, 'rds:DescribeDBClusters', 'dynamodb:DescribeTable'],
    roundTrips: 6,
    recordWrites: 6,
    because:
      'the minimum is lowered before the cluster stops, or a stopped cluster would be scaled; only a read shows that the table is deleted',
  },
  14: {
    calls: purge,
    verification: [],
    roundTrips: 2,
    recordWrites: 2,
    because: 'as step 3',
  },
};
