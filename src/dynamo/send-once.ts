import { isAwsError } from '../core/aws-call.js';

/** A call was sent, and its outcome is unknown: no response arrived, or AWS failed. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
  /** Not `cause`: the SDK's retries would look there, and send the call again. */
  readonly failure: unknown;

  constructor(failure: unknown) {
    super('The call was sent, but its outcome is unknown');
    this.failure = failure;
  }
}

/** The part of an SDK command that is needed here. */
interface Command {
  readonly middlewareStack: {
    add(
      // biome-ignore lint/suspicious/noExplicitAny: commands of every input fit only so, because the SDK types a stack by its command; what is given is passed on
      middleware: (next: (args: any) => Promise<any>) => (args: any) => Promise<any>,
      options: { step: 'finalizeRequest'; priority: 'low'; name: string },
    ): void;
  };
}

/**
 * Keeps the SDK from sending a command again that may have taken effect: for an operation that has no idempotency
 * token and would make a second thing. What AWS has refused for sure, a throttle above all, is retried as ever.
 */
export function sendOnce<C extends Command>(command: C): C {
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
