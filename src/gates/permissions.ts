import type { MethodPermissions } from '../core/permissions.js';

const metrics = { action: 'cloudwatch:GetMetricData', resources: '*' } as const;

/** IAM permissions of the gates. */
export const gatePermissions = {
  changeCalendarOpen: [{ action: 'ssm:GetCalendarState', resources: ['changeCalendar'] }],
  functionReady: [
    { action: 'lambda:GetFunctionConfiguration', resources: ['function'] },
    { action: 'lambda:GetProvisionedConcurrencyConfig', resources: ['function'], when: 'qualifier' },
  ],
  httpHealthy: [],
  queueDrained: [
    { action: 'sqs:GetQueueUrl', resources: ['queue'] },
    { action: 'sqs:GetQueueAttributes', resources: ['queue'] },
    { ...metrics, when: 'deadLetters' },
  ],
  replicaLag: [{ action: 'rds:DescribeDBClusters', resources: ['dbCluster'] }, metrics],
  rowParity: [
    { action: 'rds-data:ExecuteStatement', resources: ['dbCluster'] },
    {
      action: 'secretsmanager:GetSecretValue',
      resources: ['databaseSecret'],
      notCalled: {
        why: "the Data API reads the secret with the caller's permissions",
        source: 'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html',
      },
    },
  ],
  streamCaughtUp: [{ action: 'lambda:ListEventSourceMappings', resources: '*' }, metrics],
} as const satisfies MethodPermissions;
