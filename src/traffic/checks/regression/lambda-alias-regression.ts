import type { ClientOptions } from '../../../core/clients.js';
import { nonEmptyString, stackPair, strictObject } from '../../../core/schemas.js';
import type { StackPair, StackReference } from '../../../core/stack-reference.js';
import { clientOptionsEntries } from '../../../core/tool-options.js';
import { parseInput } from '../../../core/validate.js';
import type { Check, CheckContext } from '../../types.js';
import { type CheckOptions, describePerStack, namedCheckEntries } from '../check-options.js';
import { unqualifiedName } from '../lambda-alias-error-rate.js';
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

/** Options of {@link lambdaAliasErrorRateRegression}. */
export type LambdaAliasErrorRateRegressionOptions = Omit<CheckOptions, 'name'> &
  RegressionPeriodOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the function, its alias and the versions
     */
    readonly name?: string | undefined;
    /** Name of the function, without a qualifier. */
    readonly functionName: string;
    /** Alias that routes the traffic. */
    readonly aliasName: string;
    /** Version of each stack. */
    readonly version: StackPair<string>;
  };

const namespace = 'AWS/Lambda';

const optionsSchema = strictObject({
  ...namedCheckEntries,
  ...clientOptionsEntries,
  ...regressionPeriodEntries,
  functionName: unqualifiedName,
  aliasName: nonEmptyString,
  version: strictObject(stackPair(nonEmptyString)),
});

/**
 * Compares the share of failed invocations of the two versions of an alias since the shift began: Errors of Invocations, by
 * ExecutedVersion. The rules are those of `errorRateRegression`. At 100 % the alias is no longer weighted and its metrics have no
 * ExecutedVersion: its invocations since then are the incoming version's.
 *
 * Lambda dates an error at the start of its invocation and publishes it at the end. Set `delaySeconds` to the timeout of a function
 * that runs for longer than a period.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function lambdaAliasErrorRateRegression(options: LambdaAliasErrorRateRegressionOptions): Check {
  const settings = parseInput('lambdaAliasErrorRateRegression options', optionsSchema, options);
  const { functionName, aliasName, version } = settings;
  const resource = `${functionName}:${aliasName}`;
  const alias = [
    { Name: 'FunctionName', Value: functionName },
    { Name: 'Resource', Value: resource },
  ];
  return regressionCheck({
    ...settings,
    name: settings.name ?? `error rate regression of ${resource}, version ${describePerStack(version)}`,
    rules: rulesOf(settings),
    cloudWatch: cloudWatchOf(settings),
    countsOf: (sums, stack, context) => countsOf(sums, stack, context, settings.periodSeconds),
    callsOf: (stack) => {
      const dimensions = [...alias, { Name: 'ExecutedVersion', Value: version[stack] }];
      const query = (id: string, name: string, of = dimensions) =>
        countQuery(id, { namespace, name, dimensions: of }, settings);
      return [
        {
          quantityOf: quantityInId,
          roles: {
            requests: 'requests',
            failures: 'failures',
            allRequests: 'requests',
            allFailures: 'failures',
          },
          wholes: { requests: 'allRequests', failures: 'allFailures' },
          queries: [
            query('requests', 'Invocations'),
            query('failures', 'Errors'),
            query('allRequests', 'Invocations', alias),
            query('allFailures', 'Errors', alias),
          ],
        },
      ];
    },
  });
}

/** Adds the unweighted alias to the incoming version, after the last period in which a version has invocations of its own. */
function countsOf(
  sums: SumsOf,
  stack: StackReference,
  { incoming, outgoing, weights, weightsSince }: CheckContext,
  periodSeconds: number,
): PeriodCounts {
  const own = joinCounts(sums('requests', stack), sums('failures', stack));
  if (stack !== incoming || weights[incoming] < 100) return own;
  const lastWeighted = Math.max(...own.keys(), ...sums('requests', outgoing).keys());
  // Without such a period the alias was never weighted, and the earlier invocations are the outgoing version's.
  const alone = Number.isFinite(lastWeighted) ? lastWeighted + periodSeconds * 1000 : weightsSince;
  const all = joinCounts(sums('allRequests', stack), sums('allFailures', stack));
  return new Map([...own, ...[...all].filter(([start]) => start >= alone)]);
}
