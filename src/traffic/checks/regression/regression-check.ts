import type { CloudWatchClient, Dimension, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { invalidInput } from '../../../core/errors.js';
import { positiveCount, seconds } from '../../../core/schemas.js';
import type { StackReference } from '../../../core/stack-reference.js';
import {
  type RegressionOptions,
  type RegressionRules,
  regressionEntries,
} from '../../judging/regression-options.js';
import type { Check, CheckContext, CheckResult } from '../../types.js';
import { requireShiftContext } from '../check-context.js';
import type { MetricMeaning, MetricParts, MetricRole } from '../check-internals.js';
import { checkOfMetrics } from '../check-of-metrics.js';
import { inconclusive } from '../check-options.js';
import { describeIncomplete, type MetricSeries } from '../metric-series.js';
import { describeWindow, type MetricWindow } from '../metric-window.js';
import { judgeCounts, noPeriodYet } from './judge-counts.js';
import { joinCounts, type PeriodCounts, sumByPeriod } from './period-counts.js';
import { type PeriodSettings, regressionWindow } from './regression-window.js';

/** Options of every comparison of error rates. */
export interface RegressionCheckOptions extends Omit<RegressionOptions, 'weightsSince'> {
  /**
   * Seconds after the end of a period until its counts are read. Late counts correct themselves at the next evaluation, so a delay is
   * needed only where failures appear much later than their requests: a Lambda function that runs for minutes.
   * @default 0
   */
  readonly delaySeconds?: number | undefined;
}

/** Options of a comparison that has a period of its own. */
export interface RegressionPeriodOptions extends RegressionCheckOptions {
  /**
   * Length of a period in seconds: a multiple of 60, at most a day. Keep it the same throughout a shift. CloudWatch keeps periods of 60 s for 15
   * days, and longer ones for longer.
   * @default 60
   */
  readonly periodSeconds?: number | undefined;
}

/** Fields of {@link RegressionCheckOptions}. */
export const regressionCheckEntries = { ...regressionEntries, delaySeconds: v.optional(seconds, 0) };

/** True for a period in seconds that a comparison can have: CloudWatch keeps shorter ones for 3 hours only. */
export function isPeriod(periodSeconds: number): boolean {
  return periodSeconds % 60 === 0 && periodSeconds <= 86_400;
}

/** Fields of {@link RegressionPeriodOptions}. */
export const regressionPeriodEntries = {
  ...regressionCheckEntries,
  periodSeconds: v.optional(
    v.pipe(positiveCount, v.check(isPeriod, 'a multiple of 60 seconds, at most a day (86400)')),
    60,
  ),
};

/** Queries of one call, and the meaning of their Ids. */
export interface CountQueries extends Pick<MetricMeaning, 'wholes'> {
  readonly queries: readonly MetricDataQuery[];
  /** Returns the quantity that a query's values add to, such as `requests` or `failures`. */
  readonly quantityOf: (id: string) => string;
  /** Role of each quantity, for a rehearsal. */
  readonly roles: Readonly<Record<string, MetricRole>>;
}

/** Requests and the failures among them, by Ids such as `failures2`. */
export const countsById: Pick<CountQueries, 'quantityOf' | 'roles'> = {
  quantityOf: quantityInId,
  roles: { requests: 'requests', failures: 'failures' },
};

/** Returns the sums of one quantity of a stack by the start of the period. */
export type SumsOf = (quantity: string, stack: StackReference) => ReadonlyMap<number, number>;

/** Comparison of error rates with its resolved options. */
export interface RegressionPlan extends PeriodSettings {
  readonly name: string;
  readonly dryRun: boolean;
  readonly cloudWatch: CloudWatchClient;
  readonly rules: RegressionRules;
  /** Returns the calls that read a stack. */
  readonly callsOf: (stack: StackReference) => readonly CountQueries[];
  /**
   * Returns the counts of a stack.
   * @default its `requests` and `failures`
   */
  readonly countsOf?: (sums: SumsOf, stack: StackReference, context: CheckContext) => PeriodCounts;
}

/** Returns the rules among the parsed options of a check. */
export function rulesOf(settings: RegressionRules): RegressionRules {
  const { alpha, tolerateRatio, tolerateIncrease, burst, ceiling, minimumRequests, requireEvidence } =
    settings;
  return { alpha, tolerateRatio, tolerateIncrease, burst, ceiling, minimumRequests, requireEvidence };
}

/**
 * Creates a check that compares the counts of both stacks since the shift began. It reads all of them again at each evaluation, so
 * that late and revised data corrects itself, and neither a restart nor a second process changes the verdict.
 */
export function regressionCheck(plan: RegressionPlan): Check {
  const { cloudWatch, periodSeconds } = plan;
  const metrics: MetricParts = {
    cloudWatch,
    periodSeconds,
    readsOf: (context) => {
      requireShiftContext(context);
      requireTwoStacks(plan);
      const window = regressionWindow(context, plan);
      if (window === undefined) return [];
      return stackCalls(plan, context).map(({ stack, queries, wholes, quantityOf, roles }) => ({
        stack,
        queries,
        window,
        wholes,
        roleOf: (id) => roles[quantityOf(id)] ?? 'value',
      }));
    },
    judge: (responses, context) => {
      const window = regressionWindow(context, plan);
      if (window === undefined) return noPeriodYet(context, plan);
      return judgeResponses(plan, responses, context, window);
    },
  };
  return checkOfMetrics(plan, metrics);
}

/** Creates the query of a sum, or of another statistic. */
export function countQuery(
  id: string,
  metric: { readonly namespace: string; readonly name: string; readonly dimensions: Dimension[] },
  { periodSeconds, stat = 'Sum' }: { readonly periodSeconds: number; readonly stat?: string },
): MetricDataQuery {
  const { namespace, name, dimensions } = metric;
  const Metric = { Namespace: namespace, MetricName: name, Dimensions: dimensions };
  return { Id: id, MetricStat: { Metric, Period: periodSeconds, Stat: stat } };
}

/** Reads the quantity from the letters of an Id: `failures2` adds to `failures`. */
export function quantityInId(id: string): string {
  return id.replace(/\d+$/, '');
}

/** @throws InvalidInputError when both stacks have the same metrics: compared with itself, no stack ever fails. */
function requireTwoStacks({ name, callsOf }: RegressionPlan): void {
  if (JSON.stringify(callsOf('blue')) !== JSON.stringify(callsOf('green'))) return;
  throw invalidInput(`check ${name}`, {
    field: '',
    expected: 'metrics of its own for each stack',
    actual: 'the same ones for blue and green',
  });
}

function stackCalls(
  { callsOf }: RegressionPlan,
  { incoming, outgoing }: Pick<CheckContext, 'incoming' | 'outgoing'>,
): (CountQueries & { readonly stack: StackReference })[] {
  return [incoming, outgoing].flatMap((stack) => callsOf(stack).map((call) => ({ ...call, stack })));
}

function judgeResponses(
  plan: RegressionPlan,
  responses: readonly (readonly MetricSeries[])[],
  context: CheckContext,
  window: MetricWindow,
): CheckResult {
  const calls = stackCalls(plan, context).map((call, index) => ({ ...call, series: responses[index] ?? [] }));
  const [reason] = calls.flatMap(({ series, queries }) => describeIncomplete(series, queries) ?? []);
  if (reason !== undefined) return inconclusive(`${reason} (${describeWindow(window)})`);
  const sums: SumsOf = (quantity, stack) =>
    sumByPeriod(
      calls
        .filter((call) => call.stack === stack)
        .flatMap(({ series, quantityOf }) => series.filter(({ id }) => quantityOf(id) === quantity))
        .flatMap(({ points }) => points),
      plan.periodSeconds,
    );
  const countsOf = (stack: StackReference) =>
    plan.countsOf?.(sums, stack, context) ?? joinCounts(sums('requests', stack), sums('failures', stack));
  const counts = { incoming: countsOf(context.incoming), outgoing: countsOf(context.outgoing) };
  return judgeCounts(counts, window, context, { ...plan, source: 'cloudwatch:GetMetricData' });
}
