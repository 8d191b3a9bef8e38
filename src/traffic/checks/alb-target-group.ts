import { CloudWatchClient, type Dimension, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { positiveCount, wholeNumber } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { Check } from '../types.js';
import {
  loadBalancerArnSchema,
  loadBalancerDimension,
  targetGroupArnSchema,
  targetGroupDimension,
} from './arn-dimensions.js';
import {
  type CheckOptions,
  describePerStack,
  namedCheckFields,
  noDataOutcome,
  ofStack,
  type PerStack,
  perStack,
  someSeconds,
} from './check-options.js';
import type { MissingDataOptions } from './cloudwatch-metric.js';
import { type ErrorRateOptions, errorRateCheck, errorRateFields } from './error-rate.js';
import { judgePoints } from './judge-metric.js';
import { type MetricWindowOptions, metricCheck, periodField, windowFields } from './metric-check.js';
import type { CloudWatchCheckClients } from './read-metric-data.js';

const namespace = 'AWS/ApplicationELB';

/** The target group that a check is about. */
export interface AlbTargetGroupOptions extends Omit<CheckOptions, 'name'> {
  /**
   * Unique among the checks of a shift.
   * @default told from the target group
   */
  readonly name?: string | undefined;
  /** The ARN of the target group; or that of each stack, of which the incoming one's is looked at. */
  readonly targetGroupArn: PerStack<string>;
  /** The ARN of the Application Load Balancer in front of it. */
  readonly loadBalancerArn: string;
}

/** How {@link albTargetGroup5xxRate} is made. */
export type AlbTargetGroup5xxRateOptions = AlbTargetGroupOptions &
  ErrorRateOptions &
  ClientOptions<CloudWatchCheckClients>;

/** How {@link albTargetGroupLatency} is made. */
export type AlbTargetGroupLatencyOptions = AlbTargetGroupOptions &
  MetricWindowOptions &
  MissingDataOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** The highest healthy response time of the targets. */
    readonly maxSeconds: number;
    /**
     * Which of the response times: `p` and a number up to 100, or `Average`.
     * @default 'p99'
     */
    readonly percentile?: string | undefined;
    /**
     * The length of a data point: a multiple of 60.
     * @default 60
     */
    readonly periodSeconds?: number | undefined;
  };

/** How {@link albUnhealthyHosts} is made. */
export type AlbUnhealthyHostsOptions = AlbTargetGroupOptions &
  MetricWindowOptions &
  MissingDataOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * The highest healthy number of unhealthy targets.
     * @default 0
     */
    readonly max?: number | undefined;
    /**
     * The length of a data point: a multiple of 60.
     * @default 60
     */
    readonly periodSeconds?: number | undefined;
  };

const targetGroupFields = {
  ...namedCheckFields,
  targetGroupArn: perStack(targetGroupArnSchema),
  loadBalancerArn: loadBalancerArnSchema,
};

const pointFields = {
  ...targetGroupFields,
  ...windowFields,
  periodSeconds: periodField,
  minimumSamples: v.optional(positiveCount, 1),
  noData: noDataOutcome,
};

const rateSchema = v.object({ ...targetGroupFields, ...errorRateFields });

const latencySchema = v.object({
  ...pointFields,
  maxSeconds: someSeconds,
  percentile: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => /^(p(100|\d{1,2}(\.\d+)?)|Average)$/.test(value), "'p99', 'p99.9' or 'Average'"),
    ),
    'p99',
  ),
});

const hostsSchema = v.object({ ...pointFields, max: v.optional(wholeNumber, 0) });

/**
 * The share of the target group's requests that its targets answered with a 5xx, in percent, over the whole window:
 * HTTPCode_Target_5XX_Count ÷ RequestCount × 100. Without requests there is no data, whatever the errors. The load balancer's
 * own 502, 503 and 504, when targets do not answer, are counted for no target group; they are not seen here.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing or malformed.
 */
export function albTargetGroup5xxRate(options: AlbTargetGroup5xxRateOptions): Check {
  const settings = parseInput('albTargetGroup5xxRate options', rateSchema, options);
  return errorRateCheck({
    ...settings,
    name: nameOf('5xx rate', options),
    cloudWatch: cloudWatchOf(options),
    namespace,
    errors: 'HTTPCode_Target_5XX_Count',
    requests: 'RequestCount',
    dimensionsOf: ({ incoming }) => dimensionsOf(options, incoming),
  });
}

/**
 * A percentile of the time that the targets take to answer, against a highest value that every data point of the window
 * has to keep.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing or malformed.
 */
export function albTargetGroupLatency(options: AlbTargetGroupLatencyOptions): Check {
  const settings = parseInput('albTargetGroupLatency options', latencySchema, options);
  return pointCheck(options, {
    ...settings,
    name: nameOf(`${settings.percentile} latency`, options),
    metricName: 'TargetResponseTime',
    stat: settings.percentile,
    max: settings.maxSeconds,
    unit: ' s',
  });
}

/**
 * The number of the target group's targets that fail their health checks, which every data point of the window has to
 * keep. Targets that are not registered are not counted: `minimumHealthyCount` of the shifter looks at those.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing or malformed.
 */
export function albUnhealthyHosts(options: AlbUnhealthyHostsOptions): Check {
  const settings = parseInput('albUnhealthyHosts options', hostsSchema, options);
  return pointCheck(options, {
    ...settings,
    name: nameOf('unhealthy hosts', options),
    metricName: 'UnHealthyHostCount',
    stat: 'Maximum',
    unit: ' unhealthy hosts',
  });
}

type PointPlan = Omit<v.InferOutput<typeof latencySchema>, 'maxSeconds' | 'percentile'> & {
  readonly name: string;
  readonly metricName: string;
  readonly stat: string;
  readonly max: number;
  readonly unit: string;
};

function pointCheck(
  options: AlbTargetGroupOptions & ClientOptions<CloudWatchCheckClients>,
  plan: PointPlan,
): Check {
  return metricCheck({
    ...plan,
    cloudWatch: cloudWatchOf(options),
    queriesOf: ({ incoming }): MetricDataQuery[] => [
      {
        Id: 'm',
        MetricStat: {
          Metric: {
            Namespace: namespace,
            MetricName: plan.metricName,
            Dimensions: dimensionsOf(options, incoming),
          },
          Period: plan.periodSeconds,
          Stat: plan.stat,
        },
      },
    ],
    judge: (series, window) =>
      judgePoints(
        series.flatMap(({ points }) => points),
        { ...plan, window },
      ),
  });
}

function nameOf(what: string, { name, targetGroupArn }: AlbTargetGroupOptions): string {
  const group =
    typeof targetGroupArn === 'string'
      ? targetGroupDimension(targetGroupArn)
      : describePerStack({
          blue: targetGroupDimension(targetGroupArn.blue),
          green: targetGroupDimension(targetGroupArn.green),
        });
  return name ?? `${what} of ${group}`;
}

function cloudWatchOf(options: ClientOptions<CloudWatchCheckClients>): CloudWatchClient {
  return resolveClients<CloudWatchCheckClients>(options, { cloudWatch: CloudWatchClient }).cloudWatch;
}

function dimensionsOf(options: AlbTargetGroupOptions, incoming: StackReference): Dimension[] {
  return [
    { Name: 'TargetGroup', Value: targetGroupDimension(ofStack(options.targetGroupArn, incoming)) },
    { Name: 'LoadBalancer', Value: loadBalancerDimension(options.loadBalancerArn) },
  ];
}
