import { invalidInput } from '../core/errors.js';
import type { SafeResumable } from '../resumable/safe-resumable.js';
import type { DurableSettings } from './settings.js';

/** Share of the operations that is reserved for a rollback. */
const reservedShare = 0.1;

/** Share of the other operations for checks during approvals. */
const approvalShare = 0.5;

/** The step that begins the change. */
const operationsOfBegin = 1;

/** One step and the wait after it. */
const operationsPerCall = 2;

/** The step that halts the change. */
const operationsOfHalt = 1;

/** Maximum operations of a change without failures, whose approvals arrive at once. Undefined when it does not plan its calls. */
export function plannedOperations<Request>(
  resumable: Pick<SafeResumable<Request, unknown, unknown>, 'plannedCalls'>,
  request: Request,
): number | undefined {
  const calls = resumable.plannedCalls(request);
  return calls === undefined ? undefined : operationsOfBegin + calls * operationsPerCall;
}

/** @throws InvalidInputError for a change that is too long for one execution, when `continueIn` is missing. */
export function requireEnoughOperations<Request>(
  resumable: Pick<SafeResumable<Request, unknown, unknown>, 'plannedCalls'>,
  request: Request,
  { operationLimit, continueIn }: Pick<DurableSettings, 'operationLimit' | 'continueIn'>,
): void {
  const max = withoutReserve(operationLimit);
  const planned = plannedOperations(resumable, request) ?? 0;
  if (continueIn !== undefined || planned <= max) return;
  throw invalidInput('Request', {
    field: '',
    expected: `one that takes at most ${max} operations of a durable execution, or the option continueIn`,
    actual: `${planned} operations`,
  });
}

/** Position of a pending approval in the change. */
export interface GatePosition {
  /** Time limit of the approval. */
  readonly timeoutSeconds: number;
  /** Approvals of the whole change. */
  readonly gates: number;
  /** Approvals that are still missing, including this one. */
  readonly gatesLeft: number;
  /** Operations of the rest of the change; 0 when another execution continues it. */
  readonly operationsLeft: number;
}

/** Approvals of a change that does not plan them: half of the spare operations are left for later ones. */
const unplannedGates = 2;

/** Returns the position of an approval in the change. */
export function gatePosition<Request>(
  resumable: Pick<SafeResumable<Request, unknown, unknown>, 'plannedCalls' | 'plannedApprovals'>,
  request: Request,
  {
    key,
    callsBefore,
  }: { readonly key: string /** Calls of `advance` outside of approvals. */; readonly callsBefore: number },
  {
    approvalTimeoutSeconds: timeoutSeconds,
    continueIn,
  }: Pick<DurableSettings, 'approvalTimeoutSeconds' | 'continueIn'>,
): GatePosition {
  const planned = resumable.plannedApprovals(request);
  const index = planned?.indexOf(key) ?? -1;
  const operations = continueIn === undefined ? (plannedOperations(resumable, request) ?? 0) : 0;
  const gates = Math.max(1, planned?.length ?? unplannedGates);
  return {
    timeoutSeconds,
    gates,
    gatesLeft: index < 0 ? gates : gates - index,
    operationsLeft: Math.max(0, operations - callsBefore * operationsPerCall),
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

  /** True when only the reserve is left, or in a rollback: when one more call leaves no operation to halt. */
  areShort({ isRollingBack }: { readonly isRollingBack: boolean }): boolean {
    if (isRollingBack) return this.#used + operationsPerCall + operationsOfHalt > this.#limit;
    return this.#used >= withoutReserve(this.#limit);
  }

  /**
   * Seconds between two evaluations of the checks during an approval. The operations then last until the approval times out,
   * and for the rest of the change.
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
