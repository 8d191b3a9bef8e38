import type { CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
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

/** Options with every default applied. */
export interface RunSettings<State, Event>
  extends Omit<
    RunToEndOptions<State, Event>,
    'onAbort' | 'approved' | 'maxAttempts' | 'maxRollbackAttempts' | 'logger' | 'clock'
  > {
  /** Name of the change in log lines and reasons. */
  readonly subject: 'shift' | 'swap' | 'change';
  readonly onAbort: 'rollBack' | 'halt';
  readonly approved: readonly string[];
  readonly maxAttempts: number;
  readonly maxRollbackAttempts: number;
  readonly logger: Logger;
  readonly clock: Clock;
}
