import type { CallOptions } from '../../core/aws-call.js';
import type { Permission } from '../../core/permissions.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { JsonValue } from '../plan/step.js';

/** Phase of a swap. */
export type SwapPhase =
  | 'preparing'
  | 'testing'
  | 'switching'
  | 'baking'
  | 'retiring'
  | 'returningTraffic'
  | 'undoing'
  | 'halted';

/** End of a swap. */
export type SwapEnd = 'succeeded' | 'rolledBack' | 'abandoned';

/** Process or deployment that a swap belongs to. It has the lock of the application until the swap ends. */
export interface SwapOwner {
  /** Kind of owner. */
  readonly kind: 'codeDeploy' | 'ecs' | 'run';
  /** Deployment ID, ARN of the service deployment, or ID of the run. */
  readonly id: string;
}

/** Record of one step. Times are milliseconds since 1970. */
export interface StepRecord {
  /** True when the change was already made before the swap began: it is not undone. */
  readonly wasDone?: boolean;
  /** Result of the step's `before`. */
  readonly before?: JsonValue;
  /** Time of the write that precedes the first change. */
  readonly claimedAt?: number;
  /** Calls of `run` so far. */
  readonly attempts?: number;
  /** Time of the last attempt. */
  readonly attemptedAt?: number;
  /** Time at which the last `run` returned. Absent while the outcome of the attempt is unknown. */
  readonly ranAt?: number;
  /** Time at which `isDone` was first true. */
  readonly doneAt?: number;
  /** Time from which the change is in effect. */
  readonly inEffectAt?: number;
  /** Time of the write that precedes the first `undo`. */
  readonly undoClaimedAt?: number;
  /** Calls of `undo` so far. */
  readonly undoAttempts?: number;
  /** Time of the last attempt of `undo`. */
  readonly undoAttemptedAt?: number;
  /** Time at which the last `undo` returned. */
  readonly undoRanAt?: number;
  /** Time at which the change was taken back. */
  readonly undoneAt?: number;
  /** Memory of the step. */
  readonly memory?: { readonly [key: string]: JsonValue };
  /** Last failure. */
  readonly failure?: string;
}

/** The right of one process to change the stacks. */
export interface SwapClaim {
  /** Random ID of the process. */
  readonly id: string;
  /** Time at which the claim ends unless it is renewed. */
  readonly expiresAt: number;
}

/** A step of `retire` that failed after the switch, which a later call completes. */
export interface OrphanStep {
  /** ID of the swap. */
  readonly swapId: string;
  /** Deployment or run that the swap belongs to. */
  readonly owner: SwapOwner;
  /** Name of the step. */
  readonly step: string;
  /** Stack that the step changes. */
  readonly stack: StackReference;
  /** Reason of the rollback, or of the failure. */
  readonly reason: string;
  /** Record of its calls so far. Absent before the first one. */
  readonly record?: StepRecord;
}

/** One line about an ended swap. */
export interface EndedSwap {
  /** ID of the swap. */
  readonly id: string;
  /** Deployment or run that the swap belongs to. */
  readonly owner: SwapOwner;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
  /** Time at which the swap began. */
  readonly beganAt: number;
  /** Time of the end. */
  readonly endedAt: number;
  /** End of the swap. */
  readonly end: SwapEnd;
  /** Reason of the rollback, or of the failure. */
  readonly reason?: string;
}

/** The swap under way. */
export interface SwapUnderWay {
  /** ID of the swap. */
  readonly id: string;
  /** Deployment or run that the swap belongs to. */
  readonly owner: SwapOwner;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
  /** Phase of the swap. */
  readonly phase: SwapPhase;
  /** Phase in which the swap halted. */
  readonly haltedIn?: Exclude<SwapPhase, 'halted'>;
  /** Time at which the swap began. */
  readonly beganAt: number;
  /** Time at which the phase began. */
  readonly phaseSince: number;
  /** Direction. `'back'` is a request that the holder of the claim carries out. */
  readonly wanted: 'forward' | 'back';
  /** Reason of the rollback, or of the failure. */
  readonly reason?: string;
  /** Reason of a halt. */
  readonly haltReason?: string;
  /** Person or process that asked for the rollback. */
  readonly requestedBy?: string;
  /** Fingerprint of the plan: one line for each step. */
  readonly plan: readonly string[];
  /** Record of each step that was begun. */
  readonly steps: { readonly [name: string]: StepRecord };
  /** Time at which the switch was verified. */
  readonly switchedAt?: number;
  /** State of the traffic shift, for `shiftTraffic`. */
  readonly shift?: JsonValue;
  /** Time of the next call of the traffic shift. */
  readonly shiftDueAt?: number;
  /** End of the traffic shift. */
  readonly shiftOutcome?: 'succeeded' | 'rolledBack';
  /** Time at which AWS was last asked to return the traffic. */
  readonly returnRequestedAt?: number;
  /** Time since which the incoming stack has had no production traffic, during a rollback. */
  readonly noTrafficSince?: number;
  /** Execution ID of the lifecycle hook that waits for an answer, and the time at which CodeDeploy gives up. */
  readonly hook?: {
    /** Name of the hook. */
    readonly name: string;
    /** Execution ID of the hook. */
    readonly executionId: string;
    /** Time of its event. */
    readonly since: number;
  };
  /** Verdict of each hook that was answered. */
  readonly answers?: { readonly [hook: string]: 'Succeeded' | 'Failed' };
}

/** Everything that is stored for one application. */
export interface SwapRecordItem {
  /** Version of this format. */
  readonly format: 1;
  /** Name of the application. */
  readonly application: string;
  /** Number of the write, from 1. Each write is conditional on the one before. */
  readonly version: number;
  /** Random ID of the write. After a lost response it shows that a stored item is one's own. */
  readonly writeId: string;
  /** Fingerprint of the service and listener for which the application was first used. */
  readonly fingerprint?: string;
  /** Stack that has the production traffic. */
  readonly live?: StackReference;
  /** The swap under way. */
  readonly swap?: SwapUnderWay;
  /** Claim of the process that changes something. */
  readonly claim?: SwapClaim;
  /** Steps of `retire` that are left from an earlier swap. */
  readonly orphans: readonly OrphanStep[];
  /** Ends of propagation times of changes that ended swaps have made or undone, by step: the next swap deletes nothing before. */
  readonly undoInEffectAt?: { readonly [step: string]: number };
  /** The last 50 ended swaps, newest last. */
  readonly ended: readonly EndedSwap[];
}

/** Result of a conditional write. */
export type SwapWriteResult =
  | {
      /** Result of the write. */
      readonly status: 'written';
    }
  /** Nothing was written. `current` is the stored item as `read` returns it. */
  | {
      /** Result of the write. */
      readonly status: 'conflict';
      /** Stored item, as parsed JSON. */
      readonly current: unknown;
    };

/**
 * Store of swap records: one item for each application. Reads are strongly consistent, and writes conditional. An implementation
 * neither retries a failed condition nor interprets an item.
 */
export interface SwapRecord {
  /** Name of the store, for messages. */
  readonly description: string;
  /** Permissions that the store needs. */
  readonly permissions?: readonly Permission[] | undefined;
  /** Returns the stored item as parsed JSON; undefined when there is none. The caller validates it. */
  read(application: string, options?: CallOptions): Promise<unknown>;
  /**
   * Stores an item when the stored version is `item.version - 1`, or when `item.version` is 1 and nothing is stored. A conflict
   * whose stored item has the `writeId` of `item` counts as written: the response of an earlier attempt was lost.
   */
  write(item: SwapRecordItem, options?: CallOptions): Promise<SwapWriteResult>;
}
