import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { serviceTimeoutIn } from '../rule/properties.js';
import { propertiesIn, type ResponseAddress } from './event.js';
import { signedAt } from './response-url.js';

/** A rollback is retried every five minutes at most. */
const lastChanceMilliseconds = 360_000;

/** Time at which CloudFormation stops waiting for the response to a request. */
export class ResponseDeadline {
  readonly #elapsed: ElapsedTime;
  readonly #milliseconds: number;

  constructor(event: unknown, { responseUrl }: ResponseAddress, clock: Clock) {
    this.#elapsed = new ElapsedTime(clock);
    const now = clock.now();
    const age = Math.max(0, now - (signedAt(responseUrl) ?? now));
    this.#milliseconds = serviceTimeoutIn(propertiesIn(event)) * 1000 - age;
  }

  /** Milliseconds until CloudFormation stops waiting for the response. A clock that is set back does not extend them. */
  millisecondsToResponseDeadline(): number {
    return Math.max(0, this.#milliseconds - this.#elapsed.milliseconds);
  }

  /** True when no later attempt of a rollback would be in time. */
  get isLastChance(): boolean {
    return this.millisecondsToResponseDeadline() <= lastChanceMilliseconds;
  }

  /**
   * True when CloudFormation has stopped waiting, so that no traffic may move any more. Lambda delivers such a request hours
   * late after throttling or for a retry.
   */
  get isOver(): boolean {
    return this.millisecondsToResponseDeadline() === 0;
  }
}
