import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { ShiftRequest } from '../traffic/shift/shift-request.js';
import type { DrivenShifter, ShiftRun } from '../traffic/shift/shift-run.js';
import type { ShiftResult, ShiftToOptions } from '../traffic/shifter-options.js';
import type { TrafficShifter } from '../traffic/traffic-shifter.js';

/** A length of time, as durable functions take it: a whole number of seconds, 1 or more. */
export interface DurableSeconds {
  /** How many. */
  readonly seconds: number;
}

/** What a retry strategy decides about a step that threw. */
export interface DurableRetryDecision {
  /** Whether the step is run again. */
  readonly shouldRetry: boolean;
  /** When. */
  readonly delay?: DurableSeconds;
}

/** What a step is given. */
export interface DurableStep {
  /** Which attempt this is, from 1 on. */
  readonly attempt?: number;
}

/** How a step is run. */
export interface DurableStepOptions {
  /** Is asked when the step has thrown. */
  readonly retryStrategy: (error: Error, attempt: number) => DurableRetryDecision;
}

/** The part of a durable function's context that a shift needs: the `DurableContext` of AWS's SDK fits. */
export interface DurableShiftContext {
  /** The context of the invocation, which knows its deadline. */
  readonly lambdaContext?: {
    /** Milliseconds until Lambda ends the invocation. */
    getRemainingTimeInMillis(): number;
  };
  /** Runs work whose result is kept: a replay gets it without running the work again. */
  step<Result>(
    name: string,
    run: (step: DurableStep) => Promise<Result>,
    options: DurableStepOptions,
  ): Promise<Result>;
  /** Lets the time pass; the function does not run meanwhile. */
  wait(name: string, duration: DurableSeconds): Promise<void>;
  /** Makes a callback that somebody outside answers: the answer to come, and the callback's ID. */
  createCallback(
    name: string,
    options: { readonly timeout: DurableSeconds },
  ): Promise<[Promise<string | undefined>, string]>;
  /** Runs another durable function, and waits for its result. */
  invoke(name: string, functionName: string, input: ContinuedShift): Promise<unknown>;
}

/** What somebody is asked to approve. */
export interface DurableApprovalRequest {
  /** The share of the incoming stack that the shift goes past when it is approved; 0: it begins. */
  readonly percent: number;
  /** How the shift stands. */
  readonly run: ShiftRun;
  /** How long the answer may take, in seconds. */
  readonly timeoutSeconds: number;
  /** Aborted when the Lambda's time is nearly over. */
  readonly signal: AbortSignal | undefined;
}

/** How `shiftDurably` runs. */
export interface DurableShiftOptions {
  /**
   * Tells somebody that an approval of the request's `approvalPercents` is wanted. Whoever gets the callback's ID answers
   * by Lambda's `SendDurableExecutionCallbackSuccess` (approved) or `SendDurableExecutionCallbackFailure` (refused). It is
   * repeated when it throws.
   * @default none: a request with approvals is refused
   */
  readonly requestApproval?: ((callbackId: string, request: DurableApprovalRequest) => unknown) | undefined;
  /**
   * Seconds after which an approval that nobody has given counts as refused.
   * @default 86400 (a day)
   */
  readonly approvalTimeoutSeconds?: number | undefined;
  /**
   * Is told everything that happens, as it happens, and not again on a replay; a step that is repeated may tell it twice.
   * What it throws, or rejects with, is logged and passed over. A promise that it returns is waited for within the step, for
   * 5 s at most.
   */
  readonly onEvent?: ShiftToOptions['onEvent'];
  /**
   * Times that a step of the shift may throw before it is rolled back; they are 10 s apart.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Times that a step of the rollback may throw before it is halted; they are 10 s apart at first and 5 minutes later on.
   * @default 20 (an hour and a quarter)
   */
  readonly maxRollbackAttempts?: number | undefined;
  /**
   * The durable function that carries on when this execution's operations run short, with its version or alias: usually the
   * function itself. It gets a {@link ContinuedShift} as its event, hands it to `shiftDurably` as the request, and returns
   * the result.
   * @default none: a shift that is too long is refused, and one whose operations run short is rolled back
   */
  readonly continueIn?: string | undefined;
  /**
   * The operations of this execution that the shift may take, 100 to 3000; AWS allows 3,000 for everything in it.
   * @default 2900
   */
  readonly operationLimit?: number | undefined;
  /**
   * Where a listener that throws, and what is given up, is logged to.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Where the time of steps comes from; waits are the durable function's own.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** What an execution hands to the next one: the event of a function that carries a shift on. */
export interface ContinuedShift {
  /** How the shift stands. */
  readonly continuedShift: ShiftRun;
}

/**
 * How a shift ended. Everything that happened is not part of it, because the result of a durable function is limited and a
 * long shift's history is not: `onEvent` is told.
 */
export type DurableShiftResult = Omit<ShiftResult, 'history'>;

/** What a shift is begun with, or carried on. */
export type DurableShiftRequest = ShiftRequest | ContinuedShift;

/** What moves the traffic: a `TrafficShifter`. */
export type DurableShifter = DrivenShifter & Pick<TrafficShifter, 'plannedCalls'>;
