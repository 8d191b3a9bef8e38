import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { StackReference } from '../core/stack-reference.js';
import type { ShiftEvent } from '../traffic/shift/shift-events.js';
import type { ShiftRequest } from '../traffic/shift/shift-request.js';
import type { DrivenShifter, ShiftRun } from '../traffic/shift/shift-run.js';
import type { ShiftPhase, ShiftState } from '../traffic/shift/shift-state.js';

/** What an execution is started with: the shift, and whatever else is needed to know which shifter is meant. */
export interface ShiftExecutionInput {
  /** What is asked for. */
  readonly shift: ShiftRequest;
  /** Everything else is yours. */
  readonly [name: string]: unknown;
}

/** An approval that somebody may have given. */
export interface ApprovalQuestion<Input> {
  /** The execution's input. */
  readonly input: Input;
  /** The share past which the shift would go; 0: it would begin. */
  readonly percent: number;
  /** Aborted when the invocation's time is nearly over. */
  readonly signal: AbortSignal;
}

/** What makes the shifter of an execution; it is called in each invocation, and has to give the same one each time. */
export type MakeShifter<Input> = (input: Input) => DrivenShifter | Promise<DrivenShifter>;

/** How `stepFunctionsHandler` works. */
export interface StepFunctionsHandlerOptions<Input = ShiftExecutionInput> {
  /**
   * Checks what is in the input besides `shift`, which is checked in any case. What it throws is an InvalidInputError for
   * the state machine: nothing is retried.
   * @default the input is taken as it is
   */
  readonly parseInput?: ((input: ShiftExecutionInput) => Input) | undefined;
  /**
   * Whether somebody has approved to go past a share: `true`, `false` (not yet), or `'refused'`, with which the shift is
   * rolled back. It is asked at each step for which nothing but the approval is missing, and the checks go on meanwhile.
   * A definition with an `approval` of its own does not ask it.
   * @default none: a request with `approvalPercents` is invalid, unless the definition has an `approval`
   */
  readonly isApproved?:
    | ((question: ApprovalQuestion<Input>) => boolean | 'refused' | Promise<boolean | 'refused'>)
    | undefined;
  /**
   * Is told what happened in each step, at its end; `input` says in which execution. A step that the state machine repeats may
   * tell it again. What it throws, or rejects with, is logged and passed over. A promise that it returns is waited for, because
   * the Lambda sleeps between two steps, but for 5 s at most. (What a shifter logs, it logs besides.)
   * @default nobody is told
   */
  readonly onEvent?: ((event: ShiftEvent, state: ShiftState, input: Input) => unknown) | undefined;
  /**
   * Where a failure is logged to.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * How waits wait; how much time is left is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Seconds before the Lambda's own deadline at which a call is given up, so that the state machine gets an error to
   * retry, 1 or more. Of a Lambda with a short time-out at most half of it is taken.
   * @default 10
   */
  readonly deadlineMarginSeconds?: number | undefined;
}

/** What the handler needs of a Lambda invocation's context; the `Context` of `@types/aws-lambda` fits. */
export interface StepFunctionsLambdaContext {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/** What the state machine holds between two of its states: the answer of the handler to each call. */
export interface ShiftExecutionState {
  /** What the execution was started with. */
  readonly input: ShiftExecutionInput;
  /** The shift itself, as the next call takes it up. */
  readonly run: ShiftRun;
  /** Where the shift stands. */
  readonly phase: ShiftPhase;
  /** The stack that gets the traffic. */
  readonly incoming: StackReference;
  /** The share that it has now, as it was read back last. */
  readonly incomingPercent: number;
  /** Whole seconds until the next call is worth while. */
  readonly waitSeconds: number;
  /** Why it is rolled back or halted; empty when it is neither. */
  readonly reason: string;
  /** The calls of this execution so far, a rollback that was turned to counting twice. */
  readonly calls: number;
  /** The share past which it goes only when somebody approves. */
  readonly heldAtPercent?: number;
  /** How long the definition's `approval` may take, in whole seconds: no longer than the whole shift may. */
  readonly approvalTimeoutSeconds?: number;
}

/** A Lambda handler for the tasks of the state machine. */
export type StepFunctionsHandler = (
  event: unknown,
  context: StepFunctionsLambdaContext,
) => Promise<ShiftExecutionState | Pick<ShiftExecutionState, 'input'>>;
