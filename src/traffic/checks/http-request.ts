import { OperationAbortedError } from '../../core/errors.js';

/** One HTTP request of a check. */
export interface CheckRequest {
  readonly fetch: typeof fetch;
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The time for the whole answer, its body included. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal | undefined;
  /** The address as errors tell it: without what may be secret. */
  readonly resource: string;
}

/** What was answered. */
export interface CheckAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Sends one request and reads the whole answer. Redirections are answers too: behind one of them may be a login page that
 * is always well. The limit is in the machine's time, because the network is.
 *
 * @throws OperationAbortedError when the signal is aborted; Error when the time is over; what `fetch` throws.
 */
export async function request(check: CheckRequest): Promise<CheckAnswer> {
  return withinTime({ ...check, what: 'answer' }, async (signal) => {
    const response = await check.fetch(check.url, {
      method: check.method ?? 'GET',
      headers: { ...check.headers },
      redirect: 'manual',
      signal,
    });
    return { status: response.status, body: await response.text() };
  });
}

/**
 * Ends when the time is over or the signal is aborted, also where the work does not heed its signal: the user's own `fetch`,
 * the user's own source of a key.
 *
 * @throws OperationAbortedError when the signal is aborted; Error when the time is over; what the work throws.
 */
export async function withinTime<T>(
  {
    what,
    timeoutSeconds,
    signal,
    resource,
  }: Pick<CheckRequest, 'timeoutSeconds' | 'signal' | 'resource'> & {
    readonly what: string;
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw new OperationAbortedError({ resource, cause: signal.reason });
  const limit = new AbortController();
  const abort = () => limit.abort();
  const ended = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
  });
  const timer = setTimeout(abort, timeoutSeconds * 1000);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(limit.signal), ended]);
  } catch (error) {
    if (signal?.aborted) throw new OperationAbortedError({ resource, cause: signal.reason });
    if (limit.signal.aborted) throw new Error(`no ${what} within ${timeoutSeconds} s`);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** What went wrong, with the reason that `fetch` hides in the cause. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  return cause instanceof Error && cause.message ? `${message} (${cause.message})` : message;
}
