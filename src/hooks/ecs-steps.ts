import type { WaitOptions } from '../core/poll-until.js';
import type { ShiftRequest } from '../traffic/shift/shift-request.js';
import type { TrafficShifter } from '../traffic/traffic-shifter.js';
import type { EcsHookFunction, EcsHookInvocation } from './ecs-types.js';

/** A step that runs a function. */
export interface EcsRunStep {
  /** Unlike that of every other step of the stage: the hook's state tells by it which steps are done. */
  readonly name: string;
  /** The work. */
  readonly run: EcsHookFunction;
}

/** A step that lets time pass; no Lambda is busy meanwhile. */
export interface EcsWaitStep {
  /** Unlike that of every other step of the stage. */
  readonly name: string;
  /** How long, counted from when the step before was done. */
  readonly waitSeconds: number;
}

/** When a poll looks again, and when it gives up. */
export interface EcsPollTimes {
  /**
   * Seconds between two looks, 1 or more.
   * @default 30
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * Seconds after which the deployment fails; the last look is made then.
   * @default 3600
   */
  readonly maxWaitSeconds?: number | undefined;
}

/** A step that looks at something again and again until it is so; no Lambda is busy in between. */
export interface EcsPollStep extends EcsPollTimes {
  /** Unlike that of every other step of the stage. */
  readonly name: string;
  /** Looks once. What it throws fails the deployment. */
  readonly isDone: (invocation: EcsHookInvocation) => boolean | Promise<boolean>;
}

/**
 * A step that makes a poll, which spans invocations, of one of the toolkit's `waitFor…` methods, or of anything else that takes
 * `maxWaitSeconds` and throws a `WaitTimeoutError` when they are over.
 */
export interface EcsWaitForStep extends EcsPollTimes {
  /** Unlike that of every other step of the stage. */
  readonly name: string;
  /**
   * Waits for 0 seconds: `once` is what the method has to be given. A `WaitTimeoutError` means that it is called again
   * later; everything else that it throws fails the deployment.
   */
  readonly waitFor: (once: WaitOptions, invocation: EcsHookInvocation) => unknown;
}

/** A step that shifts the traffic of something else than the service's own: it is done when the shift has succeeded. */
export interface EcsShiftStep {
  /** Unlike that of every other step of the stage. */
  readonly name: string;
  /** Moves the weights. In a rollback of ECS, one without checks: a check that fails would give the traffic away again. */
  readonly shifter: Pick<TrafficShifter, 'begin' | 'advance' | 'rollBack'>;
  /** What is shifted, and how; a function is asked once, when the step begins. */
  readonly request: ShiftRequest | ((invocation: EcsHookInvocation) => ShiftRequest | Promise<ShiftRequest>);
  /**
   * Whether somebody has approved to go past a share, asked while the shift waits for it. Needed when the request has
   * `approvalPercents`.
   */
  readonly isApproved?:
    | ((percent: number, invocation: EcsHookInvocation) => boolean | Promise<boolean>)
    | undefined;
  /**
   * Calls that may throw in a row before the shift is rolled back; after each of them it waits for 10 s. Routing back, and any
   * shift in a rollback of ECS, is given up after 15 of them at the earliest, up to 5 minutes apart.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
}

/** One step of what is done at a stage. */
export type EcsHookStep = EcsRunStep | EcsWaitStep | EcsPollStep | EcsWaitForStep | EcsShiftStep;
