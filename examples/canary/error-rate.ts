import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { StackPair } from 'aws-blue-green-toolkit/core';
import type { Check } from 'aws-blue-green-toolkit/traffic';

export function errorRate({
  loadBalancerArn,
  targetGroupArns,
  highestErrorPercent,
  clients,
}: {
  loadBalancerArn: string;
  targetGroupArns: StackPair<string>;
  highestErrorPercent: number;
  clients?: { cloudWatch?: CloudWatchClient } | undefined;
}): Check {
  const cloudWatch = clients?.cloudWatch ?? new CloudWatchClient();
  return {
    name: '5xx rate',
    async evaluate({ incoming, now }) {
      const end = now - (now % 60_000);
      const query = (Id: string, MetricName: string) => ({
        Id,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/ApplicationELB',
            MetricName,
            Dimensions: [
              { Name: 'TargetGroup', Value: targetGroupArns[incoming].split(':').at(-1) },
              { Name: 'LoadBalancer', Value: loadBalancerArn.split(':loadbalancer/').at(-1) },
            ],
          },
          Period: 60,
          Stat: 'Sum',
        },
      });
      const { MetricDataResults = [] } = await cloudWatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(end - 60_000),
          EndTime: new Date(end),
          MetricDataQueries: [query('r', 'RequestCount'), query('e', 'HTTPCode_Target_5XX_Count')],
        }),
      );
      const requests = MetricDataResults[0]?.Values?.[0] ?? 0;
      const errors = MetricDataResults[1]?.Values?.[0] ?? 0;
      if (requests === 0) return { outcome: 'inconclusive', detail: 'no requests' };
      const value = (errors / requests) * 100;
      return {
        outcome: value > highestErrorPercent ? 'fail' : 'pass',
        value,
        detail: `${value.toFixed(1)} % of the requests were answered with a 5xx; at most ${highestErrorPercent} %`,
      };
    },
  };
}
