import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { RunResult } from '../resumable/run-options.js';
import type { HeldAt } from '../resumable/types.js';

/** Duration of a durable function: a whole number of seconds, 1 or more. */
export interface DurableSeconds {
  /** The seconds. */
  readonly seconds: number;
}

/** Decision of a retry strategy about a failed step. */
export interface DurableRetryDecision {
  /** True to run the step again. */
  readonly shouldRetry: boolean;
  /** Delay before the next attempt. */
  readonly delay?: DurableSeconds;
}

/** Argument of a step. */
export interface DurableStep {
  /** Number of the attempt, from 1. */
  readonly attempt?: number;
}

/** Options of a step. */
export interface DurableStepOptions {
  /** Called when the step has thrown. */
  readonly retryStrategy: (error: Error, attempt: number) => DurableRetryDecision;
}

/** Part of a durable function's context that a change calls. The `DurableContext` of AWS's SDK fits. */
export interface DurableChangeContext {
  /** The Lambda context of the invocation. */
  readonly lambdaContext?: {
    /** Milliseconds until Lambda ends the invocation. */
    getRemainingTimeInMillis(): number;
  };
  /** Runs work and stores its result. A replay reads the result without running the work again. */
  step<Result>(
    name: string,
    run: (step: DurableStep) => Promise<Result>,
    options: DurableStepOptions,
  ): Promise<Result>;
  /** Waits. The function does not run meanwhile. */
  wait(name: string, duration: DurableSeconds): Promise<void>;
  /** Creates a callback. Returns the promise of its result, and its ID. */
  createCallback(
    name: string,
    options: { readonly timeout: DurableSeconds },
  ): Promise<[Promise<string | undefined>, string]>;
  /** Runs another durable function, and waits for its result. */
  invoke(name: string, functionName: string, input: ContinuedChange): Promise<unknown>;
}

/** Approval that a change waits for. */
export interface DurableApprovalRequest<State = unknown> extends HeldAt {
  /** State of the change. */
  readonly state: State;
  /** Seconds to wait for the answer. */
  readonly timeoutSeconds: number;
  /** Aborted when the Lambda's time is nearly over. */
  readonly signal: AbortSignal | undefined;
}

/** Options of `runDurably`. */
export interface DurableOptions<State = unknown, Event = unknown> {
  /**
   * Requests an approval from a person or a system. Lambda's `SendDurableExecutionCallbackSuccess` with the callback's ID approves,
   * and `SendDurableExecutionCallbackFailure` refuses. Retried when it throws.
   * @default a request with approvals is refused
   */
  readonly requestApproval?:
    | ((callbackId: string, request: DurableApprovalRequest<State>) => unknown)
    | undefined;
  /**
   * Seconds after which an unanswered approval counts as refused.
   * @default 86400 (a day)
   */
  readonly approvalTimeoutSeconds?: number | undefined;
  /**
   * Receives each event of the change once, and not again on a replay. A retried step can emit its events again. An error or a
   * rejection is logged and ignored. A returned promise is awaited within the step for up to 5 s.
   */
  readonly onEvent?: ((event: Event, state: State) => unknown) | undefined;
  /**
   * Attempts of a step of the change, 10 s apart. When the last one fails, the change is rolled back.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Attempts of a step of the rollback, at first 10 s and later 5 minutes apart. When the last one fails, the change is halted.
   * @default 20 (an hour and a quarter)
   */
  readonly maxRollbackAttempts?: number | undefined;
  /**
   * The durable function that continues the change when this execution's operations run short, with its version or alias:
   * usually the function itself. It receives a {@link ContinuedChange} as its event, passes it to `runDurably` as the request,
   * and returns the result.
   * @default a change that plans too many calls is refused, and one whose operations run short is rolled back
   */
  readonly continueIn?: string | undefined;
  /**
   * Maximum operations of the change in this execution, 100 to 3000. AWS allows 3,000 per execution.
   * @default 2900
   */
  readonly operationLimit?: number | undefined;
  /**
   * Receives a line for each listener that fails, and for a halted change.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time of steps. Waits are operations of the durable function.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** Event of the function that continues a change of another execution. */
export interface ContinuedChange<Request = unknown, State = unknown> {
  /** The change. */
  readonly continued: {
    /** Request of the change. */
    readonly request: Request;
    /** State of the change. */
    readonly state: State;
    /** Keys of the approvals that were given. */
    readonly approved?: readonly string[];
    /** True during a rollback. */
    readonly isRollingBack?: boolean;
    /** Reason of the rollback. */
    readonly reason?: string;
  };
}

/**
 * Result of a change. It has no history, because the result of a durable function is limited in size: use `onEvent`.
 */
export type DurableResult<State = unknown> = Omit<RunResult<State, unknown>, 'history'>;

/** A change to begin, or to continue. */
export type DurableRequest<Request = unknown, State = unknown> = Request | ContinuedChange<Request, State>;
