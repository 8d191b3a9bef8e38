import { CloudWatchClient, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { positiveCount } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { Check } from '../types.js';
import {
  areBounds,
  type BoundOptions,
  type CheckOptions,
  checkFields,
  finiteNumber,
  type NoDataOutcome,
  noDataOutcome,
  ofStack,
  type PerStack,
  perStack,
} from './check-options.js';
import { judgePoints } from './judge-metric.js';
import {
  type MetricWindowOptions,
  metricCheck,
  type PeriodicQuery,
  periodOf,
  queriesSchema,
  windowFields,
} from './metric-check.js';
import type { CloudWatchCheckClients } from './read-metric-data.js';

/** What a check of CloudWatch's data does about missing data points. */
export interface MissingDataOptions {
  /**
   * Data points that the window needs for a `pass`. Fewer are `inconclusive`, unless one is out of bounds.
   * @default 1
   */
  readonly minimumSamples?: number | undefined;
  /**
   * What no data comes to when CloudWatch says that its answer is complete. A partial answer, an internal error and a
   * missing permission are not told by it: they are never `pass`.
   * @default 'inconclusive'
   */
  readonly noData?: NoDataOutcome | undefined;
}

/** How {@link cloudWatchMetric} is made. */
export type CloudWatchMetricOptions = CheckOptions &
  BoundOptions &
  MetricWindowOptions &
  MissingDataOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** CloudWatch's own queries, metrics or metric math, of which exactly one returns data; or those of each stack. */
    readonly queries: PerStack<readonly MetricDataQuery[]>;
  };

const optionsSchema = v.pipe(
  v.object({
    ...checkFields,
    ...windowFields,
    queries: perStack(queriesSchema),
    min: v.optional(finiteNumber),
    max: v.optional(finiteNumber),
    minimumSamples: v.optional(positiveCount, 1),
    noData: noDataOutcome,
  }),
  v.forward(
    v.check((bounds) => areBounds(bounds), 'a min, a max, or both with min below max'),
    ['max'],
  ),
  v.forward(
    v.check(
      ({ queries, windowSeconds }) => maxPeriod(queries) <= windowSeconds,
      'at least one period of the queries',
    ),
    ['windowSeconds'],
  ),
);

/**
 * A metric, or a metric-math expression, against a lower bound, an upper bound or both. Every data point of the window has
 * to be within the bounds: an average would let good minutes hide a bad one.
 *
 * Only whole periods since the present weights were verified are judged, so no verdict comes from older traffic, and the
 * newest period is left out until it is over. An answer that is not complete is `inconclusive`; a missing permission throws.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing or malformed, or when not exactly one query returns data.
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
  const settings = parseInput('cloudWatchMetric options', optionsSchema, options);
  const { cloudWatch } = resolveClients<CloudWatchCheckClients>(options, { cloudWatch: CloudWatchClient });
  return metricCheck({
    ...settings,
    cloudWatch,
    periodSeconds: maxPeriod(options.queries),
    queriesOf: ({ incoming }) => ofStack(options.queries, incoming),
    judge: (series, window) =>
      judgePoints(
        series.flatMap(({ points }) => points),
        { ...settings, window },
      ),
  });
}

function maxPeriod(queries: PerStack<readonly PeriodicQuery[]>): number {
  return Math.max(periodOf(ofStack(queries, 'blue')), periodOf(ofStack(queries, 'green')));
}
