import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { settlesWithin } from '../core/settles-within.js';
import { stopwatch } from '../core/stopwatch.js';
import type { TimeLeft } from '../core/time-left.js';
import type { AnswerAddress } from './request.js';

/** What CloudFormation is told. */
export interface ResourceAnswer {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalResourceId: string;
  /** Why it failed. */
  readonly reason?: string | undefined;
  /** What `Fn::GetAtt` gives. */
  readonly data?: Readonly<Record<string, string>> | undefined;
}

/** What became of an answer. */
export type Delivery =
  /** CloudFormation has it. */
  | 'delivered'
  /** It was refused for good: the address has expired, or is wrong. */
  | 'refused'
  /** An attempt may have arrived, but none was confirmed. */
  | 'unconfirmed'
  /** None has arrived for certain. */
  | 'notSent';

/** What an answer is sent with. */
export interface AnswerOptions {
  readonly timeLeft: TimeLeft;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
}

/** What CloudFormation takes, at most. */
const maxBytes = 4096;

/** Longer than it takes `fetch` to give a connection up, so that an attempt which was never sent can be told apart. */
const maxAttempt = 12_000;

const firstPause = 1_000;
const maxPause = 20_000;

/** Kept for telling that no answer got through. */
const lastMoment = 200;

/** After a shorter pause there would be no time for an attempt. */
const shortestPause = 2 * lastMoment;

/** Errors of a connection that was never made: nothing was sent. */
const unsentCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** 409 is S3's for another change that is under way; its own time-outs it tells with 400. */
const passingStatuses = new Set([408, 409, 429]);

type Attempt =
  | { readonly outcome: 'delivered' | 'refused'; readonly detail: string; readonly mayHaveArrived: true }
  | { readonly outcome: 'failed'; readonly detail: string; readonly mayHaveArrived: boolean };

/**
 * Puts an answer to the address that CloudFormation waits at. What may pass is tried again with growing pauses until the
 * Lambda's end is near; one attempt is made in any case. Never rejects, and never shows the address.
 *
 * The address is an object in S3: an answer that is put twice, after a lost confirmation, replaces the same one, and
 * CloudFormation goes on with the first that it sees.
 */
export async function answerCloudFormation(
  address: AnswerAddress,
  answer: ResourceAnswer,
  options: AnswerOptions,
): Promise<Delivery> {
  const { timeLeft, clock, logger } = options;
  const elapsed = stopwatch(clock);
  const line = {
    resource: address.logicalResourceId,
    requestId: address.requestId,
    status: answer.status,
    physicalResourceId: answer.physicalResourceId,
  };
  const body = bodyOf(address, answer);
  let mayHaveArrived = false;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, maxPause)) {
    const attempt = await sendOnce(address.responseUrl, body, options);
    if (attempt.outcome === 'delivered') {
      logger.info('Answered CloudFormation', { ...line, durationMs: elapsed() });
      return 'delivered';
    }
    if (attempt.outcome === 'refused') {
      logger.error('CloudFormation refused the answer', { ...line, error: attempt.detail });
      return 'refused';
    }
    mayHaveArrived ||= attempt.mayHaveArrived;
    // Never more than half of what is left, so that the pauses shrink towards the end instead of missing it.
    const milliseconds = Math.min(pause, timeLeft.getRemainingTimeInMillis() / 2);
    if (milliseconds < shortestPause) {
      logger.error('Could not answer CloudFormation', { ...line, error: attempt.detail, mayHaveArrived });
      return mayHaveArrived ? 'unconfirmed' : 'notSent';
    }
    logger.warn('Could not answer CloudFormation yet', { ...line, error: attempt.detail });
    await clock.sleep(milliseconds);
  }
}

async function sendOnce(
  url: string,
  body: Uint8Array<ArrayBuffer>,
  { timeLeft, clock, fetch }: AnswerOptions,
): Promise<Attempt> {
  const remaining = timeLeft.getRemainingTimeInMillis() - lastMoment;
  const limit = Math.max(lastMoment, Math.min(maxAttempt, remaining));
  const end = new AbortController();
  const sending = put(url, body, fetch, end.signal);
  if (await settlesWithin(sending, limit, clock)) return sending;
  end.abort();
  return { outcome: 'failed', detail: `no answer within ${limit / 1000} s`, mayHaveArrived: true };
}

async function put(
  url: string,
  body: Uint8Array<ArrayBuffer>,
  send: typeof fetch,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    // The address is signed for a request without a content type; `fetch` would make one up.
    const response = await send(url, { method: 'PUT', headers: { 'content-type': '' }, body, signal });
    const text = await response.text().catch(() => '');
    return judge(response.status, text);
  } catch (error) {
    const code = codeOf(error);
    // The message of a failed request may name the address.
    const detail = `the request failed${code === undefined ? '' : ` (${code})`}`;
    return { outcome: 'failed', detail, mayHaveArrived: code === undefined || !unsentCodes.has(code) };
  }
}

function judge(status: number, text: string): Attempt {
  if (status >= 200 && status < 300) return { outcome: 'delivered', detail: '', mayHaveArrived: true };
  // The rest of S3's answer to a wrong signature shows how to sign.
  const code = /<Code>(\w{1,60})<\/Code>/.exec(text)?.[1];
  const detail = `status ${status}${code === undefined ? '' : ` (${code})`}`;
  const mayPass = status >= 500 || passingStatuses.has(status) || code === 'RequestTimeout';
  return mayPass
    ? { outcome: 'failed', detail, mayHaveArrived: status === 500 }
    : { outcome: 'refused', detail, mayHaveArrived: true };
}

function codeOf(error: unknown): string | undefined {
  const { cause, code } = (error ?? {}) as { readonly cause?: unknown; readonly code?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined || cause === error ? undefined : codeOf(cause);
}

/** As much of the reason as there is room for. */
function bodyOf(address: AnswerAddress, answer: ResourceAnswer): Uint8Array<ArrayBuffer> {
  const { reason = '' } = answer;
  for (let length = Math.min(reason.length, maxBytes); ; length = Math.floor(length * 0.9)) {
    const cut = length < reason.length ? `${reason.slice(0, length)}…` : reason;
    const body = encode(address, { ...answer, reason: cut });
    if (body.length <= maxBytes || length === 0) return body;
  }
}

function encode(
  { stackId, requestId, logicalResourceId }: AnswerAddress,
  { status, physicalResourceId, reason, data }: ResourceAnswer,
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
