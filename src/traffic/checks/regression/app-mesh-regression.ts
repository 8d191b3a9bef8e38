import * as v from 'valibot';
import type { ClientOptions } from '../../../core/clients.js';
import { nonEmptyString, stackPair, strictObject } from '../../../core/schemas.js';
import type { StackPair } from '../../../core/stack-reference.js';
import { clientOptionsEntries } from '../../../core/tool-options.js';
import { parseInput } from '../../../core/validate.js';
import type { Check } from '../../types.js';
import { type CheckOptions, describePerStack, namedCheckEntries } from '../check-options.js';
import { type CloudWatchCheckClients, cloudWatchOf } from '../read-metric-data.js';
import { joinCounts } from './period-counts.js';
import {
  countQuery,
  type RegressionPeriodOptions,
  regressionCheck,
  regressionPeriodEntries,
  rulesOf,
} from './regression-check.js';

/** Options of {@link appMeshErrorRateRegression}. */
export type AppMeshErrorRateRegressionOptions = Omit<CheckOptions, 'name'> &
  RegressionPeriodOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the task definition families
     */
    readonly name?: string | undefined;
    /** Name of the ECS cluster. */
    readonly clusterName: string;
    /** Task definition family of each stack. */
    readonly taskDefinitionFamily: StackPair<string>;
    /**
     * Envoy's connection manager whose responses count.
     * @default 'ingress'
     */
    readonly connectionManagerPrefix?: string | undefined;
  };

const namespace = 'ECS/ContainerInsights/Prometheus';

const optionsSchema = strictObject({
  ...namedCheckEntries,
  ...clientOptionsEntries,
  ...regressionPeriodEntries,
  clusterName: nonEmptyString,
  taskDefinitionFamily: strictObject(stackPair(nonEmptyString)),
  connectionManagerPrefix: v.optional(nonEmptyString, 'ingress'),
});

/** Classes of responses. Their sum are the requests. */
const classes = ['2', '3', '4', '5'];

/**
 * Compares the share of Envoy's 5xx responses of the two stacks since the shift began, from Container Insights with Prometheus: the
 * metric `envoy_http_downstream_rq_xx` by response class, as `ecsAppMesh5xx` reads it. The rules are those of `errorRateRegression`.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function appMeshErrorRateRegression(options: AppMeshErrorRateRegressionOptions): Check {
  const settings = parseInput('appMeshErrorRateRegression options', optionsSchema, options);
  const { clusterName, taskDefinitionFamily, connectionManagerPrefix } = settings;
  return regressionCheck({
    ...settings,
    name: settings.name ?? `error rate regression of ${describePerStack(taskDefinitionFamily)}`,
    rules: rulesOf(settings),
    cloudWatch: cloudWatchOf(settings),
    countsOf: (sums, stack) => {
      const failures = sums('failures', stack);
      const totals = new Map(failures);
      for (const [start, value] of sums('other', stack)) totals.set(start, (totals.get(start) ?? 0) + value);
      return joinCounts(totals, failures);
    },
    callsOf: (stack) => [
      {
        quantityOf: (id) => (id === 'responses5' ? 'failures' : 'other'),
        // The requests are no metric: each class of responses is split by itself.
        roles: { failures: 'value', other: 'value' },
        queries: classes.map((code) => {
          const dimensions = [
            { Name: 'ClusterName', Value: clusterName },
            { Name: 'TaskDefinitionFamily', Value: taskDefinitionFamily[stack] },
            { Name: 'envoy_http_conn_manager_prefix', Value: connectionManagerPrefix },
            { Name: 'envoy_response_code_class', Value: code },
          ];
          return countQuery(
            `responses${code}`,
            { namespace, name: 'envoy_http_downstream_rq_xx', dimensions },
            settings,
          );
        }),
      },
    ],
  });
}
