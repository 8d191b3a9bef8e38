import { AsyncLocalStorage } from 'node:async_hooks';

/** A process that runs code under test: one invocation of a Lambda function. */
export class SimulatedProcess {
  /** The virtual time until which the process does nothing. */
  stalledUntil = 0;
  readonly #died = new AbortController();
  readonly #stalls: { readonly from: number; readonly milliseconds: number }[] = [];

  /** Aborted when the process dies. Its calls then never return. */
  get died(): AbortSignal {
    return this.#died.signal;
  }

  die(): void {
    this.#died.abort();
  }

  /** Stops the process and its clock for some time. */
  stall(now: number, milliseconds: number): void {
    const from = Math.max(now, this.stalledUntil);
    const until = now + milliseconds;
    if (until <= from) return;
    this.#stalls.push({ from, milliseconds: until - from });
    this.stalledUntil = until;
  }

  /** Returns the milliseconds by which its clock is behind, because the clock stood still. It never goes back. */
  clockLag(now: number): number {
    const passed = this.#stalls.map(({ from, milliseconds }) =>
      Math.min(milliseconds, Math.max(0, now - from)),
    );
    return passed.reduce((sum, lag) => sum + lag, 0);
  }
}

const processes = new AsyncLocalStorage<SimulatedProcess | undefined>();

/** Runs code as this process, and what that code starts. */
export function runAs<Result>(process: SimulatedProcess, code: () => Result): Result {
  return processes.run(process, code);
}

/** Runs the work of AWS, which belongs to no process. */
export function runAsAws<Result>(work: () => Result): Result {
  return processes.run(undefined, work);
}

/** Returns the process that the present code belongs to; undefined outside of a Lambda function. */
export function currentProcess(): SimulatedProcess | undefined {
  return processes.getStore();
}
