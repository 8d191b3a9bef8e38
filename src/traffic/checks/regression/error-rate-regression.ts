import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import type { ClientOptions } from '../../../core/clients.js';
import { type InputProblem, InvalidInputError } from '../../../core/errors.js';
import { stackPair, strictObject } from '../../../core/schemas.js';
import type { StackPair, StackReference } from '../../../core/stack-reference.js';
import { clientOptionsEntries } from '../../../core/tool-options.js';
import { parseInput } from '../../../core/validate.js';
import type { Check } from '../../types.js';
import { requireShiftContext } from '../check-context.js';
import { type CheckOptions, checkEntries } from '../check-options.js';
import { periodOf, queriesSchema } from '../metric-queries.js';
import { type CloudWatchCheckClients, cloudWatchOf } from '../read-metric-data.js';
import { CountSource, countFunction } from './count-source.js';
import { judgeCounts, noPeriodYet } from './judge-counts.js';
import {
  countsById,
  isPeriod,
  type RegressionCheckOptions,
  type RegressionPeriodOptions,
  regressionCheck,
  regressionCheckEntries,
  regressionPeriodEntries,
  rulesOf,
} from './regression-check.js';
import { regressionWindow } from './regression-window.js';

/** Options of {@link errorRateRegression}. */
export type ErrorRateRegressionOptions = CheckOptions & (RegressionQueries | RegressionCounts);

/** Counts that CloudWatch queries return. */
export type RegressionQueries = RegressionCheckOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** Requests of each stack, as CloudWatch queries of which exactly one returns data, usually a sum. */
    readonly requests: StackPair<readonly MetricDataQuery[]>;
    /** Failed requests of each stack, with the same Period as the requests. */
    readonly failures: StackPair<readonly MetricDataQuery[]>;
    /** Either queries or counts. */
    readonly counts?: undefined;
  };

/** Counts of any other source. */
export interface RegressionCounts extends RegressionPeriodOptions {
  /** Source of the counts, from `countsFrom`. */
  readonly counts: CountSource;
  /** Either queries or counts. */
  readonly requests?: undefined;
  /** Either queries or counts. */
  readonly failures?: undefined;
}

const subject = 'errorRateRegression options';

const queriesOptions = strictObject({
  ...checkEntries,
  ...regressionCheckEntries,
  ...clientOptionsEntries,
  requests: strictObject(stackPair(queriesSchema)),
  failures: strictObject(stackPair(queriesSchema)),
  counts: v.optional(v.undefined()),
});

const countsOptions = strictObject({
  ...checkEntries,
  ...regressionPeriodEntries,
  counts: v.instance(CountSource, 'a source from countsFrom'),
  requests: v.optional(v.undefined()),
  failures: v.optional(v.undefined()),
});

/**
 * Compares the error rate of the incoming stack with that of the outgoing one, over everything since the shift began. It fails when
 * the counts are evidence that the incoming stack fails more often than `tolerateRatio` times the outgoing one plus
 * `tolerateIncrease`, or above the `ceiling`. A healthy release is stopped with a probability of about `alpha` at most, however long
 * the shift lasts and however often the check is evaluated: see `judgeRegression`.
 *
 * The check stores nothing. It reads all counts again at each evaluation, so late and revised counts correct themselves. The period
 * in which the shift began is left out. It is `undecided` until the first whole period is over and `minimumRequests` have arrived
 * under the present weights. A response that is not complete is `inconclusive`. At 100 %, with no outgoing requests or only a few,
 * the ceiling alone is checked.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, or when the queries differ in their Period or have one
 * that is not a multiple of 60 or longer than a day. Its evaluation throws one when both stacks have the same queries.
 * @example
 * ```ts
 * import { errorRateRegression } from 'aws-blue-green-toolkit/traffic';
 *
 * const sumOf = (MetricName: string, stack: string) => [
 *   {
 *     Id: 'count',
 *     MetricStat: {
 *       Metric: { Namespace: 'Shop', MetricName, Dimensions: [{ Name: 'Stack', Value: stack }] },
 *       Period: 60,
 *       Stat: 'Sum',
 *     },
 *   },
 * ];
 *
 * const orders = errorRateRegression({
 *   name: 'failed orders',
 *   requests: { blue: sumOf('Orders', 'blue'), green: sumOf('Orders', 'green') },
 *   failures: { blue: sumOf('FailedOrders', 'blue'), green: sumOf('FailedOrders', 'green') },
 * });
 * ```
 */
export function errorRateRegression(options: ErrorRateRegressionOptions): Check {
  const hasCounts = typeof options === 'object' && options !== null && hasField(options, 'counts');
  return hasCounts
    ? checkOfCounts(parseInput(subject, countsOptions, options))
    : checkOfQueries(parseInput(subject, queriesOptions, options));
}

function checkOfQueries(settings: v.InferOutput<typeof queriesOptions>): Check {
  const { requests, failures } = settings;
  return regressionCheck({
    ...settings,
    rules: rulesOf(settings),
    periodSeconds: commonPeriod(requests, failures),
    cloudWatch: cloudWatchOf(settings),
    callsOf: (stack) => [
      { ...countsById, queries: requests[stack], quantityOf: () => 'requests' },
      { ...countsById, queries: failures[stack], quantityOf: () => 'failures' },
    ],
  });
}

function checkOfCounts(settings: v.InferOutput<typeof countsOptions>): Check {
  const { name, dryRun, counts, periodSeconds } = settings;
  const plan = { ...settings, rules: rulesOf(settings), source: countFunction };
  return {
    name,
    dryRun,
    async evaluate(context) {
      requireShiftContext(context);
      const window = regressionWindow(context, plan);
      if (window === undefined) return noPeriodYet(context, plan);
      const read = (stack: StackReference) =>
        counts.read({ stack, ...window, periodSeconds, signal: context.signal }, name);
      const [incoming, outgoing] = await Promise.all([read(context.incoming), read(context.outgoing)]);
      return judgeCounts({ incoming, outgoing }, window, context, plan);
    },
  };
}

/** Returns the Period of all queries: counts of different periods cannot be compared. */
function commonPeriod(...pairs: readonly StackPair<readonly MetricDataQuery[]>[]): number {
  const periods = new Set(pairs.flatMap(({ blue, green }) => [blue, green].map(periodOf)));
  const [period = 0] = periods;
  const problem = (expected: string): InputProblem => ({
    field: 'failures',
    expected,
    actual: [...periods].map((it) => `${it} s`).join(' and '),
  });
  const problems =
    periods.size > 1
      ? [problem('the same Period in all queries of both stacks')]
      : !isPeriod(period)
        ? [
            problem(
              'a Period that is a multiple of 60, at most a day: CloudWatch keeps shorter ones for 3 hours only',
            ),
          ]
        : [];
  if (problems.length > 0) throw new InvalidInputError({ subject, problems });
  return period;
}

function hasField(options: object, field: string): boolean {
  try {
    return Reflect.get(options, field) !== undefined;
  } catch {
    return false;
  }
}
