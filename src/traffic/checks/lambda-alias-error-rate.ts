import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { nonEmptyString } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext } from '../types.js';
import {
  type CheckOptions,
  describePerStack,
  namedCheckFields,
  ofStack,
  type PerStack,
  perStack,
} from './check-options.js';
import { type ErrorRateOptions, errorRateCheck, errorRateFields } from './error-rate.js';
import type { CloudWatchCheckClients } from './read-metric-data.js';

/** How {@link lambdaAliasErrorRate} is made. */
export type LambdaAliasErrorRateOptions = Omit<CheckOptions, 'name'> &
  ErrorRateOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default told from the function
     */
    readonly name?: string | undefined;
    /** The function's name, without a qualifier. */
    readonly functionName: string;
    /** The alias that the traffic goes through. */
    readonly aliasName: string;
    /** The version whose invocations count; or that of each stack, of which the incoming one's is looked at. */
    readonly version: PerStack<string>;
  };

const optionsSchema = v.object({
  ...namedCheckFields,
  ...errorRateFields,
  functionName: v.pipe(
    nonEmptyString,
    // An ARN would match no metric, and no data would be all that is ever seen.
    v.check((name) => !name.includes(':'), "the function's name alone: no ARN, no qualifier"),
  ),
  aliasName: nonEmptyString,
  version: perStack(nonEmptyString),
});

/**
 * The share of failed invocations of one version through an alias, in percent, over the whole window: Errors ÷ Invocations
 * × 100. CloudWatch tells the versions of a weighted alias apart by the dimension ExecutedVersion. At 100 % the alias is no
 * longer weighted, and all of its invocations are the version's.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing or malformed.
 */
export function lambdaAliasErrorRate(options: LambdaAliasErrorRateOptions): Check {
  const settings = parseInput('lambdaAliasErrorRate options', optionsSchema, options);
  const { functionName, aliasName, version } = settings;
  const resource = `${functionName}:${aliasName}`;
  return errorRateCheck({
    ...settings,
    name: settings.name ?? `error rate of ${resource}, version ${describePerStack(version)}`,
    cloudWatch: resolveClients<CloudWatchCheckClients>(options, { cloudWatch: CloudWatchClient }).cloudWatch,
    namespace: 'AWS/Lambda',
    errors: 'Errors',
    requests: 'Invocations',
    isOfOneStack: isWeighted,
    dimensionsOf: (context) => [
      { Name: 'FunctionName', Value: functionName },
      { Name: 'Resource', Value: resource },
      ...(isWeighted(context)
        ? [{ Name: 'ExecutedVersion', Value: ofStack(version, context.incoming) }]
        : []),
    ],
  });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html promises ExecutedVersion for such an alias alone. */
function isWeighted({ weights, incoming }: CheckContext): boolean {
  return weights[incoming] < 100;
}
