import type { MiddlewareStack } from '@smithy/types';
import { isAwsError } from '../core/aws-call.js';

/** A call was sent, and its outcome is unknown: no response arrived, or AWS failed. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
  /** Not named `cause`: the SDK's retries read that property and would send the call again. */
  readonly failure: unknown;

  constructor(failure: unknown) {
    super('The call was sent, but its outcome is unknown');
    this.failure = failure;
  }
}

/**
 * Prevents the SDK from sending a command again that may have taken effect: for an operation without an idempotency token
 * that would create a second resource. A definite refusal by AWS, such as a throttle, is still retried.
 */
export function sendOnce<Input extends object, Output extends object, C>(
  command: C & { readonly middlewareStack: MiddlewareStack<Input, Output> },
): C {
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isRefusal(error) || isAwsError(error, 'AbortError') ? error : new OutcomeUnknownError(error);
      }
    },
    // The retries stand earlier in this step, so every attempt passes here.
    { step: 'finalizeRequest', priority: 'low', name: 'sendOnce' },
  );
  return command;
}

function isRefusal(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}
