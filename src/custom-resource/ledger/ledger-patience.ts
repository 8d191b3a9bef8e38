import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ToolkitError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import { RequestEndedError } from './request-ended.js';

/** Time that an engine has for a request. */
export interface EngineTime {
  /** Seconds for which the present invocation can try to reach the ledger and still write afterwards. */
  secondsToTry(): number;
  /** True when no later invocation of the same engine would be in time. */
  isLastChance(): boolean;
}

/** Options of a repetition. */
export interface RepeatOptions extends CallOptions {
  readonly isRollback: boolean;
  readonly resource: string;
}

/** A forward change fails when AWS is out of reach for so long. */
const forwardSeconds = 60;

const pausesSeconds = [1, 2, 5, 10, 20, 30];

/** Repeats calls that fail for now: for a minute on the way forward, until the end of the time on the way back. */
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

  /** Seconds for which the present invocation can wait. */
  get secondsToTry(): number {
    return this.#engine?.secondsToTry() ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Repeats work of several calls. An error of this package ends it, because the same work would come to it again.
   *
   * @throws the last error
   */
  async repeatWork<Result>(work: () => Promise<Result>, options: RepeatOptions): Promise<Result> {
    return this.#repeat(
      work,
      options,
      (error) => ToolkitError.isInstance(error) && error.code !== 'WAIT_TIMEOUT',
    );
  }

  /**
   * Repeats a call of the ledger.
   *
   * @throws the last error; a final one, and a RequestEndedError, at once
   */
  async repeat<Result>(call: () => Promise<Result>, options: RepeatOptions): Promise<Result> {
    return this.#repeat(call, options, () => false);
  }

  async #repeat<Result>(
    call: () => Promise<Result>,
    { isRollback, signal, resource }: RepeatOptions,
    isHopeless: (error: unknown) => boolean,
  ): Promise<Result> {
    const elapsed = new ElapsedTime(this.#clock);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const left = this.#secondsLeft(elapsed, isRollback);
        const isFinal = error instanceof RequestEndedError || classifyFailure(error) === 'final';
        if (isFinal || isHopeless(error) || signal?.aborted || !(left > 0)) throw error;
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
