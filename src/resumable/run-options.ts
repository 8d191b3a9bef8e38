import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import { type Clock, systemClock } from '../core/clock.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { safeClock } from '../core/safe-clock.js';
import { safeLogger } from '../core/safe-logger.js';
import {
  abortSignal,
  callOptionsEntries,
  functionOf,
  nonEmptyString,
  positiveCount,
  strictObject,
} from '../core/schemas.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { HeldAt, Outcome } from './types.js';

/** Options of {@link runToEnd}. */
export interface RunToEndOptions<State, Event> extends CallOptions {
  /**
   * Reaction to an abort of `signal`.
   * @default 'rollBack'
   */
  readonly onAbort?: 'rollBack' | 'halt' | undefined;
  /**
   * Halts the change in either direction, for a process that ends, such as a Lambda function near its time-out. Nothing is changed
   * afterwards, even when the process is thawed days later. A call in progress is not undone.
   */
  readonly haltSignal?: AbortSignal | undefined;
  /**
   * Keys of the approvals that were given before.
   * @default none
   */
  readonly approved?: readonly string[] | undefined;
  /**
   * Returns `true` when the change is approved, `false` while it is not, or `'refused'` to roll it back. Called at each call that
   * lacks only the approval.
   * @default a request with other approvals is rejected, and a change that waits for another one is rolled back
   */
  readonly isApproved?:
    | ((heldAt: HeldAt, options: CallOptions) => boolean | 'refused' | Promise<boolean | 'refused'>)
    | undefined;
  /**
   * Time at which a change that has not succeeded is rolled back: milliseconds since 1970.
   * @default never
   */
  readonly rollBackAt?: number | undefined;
  /**
   * Called with each event as it happens. Its errors and rejections are logged and ignored. The change does not wait for it,
   * except at its end: then it waits for returned promises, for 5 s at most.
   */
  readonly onEvent?: ((event: Event, state: State) => unknown) | undefined;
  /**
   * Calls that throw in a row until the change is rolled back; they are 10 s apart. A final failure, such as a missing permission,
   * is not retried.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Calls that throw in a row during a rollback until it is halted; they are 10 s apart at first and 5 minutes later on.
   * @default 20 (an hour and a quarter)
   */
  readonly maxRollbackAttempts?: number | undefined;
  /**
   * Logger of the retries. The change logs its steps itself.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time and of waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** Result of a change. */
export interface RunResult<State, Event> {
  /** Outcome of the change. */
  readonly outcome: Outcome;
  /** Last state: to inspect, to resume, or to roll back. */
  readonly state: State;
  /** Reason of the rollback or halt. */
  readonly reason?: string;
  /** All events, oldest first. */
  readonly history: readonly Event[];
}

/** A time in milliseconds since 1970. */
export const timeSchema = v.pipe(
  v.number(),
  v.check((value) => !Number.isNaN(new Date(value).getTime()), 'a time in milliseconds since 1970'),
);

/** Keys of approvals. */
export const approvedSchema = v.array(nonEmptyString);

/** Schema entries of `advance`. */
export const advanceEntries = {
  ...callOptionsEntries,
  approved: v.optional(approvedSchema, []),
  rollBackAt: v.optional(timeSchema),
};

/** Schema entries of the options that every run in one process has. */
export const runEntries = {
  ...callOptionsEntries,
  haltSignal: v.optional(abortSignal),
  onAbort: v.optional(v.picklist(['rollBack', 'halt']), 'rollBack'),
  onEvent: v.optional(functionOf<(event: never, state: never) => unknown>()),
  maxAttempts: v.optional(positiveCount, 5),
  maxRollbackAttempts: v.optional(positiveCount, 20),
};

const optionsSchema = strictObject({
  ...advanceEntries,
  ...runEntries,
  isApproved: v.optional(functionOf<NonNullable<RunToEndOptions<unknown, unknown>['isApproved']>>()),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

/** Options with every default applied. */
export interface RunSettings<State, Event>
  extends Omit<
    RunToEndOptions<State, Event>,
    'onAbort' | 'approved' | 'maxAttempts' | 'maxRollbackAttempts' | 'logger' | 'clock'
  > {
  /** Name of the change in log lines and reasons. */
  readonly subject: 'shift' | 'change';
  readonly onAbort: 'rollBack' | 'halt';
  readonly approved: readonly string[];
  readonly maxAttempts: number;
  readonly maxRollbackAttempts: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** @throws InvalidInputError which names every invalid option. */
export function parseRunOptions<State, Event>(
  options: RunToEndOptions<State, Event>,
): RunSettings<State, Event> {
  const {
    clock = systemClock,
    logger = silentLogger,
    ...parsed
  } = parseInput('runToEnd options', optionsSchema, options);
  return {
    ...parsed,
    onEvent: parsed.onEvent as RunSettings<State, Event>['onEvent'],
    subject: 'change',
    logger: safeLogger(logger),
    clock: safeClock(clock),
  };
}
