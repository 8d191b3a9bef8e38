import { setTimeout as sleepFor } from 'node:timers/promises';

/** Where the package gets the time from, and how it waits. Tests and simulations bring their own. */
export interface Clock {
  /** The time in milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after the given time; rejects with the signal's reason as soon as the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock: the default everywhere. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    signal?.throwIfAborted();
    try {
      await sleepFor(milliseconds, undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
