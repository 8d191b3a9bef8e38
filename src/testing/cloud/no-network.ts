/** Thrown by the request handler instead of a request. Carries the signal of the call. */
class NoNetworkError extends Error {
  readonly signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    super('SimulatedCloud sends no requests');
    this.signal = signal;
  }
}

/** Request handler that sends nothing. The SDK passes the caller's abort signal to the request handler only. */
export const noNetworkHandler = {
  handle: async (_request: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}): Promise<never> => {
    throw new NoNetworkError(abortSignal);
  },
  destroy: () => {},
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
};

/** Returns the abort signal of a call, as its request handler receives it. */
export async function findAbortSignal(send: () => Promise<unknown>): Promise<AbortSignal | undefined> {
  try {
    await send();
  } catch (error) {
    if (error instanceof NoNetworkError) return error.signal;
    throw error;
  }
  throw new TypeError(
    'SimulatedCloud cannot intercept a request: the requestHandler of its client was replaced',
  );
}

/** Returns the response, or throws the SDK's AbortError when the call is aborted first. AWS continues with the call. */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  respond: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return respond();
  if (signal.aborted) throw abortError();
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortError());
    signal.addEventListener('abort', abort, { once: true });
    respond()
      .finally(() => signal.removeEventListener('abort', abort))
      .then(resolve, reject);
  });
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}
