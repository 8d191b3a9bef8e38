import type { Clock } from './clock.js';
import { describeError } from './describe-error.js';
import type { Logger } from './logger.js';
import { safeLogger } from './safe-logger.js';
import { settlesWithin } from './settles-within.js';

/** What is going on is more important than whoever is told of it. */
const maxWaitMilliseconds = 5_000;

/**
 * Tells a user's listener what happens. What it throws, or rejects with later, is logged and does not concern what is going on;
 * the rejection is nobody's unhandled one, which would end the process.
 */
export class EventFeed<Event extends { readonly type: string }, Context extends readonly unknown[] = []> {
  readonly #onEvent: ((event: Event, ...context: Context) => unknown) | undefined;
  readonly #subject: string;
  readonly #resource: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: {
    readonly onEvent: ((event: Event, ...context: Context) => unknown) | undefined;
    /** What goes on, in the words of the log lines. */
    readonly subject: 'rollout' | 'shift';
    /** What the log lines are about. */
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

  /** Emits events, without waiting for what the listener does then. It gets copies: what it changes stays with it. */
  emit(events: readonly Event[], ...context: Context): void {
    for (const event of events) this.#emit(event, context);
  }

  /**
   * Waits until it is done with everything it was told, because a Lambda that has returned is frozen; but not for long.
   *
   * @param timeLeft - the milliseconds that there are, of which at most half are taken.
   */
  async settled(timeLeft = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#underWay.size === 0) return;
    const limit = Math.min(maxWaitMilliseconds, timeLeft / 2);
    if (await settlesWithin(Promise.all(this.#underWay), limit, this.#clock)) return;
    this.#logger.warn(`The listener of the ${this.#subject} is not waited for any longer`, {
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
      .then(() => void this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  #logFailure({ type }: Event, error: unknown): void {
    // What somebody sends to a webhook may fail with its address, so no more than this is told.
    this.#logger.error(`The listener of the ${this.#subject} threw`, {
      resource: this.#resource,
      event: type,
      error: describeError(error).error,
    });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | undefined | null)?.then === 'function';
}
