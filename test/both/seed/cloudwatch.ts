import { PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Backend } from '../../support/backend.js';

/** Creates a metric alarm; moto cannot create composite ones. */
export async function seedAlarm(
  { cloud, clients }: Backend,
  name: string,
  actionsEnabled: boolean,
): Promise<void> {
  if (cloud !== undefined) {
    cloud.cloudWatch.addAlarm({ name, actionsEnabled });
    return;
  }
  await clients.cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      ActionsEnabled: actionsEnabled,
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
}

/** Puts one value of a metric of a function. */
export async function seedFunctionMetric(
  { cloud, clients }: Backend,
  options: { metricName: string; dimensions: Readonly<Record<string, string>>; at: Date; value: number },
): Promise<void> {
  const { metricName, dimensions, at, value } = options;
  if (cloud !== undefined) {
    cloud.cloudWatch.addDataPoint({ namespace: 'AWS/Lambda', ...options });
    return;
  }
  const datum = {
    MetricName: metricName,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Timestamp: at,
    Value: value,
  };
  await clients.cloudWatch.send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: [datum] }));
}
