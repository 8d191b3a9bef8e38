import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ToolkitError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import { RequestEndedError } from './request-ended.js';

/** Time limits of an engine. */
export interface EngineTime {
  /** Seconds for which this invocation can retry the ledger and still write afterwards. */
  secondsToTry(): number;
  /** True when no later invocation of the same engine would be in time. */
  isLastChance(): boolean;
}

export interface RetryOptions extends CallOptions {
  readonly isRollback: boolean;
  readonly resource: string;
}

/** Seconds after which a forward change stops retrying. */
const forwardSeconds = 60;

const pausesSeconds = [1, 2, 5, 10, 20, 30];

/** Retries failures that may pass: for a minute in a forward change, until the end of the time in a rollback. */
export class LedgerRetries {
  readonly #clock: Clock;
  #engine: EngineTime | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set engine(engine: EngineTime) {
    this.#engine = engine;
  }

  /** True when a rollback may write without reading the ledger. */
  get isLastChance(): boolean {
    return this.#engine?.isLastChance() ?? true;
  }

  /** Seconds for which this invocation can wait. */
  get secondsToTry(): number {
    return this.#engine?.secondsToTry() ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Retries work of several calls. An error of this package is not retried, because the same work would throw it again.
   *
   * @throws the last error
   */
  async retryWork<Result>(work: () => Promise<Result>, options: RetryOptions): Promise<Result> {
    return this.#retry(work, options, isDecided);
  }

  /**
   * Retries a call of the ledger.
   *
   * @throws the last error; a final one, and a RequestEndedError, at once
   */
  async retryCall<Result>(call: () => Promise<Result>, options: RetryOptions): Promise<Result> {
    return this.#retry(call, options, () => false);
  }

  async #retry<Result>(
    call: () => Promise<Result>,
    { isRollback, signal, resource }: RetryOptions,
    isLast: (error: unknown) => boolean,
  ): Promise<Result> {
    const elapsed = new ElapsedTime(this.#clock);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const left = this.#secondsLeft(elapsed, isRollback);
        const isFinal = error instanceof RequestEndedError || classifyFailure(error) === 'final';
        if (isFinal || isLast(error) || signal?.aborted || !(left > 0)) throw error;
        const pause = pausesSeconds[Math.min(attempt, pausesSeconds.length - 1)] ?? 1;
        await elapsed.sleepSeconds(Math.min(pause, left), { signal, resource, lastError: error });
      }
    }
  }

  #secondsLeft(elapsed: ElapsedTime, isRollback: boolean): number {
    const forward = forwardSeconds - elapsed.seconds;
    const left = this.#engine?.secondsToTry() ?? forward;
    return isRollback ? left : Math.min(left, forward);
  }
}

/** True when the same work would throw the error again: a final refusal of AWS, or a decision of this package. */
export function isDecided(error: unknown): boolean {
  if (classifyFailure(error) === 'final') return true;
  return ToolkitError.isInstance(error) && error.code !== 'WAIT_TIMEOUT';
}
