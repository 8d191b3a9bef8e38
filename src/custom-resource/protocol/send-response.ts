import type { Clock } from '../../core/clock.js';
import { describeError } from '../../core/describe-error.js';
import type { Logger } from '../../core/logger.js';
import { sendBeforeDeadline } from '../../core/respond-before-deadline.js';
import { stopwatch } from '../../core/stopwatch.js';
import type { TimeLeft } from '../../core/time-left.js';
import type { ResponseAddress } from './event.js';
import { readErrorCode } from './read-error-code.js';
import type { ResourceResponse } from './response.js';

/** Outcome of sending a response. */
export type Delivery =
  /** CloudFormation has it. */
  | 'delivered'
  /** It was refused for good: the address has expired, or is wrong. */
  | 'refused'
  /** An attempt may have arrived, but none was confirmed. */
  | 'unconfirmed'
  /** None has arrived for certain. */
  | 'notSent';

/** Dependencies of {@link sendResponse}. */
export interface SendResponseOptions {
  readonly timeLeft: TimeLeft;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
}

/** CloudFormation's limit. */
const maxBytes = 4096;

/** Longer than `fetch` takes to give a connection up, so that an attempt which was never sent can be told apart. */
const maxAttemptMilliseconds = 12_000;

/** Errors of a connection that was never made: nothing was sent. */
const unsentCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** 409 is S3's for another change that is under way; for its own time-outs it responds with 400. */
const passingStatuses = new Set([408, 409, 429]);

/** An attempt that was not confirmed. Its message has no part of the address. */
class UndeliveredError extends Error {
  readonly isRefused: boolean;
  readonly mayHaveArrived: boolean;

  constructor(detail: string, { isRefused = false, mayHaveArrived = true } = {}) {
    super(detail);
    this.isRefused = isRefused;
    this.mayHaveArrived = mayHaveArrived;
  }
}

/**
 * Sends a response to the address that CloudFormation waits at. A failure that may pass is retried with growing pauses until
 * the Lambda's end is near; one attempt is made in any case. Never rejects, and never shows the address.
 *
 * The address is an object in S3: a response that is put twice, after a lost confirmation, replaces the same one, and
 * CloudFormation goes on with the first that it sees.
 */
export async function sendResponse(
  address: ResponseAddress,
  response: ResourceResponse,
  { timeLeft, clock, logger, fetch: send }: SendResponseOptions,
): Promise<Delivery> {
  const elapsed = stopwatch(clock);
  const { status, physicalResourceId } = response;
  const { logicalResourceId: resource, requestId } = address;
  const line = { resource, requestId, status, physicalResourceId };
  const body = bodyOf(address, response);
  let mayHaveArrived = false;
  const note = (error: unknown) => {
    mayHaveArrived ||= !(error instanceof UndeliveredError) || error.mayHaveArrived;
    return { ...line, error: error instanceof UndeliveredError ? error.message : describeError(error).error };
  };
  try {
    await sendBeforeDeadline({
      context: timeLeft,
      clock,
      maxAttemptMilliseconds,
      send: (signal) => put(address.responseUrl, body, { send, signal }),
      timeout: (seconds) => new UndeliveredError(`no response within ${seconds} s`),
      isFinal: (error) => error instanceof UndeliveredError && error.isRefused,
      onRetry: (error) => logger.warn('Could not send response to CloudFormation yet', note(error)),
    });
    logger.info('Sent response to CloudFormation', { ...line, durationMs: elapsed() });
    return 'delivered';
  } catch (error) {
    const data = note(error);
    if (error instanceof UndeliveredError && error.isRefused) {
      logger.error('CloudFormation refused the response', data);
      return 'refused';
    }
    logger.error('Could not send response to CloudFormation', { ...data, mayHaveArrived });
    return mayHaveArrived ? 'unconfirmed' : 'notSent';
  }
}

/** @throws UndeliveredError */
async function put(
  url: string,
  body: Uint8Array<ArrayBuffer>,
  { send, signal }: { readonly send: typeof fetch; readonly signal: AbortSignal },
): Promise<void> {
  let status: number;
  let code: string | undefined;
  try {
    // The address is signed for a request without a content type, which `fetch` would make up; and for no other address.
    const headers = { 'content-type': '' };
    const response = await send(url, { method: 'PUT', headers, body, signal, redirect: 'error' });
    status = response.status;
    code = await readErrorCode(response);
  } catch (error) {
    const cause = codeOf(error);
    // The message of a failed request may have the address.
    throw new UndeliveredError(`the request failed${cause === undefined ? '' : ` (${cause})`}`, {
      mayHaveArrived: cause === undefined || !unsentCodes.has(cause),
    });
  }
  if (status >= 200 && status < 300) return;
  const mayPass = status >= 500 || passingStatuses.has(status) || code === 'RequestTimeout';
  throw new UndeliveredError(`status ${status}${code === undefined ? '' : ` (${code})`}`, {
    isRefused: !mayPass,
    mayHaveArrived: !mayPass || status === 500,
  });
}

/** Code of the connection's error; only short names, so that no message gets in. */
function codeOf(error: unknown, depth = 0): string | undefined {
  const { cause, code } = (error ?? {}) as { readonly cause?: unknown; readonly code?: unknown };
  if (typeof code === 'string' && /^\w{1,60}$/.test(code)) return code;
  return cause === undefined || depth > 10 ? undefined : codeOf(cause, depth + 1);
}

/** As much of the reason as there is room for. */
function bodyOf(address: ResponseAddress, response: ResourceResponse): Uint8Array<ArrayBuffer> {
  const { reason = '' } = response;
  for (let length = Math.min(reason.length, maxBytes); ; length = Math.floor(length * 0.9)) {
    const cut =
      length < reason.length ? `${reason.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : reason;
    const body = encode(address, { ...response, reason: cut });
    if (body.length <= maxBytes || length === 0) return body;
  }
}

function encode(
  { stackId, requestId, logicalResourceId }: ResponseAddress,
  { status, physicalResourceId, reason, data }: ResourceResponse,
): Uint8Array<ArrayBuffer> {
  const object = {
    Status: status,
    ...(reason && { Reason: reason }),
    PhysicalResourceId: physicalResourceId,
    StackId: stackId,
    RequestId: requestId,
    LogicalResourceId: logicalResourceId,
    ...(data && { Data: data }),
  };
  return new TextEncoder().encode(JSON.stringify(object));
}
