import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import {
  abortSignal,
  anyFunction,
  callOptionsEntries,
  functionOf,
  positiveCount,
  positiveSeconds,
  seconds,
  strictObject,
  wholeNumber,
} from '../core/schemas.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { checksSchema, policySchema } from './shift/check-policy.js';
import { safeChecks } from './shift/safe-checks.js';
import { safeTarget } from './shift/safe-target.js';
import type { ShiftEvent } from './shift/shift-events.js';
import type { ShiftState } from './shift/shift-state.js';
import { percent } from './strategies/strategy-schema.js';
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
   * Seconds until written weights must be read back, and for which a reading that shows drift is repeated.
   * @default 30
   */
  readonly propagationSeconds?: number | undefined;
  /**
   * Seconds of a hold after which the live weights are read again, 1 or more: drift is detected within this time. Each
   * evaluation of the checks reads them as well.
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

/** Options of `TrafficShifter.begin`. */
export interface BeginOptions extends CallOptions {
  /**
   * Begins even when the incoming stack already has traffic. Steps below its share are left out.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
}

/** Options of `TrafficShifter.advance`. */
export interface AdvanceOptions extends CallOptions {
  /**
   * Highest approved share of the incoming stack, 0 to 100. The shift waits at it while its checks continue.
   * @default 100: no approval is needed
   */
  readonly holdAtPercent?: number | undefined;
  /**
   * Time at which a shift that has not succeeded is rolled back: milliseconds since 1970.
   * @default never
   */
  readonly rollBackAt?: number | undefined;
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

/** Result of one call of `TrafficShifter.advance`. */
export interface ShiftProgress {
  /** State to store and to pass to the next call. */
  readonly state: ShiftState;
  /** Seconds until the next call is useful; 0: at once. */
  readonly waitSeconds: number;
  /** True when the shift has succeeded, was rolled back, or is halted. */
  readonly done: boolean;
  /**
   * Share at which the shift waits until `holdAtPercent` allows more. The steps up to it are done, held for their time and
   * checked.
   */
  readonly heldAtPercent?: number;
  /** Events of this call. */
  readonly events: readonly ShiftEvent[];
}

/** Options of `TrafficShifter.shiftTo`. */
export interface ShiftToOptions extends BeginOptions {
  /**
   * Reaction to an abort of `signal`.
   * @default 'rollBack'
   */
  readonly onAbort?: 'rollBack' | 'halt' | undefined;
  /**
   * Halts the shift in either direction, for a process that ends, such as a Lambda function near its time-out. Nothing is written
   * afterwards, even when the process is thawed days later. A write in progress is not undone.
   */
  readonly haltSignal?: AbortSignal | undefined;
  /**
   * Called with each event as it happens. Its errors and rejections are logged and ignored. The shift does not wait for it,
   * except at its end: then it waits for returned promises, for 5 s at most.
   */
  readonly onEvent?: ((event: ShiftEvent, state: ShiftState) => unknown) | undefined;
  /**
   * Calls of `advance` that throw in a row until the shift is rolled back; they are 10 s apart. A missing permission is not
   * retried.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Calls that throw in a row during a rollback until it is halted; they are 10 s apart at first and 5 minutes later on. When the
   * process ends earlier, resume from the last state that `onEvent` received.
   * @default 20 (an hour and a quarter)
   */
  readonly maxRollbackAttempts?: number | undefined;
}

/** Result of a shift. */
export interface ShiftResult {
  /** Outcome of the shift. */
  readonly outcome: 'succeeded' | 'rolledBack' | 'halted';
  /** Last state: to inspect, to resume, or to roll back. */
  readonly state: ShiftState;
  /** Reason of the rollback or halt. */
  readonly reason?: string;
  /** All events, oldest first. */
  readonly history: readonly ShiftEvent[];
}

const rollbackSteps = strictObject({ stepPercent: percent, intervalSeconds: seconds });

const optionsSchema = strictObject({
  target: v.object({
    description: v.string(),
    readWeights: anyFunction,
    writeWeights: anyFunction,
    nearestWeights: v.optional(anyFunction),
    readHealth: v.optional(anyFunction),
  }),
  checks: v.optional(checksSchema, []),
  policy: v.optional(policySchema, {}),
  rollback: v.optional(
    v.lazy((rollback) => (typeof rollback === 'object' ? rollbackSteps : v.literal('atOnce'))),
    'atOnce',
  ),
  minimumHealthyCount: v.optional(wholeNumber, 1),
  propagationSeconds: v.optional(seconds, 30),
  guardIntervalSeconds: v.optional(positiveSeconds, 60),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

const acceptEntries = { ...callOptionsEntries, acceptLiveWeights: v.optional(v.boolean(), false) };

const acceptSchema = strictObject(acceptEntries);

const advanceSchema = strictObject({
  ...callOptionsEntries,
  holdAtPercent: v.optional(
    v.pipe(
      v.number(),
      v.check((value) => value >= 0 && value <= 100, 'a percentage from 0 to 100'),
    ),
  ),
  rollBackAt: v.optional(
    v.pipe(
      v.number(),
      v.check((value) => !Number.isNaN(new Date(value).getTime()), 'a time in milliseconds since 1970'),
    ),
  ),
});

const shiftToSchema = strictObject({
  ...acceptEntries,
  haltSignal: v.optional(abortSignal),
  onAbort: v.optional(v.picklist(['rollBack', 'halt']), 'rollBack'),
  onEvent: v.optional(functionOf<NonNullable<ShiftToOptions['onEvent']>>()),
  maxAttempts: v.optional(positiveCount, 5),
  maxRollbackAttempts: v.optional(positiveCount, 20),
});

/** Parses the options and applies the defaults. */
export function parseShifterOptions(options: TrafficShifterOptions) {
  const { checks, ...parsed } = parseInput('TrafficShifter options', optionsSchema, options);
  return { ...parsed, target: safeTarget(options.target), checks: safeChecks(checks, options.checks) };
}

/** Parses the options of a method that has only a signal. */
export function parseCallOptions(subject: string, options: CallOptions) {
  return parseInput(subject, strictObject(callOptionsEntries), options);
}

/** Parses the options of `begin`. */
export function parseBeginOptions(options: BeginOptions) {
  return parseInput('begin options', acceptSchema, options);
}

/** Parses the options of `rollBack`. */
export function parseRollBackOptions(options: RollBackOptions) {
  return parseInput('rollBack options', acceptSchema, options);
}

/** @throws InvalidInputError for a reason that is not text. */
export function parseReason(reason: string): string {
  return parseInput('rollBack', strictObject({ reason: v.string() }), { reason }).reason;
}

/** Parses the options of `advance`. */
export function parseAdvanceOptions(options: AdvanceOptions) {
  return parseInput('advance options', advanceSchema, options);
}

/** Parses the options of `shiftTo` and applies the defaults. */
export function parseShiftToOptions(options: ShiftToOptions) {
  return parseInput('shiftTo options', shiftToSchema, options);
}
