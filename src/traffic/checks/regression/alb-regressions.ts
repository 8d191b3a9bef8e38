import * as v from 'valibot';
import type { ClientOptions } from '../../../core/clients.js';
import { stackPair, strictObject } from '../../../core/schemas.js';
import type { StackPair, StackReference } from '../../../core/stack-reference.js';
import { clientOptionsEntries } from '../../../core/tool-options.js';
import { parseInput } from '../../../core/validate.js';
import type { Check } from '../../types.js';
import {
  loadBalancerArnSchema,
  loadBalancerDimension,
  targetGroupArnSchema,
  targetGroupDimension,
} from '../arn-dimensions.js';
import {
  type CheckOptions,
  describePerStack,
  namedCheckEntries,
  ofStack,
  type PerStack,
  perStack,
} from '../check-options.js';
import { type CloudWatchCheckClients, cloudWatchOf } from '../read-metric-data.js';
import { joinCounts, type PeriodCounts } from './period-counts.js';
import {
  countQuery,
  quantityInId,
  type RegressionPeriodOptions,
  regressionCheck,
  regressionPeriodEntries,
  rulesOf,
  type SumsOf,
} from './regression-check.js';

const namespace = 'AWS/ApplicationELB';

/** Options of the comparisons of target groups. */
export type AlbRegressionOptions = Omit<CheckOptions, 'name'> &
  RegressionPeriodOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the comparison and the target groups
     */
    readonly name?: string | undefined;
    /** ARN of the target group of each stack. */
    readonly targetGroupArn: StackPair<string>;
    /** ARN of the Application Load Balancer, or of each stack's load balancer. */
    readonly loadBalancerArn: PerStack<string>;
  };

/** Options of {@link albErrorRateRegression}. */
export type AlbErrorRateRegressionOptions = AlbRegressionOptions & {
  /**
   * Counts the targets' 4xx responses as failures too, for a service whose clients never cause them.
   * @default false
   */
  readonly include4xx?: boolean | undefined;
  /**
   * Counts connections that the load balancer could not establish as failures too. It can try a request more than once, so a period
   * has at most as many failures as requests.
   * @default false
   */
  readonly includeConnectionErrors?: boolean | undefined;
};

/** Options of {@link albSlowRequestRegression}. */
export type AlbSlowRequestRegressionOptions = AlbRegressionOptions & {
  /** Response time above which a request counts as slow: 0.001 seconds or more. */
  readonly slowerThanSeconds: number;
  /**
   * Tolerated increase of the share of slow requests on top of the ratio: 0.005 is 0.5 percentage points.
   * @default 0.005, because response times of two stacks differ more than their errors
   */
  readonly tolerateIncrease?: number | undefined;
};

const albEntries = {
  ...namedCheckEntries,
  ...clientOptionsEntries,
  ...regressionPeriodEntries,
  targetGroupArn: strictObject(stackPair(targetGroupArnSchema)),
  loadBalancerArn: perStack(loadBalancerArnSchema),
};

const errorsSchema = strictObject({
  ...albEntries,
  include4xx: v.optional(v.boolean(), false),
  includeConnectionErrors: v.optional(v.boolean(), false),
});

const slowSchema = strictObject({
  ...albEntries,
  tolerateIncrease: v.optional(regressionPeriodEntries.tolerateIncrease.wrapped, 0.005),
  slowerThanSeconds: v.pipe(
    v.number(),
    v.check((value) => value >= 0.001 && value <= 4000, 'a number of seconds from 0.001 to 4000'),
  ),
});

/**
 * Compares the error rates of the two target groups since the shift began: HTTPCode_Target_5XX_Count of RequestCount. The rules are
 * those of `errorRateRegression`. The load balancer's own 502, 503 and 504 belong to no target group: see `includeConnectionErrors`.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 * @example
 * ```ts
 * import { albErrorRateRegression } from 'aws-blue-green-toolkit/traffic';
 *
 * const errors = albErrorRateRegression({
 *   targetGroupArn: {
 *     blue: process.env['BLUE_TARGET_GROUP_ARN'] ?? '',
 *     green: process.env['GREEN_TARGET_GROUP_ARN'] ?? '',
 *   },
 *   loadBalancerArn: process.env['LOAD_BALANCER_ARN'] ?? '',
 * });
 * ```
 */
