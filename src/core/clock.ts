/** Source of the time and of waits. Tests and simulations pass in their own. */
export interface Clock {
  /** Returns the time in milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after the given time. Rejects with the signal's reason as soon as the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Key of the advice that a clock adds to errors about time, such as that of a simulation. */
export const clockAdvice = Symbol.for('aws-blue-green-toolkit/clock-advice');

/** Returns a remedy with the advice of the clock, or unchanged when the clock has none. */
export function withClockAdvice(clock: Clock, remedy?: string): string | undefined {
  const advice: unknown = Reflect.get(clock, clockAdvice);
  if (typeof advice !== 'string') return remedy;
  return remedy === undefined ? advice : `${remedy}. ${advice}`;
}

/** True for a time in milliseconds that a `Date` can hold. Sums of larger numbers would lose seconds. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

/** Clock of the machine, the default everywhere. It uses the global timers, which a test can replace. */
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

/** Limit of Node.js, which fires a longer timer at once. */
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
