import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { propagationSeconds, quietSeconds } from './write-window.js';

/** Options of a wait. */
interface LedgerWaitOptions extends CallOptions {
  readonly resource: string;
}

/** Waits of a run for the writes of earlier ones. */
export class LedgerWaits {
  readonly #clock: Clock;
  /** Set when there were earlier runs at work. */
  #sinceRecorded: ElapsedTime | undefined;
  #lastEndedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when an earlier run or request may have written since this run was recorded. */
  get hadOthers(): boolean {
    return this.#sinceRecorded !== undefined;
  }

  /** Seconds until no earlier run or request can write any more. */
  get secondsToQuiet(): number {
    return this.#sinceRecorded === undefined ? 0 : quietSeconds - this.#sinceRecorded.seconds;
  }

  /** Keeps in mind that others were at work when this run was recorded. */
  noteOthers(sinceRecorded: ElapsedTime): void {
    this.#sinceRecorded = sinceRecorded;
  }

  /** Keeps in mind when the latest response to another request was sent, in seconds since 1970. */
  noteEnd(endedAt = 0): void {
    this.#lastEndedAt = Math.max(this.#lastEndedAt, endedAt);
  }

  /** Waits until no earlier run or request can write any more. */
  async untilQuiet({ signal, resource }: LedgerWaitOptions): Promise<void> {
    const left = this.secondsToQuiet;
    if (left > 0) await this.#sinceRecorded?.sleepSeconds(left, { signal, resource });
  }

  /**
   * Waits until a reading shows all that was written before the last response to another request. Returns false when that is
   * long past.
   */
  async untilReadingsAreNew({ signal, resource }: LedgerWaitOptions): Promise<boolean> {
    // Times are in whole seconds.
    const lag = propagationSeconds + 1;
    const left = Math.min(lag, this.#lastEndedAt + lag - this.#clock.now() / 1000);
    if (left <= 0) return false;
    await new ElapsedTime(this.#clock).sleepSeconds(left, { signal, resource });
    return true;
  }
}
