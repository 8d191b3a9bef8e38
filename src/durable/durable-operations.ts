import { InvalidInputError } from '../core/errors.js';
import type { ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import type { ShiftRun } from '../traffic/shift/shift-run.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import type { DurableSettings } from './settings.js';
import type { DurableShifter } from './types.js';

/** The part of the operations that is kept for the way back. */
const reservedPart = 0.1;

/** The part of the others that may be spent on checks while somebody is awaited. */
const gatesPart = 0.5;

/** The beginning. */
const operationsAtFirst = 1;

/** A step, and the wait after it. */
const operationsPerCall = 2;

/** The callback, the step that asks somebody, the step that hears the answer, and the wait that it cut short. */
const operationsPerGate = 4;

/** The operations that a shift takes at most when nothing goes wrong, every check passes and approvals come at once. */
export function plannedOperations(
  shifter: DurableShifter,
  { strategy, approvalPercents }: ResolvedShiftRequest,
): number {
  const calls = shifter.plannedCalls(strategy) * operationsPerCall;
  return operationsAtFirst + calls + approvalPercents.length * operationsPerGate;
}

/** @throws InvalidInputError for a shift that one execution is too short for, when no other one may carry it on. */
export function requireEnoughOperations(
  shifter: DurableShifter,
  request: ResolvedShiftRequest,
  { operationLimit, continueIn }: DurableSettings,
): void {
  const most = forTheWayThere(operationLimit);
  const planned = plannedOperations(shifter, request);
  if (continueIn !== undefined || planned <= most) return;
  throw new InvalidInputError({
    subject: 'Shift request',
    problems: [
      {
        field: 'strategy',
        expected: `one that takes at most ${most} operations of a durable execution, or the option continueIn`,
        actual: `${planned} operations`,
      },
    ],
  });
}

/** How an approval that is awaited stands among the others of the shift, and what comes after it. */
export interface GatePlace {
  /** How long the answer may take. */
  readonly timeoutSeconds: number;
  /** The gates of the whole shift. */
  readonly gates: number;
  /** Those that are not passed yet, this one included. */
  readonly gatesToCome: number;
  /** What the rest of the shift takes; none when another execution carries it on. */
  readonly operationsToCome: number;
}

/** Where a shift stands that waits for the approval to go past a share. */
export function gatePlace(
  shifter: DurableShifter,
  { request, state }: ShiftRun,
  percent: number,
  { approvalTimeoutSeconds: timeoutSeconds, continueIn }: DurableSettings,
): GatePlace {
  const approvalPercents = request.approvalPercents.filter((it) => it >= percent);
  const strategy = { ...state.strategy, steps: state.strategy.steps.slice(state.step + 1) };
  return {
    timeoutSeconds,
    gates: request.approvalPercents.length,
    gatesToCome: approvalPercents.length,
    operationsToCome:
      continueIn === undefined ? plannedOperations(shifter, { ...request, strategy, approvalPercents }) : 0,
  };
}

/**
 * Counts the operations of an execution: AWS allows 3,000 of them. An attempt that is repeated is metered as an operation,
 * so it counts as one here.
 */
export class DurableOperations {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Notes that operations were made. */
  add(count: number): void {
    this.#used += count;
  }

  /** Whether the shift has to end in this execution, or for one that is rolled back: the execution itself. */
  areShort({ phase }: ShiftState): boolean {
    return this.#used >= (phase === 'rollingBack' ? this.#limit : forTheWayThere(this.#limit));
  }

  /**
   * Seconds between two looks at the checks while somebody is awaited, so that the operations last: until the answer has to
   * be there, and for what comes after it.
   */
  secondsBetweenLooks({ timeoutSeconds, gates, gatesToCome, operationsToCome }: GatePlace): number {
    const most = forTheWayThere(this.#limit);
    const spare = (most - this.#used - operationsToCome) / gatesToCome;
    const looks = Math.min((most * gatesPart) / gates, spare) / operationsPerCall;
    return timeoutSeconds / Math.max(1, looks);
  }
}

function forTheWayThere(limit: number): number {
  return Math.floor(limit * (1 - reservedPart));
}
