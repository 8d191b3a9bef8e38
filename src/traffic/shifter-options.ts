import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { callOptionsEntries, positiveSeconds, seconds, strictObject, wholeNumber } from '../core/schemas.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { advanceEntries, runEntries } from '../resumable/run-entries.js';
import type { RunResult, RunToEndOptions } from '../resumable/run-options.js';
import type { AdvanceOptions, Progress } from '../resumable/types.js';
import { checksSchema, policySchema } from './shift/check-policy.js';
import { safeChecks } from './shift/safe-checks.js';
import { safeTarget } from './shift/safe-target.js';
import type { ShiftEvent } from './shift/shift-events.js';
import type { ShiftState } from './shift/shift-state.js';
import { percent } from './strategies/strategy-schema.js';
import { targetSchema } from './targets/target-schema.js';
import type { Check, CheckPolicy, TrafficTarget } from './types.js';

/** Options of `TrafficShifter`. */
export interface TrafficShifterOptions {
  /** Target that routes the traffic. */
  readonly target: TrafficTarget;
  /**
   * Checks that must pass while the traffic moves. Their names are unique.
   * @default none: only the times of the strategy count
   */
  readonly checks?: readonly Check[] | undefined;
  /** Schedule and thresholds of the checks. */
  readonly policy?: CheckPolicy | undefined;
  /**
   * Rollback to the initial weights in one write, or in steps.
   * @default 'atOnce'
   */
  readonly rollback?: 'atOnce' | RollbackSteps | undefined;
  /**
   * Minimum number of healthy instances of the incoming stack before it receives traffic, for targets that can read health. 0
   * disables the check.
   * @default 1
   */
  readonly minimumHealthyCount?: number | undefined;
  /**
   * Seconds until written weights must be read back, and for which a reading that shows drift is repeated. The time until all
   * clients follow the weights is the target's.
   * @default 30
   */
  readonly propagationSeconds?: number | undefined;
  /**
   * Maximum seconds of a change of the target besides its weights, such as adding a target group and waiting for its health.
   * @default 900
   */
  readonly maxSetupSeconds?: number | undefined;
  /**
   * Seconds of a hold after which the live weights are read again, 1 or more: drift is detected within this time. Each
   * evaluation of the checks reads them as well. While AWS throttles the reads, they pause for up to 6 minutes.
   * @default 60
   */
  readonly guardIntervalSeconds?: number | undefined;
  /**
   * Logger of the changes.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time and of waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** Steps of a rollback. */
export interface RollbackSteps {
  /** Share that each step removes from the incoming stack: above 0, at most 100. */
  readonly stepPercent: number;
  /** Seconds between two steps. */
  readonly intervalSeconds: number;
}

/** Options of `TrafficShifter.rollBack`. */
export interface RollBackOptions extends CallOptions {
  /**
   * Rolls back even when the live weights show drift. The initial weights are restored, even when the incoming stack has less
   * traffic now. The rollback is a single write when several rules have different weights.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
}

/** Result of one call of a `TrafficShifter`. */
export type ShiftProgress = Progress<ShiftState, ShiftEvent>;

/** Options of `TrafficShifter.shiftTo`. */
export interface ShiftToOptions
  extends Omit<
    RunToEndOptions<ShiftState, ShiftEvent>,
    'approved' | 'isApproved' | 'rollBackAt' | 'logger' | 'clock'
  > {
  /**
   * Begins even when the incoming stack already has traffic. Steps below its share are left out.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
}

/** Result of a shift. */
export type ShiftResult = RunResult<ShiftState, ShiftEvent>;

const rollbackSteps = strictObject({ stepPercent: percent, intervalSeconds: seconds });

const optionsSchema = strictObject({
  target: targetSchema,
  checks: v.optional(checksSchema, []),
  policy: v.optional(policySchema, {}),
  rollback: v.optional(
    v.lazy((rollback) => (typeof rollback === 'object' ? rollbackSteps : v.literal('atOnce'))),
    'atOnce',
  ),
  minimumHealthyCount: v.optional(wholeNumber, 1),
  propagationSeconds: v.optional(seconds, 30),
  maxSetupSeconds: v.optional(positiveSeconds, 900),
  guardIntervalSeconds: v.optional(positiveSeconds, 60),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

const acceptEntries = { ...callOptionsEntries, acceptLiveWeights: v.optional(v.boolean(), false) };

const acceptSchema = strictObject(acceptEntries);

const advanceSchema = strictObject(advanceEntries);

const shiftToSchema = strictObject({ ...acceptEntries, ...runEntries });

/** Parses the options and applies the defaults. */
export function parseShifterOptions(options: TrafficShifterOptions) {
  const { checks, ...parsed } = parseInput('TrafficShifter options', optionsSchema, options);
  const permissions = [options.target, ...(options.checks ?? [])].flatMap((it) => it.permissions ?? []);
  return {
    ...parsed,
    target: safeTarget(options.target),
    checks: safeChecks(checks, options.checks),
    permissions,
  };
}

/** Parses the options of a method that has only a signal. */
export function parseCallOptions(subject: string, options: CallOptions) {
  return parseInput(subject, strictObject(callOptionsEntries), options);
}

export function parseRollBackOptions(options: RollBackOptions) {
  return parseInput('rollBack options', acceptSchema, options);
}

/** @throws InvalidInputError for a reason that is not text. */
export function parseReason(method: string, reason: string): string {
  return parseInput(method, strictObject({ reason: v.string() }), { reason }).reason;
}

export function parseAdvanceOptions(options: AdvanceOptions) {
  return parseInput('advance options', advanceSchema, options);
}

/** Parses the options of `shiftTo` and applies the defaults. */
export function parseShiftToOptions(options: ShiftToOptions) {
  const { onEvent, ...parsed } = parseInput('shiftTo options', shiftToSchema, options);
  return { ...parsed, onEvent: onEvent as ShiftToOptions['onEvent'] };
}
