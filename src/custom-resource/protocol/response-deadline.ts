import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { serviceTimeoutIn } from '../rule/properties.js';
import { propertiesIn, type ResponseAddress } from './event.js';
import { signedAt } from './response-url.js';

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

  /** Milliseconds until CloudFormation stops waiting for the response. A clock that is set back does not move it. */
  millisecondsToResponseDeadline(): number {
    return Math.max(0, this.#milliseconds - this.#elapsed.milliseconds);
  }

  /**
   * True when CloudFormation has gone on without the response. Traffic that moved now would move behind its back. Lambda
   * delivers such a request hours late when it was throttled or is repeated.
   */
  get isOver(): boolean {
    return this.millisecondsToResponseDeadline() === 0;
  }
}
