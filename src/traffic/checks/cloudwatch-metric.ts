import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import type { ClientOptions } from '../../core/clients.js';
import { strictObject } from '../../core/schemas.js';
import { clientOptionsEntries } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { Check } from '../types.js';
import {
  areBounds,
  type BoundOptions,
  boundEntries,
  type CheckOptions,
  checkEntries,
  missingDataEntries,
  type NoDataOutcome,
  ofStack,
  type PerStack,
  perStack,
} from './check-options.js';
import { judgePoints } from './judge-metric.js';
import { type MetricWindowOptions, metricCheck, windowEntries } from './metric-check.js';
import { isOneSeries, maxPeriodOf, namespacesOf, queriesSchema } from './metric-queries.js';
import { pointsOf } from './metric-series.js';
import { type CloudWatchCheckClients, cloudWatchOf } from './read-metric-data.js';
import { requireFittingWindow } from './window-fits.js';

/** Options for missing data points. */
export interface MissingDataOptions {
  /**
   * Data points that the window needs for a `pass`. Fewer are `inconclusive`, unless one is out of bounds.
   * @default 1
   */
  readonly minimumSamples?: number | undefined;
  /**
   * Outcome without any data, when CloudWatch's response is complete. The option does not apply to a partial response, an
   * internal error or a missing permission: those are never `pass`.
   * @default 'inconclusive'
   */
  readonly noData?: NoDataOutcome | undefined;
}

/** Options of {@link cloudWatchMetric}. */
export type CloudWatchMetricOptions = CheckOptions &
  BoundOptions &
  MetricWindowOptions &
  MissingDataOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** CloudWatch's own queries, metrics or metric math, of which exactly one returns data; or those of each stack. */
    readonly queries: PerStack<readonly MetricDataQuery[]>;
  };

const optionsSchema = v.pipe(
  strictObject({
    ...checkEntries,
    ...windowEntries,
    ...clientOptionsEntries,
    queries: perStack(queriesSchema),
    ...boundEntries,
    ...missingDataEntries,
  }),
  v.forward(
    v.check((bounds) => areBounds(bounds), 'a min, a max, or both with min below max'),
    ['max'],
  ),
);

/**
 * Checks a metric, or a metric-math expression, against a lower bound, an upper bound or both. Every data point of the window
 * must be within the bounds: an average would let good minutes hide a bad one.
 *
 * Only whole periods since the present weights were verified are judged, so no verdict comes from older traffic, and the
 * newest period is left out until it is over. A response that is not complete is `inconclusive`; a missing permission throws.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, when not exactly one query returns data, or when
 * the window is too short for the queries.
 * @example
 * ```ts
 * import { cloudWatchMetric } from 'aws-blue-green-toolkit/traffic';
 *
 * const queueAge = cloudWatchMetric({
 *   name: 'age of the oldest order',
 *   queries: [
 *     {
 *       Id: 'age',
 *       MetricStat: {
 *         Metric: {
 *           Namespace: 'AWS/SQS',
 *           MetricName: 'ApproximateAgeOfOldestMessage',
 *           Dimensions: [{ Name: 'QueueName', Value: 'orders-green' }],
 *         },
 *         Period: 60,
 *         Stat: 'Maximum',
 *       },
 *     },
 *   ],
 *   max: 30,
 *   windowSeconds: 300,
 * });
 * ```
 */
export function cloudWatchMetric(options: CloudWatchMetricOptions): Check {
  const subject = 'cloudWatchMetric options';
  const settings = parseInput(subject, optionsSchema, options);
  const { queries, minimumSamples } = settings;
  const plan = { ...settings, periodSeconds: maxPeriodOf(queries) };
  requireFittingWindow(subject, {
    ...plan,
    namespaces: namespacesOf(queries),
    minimumSamples: isOneSeries(queries) ? minimumSamples : undefined,
  });
  return metricCheck({
    ...plan,
    cloudWatch: cloudWatchOf(settings),
    queriesOf: ({ incoming }) => ofStack<readonly MetricDataQuery[]>(queries, incoming),
    judge: (series, window) => judgePoints(pointsOf(series), { ...settings, window }),
  });
}
