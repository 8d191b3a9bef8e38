import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** Creates the metric of the percentage of 5xx responses. CloudWatch has no data point for a minute without errors. */
export function errorRate(targetGroupArn: string, loadBalancerArn: string): MathExpression {
  const sumOf = (metricName: string) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      statistic: 'Sum',
      dimensionsMap: {
        TargetGroup: targetGroupArn.split(':').at(-1) ?? '',
        LoadBalancer: loadBalancerArn.split(':loadbalancer/').at(-1) ?? '',
      },
    });
  return new MathExpression({
    expression: 'FILL(errors, 0) / requests * 100',
    usingMetrics: { errors: sumOf('HTTPCode_Target_5XX_Count'), requests: sumOf('RequestCount') },
    // A step of the rollout takes one to two periods.
    period: Duration.minutes(1),
  });
}
