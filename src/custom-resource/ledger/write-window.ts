import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ToolkitError, WaitTimeoutError } from '../../core/errors.js';
import { settlesWithin } from '../../core/settles-within.js';

/** Seconds after the ledger was read within which a write has to be confirmed; then it is aborted. */
const windowSeconds = 10;

/** Seconds after which a write that was cut off can no longer take effect. */
const landingSeconds = 5;

/** Seconds until every read shows a tag that was confirmed. */
const propagationSeconds = 5;

/** Seconds after which nothing that read the ledger before a tag was confirmed can write any more. */
export const quietSeconds = windowSeconds + landingSeconds + propagationSeconds;

/** Sends writes for a short time after the ledger was read, and keeps in mind those whose outcome is unknown. */
export class WriteWindow {
  readonly #clock: Clock;
  #inDoubt: ElapsedTime | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True while a write that was cut off may still take effect. */
  get isInDoubt(): boolean {
    return this.#inDoubt !== undefined && this.#inDoubt.seconds < landingSeconds;
  }

  /** Waits until no write of this run can overwrite the next one. */
  async settle(options: CallOptions & { readonly resource: string }): Promise<void> {
    if (this.#inDoubt === undefined) return;
    const left = landingSeconds - this.#inDoubt.seconds;
    if (left > 0) await this.#inDoubt.sleepSeconds(left, options);
    this.#inDoubt = undefined;
  }

  /** True when enough of the window is left for a call. */
  isOpen(sinceRead: ElapsedTime): boolean {
    return sinceRead.seconds < windowSeconds - 1;
  }

  /** Reads within the window. @throws WaitTimeoutError */
  async ask<Result>(
    call: (options: CallOptions) => Promise<Result>,
    options: CallOptions & { sinceRead: ElapsedTime; resource: string },
  ): Promise<Result> {
    return this.#within(call, options);
  }

  /**
   * Makes one write within the window.
   *
   * @throws WaitTimeoutError when it is not confirmed in time; the call is aborted then, and may take effect all the same.
   */
  async send<Result>(
    call: (options: CallOptions) => Promise<Result>,
    options: CallOptions & { sinceRead: ElapsedTime; resource: string },
  ): Promise<Result> {
    try {
      return await this.#within(call, options);
    } catch (error) {
      if (!wasAnswered(error)) this.#inDoubt = new ElapsedTime(this.#clock);
      throw error;
    }
  }

  async #within<Result>(
    call: (options: CallOptions) => Promise<Result>,
    { sinceRead, signal, resource }: CallOptions & { sinceRead: ElapsedTime; resource: string },
  ): Promise<Result> {
    const end = new AbortController();
    const either = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]);
    const sending = call({ signal: either });
    if (await settlesWithin(sending, (windowSeconds - sinceRead.seconds) * 1000, this.#clock)) return sending;
    end.abort();
    throw new WaitTimeoutError({
      resource,
      maxWaitSeconds: windowSeconds,
      expected: 'AWS to confirm the call',
    });
  }
}

/** True when AWS responded, so that nothing of the call is under way; also for what was never sent. */
function wasAnswered(error: unknown): boolean {
  if (ToolkitError.isInstance(error)) return !/^(OPERATION_ABORTED|WAIT_TIMEOUT)$/.test(error.code);
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined;
}
