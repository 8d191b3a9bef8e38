import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { classifyFailure } from '../../core/failures.js';
import { RequestEndedError } from './request-ended.js';

/** Time that an engine has for a request. */
export interface EngineTime {
  /** Seconds for which the present invocation can try to reach the ledger and still write afterwards. */
  secondsToTry(): number;
  /** True when no later invocation of the same engine would be in time. */
  isLastChance(): boolean;
}

/** A forward change fails when the ledger cannot be read, or written, for so long. */
const forwardSeconds = 60;

const pausesSeconds = [1, 2, 5, 10, 20, 30];

/** Repeats calls of the ledger: for a minute on the way forward, until the end of the time on the way back. */
export class LedgerPatience {
  readonly #clock: Clock;
  #engine: EngineTime | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set engine(engine: EngineTime) {
    this.#engine = engine;
  }

  /** True when a rollback may write without the ledger, now that it could not be read. */
  get isLastChance(): boolean {
    return this.#engine?.isLastChance() ?? true;
  }

  /**
   * Repeats a call until it succeeds or the time is over.
   *
   * @throws the last error; a final one, and a RequestEndedError, at once
   */
  async repeat<Result>(
    call: () => Promise<Result>,
    {
      isRollback,
      signal,
      resource,
    }: CallOptions & { readonly isRollback: boolean; readonly resource: string },
  ): Promise<Result> {
    const elapsed = new ElapsedTime(this.#clock);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const limit = isRollback ? Number.POSITIVE_INFINITY : forwardSeconds - elapsed.seconds;
        const left = Math.min(this.#engine?.secondsToTry() ?? forwardSeconds - elapsed.seconds, limit);
        const isFinal = error instanceof RequestEndedError || classifyFailure(error) === 'final';
        if (isFinal || !(left > 0)) throw error;
        const pause = pausesSeconds[Math.min(attempt, pausesSeconds.length - 1)] ?? 1;
        await elapsed.sleepSeconds(Math.min(pause, left), { signal, resource });
      }
    }
  }
}
