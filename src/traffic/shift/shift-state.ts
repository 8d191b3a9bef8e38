import type { StackReference } from '../../core/stack-reference.js';
import type { ShiftStrategy, TrafficWeights } from '../types.js';

/** The version of the state's form; a state of another version is refused, never guessed at. */
export const shiftStateVersion = 1;

/** Where a shift stands. */
export type ShiftPhase = 'shifting' | 'rollingBack' | 'succeeded' | 'rolledBack' | 'halted';

/** How often a check has come to what. */
export interface CheckTally {
  /** In the whole shift. */
  readonly failures: number;
  /** Under the present weights, since the last pass within their time. */
  readonly inconclusives: number;
  /** Under the present weights, since the last pass within their time. */
  readonly errors: number;
  /** In a row, under the present weights. */
  readonly successes: number;
}

/**
 * All that has to be kept between two calls of `TrafficShifter.advance`: JSON-safe, so that it can be stored or handed
 * over anywhere. A write is announced in the state before it is made, so whoever takes the state up after a crash knows
 * both weights that may be live.
 */
export interface ShiftState {
  /** The version of this form. */
  readonly version: typeof shiftStateVersion;
  /** Where the shift stands. */
  readonly phase: ShiftPhase;
  /** What was under way when the shift halted, and is taken up again from there. */
  readonly haltedIn?: 'shifting' | 'rollingBack';
  /** The stack that gets the traffic. */
  readonly incoming: StackReference;
  /** How the traffic moves. */
  readonly strategy: ShiftStrategy;
  /** The weights that were live at the beginning; a rollback goes back to them. */
  readonly initialWeights: TrafficWeights;
  /** The weights that were last read back. */
  readonly verifiedWeights: TrafficWeights;
  /** Since when: milliseconds since 1970. */
  readonly verifiedAt: number;
  /** When the live weights were last read: milliseconds since 1970. */
  readonly readAt: number;
  /** The index of the step that the verified weights belong to; -1 before the first. */
  readonly step: number;
  /** The weights that are to be written next; the live ones may be these already. */
  readonly pendingWeights?: TrafficWeights;
  /** Announced before, and given up for a rollback or until a gate opens: these may be live as well. */
  readonly supersededWeights?: TrafficWeights;
  /** Writes of the announced weights that could not be read back. */
  readonly unverifiedWrites: number;
  /** When the next evaluation of the checks is due: milliseconds since 1970. */
  readonly nextCheckAt: number;
  /** What the checks have come to, by their names. */
  readonly tallies: Readonly<Record<string, CheckTally>>;
  /** Why it is rolled back or halted. */
  readonly reason?: string;
  /** Why it was being rolled back when it halted. */
  readonly rollbackReason?: string;
  /** When it began: milliseconds since 1970. */
  readonly startedAt: number;
}
