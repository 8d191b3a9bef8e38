import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import type { ClientOptions } from '../../core/clients.js';
import { invalidInput } from '../../core/errors.js';
import { positiveCount, stackPair, strictObject } from '../../core/schemas.js';
import type { StackPair } from '../../core/stack-reference.js';
import { clientOptionsEntries } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { Check } from '../types.js';
import { requireComparisonContext } from './check-context.js';
import type { MetricParts, MetricRole } from './check-internals.js';
import { checkOfMetrics } from './check-of-metrics.js';
import {
  type CheckOptions,
  checkEntries,
  describeNumber,
  finiteNumber,
  inconclusive,
  type NoDataOutcome,
  noDataOutcome,
} from './check-options.js';
import { type ComparisonBound, judgeComparison } from './judge-comparison.js';
import { judgeNoData } from './judge-metric.js';
import { type MetricWindowOptions, windowEntries } from './metric-check.js';
import { isOneSeries, maxPeriodOf, namespacesOf, queriesSchema } from './metric-queries.js';
import { describeIncomplete, type MetricSeries, pointsOf } from './metric-series.js';
import { describeNoWindow, describeWindow, metricWindow, periodsIn, windowBefore } from './metric-window.js';
import { minProbability, minRankSumSamples } from './rank-sum.js';
import { type CloudWatchCheckClients, cloudWatchOf } from './read-metric-data.js';
import { requireFittingWindow } from './window-fits.js';

/** Options of {@link metricComparison}. */
export type MetricComparisonOptions = CheckOptions &
  MetricWindowOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** Same metric of each stack, as CloudWatch queries of which exactly one returns data. */
    readonly queries: StackPair<readonly MetricDataQuery[]>;
    /**
     * Direction in which a value is worse: higher, as with errors and latency, or lower, as with orders.
     * @default 'higher'
     */
    readonly worse?: 'higher' | 'lower' | undefined;
    /**
     * Minimum number of data points of each stack in the window; fewer are `inconclusive`.
     * @default 1, and 8 for the rank-sum test, which is also its minimum
     */
    readonly minimumSamples?: number | undefined;
    /**
     * Outcome when the incoming stack has no data point and CloudWatch's response is complete.
     * @default 'inconclusive'
     */
    readonly noData?: NoDataOutcome | undefined;
  } & (
    | {
        /** Highest healthy ratio of the incoming stack's mean to the outgoing stack's: 1.2 is a fifth worse. */
        readonly maxRatio: number;
        /** One bound at a time. */
        readonly maxDifference?: undefined;
        /** One bound at a time. */
        readonly rankSum?: undefined;
      }
    | {
        /** Highest healthy difference of the means, in the metric's unit. */
        readonly maxDifference: number;
        /** One bound at a time. */
        readonly maxRatio?: undefined;
        /** One bound at a time. */
        readonly rankSum?: undefined;
      }
    | {
        /**
         * Fails when the incoming stack's data points are worse by more than chance: the one-sided Wilcoxon rank-sum test. The
         * significance is the probability of failing a stack that is not worse, such as 0.01, in the whole shift. A test that is
         * repeated at each evaluation is wrong far more often: at 60 evaluations in up to a third of all healthy shifts. Without
         * `maxEvaluations` the check is therefore advisory, as with `dryRun: true`.
         */
        readonly rankSum: {
          /** Above 0, below 0.5. */
          readonly significance: number;
          /**
           * Largest number of evaluations in the shift. Each is tested at the significance divided by it.
           * @default unknown: the check decides nothing
           */
          readonly maxEvaluations?: number | undefined;
        };
        /** One bound at a time. */
        readonly maxRatio?: undefined;
        /** One bound at a time. */
        readonly maxDifference?: undefined;
      }
  );

type RankSum = NonNullable<v.InferOutput<typeof optionsSchema>['rankSum']>;

const subject = 'metricComparison options';

