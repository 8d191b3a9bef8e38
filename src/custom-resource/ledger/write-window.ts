import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ToolkitError, WaitTimeoutError } from '../../core/errors.js';
import { settlesWithin } from '../../core/settles-within.js';
import type { ResponseDeadline } from '../protocol/response-deadline.js';
import { RequestEndedError } from './request-ended.js';

/** Seconds after a reading of the ledger until a write that is not confirmed is aborted. */
const windowSeconds = 10;

/** Seconds after which an aborted write can no longer take effect. */
const landingSeconds = 5;

/** Seconds until every read shows a confirmed change. */
export const propagationSeconds = 5;

/** Seconds after a confirmed tag until no run that read the ledger before it can write. */
export const quietSeconds = windowSeconds + landingSeconds + propagationSeconds;

/** A call within the window. */
interface WindowOptions extends CallOptions {
  /** Time since the ledger was read. */
  readonly sinceRead: ElapsedTime;
  readonly resource: string;
}

/** Sends writes for a short time after a reading of the ledger, and records those whose outcome is unknown. */
export class WriteWindow {
  readonly #deadline: Pick<ResponseDeadline, 'isOver'>;
  readonly #clock: Clock;
  readonly #underWay = new Set<AbortController>();
  #sinceCutOff: ElapsedTime | undefined;
  #hasResponded = false;

  constructor(deadline: Pick<ResponseDeadline, 'isOver'>, clock: Clock) {
    this.#deadline = deadline;
    this.#clock = clock;
  }

  /** Ends all writes of this run, because it responds. */
  stop(): void {
    this.#hasResponded = true;
  }

  /** @throws RequestEndedError after the response, and after the response deadline. */
  requireInTime(resource: string): void {
    if (this.#hasResponded) throw new RequestEndedError({ kind: 'responded' }, resource);
    if (this.#deadline.isOver) throw new RequestEndedError({ kind: 'expired' }, resource);
  }

  /** True while a write may still take effect. */
  get isInDoubt(): boolean {
    return this.#secondsToLanding > 0;
  }

  /** True when enough of the window is left for a call. */
  isOpen(sinceRead: ElapsedTime): boolean {
    return sinceRead.seconds < windowSeconds - 1;
  }

  /** Aborts all pending writes. */
  cutOff(): void {
    if (this.#underWay.size > 0) this.#sinceCutOff = new ElapsedTime(this.#clock);
    for (const write of this.#underWay) write.abort();
  }

  /** Waits until no aborted write can overwrite the next one. */
  async waitForLanding(options: CallOptions & { readonly resource: string }): Promise<void> {
    const left = this.#secondsToLanding;
    if (left > 0) await this.#sinceCutOff?.sleepSeconds(left, options);
  }

  /** Reads within the window. @throws WaitTimeoutError */
  async read<Result>(
    call: (options: CallOptions) => Promise<Result>,
    options: WindowOptions,
  ): Promise<Result> {
    return this.#within(call, new AbortController(), options);
  }

  /**
   * Sends one write within the window.
   *
   * @throws RequestEndedError when the run has responded, or is out of time; WaitTimeoutError when the write is not confirmed in
   * time. The aborted call can still take effect.
   */
  async send<Result>(
    call: (options: CallOptions) => Promise<Result>,
    options: WindowOptions,
  ): Promise<Result> {
    this.requireInTime(options.resource);
    const end = new AbortController();
    this.#underWay.add(end);
    try {
      return await this.#within(call, end, options);
    } catch (error) {
      if (!hasResponse(error)) this.#sinceCutOff = new ElapsedTime(this.#clock);
      throw error;
    } finally {
      this.#underWay.delete(end);
    }
  }

  async #within<Result>(
    call: (options: CallOptions) => Promise<Result>,
    end: AbortController,
    { sinceRead, signal, resource }: WindowOptions,
  ): Promise<Result> {
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

  get #secondsToLanding(): number {
    return this.#sinceCutOff === undefined ? 0 : landingSeconds - this.#sinceCutOff.seconds;
  }
}

/** True when AWS responded, so that the call is not pending. True also for a call that was never sent. */
function hasResponse(error: unknown): boolean {
  if (ToolkitError.isInstance(error)) return !/^(OPERATION_ABORTED|WAIT_TIMEOUT)$/.test(error.code);
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined;
}
