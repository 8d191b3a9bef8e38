import type { Clock } from '../../core/clock.js';
import { describeError } from '../../core/describe-error.js';
import type { Logger } from '../../core/logger.js';
import { sendBeforeDeadline } from '../../core/respond-before-deadline.js';
import { stopwatch } from '../../core/stopwatch.js';
import type { TimeLeft } from '../../core/time-left.js';
import { truncate } from '../../core/truncate.js';
import type { ResponseAddress } from './event.js';
import { readErrorCode } from './read-error-code.js';
import type { ResourceResponse } from './response.js';

/** Outcome of sending a response. */
export type Delivery =
  /** CloudFormation has it. */
  | 'delivered'
  /** CloudFormation refused it for good: the URL has expired or is wrong. */
  | 'refused'
  /** An attempt may have arrived, but none was confirmed. */
  | 'unconfirmed'
  /** No attempt can have arrived. */
  | 'notSent';

export interface SendResponseOptions {
  readonly timeLeft: TimeLeft;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
}

/** CloudFormation's limit. */
const maxBytes = 4096;

/** Longer than the connect time-out of `fetch`, so that an attempt that was never sent is recognized. */
const maxAttemptMilliseconds = 12_000;

/** Errors of a connection that failed before anything was sent. */
const unsentCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** S3 responds with 409 to concurrent changes, and with 400 to its own time-outs. */
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
 * Sends a response to the ResponseURL. Retries a failure that may pass, with growing pauses, until the Lambda's end is near.
 * Makes at least one attempt. Never rejects, and never shows the URL.
 *
 * The URL is an object in S3: a second PUT after a lost confirmation replaces the same response, and CloudFormation uses the
 * first one that it reads.
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
  const recordAttempt = (error: unknown) => {
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
      onRetry: (error) => logger.warn('Could not send response to CloudFormation yet', recordAttempt(error)),
    });
    logger.info('Sent response to CloudFormation', { ...line, durationMs: elapsed() });
    return 'delivered';
  } catch (error) {
    const data = recordAttempt(error);
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
    // The signature covers an empty content type, which `fetch` would otherwise set, and no redirect target.
    const headers = { 'content-type': '' };
    const response = await send(url, { method: 'PUT', headers, body, signal, redirect: 'error' });
    status = response.status;
    code = await readErrorCode(response);
  } catch (error) {
    const cause = codeOf(error);
    // The message of a failed request can contain the URL.
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

/** Returns the code of a connection error. Accepts only short names, so that no message is shown. */
function codeOf(error: unknown, depth = 0): string | undefined {
  const { cause, code } = (error ?? {}) as { readonly cause?: unknown; readonly code?: unknown };
  if (typeof code === 'string' && /^\w{1,60}$/.test(code)) return code;
  return cause === undefined || depth > 10 ? undefined : codeOf(cause, depth + 1);
}

/** Encodes the response, and truncates the reason to CloudFormation's limit. */
function bodyOf(address: ResponseAddress, response: ResourceResponse): Uint8Array<ArrayBuffer> {
  const { reason = '' } = response;
  for (let length = Math.min(reason.length, maxBytes); ; length = Math.floor(length * 0.9)) {
    const body = encode(address, { ...response, reason: truncate(reason, length) });
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
