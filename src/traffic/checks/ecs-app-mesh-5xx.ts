import * as v from 'valibot';
import type { ClientOptions } from '../../core/clients.js';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { clientOptionsEntries } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckResult } from '../types.js';
import {
  type CheckOptions,
  describePerStack,
  inconclusive,
  missingDataEntries,
  namedCheckEntries,
  ofStack,
  type PerStack,
  perStack,
} from './check-options.js';
import type { MissingDataOptions } from './cloudwatch-metric.js';
import { describeAgainst, judgeNoData, type MetricPoint } from './judge-metric.js';
import { type MetricWindowOptions, metricCheck, periodField, windowEntries } from './metric-check.js';
import { pointsOf } from './metric-series.js';
import { type CloudWatchCheckClients, cloudWatchOf } from './read-metric-data.js';
import { requireFittingWindow } from './window-fits.js';

/** Options of {@link ecsAppMesh5xx}. */
export type EcsAppMesh5xxOptions = Omit<CheckOptions, 'name'> &
  MetricWindowOptions &
  MissingDataOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the family of the task definition
     */
    readonly name?: string | undefined;
    /** Name of the ECS cluster. */
    readonly clusterName: string;
    /** Task definition family, or that of each stack. The check uses the one of the incoming stack. */
    readonly taskDefinitionFamily: PerStack<string>;
    /** Highest healthy number of 5xx responses in the window. */
    readonly max: number;
    /**
     * Envoy's connection manager whose responses count. With several listeners on a virtual node, App Mesh names it
     * `ingress.http.8080` or the like.
     * @default 'ingress'
     */
    readonly connectionManagerPrefix?: string | undefined;
    /**
     * The length of a data point: a multiple of 60.
     * @default 60
     */
    readonly periodSeconds?: number | undefined;
  };

const namespace = 'ECS/ContainerInsights/Prometheus';

const optionsSchema = strictObject({
  ...namedCheckEntries,
  ...windowEntries,
  ...clientOptionsEntries,
  clusterName: nonEmptyString,
  taskDefinitionFamily: perStack(nonEmptyString),
  max: v.pipe(
    v.number(),
    v.check((value) => value >= 0 && Number.isFinite(value), 'a number of responses, 0 or more'),
  ),
  connectionManagerPrefix: v.optional(nonEmptyString, 'ingress'),
  periodSeconds: periodField,
  ...missingDataEntries,
});

/**
 * Checks the number of 5xx responses of Envoy in the whole window against a threshold: the health check of the App Mesh pipeline
 * sample. The data is from Container Insights with Prometheus, whose agent must export `envoy_http_downstream_rq_xx` with the
 * dimensions ClusterName, TaskDefinitionFamily, envoy_http_conn_manager_prefix and envoy_response_code_class, as AWS's agent
 * configuration for App Mesh does. No data does not prove health.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, or when the window is shorter than a period.
 */
export function ecsAppMesh5xx(options: EcsAppMesh5xxOptions): Check {
  const settings = parseInput('ecsAppMesh5xx options', optionsSchema, options);
  const { clusterName, taskDefinitionFamily, connectionManagerPrefix, periodSeconds } = settings;
  requireFittingWindow('ecsAppMesh5xx options', { ...settings, namespaces: [namespace] });
  return metricCheck({
    ...settings,
    name: settings.name ?? `5xx of ${describePerStack(taskDefinitionFamily)}`,
    cloudWatch: cloudWatchOf(settings),
    queriesOf: ({ incoming }) => [
      {
        Id: 'm',
        MetricStat: {
          Metric: {
            Namespace: namespace,
            MetricName: 'envoy_http_downstream_rq_xx',
            Dimensions: [
              { Name: 'ClusterName', Value: clusterName },
              { Name: 'TaskDefinitionFamily', Value: ofStack(taskDefinitionFamily, incoming) },
              { Name: 'envoy_http_conn_manager_prefix', Value: connectionManagerPrefix },
              { Name: 'envoy_response_code_class', Value: '5' },
            ],
          },
          Period: periodSeconds,
          Stat: 'Sum',
        },
      },
    ],
    judge: (series, window) => judgeSum(pointsOf(series), { ...settings, window }),
  });
}

function judgeSum(
  points: readonly MetricPoint[],
  settings: Pick<v.InferOutput<typeof optionsSchema>, 'max' | 'minimumSamples' | 'noData'> & {
    window: string;
  },
): CheckResult {
  const { max, minimumSamples, window } = settings;
  if (points.length === 0) return judgeNoData(settings);
  const value = points.reduce((total, point) => total + point.value, 0);
  const detail = `sum of 5xx responses ${describeAgainst(value, { max })} (${window})`;
  if (!(value <= max)) return { outcome: 'fail', detail, value };
  if (points.length < minimumSamples) {
    return inconclusive(
      `too few data points: ${points.length} where ${minimumSamples} are needed (${window})`,
    );
  }
  return { outcome: 'pass', detail, value };
}
