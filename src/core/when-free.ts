import { type AwsCall, callAws, isAwsError } from './aws-call.js';
import type { Clock } from './clock.js';
import { sleep } from './poll-until.js';

/** Another change takes seconds; the SDK's own retries are over in one. */
const retries = 5;
const delaySeconds = 5;

/**
 * Makes one call to AWS like {@link callAws}, and again while AWS refuses it, by the error named, because another change
 * of the same thing is being made. A refusal that does not end passes through as the SDK threw it.
 */
export async function callWhenFree<T>(
  call: AwsCall,
  { clock, refusal }: { clock: Clock; refusal: string },
  send: Parameters<typeof callAws<T>>[1],
): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await callAws(call, send);
    } catch (error) {
      if (!isAwsError(error, refusal) || retry === retries) throw error;
      await sleep(clock, delaySeconds * 1000, call);
    }
  }
}
