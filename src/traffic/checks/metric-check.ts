import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { positiveCount, seconds, someSeconds } from '../../core/schemas.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { requireMetricContext } from './check-context.js';
import { inconclusive } from './check-options.js';
import {
  describeNoWindow,
  describeWindow,
  type MetricWindow,
  metricWindow,
  periodsOfChange,
  type WindowSettings,
} from './metric-window.js';
import { describeIncomplete, type MetricSeries, readMetricData } from './read-metric-data.js';

/** Window of a metric. */
export interface MetricWindowOptions {
  /**
   * Seconds back from now that the judged data points may lie: at least one period, and for metrics of a load balancer, which
   * appear a minute late or later, at least two (less `delaySeconds`).
   */
  readonly windowSeconds: number;
  /**
   * Seconds after the end of a period until CloudWatch has all of its data. A metric whose newest points are corrected later
   * needs more than 0, at the price of a later verdict.
   * @default 0
   */
  readonly delaySeconds?: number | undefined;
}

/** Fields of {@link MetricWindowOptions}. */
export const windowEntries = { windowSeconds: someSeconds, delaySeconds: v.optional(seconds, 0) };

/** Period of a ready-made check in seconds. */
export const periodField = v.optional(
  v.pipe(
    positiveCount,
    v.check((value) => value % 60 === 0, 'a multiple of 60 seconds'),
  ),
  60,
);

/** Check of CloudWatch data with its resolved options. */
export interface MetricCheckPlan extends WindowSettings {
  readonly name: string;
  readonly dryRun: boolean;
  readonly cloudWatch: CloudWatchClient;
  readonly queriesOf: (context: CheckContext) => readonly MetricDataQuery[];
  /** Judges complete data. `window` describes the window. */
  readonly judge: (series: readonly MetricSeries[], window: string) => CheckResult;
  /**
   * Finds a failure in complete data of the periods around the change of the weights, and of the period before them. Returns
   * undefined when there is none: traffic under other weights does not prove health.
   */
  readonly findFailure?: (
    series: readonly MetricSeries[],
    change: MetricWindow,
    context: CheckContext,
  ) => CheckResult | undefined;
}

/** Creates a check that judges CloudWatch data, and never incomplete data. */
export function metricCheck(plan: MetricCheckPlan): Check {
  const { name, dryRun } = plan;
  return {
    name,
    dryRun,
    async evaluate(context) {
      requireMetricContext(context);
      const window = metricWindow(context, plan);
      if (window !== undefined) {
        return judgeComplete(plan, context, window, (series) => plan.judge(series, describeWindow(window)));
      }
      const noWindow = inconclusive(describeNoWindow(context, plan));
      const change = periodsOfChange(context, plan);
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
  const reason = describeIncomplete(series, queries);
  return reason === undefined ? judge(series) : inconclusive(`${reason} (${describeWindow(window)})`);
}
