/** Thrown where a request would leave the machine, by the one who would have sent it. */
class Departure extends Error {
  readonly signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    super('SimulatedCloud sends nothing');
    this.signal = signal;
  }
}

/** Sends nothing. The SDK tells the caller's signal to nobody but the request handler, so that is the place to hear it. */
export const departures = {
  handle: async (_request: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}): Promise<never> => {
    throw new Departure(abortSignal);
  },
  destroy: () => {},
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
};

/** The signal with which a call was made, heard at its departure. */
export async function signalAtDeparture(depart: () => Promise<unknown>): Promise<AbortSignal | undefined> {
  try {
    await depart();
  } catch (error) {
    if (error instanceof Departure) return error.signal;
    throw error;
  }
  throw new TypeError('A request has left SimulatedCloud: its client was given another request handler');
}

/** What comes first: the answer, or the abort of the call, as the SDK tells it. AWS goes on with the call. */
export async function untilAborted<T>(signal: AbortSignal | undefined, answer: () => Promise<T>): Promise<T> {
  if (signal === undefined) return answer();
  if (signal.aborted) throw abortError();
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortError());
    signal.addEventListener('abort', abort, { once: true });
    answer()
      .finally(() => signal.removeEventListener('abort', abort))
      .then(resolve, reject);
  });
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}
