import type { CloudWatchClient, Dimension } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import type { ClientOptions } from '../../core/clients.js';
import { someSeconds, strictObject, wholeNumber } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { clientOptionsEntries } from '../../core/tool-options.js';
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
  missingDataEntries,
  namedCheckEntries,
  ofStack,
  type PerStack,
  perStack,
} from './check-options.js';
import type { MissingDataOptions } from './cloudwatch-metric.js';
import { type ErrorRateOptions, errorRateCheck, errorRateEntries } from './error-rate.js';
import { judgePoints } from './judge-metric.js';
import { type MetricWindowOptions, metricCheck, periodField, windowEntries } from './metric-check.js';
import { pointsOf } from './metric-series.js';
import { type CloudWatchCheckClients, cloudWatchOf } from './read-metric-data.js';
import { requireFittingWindow } from './window-fits.js';

const namespace = 'AWS/ApplicationELB';

/** Options of the checks of a target group. */
export interface AlbTargetGroupOptions extends Omit<CheckOptions, 'name'> {
  /**
   * Unique among the checks of a shift.
   * @default the metric and the target group
   */
  readonly name?: string | undefined;
  /** ARN of the target group, or of each stack's target group. The check uses the one of the incoming stack. */
  readonly targetGroupArn: PerStack<string>;
  /** ARN of the Application Load Balancer. */
  readonly loadBalancerArn: string;
}

/** Options of {@link albTargetGroup5xxRate}. */
export type AlbTargetGroup5xxRateOptions = AlbTargetGroupOptions &
  ErrorRateOptions &
  ClientOptions<CloudWatchCheckClients>;

/** Options of {@link albTargetGroupLatency}. */
export type AlbTargetGroupLatencyOptions = AlbTargetGroupOptions &
  MetricWindowOptions &
  MissingDataOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** The highest healthy response time of the targets. */
    readonly maxSeconds: number;
    /**
     * The statistic of the response times: `p` and a number up to 100, or `Average`.
     * @default 'p99'
     */
    readonly percentile?: string | undefined;
    /**
     * The length of a data point: a multiple of 60.
     * @default 60
     */
    readonly periodSeconds?: number | undefined;
  };

/** Options of {@link albUnhealthyHosts}. */
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

const targetGroupEntries = {
  ...namedCheckEntries,
  ...clientOptionsEntries,
  targetGroupArn: perStack(targetGroupArnSchema),
  loadBalancerArn: loadBalancerArnSchema,
};

const pointEntries = {
  ...targetGroupEntries,
  ...windowEntries,
  periodSeconds: periodField,
  ...missingDataEntries,
};

const rateSchema = strictObject({ ...targetGroupEntries, ...errorRateEntries });

const latencySchema = strictObject({
  ...pointEntries,
  maxSeconds: someSeconds,
  percentile: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => /^(p(100|\d{1,2}(\.\d+)?)|Average)$/.test(value), "'p99', 'p99.9' or 'Average'"),
    ),
    'p99',
  ),
});

const hostsSchema = strictObject({ ...pointEntries, max: v.optional(wholeNumber, 0) });

/**
 * Checks the share of the target group's requests that its targets answered with a 5xx, in percent, over the whole window:
 * HTTPCode_Target_5XX_Count ÷ RequestCount × 100. Without requests there is no data, whatever the errors. The load balancer's own
 * 502, 503 and 504, when targets do not respond, belong to no target group, so the check does not include them.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, or when the window is too short for the metric.
 */
export function albTargetGroup5xxRate(options: AlbTargetGroup5xxRateOptions): Check {
  const settings = parseInput('albTargetGroup5xxRate options', rateSchema, options);
  requireFittingWindow('albTargetGroup5xxRate options', { ...settings, namespaces: [namespace] });
  return errorRateCheck({
    ...settings,
    name: nameOf('5xx rate', settings),
    cloudWatch: cloudWatchOf(settings),
    namespace,
    errors: 'HTTPCode_Target_5XX_Count',
    requests: 'RequestCount',
    dimensionsOf: ({ incoming }) => dimensionsOf(settings, incoming),
  });
}

/**
 * Checks a percentile of the targets' response time. Every data point of the window must be at most `maxSeconds`.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, or when the window is too short for the metric.
 */
export function albTargetGroupLatency(options: AlbTargetGroupLatencyOptions): Check {
  const settings = parseInput('albTargetGroupLatency options', latencySchema, options);
  requireFittingWindow('albTargetGroupLatency options', { ...settings, namespaces: [namespace] });
  return pointCheck({
    ...settings,
    name: nameOf(`${settings.percentile} latency`, settings),
    cloudWatch: cloudWatchOf(settings),
    metricName: 'TargetResponseTime',
    stat: settings.percentile,
    max: settings.maxSeconds,
    unit: ' s',
  });
}

/**
 * Checks the number of the target group's targets that fail their health checks. Every data point of the window must be at most
 * `max`. Targets that are not registered are not counted; for those use `minimumHealthyCount` of the shifter.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, or when the window is too short for the metric.
 */
export function albUnhealthyHosts(options: AlbUnhealthyHostsOptions): Check {
  const settings = parseInput('albUnhealthyHosts options', hostsSchema, options);
  requireFittingWindow('albUnhealthyHosts options', { ...settings, namespaces: [namespace] });
  return pointCheck({
    ...settings,
    name: nameOf('unhealthy hosts', settings),
    cloudWatch: cloudWatchOf(settings),
    metricName: 'UnHealthyHostCount',
    stat: 'Maximum',
    unit: ' unhealthy hosts',
  });
}

type TargetGroup = Pick<AlbTargetGroupOptions, 'name' | 'targetGroupArn' | 'loadBalancerArn'>;

type PointPlan = Omit<v.InferOutput<typeof hostsSchema>, 'name'> & {
  readonly name: string;
  readonly cloudWatch: CloudWatchClient;
  readonly metricName: string;
  readonly stat: string;
  readonly unit: string;
};

function pointCheck(plan: PointPlan): Check {
  const { metricName, stat, periodSeconds } = plan;
  return metricCheck({
    ...plan,
    queriesOf: ({ incoming }) => {
      const Metric = {
        Namespace: namespace,
        MetricName: metricName,
        Dimensions: dimensionsOf(plan, incoming),
      };
      return [{ Id: 'm', MetricStat: { Metric, Period: periodSeconds, Stat: stat } }];
    },
    judge: (series, window) => judgePoints(pointsOf(series), { ...plan, window }),
  });
}

function nameOf(subject: string, { name, targetGroupArn }: TargetGroup): string {
  const group =
    typeof targetGroupArn === 'string'
      ? targetGroupDimension(targetGroupArn)
      : describePerStack({
          blue: targetGroupDimension(targetGroupArn.blue),
          green: targetGroupDimension(targetGroupArn.green),
        });
  return name ?? `${subject} of ${group}`;
}

function dimensionsOf(
  { targetGroupArn, loadBalancerArn }: TargetGroup,
  incoming: StackReference,
): Dimension[] {
  return [
    { Name: 'TargetGroup', Value: targetGroupDimension(ofStack(targetGroupArn, incoming)) },
    { Name: 'LoadBalancer', Value: loadBalancerDimension(loadBalancerArn) },
  ];
}
