import type { IMetric, MetricConfig, MetricStatConfig } from 'aws-cdk-lib/aws-cloudwatch';
import { invalidInput } from '../core/errors.js';

/** One entry of CloudWatch's `MetricDataQueries`. */
type Query = Readonly<Record<string, unknown>>;

/**
 * Converts a metric of the CDK, or a math expression of metrics, to CloudWatch's metric data queries. Only the metric itself returns data.
 *
 * @throws InvalidInputError for a search expression, and for a metric of another account or Region.
 */
export function queriesOf(metric: IMetric, field: string): readonly Query[] {
  const queries = new Map<string, Query>();
  add(metric, 'judged', true);
  return [...queries.values()];

  function add(each: IMetric, id: string, isReturned: boolean): void {
    const config = each.toMetricConfig();
    const known = queries.get(id);
    const query = { Id: id, ...queryValueOf(config, field), ReturnData: isReturned };
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(query))
      throw invalidInput('ManagedListenerRule props', {
        field,
        expected: 'one metric for each name in usingMetrics',
        actual: `two metrics named ${id}`,
      });
    queries.set(id, query);
    for (const [name, used] of Object.entries(config.mathExpression?.usingMetrics ?? {}))
      add(used, name, false);
  }
}

function queryValueOf({ metricStat, mathExpression }: MetricConfig, field: string): Query {
  if (metricStat !== undefined) return { MetricStat: statOf(metricStat, field) };
  if (mathExpression !== undefined)
    return { Expression: mathExpression.expression, Period: mathExpression.period };
  throw unsupported(field, 'a search expression');
}

function statOf(stat: MetricStatConfig, field: string): Query {
  if (stat.regionOverride !== undefined || stat.accountOverride !== undefined)
    throw unsupported(field, 'a metric of another account or Region');
  const { namespace, metricName, dimensions = [], period, statistic, unitFilter } = stat;
  return {
    Metric: {
      Namespace: namespace,
      MetricName: metricName,
      Dimensions: dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
    },
    Period: period.toSeconds(),
    Stat: statistic,
    ...(unitFilter !== undefined && { Unit: unitFilter }),
  };
}

function unsupported(field: string, actual: string) {
  const expected = 'a metric of this account and Region, or a math expression of such metrics';
  return invalidInput('ManagedListenerRule props', { field, expected, actual });
}
