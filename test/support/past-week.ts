import { SimulatedCloud } from '../../src/testing/index.js';

const minute = 60_000;

/** Beginning and end of the simulated week: milliseconds since 1970. */
export const week = { from: Date.parse('2026-03-02T00:00:00Z'), to: Date.parse('2026-03-09T00:00:00Z') };

export const loadBalancerArn =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1234567890abcdef';
export const targetGroupArns = {
  blue: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-blue/1234567890abcdef',
  green: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-green/1234567890abcdef',
};

/** One minute of the live stack. */
export interface PastMinute {
  readonly requests: number | null;
  readonly failures: number | null;
}

/** Returns a minute of 2,000 requests of which 0.5 % fail; the count of failures repeats every 7 minutes. */
export function everydayMinute(at: number): PastMinute {
  return { requests: 2000, failures: 7 + ((at / minute) % 7) };
}

/** Creates a cloud at the end of the week, with the load-balancer metrics of both stacks. */
export function pastWeek(
  minutes: { readonly blue?: (at: number) => PastMinute; readonly green?: (at: number) => PastMinute } = {
    blue: everydayMinute,
  },
): SimulatedCloud {
  const cloud = new SimulatedCloud({ startAt: new Date(week.to + 10 * minute) });
  const times = Array.from(
    { length: (week.to - week.from) / minute },
    (_, index) => week.from + index * minute,
  );
  for (const stack of ['blue', 'green'] as const) {
    const of = minutes[stack];
    if (of === undefined) continue;
    const past = times.map(of);
    const TargetGroup = targetGroupArns[stack].replace(/^.*:/, '');
    const series = {
      namespace: 'AWS/ApplicationELB',
      dimensions: { TargetGroup, LoadBalancer: 'app/shop/1234567890abcdef' },
      start: new Date(week.from),
    };
    const load = (metricName: string, values: (number | null)[]) =>
      cloud.cloudWatch.loadMetricSeries({ ...series, metricName, values });
    load(
      'RequestCount',
      past.map(({ requests }) => requests),
    );
    load(
      'HTTPCode_Target_5XX_Count',
      past.map(({ failures }) => failures),
    );
  }
  return cloud;
}
