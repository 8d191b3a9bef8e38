import type { CloudWatchClient, Dimension, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { positiveCount } from '../../core/schemas.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { inconclusive, type NoDataOutcome, noDataOutcome } from './check-options.js';
import { describeAgainst, judgeNoData, type MetricPoint } from './judge-metric.js';
import { type MetricWindowOptions, metricCheck, periodField, windowEntries } from './metric-check.js';
import { pointsOf } from './metric-series.js';
import { describeWindow, type MetricWindow } from './metric-window.js';

/** Options of every ready-made error rate. */
export interface ErrorRateOptions extends MetricWindowOptions {
  /** Highest healthy share of failed requests in percent, 0 to 100. */
  readonly maxPercent: number;
  /**
   * Length of a data point in seconds: a multiple of 60. The incomplete newest one is left out.
   * @default 60
   */
  readonly periodSeconds?: number | undefined;
  /**
   * Minimum number of requests in the window; fewer are `inconclusive`.
   * @default 1
   */
  readonly minimumRequests?: number | undefined;
  /**
   * Outcome without any request, when CloudWatch's response is complete.
   * @default 'inconclusive'
   */
  readonly noData?: NoDataOutcome | undefined;
}

/** Fields of {@link ErrorRateOptions}. */
export const errorRateEntries = {
  ...windowEntries,
  maxPercent: v.pipe(
    v.number(),
    v.check((value) => value >= 0 && value <= 100, 'a percentage, 0 to 100'),
  ),
  periodSeconds: periodField,
  minimumRequests: v.optional(positiveCount, 1),
  noData: noDataOutcome,
};

/** Error rate with its resolved options. */
export interface ErrorRatePlan {
  readonly name: string;
  readonly dryRun: boolean;
  readonly cloudWatch: CloudWatchClient;
  readonly windowSeconds: number;
  readonly delaySeconds: number;
  readonly periodSeconds: number;
  readonly maxPercent: number;
  readonly minimumRequests: number;
  readonly noData: NoDataOutcome;
  readonly namespace: string;
  readonly errors: string;
  readonly requests: string;
  readonly dimensionsOf: (context: CheckContext) => Dimension[];
  /**
   * True when the metrics cover only the incoming stack, also before the present weights.
   * @default always true
   */
  readonly isOfOneStack?: (context: CheckContext) => boolean;
}

/**
 * Checks errors ÷ requests × 100 over the whole window: a rate for each minute would weigh a minute of three requests like one of
 * three thousand. The two metrics are read separately and not by metric math. The check therefore detects that one of them could
 * not be read, and the requests distinguish no errors from no data.
 */
export function errorRateCheck(plan: ErrorRatePlan): Check {
  const { maxPercent, minimumRequests, windowSeconds } = plan;
  return metricCheck({
    ...plan,
    roleOf: (id) => (id === 'errors' ? 'failures' : 'requests'),
    threshold: { maxPercent, minimumRequests, windowSeconds },
    queriesOf: (context) => {
      const dimensions = plan.dimensionsOf(context);
      return [
        sumOf('errors', plan.errors, dimensions, plan),
        sumOf('requests', plan.requests, dimensions, plan),
      ];
    },
    judge: (series, window) =>
      judgeErrorRate(pointsOf(series, 'errors'), pointsOf(series, 'requests'), { ...plan, window }),
    findFailure: (series, change, context) =>
      (plan.isOfOneStack?.(context) ?? true)
        ? failureSinceChange(pointsOf(series, 'errors'), pointsOf(series, 'requests'), { ...plan, change })
        : undefined,
  });
}

/**
 * Finds a failure in the periods around the change of the weights: the one in which they changed, so that a release that fails
 * at once is detected a whole period earlier, and those before it whose data was not yet available. Returns undefined when the
 * period before them was already failing, because those errors can be from an earlier attempt.
 */
export function failureSinceChange(
  errors: readonly MetricPoint[],
  requests: readonly MetricPoint[],
  settings: Pick<ErrorRatePlan, 'maxPercent' | 'minimumRequests' | 'periodSeconds'> & {
    readonly change: MetricWindow;
  },
): CheckResult | undefined {
  const { maxPercent, change } = settings;
  const isBefore = ({ at }: MetricPoint) => at < change.start;
  const failedBefore = sum(errors.filter(isBefore));
  const wasFailing = failedBefore * 100 > sum(requests.filter(isBefore)) * maxPercent;
  if (wasFailing) return undefined;
  return periodsOf(change, settings)
    .map((period) => {
      const isOfPeriod = ({ at }: MetricPoint) => at >= period.start && at < period.end;
      return judgeErrorRate(errors.filter(isOfPeriod), requests.filter(isOfPeriod), {
        ...settings,
        noData: 'inconclusive',
        window: `${describeWindow(period)}, in which the weights changed`,
      });
    })
    .find(({ outcome }) => outcome === 'fail');
}

/**
 * Judges complete data of both metrics. The services omit the error metric in a period without errors, so only requests prove
 * that there was traffic.
 */
export function judgeErrorRate(
  errors: readonly MetricPoint[],
  requests: readonly MetricPoint[],
  settings: Pick<ErrorRatePlan, 'maxPercent' | 'minimumRequests' | 'noData'> & { readonly window: string },
): CheckResult {
  const { maxPercent, minimumRequests, window } = settings;
  const [failed, total] = [sum(errors), sum(requests)];
  if (failed > total) {
    return inconclusive(`${failed} errors of ${total} requests: data of the requests is missing (${window})`);
  }
  if (total === 0) return judgeNoData(settings);
  if (total < minimumRequests) {
    return inconclusive(`too few requests: ${total} where ${minimumRequests} are needed (${window})`);
  }
  const value = (failed / total) * 100;
  const against = describeAgainst(value, { max: maxPercent, unit: ' %' });
  return {
    outcome: value <= maxPercent ? 'pass' : 'fail',
    detail: `error rate ${against}: ${failed} of ${total} requests (${window})`,
    value,
  };
}

function sumOf(
  id: string,
  metricName: string,
  dimensions: Dimension[],
  { namespace, periodSeconds }: ErrorRatePlan,
): MetricDataQuery {
  const metric = { Namespace: namespace, MetricName: metricName, Dimensions: dimensions };
  return { Id: id, MetricStat: { Metric: metric, Period: periodSeconds, Stat: 'Sum' } };
}

function periodsOf({ start, end }: MetricWindow, { periodSeconds }: Pick<ErrorRatePlan, 'periodSeconds'>) {
  const length = periodSeconds * 1000;
  return Array.from({ length: (end - start) / length }, (_, index): MetricWindow => {
    const from = start + index * length;
    return { start: from, end: from + length };
  });
}

function sum(points: readonly MetricPoint[]): number {
  return points.reduce((total, { value }) => total + value, 0);
}
