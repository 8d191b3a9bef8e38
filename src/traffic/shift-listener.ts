import type { Clock } from '../core/clock.js';
import { describeError } from '../core/describe-error.js';
import type { Logger } from '../core/logger.js';
import { settlesWithin } from '../core/settles-within.js';
import { unfailingLogger } from '../core/unfailing-logger.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';

/** The traffic is more important than whoever is told of it. */
const longestWaitMilliseconds = 5_000;

/**
 * Tells a listener what happens in a shift. What it throws, or rejects with later, is logged and does not concern the shift;
 * the rejection is nobody's unhandled one, which would end the process.
 */
export class ShiftListener {
  readonly #onEvent: ((event: ShiftEvent, state: ShiftState) => unknown) | undefined;
  readonly #resource: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: {
    readonly onEvent: ((event: ShiftEvent, state: ShiftState) => unknown) | undefined;
    /** What the log lines are about. */
    readonly resource: string;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#onEvent = options.onEvent;
    this.#resource = options.resource;
    this.#clock = options.clock;
    this.#logger = unfailingLogger(options.logger);
  }

  /** Tells it without waiting for what it does then. */
  tell(events: readonly ShiftEvent[], state: ShiftState): void {
    for (const event of events) this.#tell(event, state);
  }

  /**
   * Waits until it is done with everything it was told, because a Lambda that has returned is frozen; but not for long.
   *
   * @param timeLeft - the milliseconds that there are, of which at most half are taken.
   */
  async settled(timeLeft = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#underWay.size === 0) return;
    const limit = Math.min(longestWaitMilliseconds, timeLeft / 2);
    if (await settlesWithin(Promise.all(this.#underWay), limit, this.#clock)) return;
    this.#logger.warn('The listener of the shift is not waited for any longer', {
      resource: this.#resource,
      afterSeconds: limit / 1000,
    });
  }

  #tell(event: ShiftEvent, state: ShiftState): void {
    try {
      const returned = this.#onEvent?.(event, state);
      if (isThenable(returned)) this.#follow(event, returned);
    } catch (error) {
      this.#logFailure(event, error);
    }
  }

  #follow(event: ShiftEvent, returned: PromiseLike<unknown>): void {
    const done = Promise.resolve(returned)
      .catch((error: unknown) => this.#logFailure(event, error))
      .then(() => void this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  #logFailure({ type }: ShiftEvent, error: unknown): void {
    // What somebody sends to a webhook may fail with its address, so no more than this is told.
    this.#logger.error('The listener of the shift threw', {
      resource: this.#resource,
      event: type,
      error: describeError(error).error,
    });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | undefined | null)?.then === 'function';
}
