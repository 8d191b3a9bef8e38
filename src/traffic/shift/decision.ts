import type { TrafficWeights } from '../types.js';
import { weightsOf } from '../weights.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';
import type { CheckEvaluation, ResolvedPolicy } from './tally-checks.js';

/** What a shifter goes by, besides the state. */
export interface ShiftRules {
  readonly policy: ResolvedPolicy;
  /** The names of the checks that decide, dry runs left out. */
  readonly gates: readonly string[];
  /** Whether there are any checks at all. */
  readonly hasChecks: boolean;
  /** How a rollback goes back: in one write, or step by step. */
  readonly rollback: 'atOnce' | { readonly stepPercent: number; readonly intervalSeconds: number };
  /** Seconds of a hold after which the live weights are read again. */
  readonly guardIntervalSeconds: number;
  /** Writes of the same weights that may go unverified before the shift halts. */
  readonly unverifiedWriteLimit: number;
  /** The weights that the target can hold. */
  readonly nearestWeights: (weights: TrafficWeights) => TrafficWeights;
}

/** What reading the target came to: its weights, or why they are not those of a pair. */
export type Reading =
  | { readonly weights: TrafficWeights; readonly problem?: undefined }
  | { readonly problem: string; readonly weights?: undefined };

/** What was seen before deciding: only what `whatToObserve` asked for. */
export interface Observation {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly live?: Reading | undefined;
  readonly checks?: readonly CheckEvaluation[] | undefined;
  /** The share past which nobody has approved to go. */
  readonly holdAtPercent?: number | undefined;
}

/** What follows. `state` is kept; `events` happened. */
export type Decision =
  | {
      readonly action: 'wait';
      readonly state: ShiftState;
      readonly waitSeconds: number;
      /** All that is still missing to go past this share is that somebody approves it. */
      readonly heldAtPercent?: number;
      readonly events: readonly ShiftEvent[];
    }
  | {
      readonly action: 'write';
      readonly state: ShiftState;
      readonly weights: TrafficWeights;
      readonly events: readonly ShiftEvent[];
    }
  | { readonly action: 'end'; readonly state: ShiftState; readonly events: readonly ShiftEvent[] };

/** The weights of a step, as the target can hold them. */
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
