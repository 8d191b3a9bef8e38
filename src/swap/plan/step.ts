import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import type { Permission } from '../../core/permissions.js';
import type { StackReference } from '../../core/stack-reference.js';

/** A value that JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Stack that a step changes: the one that comes into use, or the one that goes out of use. */
export type SwapSide = 'incoming' | 'outgoing';

/** Context of one call of a step. */
export interface StepContext extends Required<Pick<CallOptions, 'signal'>> {
  /** Stack that the step changes. */
  readonly stack: StackReference;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
  /** Stack that goes out of use. */
  readonly outgoing: StackReference;
  /** ID of the swap. */
  readonly swapId: string;
  /** Number of this call of `run` or `undo`, from 1. */
  readonly attempt: number;
  /** Clock of the swap. Times in `memory` are its milliseconds. */
  readonly clock: Clock;
  /** Logger of the swap. */
  readonly logger: Logger;
  /** JSON that the step keeps for its next calls, at most 4 KB. Assign its members: the record stores them after `run` and `undo`. */
  readonly memory: { [key: string]: JsonValue };
  /**
   * Reports why the change is not made yet. `isDone` calls it before it returns false. The reason of a step that is not done in time
   * ends with the last report.
   */
  readonly report?: ((reason: string) => void) | undefined;
}

/**
 * One change of a swap. Every function may be called again after a crash, and may take effect late, so each one has to be
 * repeatable.
 */
export interface SwapStep {
  /** Name, unique among `prepare` and `test`, and in `retire`. */
  readonly name: string;
  /**
   * Stack that the step changes.
   * @default 'incoming' in `prepare` and `test`, 'outgoing' in `retire`
   */
  readonly stack?: SwapSide | undefined;
  /**
   * Returns true when the change is already made. Reads only. Called before the first change, after `run`, at the end of the phase
   * and by `preview`.
   */
  readonly isDone?: ((context: StepContext) => boolean | Promise<boolean>) | undefined;
  /**
   * Returns the state before the change, for `undo`: at most 4 KB of JSON. Reads only. The context is the object that `isDone` had
   * before, so that a step can read its state once for both.
   */
  readonly before?: ((context: StepContext) => JsonValue | Promise<JsonValue>) | undefined;
  /**
   * Makes the change. Returns when AWS has accepted it; `isDone` is polled afterwards. A returned `false` or `{ status: 'Failed' }`
   * fails as if the function had thrown.
   */
  readonly run: (context: StepContext) => unknown;
  /**
   * Takes the change back, and waits for nothing. `'none'`: there is nothing to take back. A returned failure, as of `run`, fails as
   * if the function had thrown.
   */
  readonly undo: ((context: StepContext, before: JsonValue | undefined) => unknown) | 'none';
  /**
   * Returns true when the change is taken back.
   * @default the opposite of `isDone`
   */
  readonly isUndone?:
    | ((context: StepContext, before: JsonValue | undefined) => boolean | Promise<boolean>)
    | undefined;
  /**
   * Seconds from the change until it is in effect.
   * @default 0
   */
  readonly propagationSeconds?: number | undefined;
  /**
   * Maximum wait until `isDone` returns true, in seconds.
   * @default 600
   */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * Pause between two calls of `isDone`, in seconds.
   * @default 15
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * Maximum wait until `isUndone` returns true, in seconds.
   * @default `maxWaitSeconds`
   */
  readonly undoMaxWaitSeconds?: number | undefined;
  /**
   * True for a step that loses data. It runs only on a stack that is proven not to be live.
   * @default false
   */
  readonly deletes?: boolean | undefined;
  /**
   * True for a step that stops something on its stack, such as the delivery of messages. It runs only on a stack without production
   * traffic.
   * @default false
   */
  readonly switchesOff?: boolean | undefined;
  /**
   * True for a change that users notice and that no undo takes back, such as the switchover of a database. It is allowed in `retire`
   * only: in `prepare` and `test` a swap that fails restores everything.
   * @default false
   */
  readonly irreversible?: boolean | undefined;
  /**
   * False for a step whose `run` must not be called again after an unknown outcome. The swap then rolls back.
   * @default true
   */
  readonly repeatable?: boolean | undefined;
  /** Permissions that the step needs. */
  readonly permissions?: readonly Permission[] | undefined;
}

/** Steps that run side by side. All of them end before the next step begins. */
export interface ParallelSteps {
  /** Steps that run side by side. */
  readonly parallel: readonly SwapStep[];
}

/** A list of steps, which run in order. */
export type StepList = readonly (SwapStep | ParallelSteps)[];
