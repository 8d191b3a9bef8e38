import { InvalidInputError } from '../../core/errors.js';
import type { ResolvedShiftRequest } from '../shift-request.js';
import type { ShiftState } from '../shift-state.js';
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
        received: `${planned} operations`,
      },
    ],
  });
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

  /** Seconds between two looks at the checks while somebody is awaited, so that the operations last. */
  secondsBetweenLooks(timeoutSeconds: number, gateCount: number): number {
    const looks = (forTheWayThere(this.#limit) * gatesPart) / 2 / Math.max(1, gateCount);
    return timeoutSeconds / looks;
  }
}

function forTheWayThere(limit: number): number {
  return Math.floor(limit * (1 - reservedPart));
}