export function albErrorRateRegression(options: AlbErrorRateRegressionOptions): Check {
  const settings = parseInput('albErrorRateRegression options', errorsSchema, options);
  const { include4xx, includeConnectionErrors } = settings;
  const failures = ['HTTPCode_Target_5XX_Count', ...(include4xx ? ['HTTPCode_Target_4XX_Count'] : [])];
  return regressionCheck({
    ...settings,
    name: nameOf('error rate regression', settings),
    rules: rulesOf(settings),
    cloudWatch: cloudWatchOf(settings),
    countsOf: errorCounts,
    callsOf: (stack) => {
      const query = (id: string, name: string) =>
        countQuery(id, { namespace, name, dimensions: dimensionsOf(settings, stack) }, settings);
      return [
        {
          quantityOf: quantityInId,
          roles: { requests: 'requests', failures: 'failures', connectionErrors: 'failures' },
          queries: [
            query('requests', 'RequestCount'),
            ...failures.map((name, index) => query(`failures${index}`, name)),
            ...(includeConnectionErrors ? [query('connectionErrors', 'TargetConnectionErrorCount')] : []),
          ],
        },
      ];
    },
  });
}

/**
 * Compares the share of requests that are slower than a bound, since the shift began. The rules are those of `errorRateRegression`,
 * with slow requests as failures. CloudWatch computes the share from the percentile rank of TargetResponseTime, which is an
 * approximation. The ceiling is the share of slow requests that is too many without a comparison, at 100 %: set it above the usual
 * share.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function albSlowRequestRegression(options: AlbSlowRequestRegressionOptions): Check {
  const settings = parseInput('albSlowRequestRegression options', slowSchema, options);
  const { slowerThanSeconds } = settings;
  return regressionCheck({
    ...settings,
    name: nameOf(`requests slower than ${slowerThanSeconds} s`, settings),
    rules: rulesOf(settings),
    cloudWatch: cloudWatchOf(settings),
    countsOf: slowCounts,
    callsOf: (stack) => {
      const metric = { namespace, name: 'TargetResponseTime', dimensions: dimensionsOf(settings, stack) };
      const { periodSeconds } = settings;
      return [
        {
          quantityOf: quantityInId,
          roles: { samples: 'requests', rank: 'rank' },
          queries: [
            countQuery('samples', metric, { periodSeconds, stat: 'SampleCount' }),
            countQuery('rank', metric, { periodSeconds, stat: `PR(:${slowerThanSeconds})` }),
          ],
        },
      ];
    },
  });
}

/** Adds connection errors to the failed responses, up to the number of requests: one request can meet several of them. */
function errorCounts(sums: SumsOf, stack: StackReference): PeriodCounts {
  const connectionErrors = sums('connectionErrors', stack);
  const responses = joinCounts(sums('requests', stack), sums('failures', stack));
  return new Map(
    [...responses].map(([start, { requests, failures }]) => {
      const all = Math.min(requests, failures + (connectionErrors.get(start) ?? 0));
      return [start, { requests, failures: Math.max(failures, all) }];
    }),
  );
}

/** Converts ranks in percent to counts of slow requests. A period without a rank is not judged: its share is not known. */
function slowCounts(sums: SumsOf, stack: StackReference): PeriodCounts {
  const ranks = sums('rank', stack);
  return new Map(
    [...sums('samples', stack)].flatMap(([start, requests]) => {
      const rank = ranks.get(start);
      if (rank === undefined) return [];
      return [[start, { requests, failures: requests * Math.max(0, 1 - rank / 100) }] as const];
    }),
  );
}

type TargetGroups = Pick<AlbRegressionOptions, 'name' | 'targetGroupArn' | 'loadBalancerArn'>;

function nameOf(subject: string, { name, targetGroupArn: { blue, green } }: TargetGroups): string {
  const groups = { blue: targetGroupDimension(blue), green: targetGroupDimension(green) };
  return name ?? `${subject} of ${describePerStack(groups)}`;
}

function dimensionsOf({ targetGroupArn, loadBalancerArn }: TargetGroups, stack: StackReference) {
  return [
    { Name: 'TargetGroup', Value: targetGroupDimension(targetGroupArn[stack]) },
    { Name: 'LoadBalancer', Value: loadBalancerDimension(ofStack(loadBalancerArn, stack)) },
  ];
}
