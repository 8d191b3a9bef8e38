import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { lazyClient, type ReadyClients } from '../core/lazy-client.js';
import { cloudWatchModule } from '../core/sdk-modules-of-gates.js';
import { describeIncomplete, pointsOf, readMetricSeries } from '../traffic/checks/metric-series.js';

/** One metric of a service, in periods of a minute. */
export interface GateMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values of one metric within a window, oldest first, or the reason why they are unknown. */
export type MetricValues =
  | { readonly values: readonly { readonly at: number; readonly value: number }[] }
  | { readonly unknown: string };

/** Reads metrics of CloudWatch. */
export type ReadMetrics = (
  metrics: readonly GateMetric[],
  window: { readonly start: number; readonly end: number },
  call: { readonly resource: string; readonly signal: AbortSignal },
) => Promise<readonly MetricValues[]>;

/** Seconds of one value. */
export const periodSeconds = 60;

/** The most queries in one call. */
const maxQueries = 500;

/** Returns a function that reads the maximum of each minute. It imports the CloudWatch client at its first call. */
export function metricReader({
  ready,
  config,
}: ReadyClients<{ readonly cloudWatch: CloudWatchClient }>): ReadMetrics {
  const load = lazyClient(
    cloudWatchModule,
    { ready: ready.cloudWatch, config },
    (sdk) => sdk.CloudWatchClient,
  );
  return async (metrics, window, call) => {
    const { sdk, client } = await load();
    const queries = metrics.slice(0, maxQueries).map((metric, index) => queryOf(metric, `m${index}`));
    const source = { cloudWatch: client, paginate: sdk.paginateGetMetricData };
    const series = await readMetricSeries(source, { queries, window, ...call });
    return queries.map((query) => {
      const unknown = describeIncomplete(series, [query]);
      return unknown === undefined ? { values: pointsOf(series, query.Id) } : { unknown };
    });
  };
}

function queryOf({ namespace, metricName, dimensions }: GateMetric, id: string) {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: 'Maximum',
    },
  };
}

/** Returns the highest value, or the reason why it is unknown. No data, and a value that is not finite, are unknown. */
export function highestOf(read: MetricValues | undefined, windowSeconds: number): number | string {
  if (read === undefined) return 'CloudWatch returned no result';
  if ('unknown' in read) return read.unknown;
  if (read.values.length === 0) return `no data in the last ${windowSeconds} s`;
  const highest = Math.max(...read.values.map(({ value }) => value));
  // One value that is no number makes the highest one unknown.
  return Number.isFinite(highest) ? highest : `CloudWatch returned the value ${highest}`;
}
