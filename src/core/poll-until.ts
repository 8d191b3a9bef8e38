import * as v from 'valibot';
import type { Clock } from './clock.js';
import { ElapsedTime } from './elapsed-time.js';
import { WaitTimeoutError } from './errors.js';
import { seconds } from './schemas.js';
import { parseInput } from './validate.js';

/** How long, and until when, a `waitFor…` method waits. */
export interface WaitOptions {
  /** Seconds after which the wait ends with a {@link WaitTimeoutError}. Each method names its default. */
  readonly maxWaitSeconds?: number | undefined;
  /** Ends the wait early with an `OperationAbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

/** What {@link pollUntil} needs to know. */
export interface Poll<T> extends WaitOptions {
  /** What is waited for, as errors tell it. */
  readonly resource: string;
  /** The wanted state in words, as errors tell it. */
  readonly expected: string;
  readonly maxWaitSeconds: number;
  /** Seconds between two observations. */
  readonly intervalSeconds: number;
  /**
   * Seconds before the first observation.
   * @default 0
   */
  readonly initialDelaySeconds?: number;
  readonly clock: Clock;
  readonly observe: () => Promise<T>;
  /** Whether the observation ends the wait; throws when it shows that the wanted state cannot come. */
  readonly isDone: (observation: T) => boolean;
  /** The observation in words, as errors tell it. */
  readonly describe: (observation: T) => string;
  /** The error that keeps the wanted state from coming, such as AWS's last refusal: the cause of a time-out. */
  readonly causeOf?: (observation: T) => unknown;
  /** The remedy of a time-out. */
  readonly remedy?: string;
}

/** A length that is no number, such as one of an unset environment variable, would make a wait without end. */
const waitSchema = v.object({ maxWaitSeconds: seconds });

/**
 * The one waiting loop: observes at once (or after a delay) and then at each interval, until the observation is as wanted. An error of the
 * observation ends the wait at once; the SDK has retried by then what can be retried.
 *
 * @throws InvalidInputError before the first observation, when `maxWaitSeconds` is not a number of seconds.
 */
export async function pollUntil<T>(poll: Poll<T>): Promise<T> {
  const { clock, signal, resource } = poll;
  const { maxWaitSeconds } = parseInput('Wait options', waitSchema, poll);
  const elapsed = new ElapsedTime(clock);
  const { initialDelaySeconds = 0 } = poll;
  if (initialDelaySeconds > 0) {
    await elapsed.sleepSeconds(Math.min(initialDelaySeconds, maxWaitSeconds), { signal, resource });
  }
  for (;;) {
    const observation = await poll.observe();
    if (poll.isDone(observation)) return observation;
    const remaining = maxWaitSeconds - elapsed.seconds;
    if (remaining <= 0) {
      throw new WaitTimeoutError({
        resource,
        maxWaitSeconds,
        expected: poll.expected,
        actual: poll.describe(observation),
        remedy: poll.remedy,
        cause: poll.causeOf?.(observation),
      });
    }
    const lastError = poll.causeOf?.(observation);
    await elapsed.sleepSeconds(Math.min(poll.intervalSeconds, remaining), { signal, resource, lastError });
  }
}
