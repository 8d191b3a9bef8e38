import { InvalidInputError } from '../core/errors.js';
import type { ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import type { ShiftRun } from '../traffic/shift/shift-run.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import type { DurableSettings } from './settings.js';
import type { DurableShifter } from './types.js';

/** Share of the operations that is reserved for a rollback. */
const reservedShare = 0.1;

/** Share of the other operations for checks during approvals. */
const approvalShare = 0.5;

/** The step that begins the shift. */
const operationsOfBegin = 1;

/** One step and the wait after it. */
const operationsPerCall = 2;

/** Maximum operations of a shift without failures, in which every check passes and approvals arrive at once. */
export function plannedOperations(shifter: DurableShifter, request: ResolvedShiftRequest): number {
  return operationsOfBegin + shifter.plannedCalls(request) * operationsPerCall;
}

/** @throws InvalidInputError for a shift that is too long for one execution, when `continueIn` is missing. */
export function requireEnoughOperations(
  shifter: DurableShifter,
  request: ResolvedShiftRequest,
  { operationLimit, continueIn }: DurableSettings,
): void {
  const max = withoutReserve(operationLimit);
  const planned = plannedOperations(shifter, request);
  if (continueIn !== undefined || planned <= max) return;
  throw new InvalidInputError({
    subject: 'Shift request',
    problems: [
      {
        field: 'strategy',
        expected: `one that takes at most ${max} operations of a durable execution, or the option continueIn`,
        actual: `${planned} operations`,
      },
    ],
  });
}

/** Position of a pending approval in the shift. */
export interface GatePosition {
  /** Time limit of the approval. */
  readonly timeoutSeconds: number;
  /** Approvals of the whole shift. */
  readonly gates: number;
  /** Approvals that are still missing, including this one. */
  readonly gatesLeft: number;
  /** Operations of the rest of the shift; 0 when another execution continues it. */
  readonly operationsLeft: number;
}

/** Returns the position of the approval to go past a share. */
export function gatePosition(
  shifter: DurableShifter,
  { request, state }: ShiftRun,
  percent: number,
  { approvalTimeoutSeconds: timeoutSeconds, continueIn }: DurableSettings,
): GatePosition {
  const approvalPercents = request.approvalPercents.filter((it) => it >= percent);
  const strategy = { ...state.strategy, steps: state.strategy.steps.slice(state.step + 1) };
  return {
    timeoutSeconds,
    gates: request.approvalPercents.length,
    gatesLeft: approvalPercents.length,
    operationsLeft:
      continueIn === undefined ? plannedOperations(shifter, { ...request, strategy, approvalPercents }) : 0,
  };
}

/**
 * Counts the operations of an execution. AWS allows 3,000 and meters each retry of a step as one.
 */
export class DurableOperations {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(count: number): void {
    this.#used += count;
  }

  /** True when only the reserve is left, or in a rollback: when no operation is left. */
  areShort({ phase }: ShiftState): boolean {
    return this.#used >= (phase === 'rollingBack' ? this.#limit : withoutReserve(this.#limit));
  }

  /**
   * Seconds between two evaluations of the checks during an approval. The operations then last until the approval times out,
   * and for the rest of the shift.
   */
  secondsBetweenEvaluations({ timeoutSeconds, gates, gatesLeft, operationsLeft }: GatePosition): number {
    const max = withoutReserve(this.#limit);
    const spare = (max - this.#used - operationsLeft) / gatesLeft;
    const evaluations = Math.min((max * approvalShare) / gates, spare) / operationsPerCall;
    return timeoutSeconds / Math.max(1, evaluations);
  }
}

function withoutReserve(limit: number): number {
  return Math.floor(limit * (1 - reservedShare));
}
