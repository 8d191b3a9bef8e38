import type { StackReference } from '../../core/stack-reference.js';
import type { CheckResult, TrafficWeights } from '../types.js';

/** Field of every event. */
export interface ShiftEventTime {
  /** Time of the event: milliseconds since 1970. */
  readonly at: number;
}

/** Emitted when a shift has begun. Nothing is written yet. */
export interface ShiftStarted extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'started';
  /** Stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Live weights at the beginning. */
  readonly weights: TrafficWeights;
  /** Name of the strategy. */
  readonly strategy: string;
}

/** Emitted when the service has accepted new weights. */
export interface WeightsWritten extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'weightsWritten';
  /** New weights. */
  readonly weights: TrafficWeights;
}

/** Emitted when new weights were read back. The hold of the step begins. */
export interface WeightsVerified extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'weightsVerified';
  /** The weights that are live. */
  readonly weights: TrafficWeights;
}

/** Emitted when a check was evaluated. */
export interface CheckEvaluated extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'checkEvaluated';
  /** Name of the check. */
  readonly check: string;
  /** True when the outcome does not affect the shift. */
  readonly dryRun: boolean;
  /** Result, or the error that the check threw. */
  readonly result: CheckResult | CheckError;
}

/** Emitted when the weights are held longer than the strategy defines: a check has not passed yet, or an approval is missing. */
export interface WeightsHeld extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'held';
  /** Held weights. */
  readonly weights: TrafficWeights;
  /** Checks or approval that the shift waits for. */
  readonly reason: string;
}

/** Emitted when a rollback begins. */
export interface RollbackStarted extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'rollingBack';
  /** Reason of the rollback. */
  readonly reason: string;
}

/** Emitted when the shift has halted. It writes nothing more. */
export interface ShiftHalted extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'halted';
  /** Reason of the halt. */
  readonly reason: string;
}

/** Emitted when the initial weights are live again. */
export interface ShiftRolledBack extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'rolledBack';
  /** The weights that are live. */
  readonly weights: TrafficWeights;
  /** Reason of the rollback. */
  readonly reason: string;
}

/** Emitted when the weights of the last step are live and were held for the time of the strategy. */
export interface ShiftSucceeded extends ShiftEventTime {
  /** Type of the event. */
  readonly type: 'succeeded';
  /** The weights that are live. */
  readonly weights: TrafficWeights;
}

/** Event of a shift. */
export type ShiftEvent =
  | ShiftStarted
  | WeightsWritten
  | WeightsVerified
  | CheckEvaluated
  | WeightsHeld
  | RollbackStarted
  | ShiftHalted
  | ShiftRolledBack
  | ShiftSucceeded;

/** A check that threw. */
export interface CheckError {
  /** Discriminates it from the outcomes of a check. */
  readonly outcome: 'error';
  /** Message of the error. */
  readonly detail: string;
}
