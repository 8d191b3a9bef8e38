import type { WaitOptions } from '../core/poll-until.js';
import type { ShiftRequest } from '../traffic/shift/shift-request.js';
import type { TrafficShifter } from '../traffic/traffic-shifter.js';
import type { EcsHookFunction, EcsHookInvocation } from './ecs-invocation.js';

/** A step that runs a function. */
export interface EcsRunStep {
  /** Unique within the stage: the hook's progress refers to the step by its name. */
  readonly name: string;
  /** The work. A returned `false`, or a `hookStatus` other than `SUCCEEDED`, fails as if the function had thrown. */
  readonly run: EcsHookFunction;
}

/** A step that waits without a running Lambda. */
export interface EcsWaitStep {
  /** Unique within the stage. */
  readonly name: string;
  /** Duration in seconds, counted from the end of the step before. */
  readonly waitSeconds: number;
}

/** Interval and time limit of a poll. */
export interface EcsPollTimes {
  /**
   * Seconds between two polls, 1 or more.
   * @default 30
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * Seconds after which the deployment fails. The last poll is made at that time.
   * @default 3600
   */
  readonly maxWaitSeconds?: number | undefined;
}

/** A step that polls until a condition is met. No Lambda runs between two polls. */
export interface EcsPollStep extends EcsPollTimes {
  /** Unique within the stage. */
  readonly name: string;
  /** Polls once. An error fails the deployment, and so does an object with a failed `hookStatus` or `status`. */
  readonly isDone: (invocation: EcsHookInvocation) => boolean | Promise<boolean>;
}

/**
 * A step that polls one of the toolkit's `waitFor…` methods across invocations, or any other function that takes
 * `maxWaitSeconds` and throws a `WaitTimeoutError` when the time is over.
 */
export interface EcsWaitForStep extends EcsPollTimes {
  /** Unique within the stage. */
  readonly name: string;
  /**
   * Polls once. Pass `once` on as the method's options: it waits for 0 seconds. After a `WaitTimeoutError` the function is
   * called again later. Any other error fails the deployment, and so does a returned failure, as of `run`.
   */
  readonly waitFor: (once: WaitOptions, invocation: EcsHookInvocation) => unknown;
}

/** A step that shifts traffic other than the service's own. It is done when the shift has succeeded. */
export interface EcsShiftStep {
  /** Unique within the stage. */
  readonly name: string;
  /** Shifts the traffic. Use a shifter without checks in a rollback of ECS: a failed check would move the traffic back. */
  readonly shifter: Pick<TrafficShifter, 'begin' | 'advance' | 'rollBack'>;
  /** The shift. A function is called once, when the step begins. */
  readonly request: ShiftRequest | ((invocation: EcsHookInvocation) => ShiftRequest | Promise<ShiftRequest>);
  /**
   * Returns true when the shift is approved to pass a share. Called while the shift waits for the approval. Required when the
   * request has `approvalPercents`.
   */
  readonly isApproved?:
    | ((percent: number, invocation: EcsHookInvocation) => boolean | Promise<boolean>)
    | undefined;
  /**
   * Failed calls in a row after which the shift is rolled back, with 10 s between them. A rollback, and any shift in a rollback
   * of ECS, makes at least 15 attempts, up to 5 minutes apart.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
}

/** One step of a stage's work. */
export type EcsHookStep = EcsRunStep | EcsWaitStep | EcsPollStep | EcsWaitForStep | EcsShiftStep;
