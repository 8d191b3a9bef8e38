import * as v from 'valibot';
import type { ClientOptions } from '../../../core/clients.js';
import { nonEmptyString, stackPair, strictObject } from '../../../core/schemas.js';
import type { StackPair } from '../../../core/stack-reference.js';
import { clientOptionsEntries } from '../../../core/tool-options.js';
import { parseInput } from '../../../core/validate.js';
import type { Check } from '../../types.js';
import { type CheckOptions, describePerStack, namedCheckEntries } from '../check-options.js';
import { type CloudWatchCheckClients, cloudWatchOf } from '../read-metric-data.js';
import {
  countQuery,
  countsById,
  type RegressionPeriodOptions,
  regressionCheck,
  regressionPeriodEntries,
  rulesOf,
} from './regression-check.js';

/** Stage of an API: `apiName` for a REST API, `apiId` for an HTTP API, as CloudWatch distinguishes them. */
export type ApiGatewayStage =
  | {
      /** Name of the REST API. */
      readonly apiName: string;
      /** Name of the stage. */
      readonly stage: string;
      /** Either a name or an ID. */
      readonly apiId?: undefined;
    }
  | {
      /** ID of the HTTP API. */
      readonly apiId: string;
      /** Name of the stage. */
      readonly stage: string;
      /** Either a name or an ID. */
      readonly apiName?: undefined;
    };

/** Options of {@link apiGatewayErrorRateRegression}. */
export type ApiGatewayErrorRateRegressionOptions = Omit<CheckOptions, 'name'> &
  RegressionPeriodOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the APIs and their stages
     */
    readonly name?: string | undefined;
    /** Stage of each stack. */
    readonly stages: StackPair<ApiGatewayStage>;
  };

const namespace = 'AWS/ApiGateway';

const stageSchema = v.pipe(
  strictObject({
    apiName: v.optional(nonEmptyString),
    apiId: v.optional(nonEmptyString),
    stage: nonEmptyString,
  }),
  v.check(
    ({ apiName, apiId }) => (apiName === undefined) !== (apiId === undefined),
    'either apiName, for a REST API, or apiId, for an HTTP API',
  ),
);

const optionsSchema = strictObject({
  ...namedCheckEntries,
  ...clientOptionsEntries,
  ...regressionPeriodEntries,
  stages: strictObject(stackPair(stageSchema)),
});

/**
 * Compares the share of 5xx responses of two API Gateway stages since the shift began: 5XXError of Count for a REST API, 5xx of
 * Count for an HTTP API. The rules are those of `errorRateRegression`. The stacks need stages of their own: the metrics of one
 * stage do not separate its canary.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function apiGatewayErrorRateRegression(options: ApiGatewayErrorRateRegressionOptions): Check {
  const settings = parseInput('apiGatewayErrorRateRegression options', optionsSchema, options);
  const { stages, periodSeconds } = settings;
  const names = { blue: nameOf(stages.blue), green: nameOf(stages.green) };
  return regressionCheck({
    ...settings,
    name: settings.name ?? `error rate regression of ${describePerStack(names)}`,
    rules: rulesOf(settings),
    cloudWatch: cloudWatchOf(settings),
    callsOf: (stack) => {
      const { apiName, apiId, stage } = stages[stack];
      const api =
        apiName === undefined ? { Name: 'ApiId', Value: apiId } : { Name: 'ApiName', Value: apiName };
      const dimensions = [api, { Name: 'Stage', Value: stage }];
      const failures = { namespace, name: apiName === undefined ? '5xx' : '5XXError', dimensions };
      return [
        {
          ...countsById,
          queries: [
            // API Gateway documents SampleCount as the statistic of Count.
            countQuery(
              'requests',
              { namespace, name: 'Count', dimensions },
              { periodSeconds, stat: 'SampleCount' },
            ),
            countQuery('failures', failures, { periodSeconds }),
          ],
        },
      ];
    },
  });
}

function nameOf({ apiName, apiId, stage }: v.InferOutput<typeof stageSchema>): string {
  return `${apiName ?? apiId}/${stage}`;
}
