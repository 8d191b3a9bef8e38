import type { StackReference } from '../../core/stack-reference.js';
import type { CheckResult, TrafficWeights } from '../types.js';

/** What every event has. */
export interface ShiftEventTime {
  /** When it happened: milliseconds since 1970. */
  readonly at: number;
}

/** The shift has begun; nothing is written yet. */
export interface ShiftStarted extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'started';
  /** The stack that gets the traffic. */
  readonly incoming: StackReference;
  /** The weights that were live. */
  readonly weights: TrafficWeights;
  /** The name of the strategy. */
  readonly strategy: string;
}

/** The service has accepted new weights. */
export interface WeightsWritten extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'weightsWritten';
  /** The new weights. */
  readonly weights: TrafficWeights;
}

/** New weights were read back: now they count. */
export interface WeightsVerified extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'weightsVerified';
  /** The weights that are live. */
  readonly weights: TrafficWeights;
}

/** A check was evaluated. */
export interface CheckEvaluated extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'checkEvaluated';
  /** The name of the check. */
  readonly check: string;
  /** Whether its outcome decides nothing. */
  readonly dryRun: boolean;
  /** What it found, or that it threw. */
  readonly result: CheckResult | CheckError;
}

/** The weights are held longer than the strategy says: a check has not passed yet, or an approval is missing. */
export interface WeightsHeld extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'held';
  /** The weights that are held. */
  readonly weights: TrafficWeights;
  /** Which checks, or which approval, is waited for. */
  readonly reason: string;
}

/** The shift turns round. */
export interface RollbackStarted extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'rollingBack';
  /** Why. */
  readonly reason: string;
}

/** The shift has stopped without another write. */
export interface ShiftHalted extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'halted';
  /** Why. */
  readonly reason: string;
}

/** The weights of the beginning are live again. */
export interface ShiftRolledBack extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'rolledBack';
  /** The weights that are live. */
  readonly weights: TrafficWeights;
  /** Why it was rolled back. */
  readonly reason: string;
}

/** The weights of the last step are live, and were watched for as long as the strategy says. */
export interface ShiftSucceeded extends ShiftEventTime {
  /** Tells the events apart. */
  readonly type: 'succeeded';
  /** The weights that are live. */
  readonly weights: TrafficWeights;
}

/** What happened in a shift. */
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
  /** Tells it from what a check gives. */
  readonly outcome: 'error';
  /** The message of what it threw. */
  readonly detail: string;
}
