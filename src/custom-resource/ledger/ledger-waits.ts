import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { propagationSeconds, quietSeconds } from './write-window.js';

interface LedgerWaitOptions extends CallOptions {
  readonly resource: string;
}

/** Waits for the writes of earlier runs and requests. */
export class LedgerWaits {
  readonly #clock: Clock;
  /** Set when earlier runs or requests may have written. */
  #sinceRecorded: ElapsedTime | undefined;
  #lastEndedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when an earlier run or request may have written since this run was recorded. */
  get hadOthers(): boolean {
    return this.#sinceRecorded !== undefined;
  }

  /** Seconds until no earlier run or request can write. */
  get secondsToQuiet(): number {
    return this.#sinceRecorded === undefined ? 0 : quietSeconds - this.#sinceRecorded.seconds;
  }

  /** Records that others may have written when this run was recorded. */
  noteOthers(sinceRecorded: ElapsedTime): void {
    this.#sinceRecorded = sinceRecorded;
  }

  /** Records the time of the latest response to another request, in seconds since 1970. */
  noteEnd(endedAt = 0): void {
    this.#lastEndedAt = Math.max(this.#lastEndedAt, endedAt);
  }

  /** Waits until no earlier run or request can write. */
  async untilQuiet({ signal, resource }: LedgerWaitOptions): Promise<void> {
    const left = this.secondsToQuiet;
    if (left > 0) await this.#sinceRecorded?.sleepSeconds(left, { signal, resource });
  }

  /**
   * Waits until a reading shows every write before the last response to another request. Returns false when no wait was needed.
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
