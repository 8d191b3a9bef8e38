import type { MethodPermissions } from '../../core/permissions.js';

const getMetricData = { action: 'cloudwatch:GetMetricData', resources: '*' } as const;

export const checkPermissions = {
  albErrorRateRegression: [getMetricData],
  albSlowRequestRegression: [getMetricData],
  albTargetGroup5xxRate: [getMetricData],
  albTargetGroupLatency: [getMetricData],
  albUnhealthyHosts: [getMetricData],
  apiGatewayErrorRateRegression: [getMetricData],
  appMeshErrorRateRegression: [getMetricData],
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
  errorRateRegression: [getMetricData],
  httpCheck: [],
  lambdaAliasErrorRate: [getMetricData],
  lambdaAliasErrorRateRegression: [getMetricData],
  lambdaCheck: [{ action: 'lambda:InvokeFunction', resources: ['function'] }],
  latticeErrorRateRegression: [getMetricData],
  metricComparison: [getMetricData],
} as const satisfies MethodPermissions;
