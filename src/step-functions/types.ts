import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { HeldAt, Outcome, Resumable } from '../resumable/types.js';

/** Input of an execution: the request, and the fields that the change is created from. */
export interface ExecutionInput<Request = unknown> {
  /** The request of the change, as `parseRequest` accepts it. */
  readonly request: Request;
  /** Your own fields. */
  readonly [name: string]: unknown;
}

/** Question of {@link StepFunctionsHandlerOptions.isApproved}. */
export interface ApprovalQuestion<Input> extends HeldAt {
  /** The execution's input. */
  readonly input: Input;
  /** Aborted when the invocation's time is nearly over. */
  readonly signal: AbortSignal;
}

/** Creates the change of an execution. Called in each invocation, and has to return an equal change each time. */
export type MakeResumable<Input, Request, State, Event> = (
  input: Input,
) => Resumable<Request, State, Event> | Promise<Resumable<Request, State, Event>>;

/** Options of `stepFunctionsHandler`. */
export interface StepFunctionsHandlerOptions<Input = ExecutionInput, State = unknown, Event = unknown> {
  /**
   * Validates the input's own fields; `request` is validated in any case. An error becomes an InvalidInputError, which the state
   * machine does not retry.
   * @default the input is used unchanged
   */
  readonly parseInput?: ((input: ExecutionInput) => Input) | undefined;
  /**
   * Returns `true` when the change is approved, `false` while it is not, or `'refused'` to roll it back. Called at each step that
   * only lacks the approval; the checks of a shift keep running. Not called when the definition has an `approval`.
   * @default a request with approvals is invalid, unless the definition has an `approval`
   */
  readonly isApproved?:
    | ((question: ApprovalQuestion<Input>) => boolean | 'refused' | Promise<boolean | 'refused'>)
    | undefined;
  /**
   * Receives the events of each step at its end; `input` identifies the execution. A step that the state machine repeats can
   * emit its events again. An error or a rejection is logged and ignored. A returned promise is awaited for up to 5 s, because
   * the Lambda is frozen between two steps. The change's own log lines are independent of it.
   * @default events are dropped
   */
  readonly onEvent?: ((event: Event, state: State, input: Input) => unknown) | undefined;
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
export interface ExecutionState<State = unknown> {
  /** The execution's input. */
  readonly input: ExecutionInput;
  /** State of the change, from which the next call resumes. */
  readonly state: State;
  /** Keys of the approvals that were given. */
  readonly approved: readonly string[];
  /** Outcome of the change. */
  readonly outcome: Outcome | 'inProgress';
  /** Reason of a rollback or halt; otherwise empty. */
  readonly reason: string;
  /** True during a rollback, and after a halt during one. */
  readonly isRollingBack: boolean;
  /** True when the end is complete, so that `finish` or `cleanUp` follows. */
  readonly isComplete: boolean;
  /** Further facts about the change. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Whole seconds until the next call. */
  readonly waitSeconds: number;
  /** Calls of this execution so far. A rollback counts twice. */
  readonly calls: number;
  /** The missing approval. */
  readonly heldAt?: HeldAt;
  /** Time limit of the definition's `approval` in whole seconds; at most the time until the approval expires. */
  readonly approvalTimeoutSeconds?: number;
}

/** A Lambda handler for the tasks of the state machine. */
export type StepFunctionsHandler<State = unknown> = (
  event: unknown,
  context: StepFunctionsLambdaContext,
) => Promise<ExecutionState<State> | Pick<ExecutionState, 'input'>>;
