import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { UnexpectedResponseError } from '../../core/errors.js';
import { describeIncomplete } from '../checks/metric-series.js';
import type { MetricWindow } from '../checks/metric-window.js';
import { readMetricData } from '../checks/read-metric-data.js';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const maxQueries = 500;
const maxDataPoints = 100_800;

/** Values of a metric by the start of their periods: milliseconds since 1970. */
export type PastValues = ReadonlyMap<number, number>;

/** Queries of the metrics to read, grouped into calls that each have a single page. */
export interface ReadingPlan {
  readonly window: MetricWindow;
  readonly calls: readonly (readonly MetricDataQuery[])[];
  readonly metrics: number;
  /** Data points when no period is without one. */
  readonly dataPoints: number;
}

/** Groups the metrics into as few calls as possible. A further page of a call would request all its metrics again. */
export function planReading(queries: readonly MetricDataQuery[], window: MetricWindow): ReadingPlan {
  const calls: MetricDataQuery[][] = [];
  let [points, dataPoints] = [0, 0];
  const unique = [...new Map(queries.map((query) => [keyOfMetric(query), query])).values()];
  for (const query of unique) {
    const own = Math.ceil((window.end - window.start) / (periodSecondsOf(query) * 1000));
    const last = calls.at(-1);
    dataPoints += own;
    if (last !== undefined && last.length < maxQueries && points + own <= maxDataPoints) {
      last.push(query);
      points += own;
    } else {
      calls.push([query]);
      points = own;
    }
  }
  return { window, calls, metrics: unique.length, dataPoints };
}

/** Options of {@link readPast}. */
interface ReadPastOptions {
  readonly cloudWatch: CloudWatchClient;
  readonly signal: AbortSignal | undefined;
  readonly onCall: (made: number) => unknown;
}

/**
 * Reads the metrics of a plan, by {@link keyOfMetric}.
 *
 * @throws AccessDeniedError without the permission; UnexpectedResponseError when CloudWatch returns a metric only in part.
 */
export async function readPast(
  { window, calls }: ReadingPlan,
  { cloudWatch, signal, onCall }: ReadPastOptions,
): Promise<Map<string, PastValues>> {
  const past = new Map<string, PastValues>();
  for (const [index, call] of calls.entries()) {
    const queries = call.map(({ MetricStat }, at) => ({ Id: `m${at}`, MetricStat }));
    const series = await readMetricData(cloudWatch, { queries, window, resource: 'rehearsal', signal });
    const actual = describeIncomplete(series, queries);
    if (actual !== undefined)
      throw new UnexpectedResponseError({
        action: 'cloudwatch:GetMetricData',
        resource: 'rehearsal',
        field: 'MetricDataResults, complete',
        actual,
      });
    for (const [at, query] of call.entries()) {
      const points = series.filter(({ id }) => id === `m${at}`).flatMap((it) => it.points);
      past.set(keyOfMetric(query), new Map(points.map((point) => [point.at, point.value])));
    }
    await onCall(index + 1);
  }
  return past;
}

/** Identifies a statistic of a metric, whatever the order of its dimensions. */
export function keyOfMetric({ MetricStat, AccountId }: MetricDataQuery): string {
  const { Metric, Period, Stat, Unit } = MetricStat ?? {};
  const dimensions = (Metric?.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`).sort();
  return JSON.stringify([
    Metric?.Namespace,
    Metric?.MetricName,
    dimensions,
    Period,
    Stat,
    Unit ?? '',
    AccountId ?? '',
  ]);
}

export function periodSecondsOf({ MetricStat }: MetricDataQuery): number {
  return MetricStat?.Period ?? 60;
}

const day = 86_400;

/** Returns the seconds for which CloudWatch keeps data points of a period. */
export function retentionSecondsOf(periodSeconds: number): number {
  if (periodSeconds % 3600 === 0) return 455 * day;
  if (periodSeconds % 300 === 0) return 63 * day;
  return periodSeconds % 60 === 0 ? 15 * day : 10_800;
}
