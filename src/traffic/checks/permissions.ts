import type { MethodPermissions } from '../../core/permissions.js';

const getMetricData = { action: 'cloudwatch:GetMetricData', resources: '*' } as const;

export const checkPermissions = {
  albTargetGroup5xxRate: [getMetricData],
  albTargetGroupLatency: [getMetricData],
  albUnhealthyHosts: [getMetricData],
  cloudWatchAlarms: [
    {
      action: 'cloudwatch:DescribeAlarms',
      resources: '*',
      because: {
        why: 'with narrower resources, CloudWatch returns no composite alarms',
        source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html',
      },
    },
  ],
  cloudWatchMetric: [getMetricData],
  customCheck: [],
  datadogMetric: [],
  ecsAppMesh5xx: [getMetricData],
  httpCheck: [],
  lambdaAliasErrorRate: [getMetricData],
  lambdaCheck: [{ action: 'lambda:InvokeFunction', resources: ['function'] }],
  metricComparison: [getMetricData],
} as const satisfies MethodPermissions;
