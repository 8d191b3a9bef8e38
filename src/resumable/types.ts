import type { CallOptions } from '../core/aws-call.js';

/** End of a long change. */
export type Outcome = 'succeeded' | 'rolledBack' | 'halted';

/** Options of `advance`. */
export interface AdvanceOptions extends CallOptions {
  /**
   * Keys of the approvals that were given. Unknown keys have no effect.
   * @default none
   */
  readonly approved?: readonly string[] | undefined;
  /**
   * Time at which a change that has not succeeded is rolled back: milliseconds since 1970.
   * @default never
   */
  readonly rollBackAt?: number | undefined;
}

/** Approval that a change waits for. */
export interface HeldAt {
  /** Key of the approval, for {@link AdvanceOptions.approved}. Each approval of a change has its own. */
  readonly key: string;
  /** Approved action, for a person: a phrase such as `go past 50 %`, which follows the words `Approve to`. */
  readonly detail: string;
  /** Time after which the approval has no effect any more: milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** Result of one call of a {@link Resumable}. */
export interface Progress<State, Event> {
  /** State to store and to pass to the next call. */
  readonly state: State;
  /** Seconds until the next call is useful; 0: at once. */
  readonly waitSeconds: number;
  /** Events of this call, oldest first. */
  readonly events: readonly Event[];
  /** End of the change. Absent while it is in progress. */
  readonly outcome?: Outcome;
  /** Approval that the change waits for, when nothing else is missing. */
  readonly heldAt?: HeldAt;
}

/** Summary of a state, for drivers, definitions and reports. */
export interface StateSummary {
  /** Reason of a rollback or halt. */
  readonly reason?: string;
  /** True during a rollback, and after a halt during one. */
  readonly isRollingBack: boolean;
  /**
   * True when the end is complete: after a success, the incoming side has taken over entirely; after a rollback, nothing of it is
   * left in use. False after a partial change. Drivers remove the old or the new version only after a complete end.
   */
  readonly isComplete: boolean;
  /**
   * True when the change, continued from this state elsewhere, may have succeeded without a trace that a rollback would notice. A
   * driver that has lost track of it then halts. It rolls back otherwise.
   * @default true
   */
  readonly mayHaveSucceeded?: boolean;
  /** End of the change, for states that need no further call. Absent while it is in progress. */
  readonly outcome?: Outcome;
  /** Further facts as JSON, for definitions and notifications. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * A change that takes longer than one process: each call starts at most one step, and the state between two calls is complete,
 * versioned JSON. A driver repeats the calls until the end: {@link runToEnd} in one process, `stepFunctionsHandler` in a state
 * machine, `runDurably` in a durable function.
 *
 * The process can stop at any call. The driver then calls again with the last state that a call has returned, so every call must
 * bear that its step was already started, with or without effect. Only one call runs at a time. A call that throws is repeated;
 * after too many failures the driver rolls back.
 */
export interface Resumable<Request, State, Event> {
  /** Name of the changed resource, for log lines and errors. */
  readonly description: string;
  /** Parses a request from JSON. Throws for anything else. */
  parseRequest(value: unknown): Request;
  /** Parses a stored state. Throws for anything else, also for a state of another version. */
  parseState(value: unknown): State;
  /** Returns the first state. Changes nothing yet. */
  begin(request: Request, options?: CallOptions): Promise<State>;
  /** Advances the change: starts at most one step, or waits. */
  advance(state: State, options?: AdvanceOptions): Promise<Progress<State, Event>>;
  /** Starts a rollback, from any state, or continues the one in progress. `advance` continues it as well. */
  rollBack(state: State, reason: string, options?: CallOptions): Promise<Progress<State, Event>>;
  /** Halts: changes nothing more. Without it a driver that halts keeps the last state. */
  halt?(state: State, reason: string): Progress<State, Event>;
  /** Returns the maximum number of `advance` calls without a failure, approvals included, for drivers that pay for each call. */
  plannedCalls?(request: Request): number;
  /**
   * Returns the keys of the approvals that a request needs, in their order. A driver without a way to approve then refuses the
   * request at once. Without this method it rolls back when an approval is missing.
   */
  plannedApprovals?(request: Request): readonly string[];
  /** Returns the events of a state that `begin` has just returned. */
  startEvents?(state: State): readonly Event[];
  /** Summarizes a state. Without it, drivers know only the reasons and rollbacks that they caused, and every end is complete. */
  summarize?(state: State): StateSummary;
}
