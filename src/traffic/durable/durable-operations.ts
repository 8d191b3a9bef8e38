import type { ShiftState } from '../shift-state.js';

/** The part of the operations that is kept for the way back. */
const reservedPart = 0.1;

/** The part of the others that may be spent on checks while somebody is awaited. */
const gatesPart = 0.5;

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
    return this.#used >= (phase === 'rollingBack' ? this.#limit : this.#forTheWayThere());
  }

  /** Seconds between two looks at the checks while somebody is awaited, so that the operations last. */
  secondsBetweenLooks(timeoutSeconds: number, gateCount: number): number {
    const looks = (this.#forTheWayThere() * gatesPart) / 2 / Math.max(1, gateCount);
    return timeoutSeconds / looks;
  }

  #forTheWayThere(): number {
    return Math.floor(this.#limit * (1 - reservedPart));
  }
}
