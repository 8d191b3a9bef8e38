import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { resolveClients } from '../../core/clients.js';
import { clientOptionsOf, type ParsedClientOptions } from '../../core/tool-options.js';
import { type MetricReading, type MetricSeries, readMetricSeries } from './metric-series.js';

/** Clients of the checks of CloudWatch metrics and alarms. */
export interface CloudWatchCheckClients {
  /** Amazon CloudWatch. */
  readonly cloudWatch: CloudWatchClient;
}

export function cloudWatchOf(options: ParsedClientOptions): CloudWatchClient {
  return resolveClients<CloudWatchCheckClients>(clientOptionsOf(options), { cloudWatch: CloudWatchClient })
    .cloudWatch;
}

/**
 * Reads every page.
 *
 * @throws AccessDeniedError, also when CloudWatch responds with a series that is `Forbidden`.
 */
export function readMetricData(
  cloudWatch: CloudWatchClient,
  reading: MetricReading,
): Promise<MetricSeries[]> {
  return readMetricSeries({ cloudWatch, paginate: paginateGetMetricData }, reading);
}
