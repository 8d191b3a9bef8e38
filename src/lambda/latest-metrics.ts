import type { Dimension, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { AwsCall } from '../core/aws-call.js';
import { AccessDeniedError, UnexpectedResponseError } from '../core/errors.js';
import { withoutUndefined } from '../core/without-undefined.js';
import { qualifiedName } from './function-names.js';
import type {
  LambdaMetricStatistics,
  LambdaStackOptions,
  LatestLambdaMetrics,
  LatestMetric,
} from './types.js';

/** Maximum age of the newest data point, in seconds. */
export const metricsWindowSeconds = 300;

const periodSeconds = 60;

const statistics: LambdaMetricStatistics = {
  IteratorAge: 'Maximum',
  Errors: 'Sum',
  ConcurrentExecutions: 'Maximum',
  Invocations: 'Sum',
  Duration: 'Average',
  Throttles: 'Sum',
};

const metricNames = Object.keys(statistics) as (keyof LambdaMetricStatistics)[];

/** One query for each metric of the function, or of its alias. */
export function metricQueries(stack: LambdaStackOptions): MetricDataQuery[] {
  const dimensions: Dimension[] = [{ Name: 'FunctionName', Value: stack.functionName }];
  if (stack.alias !== undefined) dimensions.push({ Name: 'Resource', Value: qualifiedName(stack) });
  return metricNames.map((name) => ({
    Id: idOf(name),
    MetricStat: {
      Metric: { Namespace: 'AWS/Lambda', MetricName: name, Dimensions: dimensions },
      Period: periodSeconds,
      Stat: statistics[name],
    },
  }));
}

/**
 * The newest data point of each metric in the results of all pages, newest page last.
 *
 * @throws UnexpectedResponseError when data of a metric is missing; AccessDeniedError when access to a metric is forbidden.
 */
export function pickLatest(results: readonly MetricDataResult[], call: AwsCall): LatestLambdaMetrics {
  const entries = metricNames.map((name) => {
    const pages = results.filter(({ Id }) => Id === idOf(name));
    requireComplete(name, pages.at(-1), call);
    return [name, newest(pages, statistics[name])] as const;
  });
  return withoutUndefined<LatestLambdaMetrics>(Object.fromEntries(entries));
}

/** Checks the last page of a metric, because `PartialData` on an earlier page only announces more data. */
function requireComplete(name: string, last: MetricDataResult | undefined, call: AwsCall): void {
  const status = last?.StatusCode;
  if (status === 'Complete') return;
  if (status === 'Forbidden') {
    const reasons = last?.Messages?.map(({ Value }) => Value).join('; ');
    throw new AccessDeniedError({ ...call, cause: new Error(`${name}: ${reasons || status}`) });
  }
  throw new UnexpectedResponseError({ ...call, field: `${name} with StatusCode Complete`, actual: status });
}

function newest<Statistic extends string>(
  pages: readonly MetricDataResult[],
  statistic: Statistic,
): LatestMetric<Statistic> | undefined {
  let latest: LatestMetric<Statistic> | undefined;
  for (const { Timestamps = [], Values = [] } of pages) {
    for (const [index, timestamp] of Timestamps.entries()) {
      const value = Values[index];
      if (value !== undefined && (latest === undefined || timestamp > latest.timestamp))
        latest = { timestamp, value, statistic };
    }
  }
  return latest;
}

/** CloudWatch requires an Id that begins with a lower-case letter. */
function idOf(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
