import { sleep } from '../../core/sleep.js';
import type { RolloutContext } from './context.js';

const attempts = 3;
const pauseSeconds = 5;

/** Tries what nobody would do later several times, with pauses. The SDK's own retries are over in a second. */
export async function retryCleanup<T>(context: RolloutContext, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(context.clock, pauseSeconds * 1000, context);
    }
  }
}
