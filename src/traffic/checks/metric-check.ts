import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { nonEmptyString, positiveCount, seconds } from '../../core/schemas.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { inconclusive, someSeconds } from './check-options.js';
import {
  describeNoWindow,
  describeWindow,
  type MetricWindow,
  metricWindow,
  periodOfChange,
  type WindowSettings,
} from './metric-window.js';
import { type MetricSeries, readMetricData, returnsData, whyIncomplete } from './read-metric-data.js';

/** From when to when a metric is looked at. */
export interface MetricWindowOptions {
  /** How many seconds back the judged data points may lie; at least one period. */
  readonly windowSeconds: number;
  /**
   * Seconds after the end of a period until CloudWatch has all of its data. A metric whose newest points are corrected later
   * needs more than 0, at the price of a later verdict.
   * @default 0
   */
  readonly delaySeconds?: number | undefined;
}

/** The fields of {@link MetricWindowOptions}. */
export const windowFields = { windowSeconds: someSeconds, delaySeconds: v.optional(seconds, 0) };

/** The length of the periods of a ready-made check. */
export const periodField = v.optional(
  v.pipe(
    positiveCount,
    v.check((value) => value % 60 === 0, 'a multiple of 60 seconds'),
  ),
  60,
);

/** Queries of which exactly one returns data. */
export const queriesSchema = v.pipe(
  v.array(
    v.looseObject({
      Id: nonEmptyString,
      ReturnData: v.optional(v.boolean()),
      Period: v.optional(v.number()),
      MetricStat: v.optional(v.looseObject({ Period: v.optional(v.number()) })),
    }),
  ),
  v.check(
    (queries) => queries.filter(returnsData).length === 1,
    'queries of which exactly one returns data (ReturnData: false on the others)',
  ),
  v.check((queries) => periodOf(queries) > 0, 'queries with a Period'),
);

/** The part of a query that tells its period. */
export interface PeriodicQuery {
  readonly Period?: number | undefined;
  readonly MetricStat?: { readonly Period?: number | undefined } | undefined;
}

/** A check on CloudWatch's data, its options resolved. */
export interface MetricCheckPlan extends WindowSettings {
  readonly name: string;
  readonly dryRun: boolean;
  readonly cloudWatch: CloudWatchClient;
  readonly queriesOf: (context: CheckContext) => readonly MetricDataQuery[];
  /** Gets complete data only; `window` is the window in words. */
  readonly judge: (series: readonly MetricSeries[], window: string) => CheckResult;
  /**
   * Gets complete data of the period in which the weights changed and of the period before it. Nothing unless it has found a
   * failure: traffic of other weights proves no health.
   */
  readonly findFailure?: (
    series: readonly MetricSeries[],
    change: MetricWindow,
    context: CheckContext,
  ) => CheckResult | undefined;
}

/** The one way from CloudWatch's data to an outcome: nothing that is incomplete is ever judged. */
export function metricCheck(plan: MetricCheckPlan): Check {
  const { name, dryRun } = plan;
  return {
    name,
    dryRun,
    async evaluate(context) {
      const window = metricWindow(context, plan);
      if (window !== undefined) {
        return judgeComplete(plan, context, window, (series) => plan.judge(series, describeWindow(window)));
      }
      const noWindow = inconclusive(describeNoWindow(context, plan));
      const change = periodOfChange(context, plan);
      const { findFailure } = plan;
      if (findFailure === undefined || change === undefined) return noWindow;
      const since = { ...change, start: change.start - plan.periodSeconds * 1000 };
      return judgeComplete(
        plan,
        context,
        since,
        (series) => findFailure(series, change, context) ?? noWindow,
      );
    },
  };
}

async function judgeComplete(
  { name, cloudWatch, queriesOf }: MetricCheckPlan,
  context: CheckContext,
  window: MetricWindow,
  judge: (series: readonly MetricSeries[]) => CheckResult,
): Promise<CheckResult> {
  const queries = queriesOf(context);
  const { signal } = context;
  const series = await readMetricData(cloudWatch, { queries, window, resource: `check ${name}`, signal });
  const reason = whyIncomplete(series, queries);
  return reason === undefined ? judge(series) : inconclusive(`${reason} (${describeWindow(window)})`);
}

/** The longest period of the queries: that of an expression over all of them. */
export function periodOf(queries: readonly PeriodicQuery[]): number {
  const periods = queries.flatMap(({ Period, MetricStat }) => [Period, MetricStat?.Period]);
  return Math.max(0, ...periods.filter((it) => it !== undefined));
}
