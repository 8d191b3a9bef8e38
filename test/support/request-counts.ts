import type { SimulatedCloud } from '../../src/testing/index.js';

/** Requests of one stack in one minute. */
export interface MinuteOfRequests {
  readonly stack: 'blue' | 'green';
  /** Start of the minute: milliseconds since 1970. */
  readonly start: number;
  readonly requests: number;
  readonly failures: number;
  /** Seconds after the end of the minute at which CloudWatch shows its counts. */
  readonly lateSeconds?: number;
}

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';

/** Target groups and load balancer of the counts, as options of the checks. */
export const countedTargetGroups = {
  targetGroupArn: {
    blue: `${arn}:targetgroup/blue/138dc51089e322f9`,
    green: `${arn}:targetgroup/green/138dc51089e322f9`,
  },
  loadBalancerArn: `${arn}:loadbalancer/app/shop/14f06032761c98f0`,
};

/** Adds the counts of a load balancer. As in AWS, there is no data point of 0 failures or of 0 requests. */
export function addRequests(
  { cloudWatch }: Pick<SimulatedCloud, 'cloudWatch'>,
  { stack, start, requests, failures, lateSeconds = 0 }: MinuteOfRequests,
): void {
  const add = (metricName: string, value: number) => {
    if (value === 0) return;
    cloudWatch.addDataPoint({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensions: {
        TargetGroup: `targetgroup/${stack}/138dc51089e322f9`,
        LoadBalancer: 'app/shop/14f06032761c98f0',
      },
      at: new Date(start),
      visibleAt: new Date(start + (60 + lateSeconds) * 1000),
      value,
    });
  };
  add('RequestCount', requests);
  add('HTTPCode_Target_5XX_Count', failures);
}