const optionsSchema = v.pipe(
  strictObject({
    ...checkEntries,
    dryRun: v.optional(v.boolean()),
    ...windowEntries,
    ...clientOptionsEntries,
    queries: strictObject(stackPair(queriesSchema)),
    noData: noDataOutcome,
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
      strictObject({
        significance: v.pipe(
          v.number(),
          v.check((value) => value > 0 && value < 0.5, 'a probability above 0, below 0.5'),
        ),
        maxEvaluations: v.optional(positiveCount),
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
        rankSum === undefined || minimumSamples === undefined || minimumSamples >= minRankSumSamples,
      `${minRankSumSamples} or more for the rank-sum test`,
    ),
    ['minimumSamples'],
  ),
  v.forward(
    v.check(
      ({ rankSum, dryRun }) =>
        rankSum === undefined || rankSum.maxEvaluations !== undefined || dryRun !== false,
      'maxEvaluations, the largest number of evaluations in the shift, for a rank sum that decides (dryRun: false)',
    ),
    ['rankSum'],
  ),
);

/**
 * Compares a metric of the incoming stack with the same metric of the outgoing stack over the same time: by the ratio or the
 * difference of their means, or by a rank-sum test, which is advisory unless it knows the number of its evaluations. A bad hour of a database that both use therefore does not fail the shift.
 *
 * At 100 %, when the outgoing stack has no traffic, the check uses its values from just before. Too few data points of either
 * stack, an incomplete response and a sample too small for the significance are `inconclusive`. The stacks have different
 * shares of the traffic, so compare rates, means and percentiles, not counts. A metric that is written only when something
 * happens needs
 * `FILL(…, 0)` in its queries, or `noData`.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, or when the window is too short for the queries or
 * for the test.
 */
export function metricComparison(options: MetricComparisonOptions): Check {
  const settings = parseInput(subject, optionsSchema, options);
  const cloudWatch = cloudWatchOf(settings);
  const { name, worse, rankSum, noData } = settings;
  const dryRun = settings.dryRun ?? (rankSum !== undefined && rankSum.maxEvaluations === undefined);
  const minimumSamples = settings.minimumSamples ?? (rankSum === undefined ? 1 : minRankSumSamples);
  const plan = { ...settings, minimumSamples, periodSeconds: maxPeriodOf(settings.queries) };
  requireFitting(plan);
  const metrics: MetricParts = {
    cloudWatch,
    periodSeconds: plan.periodSeconds,
    readsOf: (context) => {
      requireComparisonContext(context);
      const window = metricWindow(context, plan);
      if (window === undefined) return [];
      const { incoming, outgoing, weights } = context;
      const outgoingWindow = weights[outgoing] > 0 ? window : windowBefore(context, plan);
      return [
        { stack: incoming, queries: settings.queries[incoming], window, roleOf },
        { stack: outgoing, queries: settings.queries[outgoing], window: outgoingWindow, roleOf },
      ];
    },
    judge: ([incoming, outgoing], context) => {
      const window = metricWindow(context, plan);
      if (window === undefined || incoming === undefined || outgoing === undefined)
        return inconclusive(describeNoWindow(context, plan));
      const reason =
        describeIncomplete(incoming, settings.queries[context.incoming]) ??
        describeIncomplete(outgoing, settings.queries[context.outgoing]);
      if (reason !== undefined) return inconclusive(`${reason} (${describeWindow(window)})`);
      const [values, outgoingValues] = [valuesOf(incoming), valuesOf(outgoing)];
      if (values.length === 0 && noData !== 'inconclusive')
        return judgeNoData({ noData, window: describeWindow(window) });
      return judgeComparison(values, outgoingValues, {
        bound: boundOf(settings),
        worse,
        minimumSamples,
        window: describeWindow(window),
      });
    },
  };
  return checkOfMetrics({ name, dryRun }, metrics);
}

function roleOf(): MetricRole {
  return 'value';
}

function valuesOf(series: readonly MetricSeries[]): number[] {
  return pointsOf(series).map(({ value }) => value);
}

function boundOf({ maxRatio, maxDifference, rankSum }: v.InferOutput<typeof optionsSchema>): ComparisonBound {
  if (maxRatio !== undefined) return { kind: 'ratio', max: maxRatio };
  if (maxDifference !== undefined) return { kind: 'difference', max: maxDifference };
  return { kind: 'rankSum', significance: significanceOf(rankSum) };
}

/** Returns the significance of one evaluation. */
function significanceOf(rankSum: RankSum | undefined): number {
  return rankSum === undefined ? 0 : rankSum.significance / (rankSum.maxEvaluations ?? 1);
}

/** Rejects a window with too few periods for a verdict. An expression can return several series, and so more data points. */
function requireFitting(
  plan: v.InferOutput<typeof optionsSchema> & {
    readonly periodSeconds: number;
    readonly minimumSamples: number;
  },
): void {
  const { queries, rankSum, windowSeconds } = plan;
  const isOne = isOneSeries(queries);
  const minimumSamples = isOne ? plan.minimumSamples : undefined;
  requireFittingWindow(subject, { ...plan, minimumSamples, namespaces: namespacesOf(queries) });
  const maxPoints = periodsIn(plan);
  const significance = significanceOf(rankSum);
  if (!isOne || rankSum === undefined || minProbability(maxPoints, maxPoints) < significance) return;
  const expected = `a window with enough periods for the significance ${describeNumber(significance)}`;
  const actual = `${windowSeconds}, which has ${maxPoints} periods of ${plan.periodSeconds} s`;
  throw invalidInput(subject, { field: 'windowSeconds', expected, actual });
}
