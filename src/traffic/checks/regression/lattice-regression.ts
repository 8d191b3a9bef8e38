import * as v from 'valibot';
import type { ClientOptions } from '../../../core/clients.js';
import { stackPair, strictObject } from '../../../core/schemas.js';
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

/** Options of {@link latticeErrorRateRegression}. */
export type LatticeErrorRateRegressionOptions = Omit<CheckOptions, 'name'> &
  RegressionPeriodOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the target groups
     */
    readonly name?: string | undefined;
    /** ID or ARN of the VPC Lattice target group of each stack. */
    readonly targetGroup: StackPair<string>;
  };

const namespace = 'AWS/VpcLattice';

const targetGroup = v.pipe(
  v.string(),
  v.check(
    (value) => /^(arn:[^:]+:vpc-lattice:[^:]+:[^:]+:targetgroup\/)?tg-[0-9a-z]+$/.test(value),
    'the ID (tg-…) or ARN of a VPC Lattice target group',
  ),
  // The dimension has the ID.
  v.transform((value) => value.slice(value.lastIndexOf('/') + 1)),
);

const optionsSchema = strictObject({
  ...namedCheckEntries,
  ...clientOptionsEntries,
  ...regressionPeriodEntries,
  targetGroup: strictObject(stackPair(targetGroup)),
});

/**
 * Compares the share of 5xx responses of two VPC Lattice target groups since the shift began: HTTPCode_5XX_Count of
 * TotalRequestCount. The rules are those of `errorRateRegression`.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function latticeErrorRateRegression(options: LatticeErrorRateRegressionOptions): Check {
  const settings = parseInput('latticeErrorRateRegression options', optionsSchema, options);
  const groups = settings.targetGroup;
  return regressionCheck({
    ...settings,
    name: settings.name ?? `error rate regression of ${describePerStack(groups)}`,
    rules: rulesOf(settings),
    cloudWatch: cloudWatchOf(settings),
    callsOf: (stack) => {
      const query = (id: string, name: string) => {
        const dimensions = [{ Name: 'TargetGroup', Value: groups[stack] }];
        return countQuery(id, { namespace, name, dimensions }, settings);
      };
      return [
        {
          ...countsById,
          queries: [query('requests', 'TotalRequestCount'), query('failures', 'HTTPCode_5XX_Count')],
        },
      ];
    },
  });
}
