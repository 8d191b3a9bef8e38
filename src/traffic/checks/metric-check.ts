import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { positiveCount, seconds, someSeconds } from '../../core/schemas.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import type { ErrorRateThreshold, MetricMeaning, MetricParts } from './check-internals.js';
import { checkOfMetrics } from './check-of-metrics.js';
import { inconclusive } from './check-options.js';
import { describeIncomplete, type MetricSeries } from './metric-series.js';
import {
  describeNoWindow,
  describeWindow,
  type MetricWindow,
  metricWindow,
  periodsOfChange,
  type WindowSettings,
} from './metric-window.js';

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
  /**
   * Returns the role of a query.
   * @default always `value`
   */
  readonly roleOf?: MetricMeaning['roleOf'];
  /** Fixed threshold of an error rate. */
  readonly threshold?: ErrorRateThreshold;
}

/** Creates a check that judges CloudWatch data, and never incomplete data. */
export function metricCheck(plan: MetricCheckPlan): Check {
  const { cloudWatch, periodSeconds, queriesOf, findFailure, threshold, roleOf = () => 'value' } = plan;
  const metrics: MetricParts = {
    cloudWatch,
    periodSeconds,
    readsOf: (context) => {
      const window = metricWindow(context, plan) ?? windowOfChange(context, plan);
      return window === undefined
        ? []
        : [{ stack: context.incoming, queries: queriesOf(context), window, roleOf }];
    },
    judge: ([series], context) => {
      const window = metricWindow(context, plan);
      const noWindow = inconclusive(describeNoWindow(context, plan));
      if (series === undefined) return noWindow;
      if (window !== undefined) {
        return judgeComplete(plan, context, { series, window }, () =>
          plan.judge(series, describeWindow(window)),
        );
      }
      const change = periodsOfChange(context, plan);
      const since = windowOfChange(context, plan);
      if (change === undefined || since === undefined) return noWindow;
      return judgeComplete(
        plan,
        context,
        { series, window: since },
        () => findFailure?.(series, change, context) ?? noWindow,
      );
    },
  };
  return checkOfMetrics(plan, metrics, threshold);
}

/** Returns the periods around the change of the weights, and the one before them, for a check that can fail in them. */
function windowOfChange(context: CheckContext, plan: MetricCheckPlan): MetricWindow | undefined {
  const change = periodsOfChange(context, plan);
  if (plan.findFailure === undefined || change === undefined) return undefined;
  return { ...change, start: change.start - plan.periodSeconds * 1000 };
}

function judgeComplete(
  { queriesOf }: MetricCheckPlan,
  context: CheckContext,
  { series, window }: { readonly series: readonly MetricSeries[]; readonly window: MetricWindow },
  judge: () => CheckResult,
): CheckResult {
  const reason = describeIncomplete(series, queriesOf(context));
  return reason === undefined ? judge() : inconclusive(`${reason} (${describeWindow(window)})`);
}
