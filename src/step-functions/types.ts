import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { StackReference } from '../core/stack-reference.js';
import type { ShiftEvent } from '../traffic/shift/shift-events.js';
import type { ShiftRequest } from '../traffic/shift/shift-request.js';
import type { DrivenShifter, ShiftRun } from '../traffic/shift/shift-run.js';
import type { ShiftPhase, ShiftState } from '../traffic/shift/shift-state.js';

/** Input of an execution: the shift, and the fields that the shifter is created from. */
export interface ShiftExecutionInput {
  /** The shift. */
  readonly shift: ShiftRequest;
  /** Your own fields. */
  readonly [name: string]: unknown;
}

/** Question of {@link StepFunctionsHandlerOptions.isApproved}. */
export interface ApprovalQuestion<Input> {
  /** The execution's input. */
  readonly input: Input;
  /** The share that the shift would pass. 0 means that it would begin. */
  readonly percent: number;
  /** Aborted when the invocation's time is nearly over. */
  readonly signal: AbortSignal;
}

/** Creates the shifter of an execution. Called in each invocation, and has to return an equal shifter each time. */
export type MakeShifter<Input> = (input: Input) => DrivenShifter | Promise<DrivenShifter>;

/** Options of `stepFunctionsHandler`. */
export interface StepFunctionsHandlerOptions<Input = ShiftExecutionInput> {
  /**
   * Validates the input's own fields; `shift` is validated in any case. An error becomes an InvalidInputError, which the state
   * machine does not retry.
   * @default the input is used as it is
   */
  readonly parseInput?: ((input: ShiftExecutionInput) => Input) | undefined;
  /**
   * Returns `true` when the shift is approved to pass a share, `false` while it is not, or `'refused'` to roll the shift back.
   * Called at each step that only lacks the approval; the checks keep running. Not called when the definition has an
   * `approval`.
   * @default a request with `approvalPercents` is invalid, unless the definition has an `approval`
   */
  readonly isApproved?:
    | ((question: ApprovalQuestion<Input>) => boolean | 'refused' | Promise<boolean | 'refused'>)
    | undefined;
  /**
   * Receives the events of each step at its end; `input` identifies the execution. A step that the state machine repeats can
   * emit its events again. An error or a rejection is logged and ignored. A returned promise is awaited for up to 5 s, because
   * the Lambda is frozen between two steps. The shifter's own log lines are independent of it.
   * @default events are dropped
   */
  readonly onEvent?: ((event: ShiftEvent, state: ShiftState, input: Input) => unknown) | undefined;
  /**
   * Receives a line for each failure.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time, and of pauses. The time left in an invocation is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Seconds before the Lambda's own deadline at which the step is aborted, so that the state machine gets an error to retry, 1
   * or more. At most half of the Lambda's time-out is used.
   * @default 10
   */
  readonly deadlineMarginSeconds?: number | undefined;
}

/** Part of a Lambda context that the handler reads. The `Context` of `@types/aws-lambda` fits. */
export interface StepFunctionsLambdaContext {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/** State of the machine between two calls: the handler's result. */
export interface ShiftExecutionState {
  /** The execution's input. */
  readonly input: ShiftExecutionInput;
  /** The shift, from which the next call resumes. */
  readonly run: ShiftRun;
  /** Phase of the shift. */
  readonly phase: ShiftPhase;
  /** The stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Last verified share of the incoming stack. */
  readonly incomingPercent: number;
  /** Whole seconds until the next call. */
  readonly waitSeconds: number;
  /** Reason of a rollback or halt; otherwise empty. */
  readonly reason: string;
  /** Calls of this execution so far. A rollback counts twice. */
  readonly calls: number;
  /** The share that the shift passes only with an approval. */
  readonly heldAtPercent?: number;
  /** Time limit of the definition's `approval` in whole seconds; at most the time left for the shift. */
  readonly approvalTimeoutSeconds?: number;
}

/** A Lambda handler for the tasks of the state machine. */
export type StepFunctionsHandler = (
  event: unknown,
  context: StepFunctionsLambdaContext,
) => Promise<ShiftExecutionState | Pick<ShiftExecutionState, 'input'>>;
