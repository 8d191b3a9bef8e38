/** Where the package gets the time from, and how it waits. Tests and simulations bring their own. */
export interface Clock {
  /** The time in milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after the given time; rejects with the signal's reason as soon as the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock: the default everywhere. Its timers are the global ones, which a test can replace. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    let left = milliseconds;
    do {
      await sleepOnce(Math.min(left, maxTimerMilliseconds), signal);
      left -= maxTimerMilliseconds;
    } while (left > 0);
  },
};

/** Node.js runs a longer timer at once. */
const maxTimerMilliseconds = 2_147_483_647;

async function sleepOnce(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
