import * as v from 'valibot';
import type { Clock } from './clock.js';
import { ElapsedTime } from './elapsed-time.js';
import { WaitTimeoutError } from './errors.js';
import { seconds } from './schemas.js';
import { parseInput } from './validate.js';

/** Limits of a `waitFor…` method. */
export interface WaitOptions {
  /** Seconds after which the wait ends with a {@link WaitTimeoutError}. Each method names its default. */
  readonly maxWaitSeconds?: number | undefined;
  /** Ends the wait early with an `OperationAbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link pollUntil}. */
export interface Poll<T> extends WaitOptions {
  readonly resource: string;
  /** Description of the wanted state for errors. */
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
  /** True when the observation ends the wait. Throws when the wanted state can no longer be reached. */
  readonly isDone: (observation: T) => boolean;
  /** Describes the observation for errors. */
  readonly describe: (observation: T) => string;
  /** Returns the cause of a time-out, such as the last refusal of AWS. */
  readonly causeOf?: (observation: T) => unknown;
  /** Next step for the user after a time-out. */
  readonly remedy?: string;
}

/** Validated because NaN, such as from an unset environment variable, would make the wait endless. */
const waitSchema = v.object({ maxWaitSeconds: seconds });

/**
 * Observes at once (or after a delay) and then at each interval, until the observation is as wanted. An error of the observation
 * ends the wait at once, because the SDK has already retried it.
 *
 * @throws InvalidInputError before the first observation, when `maxWaitSeconds` is not a number of seconds.
 * @throws WaitTimeoutError when the time is over.
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
