import type {
  CloudWatchClient,
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  MessageData,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { collectPages } from '../../core/aws-call.js';
import { AccessDeniedError } from '../../core/errors.js';
import type { MetricPoint } from './judge-metric.js';
import { returnsData } from './metric-queries.js';
import type { MetricWindow } from './metric-window.js';

/** Paginator of the SDK, which the caller loads. */
export type PaginateMetricData = (
  config: { readonly client: CloudWatchClient; readonly stopOnSameToken: boolean },
  input: GetMetricDataCommandInput,
  http: { abortSignal?: AbortSignal },
) => AsyncIterable<GetMetricDataCommandOutput>;

/** Series of a response, with only the points of the window. */
export interface MetricSeries {
  readonly id: string;
  readonly points: readonly MetricPoint[];
  /** Status on the last page. */
  readonly statusCode: string | undefined;
  /** Message that a limit has truncated the whole response, while each series in it is `Complete`. */
  readonly limitation?: string;
}

/** Queries and window to read. */
export interface MetricReading {
  readonly queries: readonly MetricDataQuery[];
  readonly window: MetricWindow;
  readonly resource: string;
  readonly signal: AbortSignal | undefined;
}

const action = 'cloudwatch:GetMetricData';

/**
 * Reads every page. An expression can return several series under one Id, with different labels.
 *
 * @throws AccessDeniedError, also when CloudWatch responds with a series that is `Forbidden`.
 */
export async function readMetricSeries(
  { cloudWatch, paginate }: { readonly cloudWatch: CloudWatchClient; readonly paginate: PaginateMetricData },
  { queries, window, resource, signal }: MetricReading,
): Promise<MetricSeries[]> {
  const pages = await collectPages(
    { action, resource, signal },
    (http) =>
      paginate(
        { client: cloudWatch, stopOnSameToken: true },
        {
          MetricDataQueries: [...queries],
          StartTime: new Date(window.start),
          EndTime: new Date(window.end),
          ScanBy: 'TimestampAscending',
        },
        http,
      ),
    (page) => [page],
  );
  const pagesBySeries = new Map<string, MetricDataResult[]>();
  for (const result of pages.flatMap(({ MetricDataResults = [] }) => MetricDataResults)) {
    const key = JSON.stringify([result.Id, result.Label]);
    pagesBySeries.set(key, [...(pagesBySeries.get(key) ?? []), result]);
  }
  const limitation = textOf(pages.flatMap(({ Messages = [] }) => Messages));
  return [...pagesBySeries.values()].map((own) => ({
    ...toSeries(own, window, resource),
    ...(limitation && { limitation }),
  }));
}

/** Returns the points of all series, or of those of one query. */
export function pointsOf(series: readonly MetricSeries[], query?: string): MetricPoint[] {
  return series.filter(({ id }) => query === undefined || id === query).flatMap(({ points }) => points);
}

/** Describes why a response is incomplete. Returns undefined when every query that returns data has a complete series. */
export function describeIncomplete(
  series: readonly MetricSeries[],
  queries: readonly MetricDataQuery[],
): string | undefined {
  for (const { Id = '' } of queries.filter(returnsData)) {
    const own = series.filter(({ id }) => id === Id);
    if (own.length === 0) return `CloudWatch returned no result for the query ${Id}`;
    const incomplete = own.find(({ statusCode }) => statusCode !== 'Complete');
    if (incomplete !== undefined) {
      return `CloudWatch's response to the query ${Id} is incomplete: ${incomplete.statusCode ?? 'no status'}`;
    }
    const limited = own.find(({ limitation }) => limitation !== undefined);
    if (limited !== undefined) return `CloudWatch's response is truncated: ${limited.limitation}`;
  }
  return undefined;
}

/** The last page shows whether a series was read to its end: an earlier `PartialData` only announces more pages. */
function toSeries(pages: readonly MetricDataResult[], window: MetricWindow, resource: string): MetricSeries {
  const last = pages.at(-1);
  if (last?.StatusCode === 'Forbidden') {
    throw new AccessDeniedError({
      action,
      resource,
      cause: new Error(textOf(last.Messages) || last.StatusCode),
    });
  }
  return {
    id: last?.Id ?? '',
    statusCode: last?.StatusCode,
    points: pages.flatMap(toPoints).filter(({ at }) => at >= window.start && at < window.end),
  };
}

function textOf(messages: readonly MessageData[] = []): string {
  return messages.map(({ Value, Code }) => Value ?? Code ?? 'a message without text').join('; ');
}

function toPoints({ Timestamps = [], Values = [] }: MetricDataResult): MetricPoint[] {
  return Timestamps.flatMap((timestamp, index) => {
    const value = Values[index];
    return value === undefined ? [] : [{ at: timestamp.getTime(), value }];
  });
}
