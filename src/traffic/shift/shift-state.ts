import type { StackReference } from '../../core/stack-reference.js';
import type { ShiftStrategy, TargetSetup, TrafficWeights } from '../types.js';

/** Version of the state's format. A state of another version is rejected. */
export const shiftStateVersion = 1;

/** Phase of a shift. */
export type ShiftPhase = 'shifting' | 'rollingBack' | 'succeeded' | 'rolledBack' | 'halted';

/** Counts of a check's outcomes. */
export interface CheckTally {
  /** Failures in the whole shift. */
  readonly failures: number;
  /** Inconclusive evaluations under the present weights, since the last pass within their hold. */
  readonly inconclusives: number;
  /** Errors under the present weights, since the last pass within their hold. */
  readonly errors: number;
  /** Passes in a row under the present weights. */
  readonly successes: number;
}

/** Pause of a shift because AWS throttled it. */
export interface ThrottleState {
  /** Calls to the target in a row that AWS throttled. */
  readonly count: number;
  /** Time until which the shift leaves out what can wait: milliseconds since 1970. */
  readonly until: number;
  /** Message of the last throttle; absent in a state of an earlier version of the package. */
  readonly message?: string;
}

/** Stage of the changes of a target besides its weights. */
export type SetupStage = 'preparing' | 'prepared' | 'completing' | 'completed' | 'restoring' | 'restored';

/** Changes of a target besides its weights, in the state of a shift. */
export interface SetupState {
  /** Configuration before the shift. A rollback restores it. */
  readonly original: TargetSetup;
  /** Stage of the changes. */
  readonly stage: SetupStage;
  /** Beginning of the stage: milliseconds since 1970. */
  readonly since: number;
  /** Number of accepted writes in this stage. */
  readonly writes: number;
}

/**
 * Complete state of a shift between two calls of `TrafficShifter.advance`. It is plain JSON, so it can be stored anywhere.
 * Weights are pending in the state before they are written, so after a crash the state names all weights that may be live.
 */
export interface ShiftState {
  /** Version of the format. */
  readonly version: typeof shiftStateVersion;
  /** Phase of the shift. */
  readonly phase: ShiftPhase;
  /** Phase in which the shift halted, and from which it resumes. */
  readonly haltedIn?: 'shifting' | 'rollingBack';
  /** Stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Strategy of the shift. */
  readonly strategy: ShiftStrategy;
  /** Live weights at the beginning. A rollback restores them. */
  readonly initialWeights: TrafficWeights;
  /** Weights that were last read back. */
  readonly verifiedWeights: TrafficWeights;
  /** Time at which these weights were verified: milliseconds since 1970. */
  readonly verifiedAt: number;
  /** Seconds from this time until all clients follow these weights. Absent when they follow at once. */
  readonly propagationSeconds?: number;
  /** Time of the last reading of the live weights: milliseconds since 1970. */
  readonly readAt: number;
  /** Index of the step that the verified weights belong to; -1 before the first. */
  readonly step: number;
  /** Weights to write next. They may be live already. */
  readonly pendingWeights?: TrafficWeights;
  /** Weights that were pending and were then withdrawn, for a rollback or until a gate opens. They can still become live. */
  readonly supersededWeights?: TrafficWeights;
  /** Changes of the target besides the weights; absent when there are none. */
  readonly setup?: SetupState;
  /** Number of writes of the pending weights that could not be read back. */
  readonly unverifiedWrites: number;
  /** Pause after calls to the target that AWS throttled; absent when it answered the last one. */
  readonly throttled?: ThrottleState;
  /** Time of the next evaluation of the checks: milliseconds since 1970. */
  readonly nextCheckAt: number;
  /** Last time at which only an approval was missing after a step: milliseconds since 1970. */
  readonly passedAt?: number;
  /** Counts of outcomes, by name of the check. */
  readonly tallies: Readonly<Record<string, CheckTally>>;
  /** Reason of the rollback or halt. */
  readonly reason?: string;
  /** Reason of the rollback that was in progress when the shift halted. */
  readonly rollbackReason?: string;
  /** Time of the beginning: milliseconds since 1970. */
  readonly startedAt: number;
  /** Shares that need an approval to go past, ascending. */
  readonly approvalPercents?: readonly number[];
  /** Seconds after which the shift is rolled back unless it has succeeded. */
  readonly maxDurationSeconds?: number;
}
