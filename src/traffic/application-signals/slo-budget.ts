import { ApplicationSignalsClient } from '@aws-sdk/client-application-signals';
import * as v from 'valibot';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { nonEmptyString, secondsFrom, strictObject } from '../../core/schemas.js';
import { clientOptionsEntries, clientOptionsOf } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import { incomingOf, requireMetricContext } from '../checks/check-context.js';
import {
  type CheckOptions,
  checkEntries,
  ofStack,
  type PerStack,
  perStack,
} from '../checks/check-options.js';
import type { Check } from '../types.js';
import { minBurnSeconds } from './burn-rate.js';
import { judgeBudgets } from './judge-budgets.js';
import { applicationSignalsPermissions } from './permissions.js';
import { readBudgets } from './read-budgets.js';

/** Clients of {@link sloBudget}. */
export interface SloBudgetClients {
  /** CloudWatch Application Signals. */
  readonly applicationSignals: ApplicationSignalsClient;
}

/** Limit of the speed at which an error budget is used. */
export interface BurnRateLimit {
  /**
   * Highest healthy rate. A rate of 1 uses the whole budget in exactly one interval of the objective, 14.4 uses 2 % of a budget of 30
   * days in an hour.
   */
  readonly max: number;
  /**
   * Seconds over which the rate is measured, at most; under the present weights only. At least 60, which is the shortest period of an
   * objective.
   * @default 3600
   */
  readonly windowSeconds?: number | undefined;
}

/** Options of {@link sloBudget}. */
export type SloBudgetOptions = CheckOptions &
  ClientOptions<SloBudgetClients> & {
    /** Names or ARNs of service level objectives, or those of each stack. The check uses those of the incoming stack. */
    readonly objectives: PerStack<readonly string[]>;
    /**
     * Limit of the burn rate. The check is inconclusive for the first minute of new weights, and of a new calendar interval.
     * @default only a breached budget fails
     */
    readonly burnRate?: BurnRateLimit | undefined;
    /**
     * Outcome of a budget in `WARNING`.
     * @default 'pass'
     */
    readonly warning?: 'pass' | 'fail' | undefined;
  };

const optionsSchema = strictObject({
  ...checkEntries,
  ...clientOptionsEntries,
  objectives: perStack(
    v.pipe(
      v.array(nonEmptyString),
      v.check((ids) => ids.length > 0, 'the name or ARN of an objective'),
    ),
  ),
  burnRate: v.optional(
    strictObject({
      max: v.pipe(
        v.number(),
        v.check((value) => value >= 0 && Number.isFinite(value), 'a number, 0 or more'),
      ),
      windowSeconds: v.optional(secondsFrom(minBurnSeconds), 3_600),
    }),
  ),
  warning: v.optional(v.picklist(['pass', 'fail']), 'pass'),
});

/**
 * Checks the error budgets of service level objectives of CloudWatch Application Signals. A breached budget fails, and so does one
 * that burns faster than a limit. A budget without data, and an objective that cannot be reported, is inconclusive.
 *
 * The burn rate compares the budget now with the one at the start of the present weights, or of the window. Old errors that leave a
 * rolling interval meanwhile lower it. A calendar interval that has begun meanwhile is measured from its beginning. A budget of requests
 * grows with them in a calendar interval: the failures since are compared with its average growth.
 *
 * @remarks IAM: application-signals:BatchGetServiceLevelObjectiveBudgetReport
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function sloBudget(options: SloBudgetOptions): Check {
  const settings = parseInput('sloBudget options', optionsSchema, options);
  const { name, dryRun, objectives, burnRate, warning } = settings;
  const { applicationSignals } = resolveClients<SloBudgetClients>(clientOptionsOf(settings), {
    applicationSignals: ApplicationSignalsClient,
  });
  return {
    name,
    dryRun,
    permissions: applicationSignalsPermissions.sloBudget,
    async evaluate(context) {
      requireMetricContext(context);
      const { now, weightsSince, signal } = context;
      const ids = [...new Set(ofStack<readonly string[]>(objectives, incomingOf(context)))];
      const call = { resource: `check ${name}`, signal };
      const start = Math.max(weightsSince, now - (burnRate?.windowSeconds ?? 0) * 1000);
      const elapsedSeconds = (now - start) / 1000;
      const isMeasured = burnRate !== undefined && elapsedSeconds >= minBurnSeconds;
      const read = (at: number) => readBudgets(applicationSignals, { ids, at }, call);
      const [present, before] = await Promise.all([read(now), isMeasured ? read(start) : undefined]);
      return judgeBudgets(
        ids,
        { now: present, before, at: now, elapsedSeconds },
        { maxBurnRate: burnRate?.max, warning },
      );
    },
  };
}
