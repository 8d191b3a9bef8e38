import type { AwsCall, callAws } from '../../core/aws-call.js';
import { AccessDeniedError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import { retryOnConflict } from '../../core/retry-on-conflict.js';
import type { RolloutContext } from '../rollout-context.js';

/** The outcome of a change that is known: its response, or AWS's refusal, after which nothing has changed. */
export type KnownOutcome<Response> = { readonly response: Response } | { readonly refusal: unknown };

/**
 * Sends a change. A final error of the only attempt is a refusal; after any other error the change may be in effect, also when a
 * later attempt was refused.
 *
 * @throws the error after which the outcome is unknown.
 */
export async function sendChange<Response>(
  context: RolloutContext,
  call: AwsCall,
  send: Parameters<typeof callAws<Response>>[1],
): Promise<KnownOutcome<Response>> {
  let sends = 0;
  try {
    const response = await retryOnConflict(call, context, (http) => {
      sends += 1;
      return send(http);
    });
    return { response };
  } catch (error) {
    const isOnlyAttempt = sends === 1 && attemptsOf(error) === 1;
    if (isOnlyAttempt && classifyFailure(error) === 'final') return { refusal: error };
    throw error;
  }
}

/** The number of attempts that the SDK made. */
function attemptsOf(error: unknown): number {
  const { $metadata } = (error instanceof AccessDeniedError ? error.cause : error) as {
    readonly $metadata?: { readonly attempts?: number };
  };
  return $metadata?.attempts ?? 1;
}
