import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import type { Logger } from '../../core/logger.js';
import { renewalMilliseconds, reserveMilliseconds } from './limits.js';

/** Pause after a renewal that failed. */
const retryMilliseconds = 1_000;

/** Dependencies of {@link ClaimRenewal}. */
export interface ClaimRenewalOptions {
  readonly application: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes the record with a new end of the claim. */
  readonly renew: () => Promise<unknown>;
  /** Returns the end of the claim. */
  readonly expiresAt: () => number;
  /** Ends the work of this process. The renewal is stopped then. */
  readonly lose: (problem: string) => unknown;
}

/** Renews the claim of this process from its first change until it is released or lost. */
export class ClaimRenewal {
  readonly #options: ClaimRenewalOptions;
  #active: AbortController | undefined;

  constructor(options: ClaimRenewalOptions) {
    this.#options = options;
  }

  get isActive(): boolean {
    return this.#active !== undefined;
  }

  start(): void {
    if (this.#active !== undefined) return;
    this.#active = new AbortController();
    void this.#renew(this.#active.signal);
    void this.#watch(this.#active.signal);
  }

  stop(): void {
    this.#active?.abort();
    this.#active = undefined;
  }

  /** True while the claim lasts long enough to start a change. */
  mayStartChange(): boolean {
    return this.#options.clock.now() <= this.#options.expiresAt() - reserveMilliseconds;
  }

  /** Renews the claim until it is released. Never rejects. */
  async #renew(stop: AbortSignal): Promise<void> {
    const { clock, logger, application, renew, lose } = this.#options;
    let pause = renewalMilliseconds;
    while (!stop.aborted) {
      try {
        await clock.sleep(pause, stop);
        if (stop.aborted) return;
        await renew();
        pause = renewalMilliseconds;
      } catch (error) {
        if (stop.aborted) return;
        pause = retryMilliseconds;
        logger.warn('Could not renew the claim of the swap', {
          resource: application,
          error: messageOf(error),
        });
        if (!this.mayStartChange()) lose('The claim ends and could not be renewed');
      }
    }
  }

  /** Ends the work of this process with its claim, also while a renewal has no response. Never rejects. */
  async #watch(stop: AbortSignal): Promise<void> {
    const { clock, expiresAt, lose } = this.#options;
    while (!stop.aborted) {
      const left = expiresAt() - clock.now();
      if (left <= 0) {
        lose('The claim has ended before it was renewed');
        return;
      }
      await clock.sleep(left, stop).catch(() => {});
    }
  }
}
