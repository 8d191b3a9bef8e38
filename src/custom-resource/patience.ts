import type { Clock } from '../core/clock.js';
import type { RequestContext } from './job.js';
import { serviceTimeoutIn } from './properties.js';
import { requestedAt } from './request.js';
import type { ResourceAnswer } from './response.js';

/** Milliseconds that CloudFormation still waits for an answer. */
export function millisecondsToResponseDeadline({ event, address }: RequestContext, clock: Clock): number {
  const { ResourceProperties } = event as { readonly ResourceProperties?: unknown };
  const now = clock.now();
  const age = Math.max(0, now - (requestedAt(address) ?? now));
  return Math.max(0, serviceTimeoutIn(ResourceProperties) * 1000 - age);
}

/**
 * The answer to a request that Lambda comes with after hours, because it was throttled or is repeated: CloudFormation has
 * gone on, and traffic that moved now would move behind its back. Nothing when it is in time.
 */
export function tooLate(job: RequestContext, clock: Clock): ResourceAnswer | undefined {
  if (millisecondsToResponseDeadline(job, clock) > 0) return undefined;
  return job.failure('The request came when CloudFormation did not wait for it any more: nothing was done');
}
