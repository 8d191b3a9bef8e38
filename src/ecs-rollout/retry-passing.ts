import { messageOf } from '../core/describe-error.js';
import { ElapsedTime } from '../core/elapsed-time.js';
import { OperationAbortedError, ResourceStateError, WaitTimeoutError } from '../core/errors.js';
import { classifyFailure } from '../core/failures.js';
import { type Poll, pollUntil } from '../core/poll-until.js';
import type { RolloutContext } from './rollout-context.js';

const defaultMaxWaitSeconds = 60;
const intervalSeconds = 5;

/**
 * Repeats work while its failures may pass, for a limited time: the retries of the SDK are over in a second, and
 * a cleanup has no later chance.
 *
 * @throws the last failure when the time is up; a failure that cannot pass at once
 */
export async function retryPassing<T>(
  context: RolloutContext,
  work: () => Promise<T>,
  maxWaitSeconds: number = defaultMaxWaitSeconds,
): Promise<T> {
  const elapsed = new ElapsedTime(context.clock);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const left = maxWaitSeconds - elapsed.seconds;
      if (left <= 0 || !mayPass(error)) throw error;
      await elapsed.sleepSeconds(Math.min(intervalSeconds, left), context);
    }
  }
}

/** Like {@link pollUntil}, but a failed observation that may pass is repeated. The last one is the cause of the time-out. */
export async function pollPastFailures<T>(poll: Poll<T>): Promise<T> {
  const observation = await pollUntil<{ readonly value: T } | { readonly failure: unknown }>({
    ...poll,
    observe: async () => {
      try {
        return { value: await poll.observe() };
      } catch (failure) {
        if (!mayPass(failure)) throw failure;
        return { failure };
      }
    },
    isDone: (it) => 'value' in it && poll.isDone(it.value),
    describe: (it) => ('value' in it ? poll.describe(it.value) : `no response: ${messageOf(it.failure)}`),
    causeOf: (it) => ('value' in it ? poll.causeOf?.(it.value) : it.failure),
  });
  if ('value' in observation) return observation.value;
  throw observation.failure;
}

/** False for the rollout's own verdicts: only failures of calls pass. */
function mayPass(error: unknown): boolean {
  const isVerdict =
    error instanceof ResourceStateError ||
    error instanceof WaitTimeoutError ||
    error instanceof OperationAbortedError;
  return !isVerdict && classifyFailure(error) !== 'final';
}
