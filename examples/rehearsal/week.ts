import type { StackPair } from 'aws-blue-green-toolkit/core';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';

const minute = 60_000;
const day = 1440 * minute;

/** The week of the demo, and the bad half hour of its database: milliseconds since 1970. */
export const week = {
  from: Date.parse('2026-03-02T00:00:00Z'),
  to: Date.parse('2026-03-09T00:00:00Z'),
  incident: { from: Date.parse('2026-03-04T14:00:00Z'), to: Date.parse('2026-03-04T14:30:00Z') },
} as const;

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';

/** Resources of the shop. */
export const shop: { readonly loadBalancerArn: string; readonly targetGroupArn: StackPair<string> } = {
  loadBalancerArn: `${arn}:loadbalancer/app/shop/1234567890abcdef`,
  targetGroupArn: {
    blue: `${arn}:targetgroup/shop-blue/1234567890abcdef`,
    green: `${arn}:targetgroup/shop-green/1234567890abcdef`,
  },
};

/** Share of requests that fail every day, and during the incident. */
const failureRates = { everyday: 0.005, incident: 0.2 } as const;

/**
 * Creates an AWS with the load-balancer metrics of a week: some 2,000 requests a minute, more by day than by night. Blue had the
 * traffic from Monday to Thursday, then green.
 */
export function simulateWeek(): SimulatedCloud {
  const cloud = new SimulatedCloud({ startAt: new Date(week.to + 5 * minute) });
  const random = randomNumbers(1);
  const minutes = Array.from({ length: (week.to - week.from) / minute }, (_, index) => {
    const at = week.from + index * minute;
    const requests = Math.round(2000 - 1000 * Math.cos((2 * Math.PI * (at % day)) / day));
    const isIncident = at >= week.incident.from && at < week.incident.to;
    const mean = requests * (isIncident ? failureRates.incident : failureRates.everyday);
    // The sum of 12 uniform numbers is almost normal, with the variance 1.
    const deviation = Array.from({ length: 12 }, random).reduce((total, it) => total + it, -6);
    const failures = Math.max(0, Math.round(mean + deviation * Math.sqrt(mean)));
    return { isBlue: index < 4 * 1440, requests, failures };
  });
  for (const stack of ['blue', 'green'] as const) {
    const own = minutes.map((it) => (it.isBlue === (stack === 'blue') ? it : undefined));
    const load = (metricName: string, values: (number | null)[]) =>
      cloud.cloudWatch.loadMetricSeries({
        namespace: 'AWS/ApplicationELB',
        metricName,
        dimensions: {
          TargetGroup: shop.targetGroupArn[stack].slice(`${arn}:`.length),
          LoadBalancer: 'app/shop/1234567890abcdef',
        },
        start: new Date(week.from),
        values,
      });
    load(
      'RequestCount',
      own.map((it) => it?.requests ?? null),
    );
    load(
      'HTTPCode_Target_5XX_Count',
      own.map((it) => it?.failures || null),
    );
  }
  return cloud;
}

/** Lehmer's generator: the same numbers in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
