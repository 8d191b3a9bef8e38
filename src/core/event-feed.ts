import type { Clock } from './clock.js';
import { describeError } from './describe-error.js';
import type { Logger } from './logger.js';
import { safeLogger } from './safe-logger.js';
import { settlesWithin } from './settles-within.js';

/** A slow listener delays the operation by at most this time. */
const maxWaitMilliseconds = 5_000;

/**
 * Passes events to a user's listener. An error or a rejection of the listener is logged and does not affect the operation. No
 * rejection stays unhandled, because an unhandled one ends the process.
 */
export class EventFeed<Event, Context extends readonly unknown[] = []> {
  readonly #onEvent: ((event: Event, ...context: Context) => unknown) | undefined;
  readonly #subject: string;
  readonly #resource: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: {
    readonly onEvent: ((event: Event, ...context: Context) => unknown) | undefined;
    /** Name of the operation in the log lines. */
    readonly subject: 'rollout' | 'shift' | 'swap' | 'change';
    readonly resource: string;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#onEvent = options.onEvent;
    this.#subject = options.subject;
    this.#resource = options.resource;
    this.#clock = options.clock;
    this.#logger = safeLogger(options.logger);
  }

  /** Emits copies of the events, without waiting for the listener. */
  emit(events: readonly Event[], ...context: Context): void {
    for (const event of events) this.#emit(event, context);
  }

  /**
   * Waits for the promises of the listener, because Lambda freezes a function that has returned. Waits for 5 s at most.
   *
   * @param timeLeft - milliseconds left in the invocation, of which at most half are used.
   */
  async settled(timeLeft = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#pending.size === 0) return;
    const limit = Math.min(maxWaitMilliseconds, timeLeft / 2);
    if (await settlesWithin(Promise.all(this.#pending), limit, this.#clock)) return;
    this.#logger.warn(`Stopped waiting for the event listener of the ${this.#subject}`, {
      resource: this.#resource,
      afterSeconds: limit / 1000,
    });
  }

  #emit(event: Event, context: Context): void {
    try {
      const returned = this.#onEvent?.(structuredClone(event), ...structuredClone(context));
      if (isThenable(returned)) this.#follow(event, returned);
    } catch (error) {
      this.#logFailure(event, error);
    }
  }

  #follow(event: Event, returned: PromiseLike<unknown>): void {
    const done = Promise.resolve(returned)
      .catch((error: unknown) => this.#logFailure(event, error))
      .then(() => void this.#pending.delete(done));
    this.#pending.add(done);
  }

  #logFailure(event: Event, error: unknown): void {
    // Name and message only: further details of a failed webhook call can hold its URL.
    this.#logger.error(`Event listener of the ${this.#subject} failed`, {
      resource: this.#resource,
      event: typeOf(event),
      error: describeError(error).error,
    });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | undefined | null)?.then === 'function';
}

/** Returns the type of an event. Events of a user's own class may have none. */
function typeOf(event: unknown): string | undefined {
  const type: unknown = (event as { readonly type?: unknown } | undefined | null)?.type;
  return typeof type === 'string' ? type : undefined;
}
