import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ResourceStateError } from '../../core/errors.js';
import { quietSeconds } from './write-window.js';

/** Maximum age of a request that creates a rule, in seconds. Lambda's first retry is in time. */
const maxAgeSeconds = 90;

/** Maximum seconds since the start of the run, for a request whose time is unknown. */
const maxRunSeconds = 20;

/**
 * Limits the time in which a rule is created. Without a rule there is no ledger that shows that a late request was replaced, so a
 * deletion waits until no earlier request can create the rule again.
 */
export class CreationLimit {
  readonly #clock: Clock;
  readonly #sinceStart: ElapsedTime;
  readonly #madeAt: number | undefined;
  readonly #ageAtStart: number;
  readonly #maxSeconds: number;

  /** @param madeAt - time of CloudFormation's request: seconds since 1970. */
  constructor(madeAt: number | undefined, clock: Clock) {
    this.#clock = clock;
    this.#sinceStart = new ElapsedTime(clock);
    this.#madeAt = madeAt;
    this.#ageAtStart = madeAt === undefined ? 0 : Math.max(0, clock.now() / 1000 - madeAt);
    this.#maxSeconds = madeAt === undefined ? maxRunSeconds : maxAgeSeconds;
  }

  /** @throws ResourceStateError when the request is too old for a creation. */
  require(resource: string): void {
    const age = this.#ageAtStart + this.#sinceStart.seconds;
    if (age <= this.#maxSeconds) return;
    throw new ResourceStateError('The listener rule was not created', {
      resource,
      expected: `a creation at most ${this.#maxSeconds} s after the request of CloudFormation`,
      actual: `${Math.round(age)} s`,
      remedy: 'Create or update the stack again; CloudFormation may have stopped waiting for this request',
    });
  }

  /**
   * Waits until no earlier request can create a rule. Returns false when no wait was needed.
   *
   * @param options - `newestMadeAt`: time of the newest earlier request, where it is known; `maxSeconds`: longest wait.
   */
  async untilNoCreation({
    newestMadeAt = this.#madeAt,
    maxSeconds,
    signal,
    resource,
  }: CallOptions & {
    readonly newestMadeAt?: number | undefined;
    readonly maxSeconds: number;
    readonly resource: string;
  }): Promise<boolean> {
    const age = newestMadeAt === undefined ? 0 : Math.max(0, this.#clock.now() / 1000 - newestMadeAt);
    const left = this.#maxSeconds + quietSeconds - age;
    const seconds = Math.min(left, maxSeconds);
    if (seconds > 0) await new ElapsedTime(this.#clock).sleepSeconds(seconds, { signal, resource });
    return left > 0;
  }
}
