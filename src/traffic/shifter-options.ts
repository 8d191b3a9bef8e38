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

/** How a `TrafficShifter` is made. */
export interface TrafficShifterOptions {
  /** What the traffic goes through. */
  readonly target: TrafficTarget;
  /**
   * What has to hold while the traffic moves; names are unique.
   * @default none: only the times of the strategy count
   */
  readonly checks?: readonly Check[] | undefined;
  /** When the checks are made, and what is tolerated. */
  readonly policy?: CheckPolicy | undefined;
  /**
   * How a rollback goes back to the weights found at the beginning: in one write, or in steps.
   * @default 'atOnce'
   */
  readonly rollback?: 'atOnce' | RollbackSteps | undefined;
  /**
   * Instances of the incoming stack that have to be healthy before it gets any traffic, where the target can tell; 0: it is
   * not asked.
   * @default 1
   */
  readonly minimumHealthyCount?: number | undefined;
  /**
   * Seconds that written weights may take to be read back, and for which a reading that shows drift is doubted.
   * @default 30
   */
  readonly propagationSeconds?: number | undefined;
  /**
   * Seconds of a hold after which the live weights are read again, 1 or more: drift is noticed within this time. Each
   * evaluation of the checks reads them as well.
   * @default 60
   */
  readonly guardIntervalSeconds?: number | undefined;
  /**
   * Where each change is logged to.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Where the time comes from.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** A rollback step by step. */
export interface RollbackSteps {
  /** What each step takes from the incoming stack: above 0, at most 100. */
  readonly stepPercent: number;
  /** Seconds between two steps. */
  readonly intervalSeconds: number;
}

/** What `TrafficShifter.begin` may be told. */
export interface BeginOptions extends CallOptions {
  /**
   * Begin although the incoming stack has some traffic already: steps below its share are left out.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
}

/** What `TrafficShifter.advance` may be told. */
export interface AdvanceOptions extends CallOptions {
  /**
   * The share of the incoming stack past which nobody has approved to go yet, 0 to 100. The shift waits there, and its
   * checks go on.
   * @default 100: no approval is needed
   */
  readonly holdAtPercent?: number | undefined;
  /**
   * When to turn round if the shift has not succeeded by then: milliseconds since 1970.
   * @default never
   */
  readonly rollBackAt?: number | undefined;
}

/** What `TrafficShifter.rollBack` may be told. */
export interface RollBackOptions extends CallOptions {
  /**
   * Roll back although the live weights are those of somebody else. The weights found at the beginning come back, even
   * when the incoming stack has less by now; at once, when several rules have different ones.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
}

/** What one call of `TrafficShifter.advance` came to. */
export interface ShiftProgress {
  /** To be kept, and handed to the next call. */
  readonly state: ShiftState;
  /** Seconds until the next call is worth while; 0: at once. */
  readonly waitSeconds: number;
  /** Nothing happens any more by itself: the shift has succeeded, was rolled back, or is halted. */
  readonly done: boolean;
  /**
   * The share past which the shift goes only when `holdAtPercent` allows it: what comes before is done, held for its time
   * and checked.
   */
  readonly heldAtPercent?: number;
  /** What happened in this call. */
  readonly events: readonly ShiftEvent[];
}

/** How `TrafficShifter.shiftTo` runs. */
export interface ShiftToOptions extends BeginOptions {
  /**
   * What an abort does.
   * @default 'rollBack'
   */
  readonly onAbort?: 'rollBack' | 'halt' | undefined;
  /**
   * Halts the shift whichever way it goes, for a process that ends, such as a Lambda near its time-out: nothing is written
   * after it, also when the process is thawed days later. A write that is under way is not taken back.
   */
  readonly haltSignal?: AbortSignal | undefined;
  /**
   * Is told everything that happens, as it happens. What it throws, or rejects with, is logged and passed over. The shift goes
   * on meanwhile; at its end it waits for promises that were returned, for 5 s at most.
   */
  readonly onEvent?: ((event: ShiftEvent, state: ShiftState) => unknown) | undefined;
  /**
   * Calls of `advance` that throw in a row until the shift is rolled back; they are 10 s apart. A missing permission is not
   * tried again.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Calls that throw in a row on the way back until it is halted; they are 10 s apart at first and 5 minutes later on. Where
   * this process has less time, what `onEvent` was told last is the state to go on from.
   * @default 20 (an hour and a quarter)
   */
  readonly maxRollbackAttempts?: number | undefined;
}

/** How a shift ended. */
export interface ShiftResult {
  /** What it came to. */
  readonly outcome: 'succeeded' | 'rolledBack' | 'halted';
  /** The last state: to look at, to take up again, or to roll back. */
  readonly state: ShiftState;
  /** Why it was rolled back or halted. */
  readonly reason?: string;
  /** Everything that happened. */
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

/** The options with every default filled in. */
export function parseShifterOptions(options: TrafficShifterOptions) {
  const { checks, ...parsed } = parseInput('TrafficShifter options', optionsSchema, options);
  return { ...parsed, target: safeTarget(options.target), checks: safeChecks(checks, options.checks) };
}

/** The options of a call that takes nothing but a signal. */
export function parseCallOptions(subject: string, options: CallOptions) {
  return parseInput(subject, strictObject(callOptionsEntries), options);
}

/** The options of a beginning. */
export function parseBeginOptions(options: BeginOptions) {
  return parseInput('begin options', acceptSchema, options);
}

/** The options of a rollback. */
export function parseRollBackOptions(options: RollBackOptions) {
  return parseInput('rollBack options', acceptSchema, options);
}

/** @throws InvalidInputError for a reason that is no text. */
export function parseReason(reason: string): string {
  return parseInput('rollBack', strictObject({ reason: v.string() }), { reason }).reason;
}

/** The options of one call of `advance`. */
export function parseAdvanceOptions(options: AdvanceOptions) {
  return parseInput('advance options', advanceSchema, options);
}

/** The options of a whole shift with every default filled in. */
export function parseShiftToOptions(options: ShiftToOptions) {
  return parseInput('shiftTo options', shiftToSchema, options);
}
