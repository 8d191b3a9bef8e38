import { messageOf } from '../../core/describe-error.js';
import { describeValue } from '../../core/describe-value.js';
import { OperationAbortedError } from '../../core/errors.js';

/** HTTP request of a check. */
export interface CheckRequest {
  readonly fetch: typeof fetch;
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds for the whole response, its body included. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal | undefined;
  /** Address for errors, without secrets. */
  readonly resource: string;
}

/** Status and body of a response. */
export interface CheckResponse {
  readonly status: number;
  readonly body: string;
}

const mebibyte = 1_048_576;

/** Maximum size of a body. A longer one is not read to its end. */
const maxBodyBytes = mebibyte;

/**
 * Sends one request and reads the whole response, up to 1 MiB. A redirection counts as the response, because it can lead to a
 * login page that is always healthy. The time limit uses the machine's clock, as the network does.
 *
 * @throws OperationAbortedError when the signal is aborted; Error when the time is over or the body too long; the errors of
 * `fetch`.
 */
export async function request(check: CheckRequest): Promise<CheckResponse> {
  return withinTime({ ...check, what: 'response' }, async (signal) => {
    const response = await check.fetch(check.url, {
      method: check.method ?? 'GET',
      headers: { ...check.headers },
      redirect: 'manual',
      signal,
    });
    return { status: statusOf(response), body: await readBody(response) };
  });
}

/**
 * Runs work until the time is over or the signal is aborted, even when the work ignores its signal, as a custom `fetch` or a
 * custom source of a key can.
 *
 * @throws OperationAbortedError when the signal is aborted; Error when the time is over; the errors of the work.
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

/**
 * Returns the message of an error, with the reason that `fetch` sets as its cause. The message can quote the address and the
 * headers: the caller removes secrets.
 */
export function describeFailure(error: unknown): string {
  try {
    if (!(error instanceof Error)) return messageOf(error);
    const { cause, message } = error;
    const reason = cause instanceof Error ? cause.message : '';
    return `${message}${reason && ` (${reason})`}`;
  } catch {
    return messageOf(error);
  }
}

/** Validates the status, because a custom `fetch` can return anything. */
function statusOf(response: unknown): number {
  const status = typeof response === 'object' && response !== null && 'status' in response && response.status;
  if (typeof status === 'number' && Number.isInteger(status)) return status;
  throw new Error(`expected a response with a status, got ${describeValue(status || response)}`);
}

async function readBody(response: Response): Promise<string> {
  const { body } = response;
  if (typeof body?.getReader !== 'function') return limited(await textOf(response));
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    // An empty chunk counts as well, because their number has no limit.
    size += Math.max(1, value.byteLength);
    if (size > maxBodyBytes) {
      // Not awaited, because the source decides when the cancellation ends.
      reader.cancel().catch(() => {});
      throw tooLong();
    }
    text += decoder.decode(value, { stream: true });
  }
}

async function textOf(response: Response): Promise<string> {
  const text: unknown = typeof response.text === 'function' ? await response.text() : undefined;
  if (typeof text === 'string') return text;
  throw new Error(`expected a response with a text, got ${describeValue(text)}`);
}

/** Limits the text of a `fetch` without streams, which has already read the whole body. */
function limited(text: string): string {
  if (text.length > maxBodyBytes) throw tooLong();
  return text;
}

function tooLong(): Error {
  return new Error(`a body longer than ${maxBodyBytes / mebibyte} MiB, which is not read to its end`);
}
