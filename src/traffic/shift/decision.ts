import type { SetupChange, TrafficWeights } from '../types.js';
import { weightsOf } from '../weights.js';
import type { ResolvedPolicy } from './check-policy.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState, ThrottleState } from './shift-state.js';
import type { CheckEvaluation } from './tally-checks.js';

/** Settings of a shifter that decisions depend on. */
export interface ShiftRules {
  readonly policy: ResolvedPolicy;
  /** Names of the checks that block, without dry runs. */
  readonly gates: readonly string[];
  /** True when there are checks, dry runs included. */
  readonly hasChecks: boolean;
  /** Rollback in one write, or step by step. */
  readonly rollback: 'atOnce' | { readonly stepPercent: number; readonly intervalSeconds: number };
  /** Seconds of a hold after which the live weights are read again. */
  readonly guardIntervalSeconds: number;
  /** Seconds until a change must be visible in a reading. */
  readonly visibleAfterSeconds: number;
  /** Seconds for which a change of the target besides its weights may take. */
  readonly maxSetupSeconds: number;
  /** True when the target can change more than its weights. */
  readonly hasSetup: boolean;
  /** Writes of the same weights that may go unverified before the shift halts. */
  readonly maxUnverifiedWrites: number;
  /** Returns the nearest weights that the target can hold. */
  readonly nearestWeights: (weights: TrafficWeights) => TrafficWeights;
  /** Returns the seconds until all clients follow weights that were just read back. */
  readonly propagationSeconds: () => number;
}

/** Result of reading the target: its weights, or the reason why they are not those of a pair. */
export type Reading =
  | { readonly weights: TrafficWeights; readonly problem?: undefined }
  | { readonly problem: string; readonly weights?: undefined };

/** A reading, or the pause after AWS throttled it. */
export type ReadingAttempt =
  | { readonly live: Reading; readonly throttled?: undefined }
  | { readonly throttled: ThrottleState; readonly live?: undefined };

/** Readings and evaluations before a decision: only those that `requiredObservation` requests. */
export interface Observation {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly live?: Reading | undefined;
  readonly checks?: readonly CheckEvaluation[] | undefined;
  /** Pause, when AWS throttled the reading; `live` is then missing. */
  readonly throttled?: ThrottleState | undefined;
  /**
   * Fraction of this shift, 0 to below 1, which spreads the retries of many shifts.
   * @default 0
   */
  readonly spread?: number | undefined;
  /** Highest approved share of the incoming stack; undefined when no approval is needed. */
  readonly holdAtPercent?: number | undefined;
}

/** Next action of a shift, with the state to keep and the events to emit. */
export type Decision =
  | {
      readonly action: 'wait';
      readonly state: ShiftState;
      readonly waitSeconds: number;
      /** Share at which only an approval is missing. */
      readonly heldAtPercent?: number;
      readonly events: readonly ShiftEvent[];
    }
  | {
      readonly action: 'write';
      readonly state: ShiftState;
      readonly weights: TrafficWeights;
      readonly events: readonly ShiftEvent[];
    }
  | {
      readonly action: 'setup';
      readonly state: ShiftState;
      readonly kind: SetupChange['kind'];
      readonly events: readonly ShiftEvent[];
    }
  | { readonly action: 'end'; readonly state: ShiftState; readonly events: readonly ShiftEvent[] };

/** Returns the weights of a step, as the target can hold them. */
export function weightsOfStep(
  { strategy, incoming }: Pick<ShiftState, 'strategy' | 'incoming'>,
  step: number,
  { nearestWeights }: ShiftRules,
): TrafficWeights {
  return nearestWeights(weightsOf(incoming, strategy.steps[step]?.percent ?? 100));
}

/** Proceeds at once with this state. */
export function proceed(state: ShiftState, events: readonly ShiftEvent[] = []): Decision {
  return { action: 'wait', state, waitSeconds: 0, events };
}
