import { CloudWatchClient, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { positiveCount, stackPair } from '../../core/schemas.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext } from '../types.js';
import { type CheckOptions, checkFields, finiteNumber, inconclusive } from './check-options.js';
import { type ComparisonBound, judgeComparison } from './judge-comparison.js';
import {
  type MetricWindowOptions,
  type PeriodicQuery,
  periodOf,
  queriesSchema,
  windowFields,
} from './metric-check.js';
import {
  describeNoWindow,
  describeWindow,
  type MetricWindow,
  metricWindow,
  windowBefore,
} from './metric-window.js';
import { fewestRankSumSamples } from './rank-sum.js';
import { type CloudWatchCheckClients, readMetricData, whyIncomplete } from './read-metric-data.js';

/** How {@link metricComparison} is made. */
export type MetricComparisonOptions = CheckOptions &
  MetricWindowOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** The same metric of each stack: CloudWatch's own queries, of which exactly one returns data. */
    readonly queries: StackPair<readonly MetricDataQuery[]>;
    /**
     * What is worse: a higher value, as of errors and latency, or a lower one, as of orders.
     * @default 'higher'
     */
    readonly worse?: 'higher' | 'lower' | undefined;
    /**
     * Data points that each stack needs in the window; fewer are `inconclusive`.
     * @default 1, and 8 for the rank-sum test, which cannot have less
     */
    readonly minimumSamples?: number | undefined;
  } & (
    | {
        /** How many times as bad the incoming stack's mean may be: 1.2 is a fifth worse. */
        readonly maxRatio: number;
        /** One bound at a time. */
        readonly maxDifference?: undefined;
        /** One bound at a time. */
        readonly rankSum?: undefined;
      }
    | {
        /** By how much the incoming stack's mean may be worse, in the metric's unit. */
        readonly maxDifference: number;
        /** One bound at a time. */
        readonly maxRatio?: undefined;
        /** One bound at a time. */
        readonly rankSum?: undefined;
      }
    | {
        /**
         * Fail when the incoming stack's data points are worse by more than chance: the one-sided Wilcoxon rank-sum test.
         * The significance is the probability of failing a stack that is no worse, such as 0.01, at each evaluation.
         */
        readonly rankSum: {
          /** Above 0, below 0.5. */
          readonly significance: number;
        };
        /** One bound at a time. */
        readonly maxRatio?: undefined;
        /** One bound at a time. */
        readonly maxDifference?: undefined;
      }
  );

const optionsSchema = v.pipe(
  v.object({
    ...checkFields,
    ...windowFields,
    queries: v.object(stackPair(queriesSchema)),
    worse: v.optional(v.picklist(['higher', 'lower']), 'higher'),
    minimumSamples: v.optional(positiveCount),
    maxRatio: v.optional(
      v.pipe(
        finiteNumber,
        v.check((value) => value > 0, 'a ratio above 0'),
      ),
    ),
    maxDifference: v.optional(finiteNumber),
    rankSum: v.optional(
      v.object({
        significance: v.pipe(
          v.number(),
          v.check((value) => value > 0 && value < 0.5, 'a probability above 0, below 0.5'),
        ),
      }),
    ),
  }),
  v.forward(
    v.check(
      ({ maxRatio, maxDifference, rankSum }) =>
        [maxRatio, maxDifference, rankSum].filter((it) => it !== undefined).length === 1,
      'exactly one of maxRatio, maxDifference and rankSum',
    ),
    ['maxRatio'],
  ),
  v.forward(
    v.check(
      ({ rankSum, minimumSamples }) =>
        rankSum === undefined || minimumSamples === undefined || minimumSamples >= fewestRankSumSamples,
      `${fewestRankSumSamples} or more for the rank-sum test`,
    ),
    ['minimumSamples'],
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
 * A metric of the incoming stack against the same one of the outgoing stack, over the same time: by the ratio or the
 * difference of their means, or by a rank-sum test. So a bad hour of a database that both use does not fail the shift.
 *
 * At 100 %, when the outgoing stack has no traffic any more, it is looked at as it was just before. Too few data points of
 * either stack, an answer that is not complete and a sample too small for the wanted significance are `inconclusive`. The
 * stacks have different shares of the traffic, so compare rates, means and percentiles, not counts.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing or malformed.
 */
export function metricComparison(options: MetricComparisonOptions): Check {
  const settings = parseInput('metricComparison options', optionsSchema, options);
  const { cloudWatch } = resolveClients<CloudWatchCheckClients>(options, { cloudWatch: CloudWatchClient });
  const { name, dryRun, worse, rankSum } = settings;
  const plan = { ...settings, periodSeconds: maxPeriod(options.queries) };
  const minimumSamples = settings.minimumSamples ?? (rankSum === undefined ? 1 : fewestRankSumSamples);
  const read = async (stack: StackReference, window: MetricWindow, { signal }: CheckContext) => {
    const queries = options.queries[stack];
    const series = await readMetricData(cloudWatch, { queries, window, resource: `check ${name}`, signal });
    const values = series.flatMap(({ points }) => points).map(({ value }) => value);
    return { values, reason: whyIncomplete(series, queries) };
  };
  return {
    name,
    dryRun,
    async evaluate(context) {
      const window = metricWindow(context, plan);
      if (window === undefined) return inconclusive(describeNoWindow(context, plan));
      const [incoming, outgoing] = await Promise.all([
        read(context.incoming, window, context),
        read(
          context.outgoing,
          context.weights[context.outgoing] > 0 ? window : windowBefore(context, plan),
          context,
        ),
      ]);
      const reason = incoming.reason ?? outgoing.reason;
      if (reason !== undefined) return inconclusive(`${reason} (${describeWindow(window)})`);
      return judgeComparison(incoming.values, outgoing.values, {
        bound: boundOf(settings),
        worse,
        minimumSamples,
        window: describeWindow(window),
      });
    },
  };
}

function boundOf({ maxRatio, maxDifference, rankSum }: v.InferOutput<typeof optionsSchema>): ComparisonBound {
  if (maxRatio !== undefined) return { kind: 'ratio', max: maxRatio };
  if (maxDifference !== undefined) return { kind: 'difference', max: maxDifference };
  return { kind: 'rankSum', significance: rankSum?.significance ?? 0 };
}

function maxPeriod(queries: StackPair<readonly PeriodicQuery[]>): number {
  return Math.max(periodOf(queries.blue), periodOf(queries.green));
}
