import * as v from 'valibot';
import type { ClientOptions } from '../../core/clients.js';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { clientOptionsEntries } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext } from '../types.js';
import {
  type CheckOptions,
  describePerStack,
  namedCheckEntries,
  ofStack,
  type PerStack,
  perStack,
} from './check-options.js';
import { type ErrorRateOptions, errorRateCheck, errorRateEntries } from './error-rate.js';
import { type CloudWatchCheckClients, cloudWatchOf } from './read-metric-data.js';
import { requireFittingWindow } from './window-fits.js';

/** Options of {@link lambdaAliasErrorRate}. */
export type LambdaAliasErrorRateOptions = Omit<CheckOptions, 'name'> &
  ErrorRateOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the function, its alias and the version
     */
    readonly name?: string | undefined;
    /** Name of the function, without a qualifier. */
    readonly functionName: string;
    /** Alias that routes the traffic. */
    readonly aliasName: string;
    /** Version whose invocations count, or that of each stack. The check uses the one of the incoming stack. */
    readonly version: PerStack<string>;
  };

const namespace = 'AWS/Lambda';

/** Name of a function. An ARN matches no metric, so a check would never find data. */
export const unqualifiedName = v.pipe(
  nonEmptyString,
  v.check((name) => !name.includes(':'), "the function's name alone: no ARN, no qualifier"),
);

const optionsSchema = strictObject({
  ...namedCheckEntries,
  ...errorRateEntries,
  ...clientOptionsEntries,
  functionName: unqualifiedName,
  aliasName: nonEmptyString,
  version: perStack(nonEmptyString),
});

/**
 * Checks the share of failed invocations of one version through an alias, in percent, over the whole window: Errors ÷ Invocations
 * × 100. CloudWatch distinguishes the versions of a weighted alias by the dimension ExecutedVersion. At 100 % the alias is no
 * longer weighted, and all of its invocations are the version's.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed, or when the window is shorter than a period.
 */
export function lambdaAliasErrorRate(options: LambdaAliasErrorRateOptions): Check {
  const settings = parseInput('lambdaAliasErrorRate options', optionsSchema, options);
  const { functionName, aliasName, version } = settings;
  const resource = `${functionName}:${aliasName}`;
  requireFittingWindow('lambdaAliasErrorRate options', { ...settings, namespaces: [namespace] });
  return errorRateCheck({
    ...settings,
    name: settings.name ?? `error rate of ${resource}, version ${describePerStack(version)}`,
    cloudWatch: cloudWatchOf(settings),
    namespace,
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

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html documents ExecutedVersion for a weighted alias only. */
function isWeighted({ weights, incoming }: CheckContext): boolean {
  return weights[incoming] < 100;
}
