import type { CallRate } from 'aws-blue-green-toolkit/testing';

/** A rate at which AWS throttles, with the page that documents it. */
export interface DocumentedRate extends CallRate {
  readonly source: string;
}

/**
 * Default rates per account and region. AWS does not document the burst; one second's worth is assumed. For SQS, RDS and
 * Application Auto Scaling it documents no rate of these calls.
 */
export const awsRates: readonly DocumentedRate[] = [
  {
    actions: ['lambda:*'],
    perSecond: 15,
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  },
  {
    actions: ['cloudwatch:DescribeAlarms'],
    perSecond: 9,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html',
  },
  {
    actions: ['cloudwatch:EnableAlarmActions'],
    perSecond: 3,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html',
  },
  {
    actions: ['cloudwatch:DisableAlarmActions'],
    perSecond: 3,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html',
  },
  {
    actions: ['events:*'],
    perSecond: 50,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/events/cloudwatch_limits_cwe.html',
  },
];

/**
 * Default rates of the calls of a fleet of shifts. AWS documents ELB's bucket for reads only (40, refilled with 10 per second) and
 * none for writes, so the worst case is assumed: all calls share it.
 */
export const fleetRates: readonly DocumentedRate[] = [
  {
    actions: ['elasticloadbalancing:*'],
    perSecond: 10,
    burst: 40,
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html',
  },
  {
    actions: ['cloudwatch:GetMetricData'],
    perSecond: 50,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html',
  },
];
