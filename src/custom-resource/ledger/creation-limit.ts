import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ResourceStateError } from '../../core/errors.js';
import { quietSeconds } from './write-window.js';

/** A rule is created so soon after the run has begun, or not at all: a deletion waits that long for it. */
const creationSeconds = 20;

/** Without a rule there is no ledger, which tells an event that Lambda delivers late from one that was given up. */
const maxCreationAgeSeconds = 120;

/** Limits the time in which a rule is created: there is no ledger yet to ask. */
export class CreationLimit {
  readonly #clock: Clock;
  readonly #sinceStart: ElapsedTime;
  readonly #madeAt: number | undefined;

  /** @param madeAt - time of CloudFormation's request: seconds since 1970. */
  constructor(madeAt: number | undefined, clock: Clock) {
    this.#clock = clock;
    this.#sinceStart = new ElapsedTime(clock);
    this.#madeAt = madeAt;
  }

  /** @throws ResourceStateError when the request is too old for a creation. */
  require(resource: string): void {
    const { seconds } = this.#sinceStart;
    const age = this.#madeAt === undefined ? seconds : this.#clock.now() / 1000 - this.#madeAt;
    if (seconds <= creationSeconds && age <= maxCreationAgeSeconds) return;
    throw new ResourceStateError('The listener rule was not created', {
      resource,
      expected: `a creation ${creationSeconds} s after the run has begun at the latest, and ${maxCreationAgeSeconds} s after the request of CloudFormation`,
      actual: `${Math.round(seconds)} s and ${Math.round(age)} s`,
      remedy: 'Create or update the stack again; CloudFormation may have given this request up',
    });
  }

  /** Waits until no run that began before this one can create a rule any more. */
  async untilNoCreation(options: CallOptions & { readonly resource: string }): Promise<void> {
    await new ElapsedTime(this.#clock).sleepSeconds(creationSeconds + quietSeconds, options);
  }
}
