import type { InvokeCommand, InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { callAws, isAwsError } from '../../core/aws-call.js';
import type { ClientConfig } from '../../core/clients.js';
import { ResourceNotFoundError, WaitTimeoutError } from '../../core/errors.js';
import { sdkModules } from '../../core/sdk-modules.js';
import { settlesWithin } from '../../core/settles-within.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { JsonValue, StepContext } from '../plan/step.js';
import { StepFailedError } from './step-failed-error.js';

/** Function that a step invokes. */
export interface SwapFunction {
  /** Name or ARN of the function. */
  readonly functionName: string;
  /**
   * Version or alias of the function.
   * @default the unpublished version
   */
  readonly qualifier?: string | undefined;
  /**
   * The `payload` of the function's event: a JSON value, copied when the step is created.
   * @default nothing
   */
  readonly payload?: JsonValue | undefined;
}

/** Event of a function that a step invokes. */
export interface SwapFunctionEvent {
  /** Stack that the step changes. */
  readonly stack: StackReference;
  /** ID of the swap. */
  readonly swapId: string;
  /** Name of the step. */
  readonly step: string;
  /** Number of the call of this step, from 1. */
  readonly attempt: number;
  /** Payload of the step's options. */
  readonly payload?: JsonValue;
}

/** Maximum length of a function's response in a message. */
const maxTextLength = 300;

/** Invokes functions with one attempt each. */
export class FunctionInvoker {
  readonly #step: string;
  readonly #timeoutSeconds: number;
  readonly #clientConfig: ClientConfig | undefined;
  #lambda: LambdaClient | undefined;

  constructor(options: {
    readonly step: string;
    readonly timeoutSeconds: number;
    readonly lambda: LambdaClient | undefined;
    readonly clientConfig: ClientConfig | undefined;
  }) {
    this.#step = options.step;
    this.#timeoutSeconds = options.timeoutSeconds;
    this.#lambda = options.lambda;
    this.#clientConfig = options.clientConfig;
  }

  /**
   * Invokes a function, and waits for its response.
   *
   * @throws StepFailedError when the function failed, WaitTimeoutError when it did not respond in time,
   * ResourceNotFoundError, AccessDeniedError, OperationAbortedError
   */
  async invoke(target: SwapFunction, context: StepContext): Promise<void> {
    const { clock, logger } = context;
    const resource = nameOf(target);
    const end = new AbortController();
    const signal = context.signal === undefined ? end.signal : AbortSignal.any([context.signal, end.signal]);
    const response = this.#send(target, context, signal);
    if (!(await settlesWithin(response, this.#timeoutSeconds * 1000, clock))) {
      end.abort();
      throw new WaitTimeoutError({
        resource,
        maxWaitSeconds: this.#timeoutSeconds,
        expected: 'a response of the function',
        actual: 'none, so its outcome is unknown',
        remedy: 'Read the log of the function. For longer work, start it and pass isDone',
      });
    }
    requireSuccess(await response, resource);
    logger.info('Invoked function', { resource, step: this.#step, stack: context.stack });
  }

  async #send(
    target: SwapFunction,
    { stack, swapId, attempt, signal: given }: StepContext,
    signal: AbortSignal,
  ): Promise<InvokeCommandOutput> {
    const { InvokeCommand, LambdaClient } = await sdkModules.lambda.get();
    this.#lambda ??= new LambdaClient(this.#clientConfig ?? {});
    const { functionName, qualifier, payload } = target;
    const event: SwapFunctionEvent = {
      stack,
      swapId,
      step: this.#step,
      attempt,
      ...(payload !== undefined && { payload }),
    };
    const command = new InvokeCommand({
      FunctionName: functionName,
      Qualifier: qualifier,
      Payload: JSON.stringify(event),
    });
    const lambda = this.#lambda;
    const call = { action: 'lambda:InvokeFunction', resource: nameOf(target), signal: given };
    try {
      return await callAws(call, () => sendOnce(lambda, command, signal));
    } catch (error) {
      throw isAwsError(error, 'ResourceNotFoundException') ? notFound(target, error) : error;
    }
  }
}

/** Failure of the one attempt. The SDK repeats no error of this class, because nothing in it says that it passes. */
class FailedAttempt extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('The only attempt failed');
    this.error = error;
  }
}

/** Sends a command without the retries of the SDK: a function whose response was lost must not run twice. */
async function sendOnce(
  lambda: LambdaClient,
  command: InvokeCommand,
  abortSignal: AbortSignal,
): Promise<InvokeCommandOutput> {
  let failed: FailedAttempt | undefined;
  // Within the retries of the client, which are a middleware of the same step with a high priority.
  command.middlewareStack.add(
    (next) => async (args) => {
      if (failed !== undefined) throw failed;
      try {
        return await next(args);
      } catch (error) {
        failed = new FailedAttempt(error);
        throw failed;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'onlyAttempt' },
  );
  try {
    return await lambda.send(command, { abortSignal });
  } catch (error) {
    throw failed?.error ?? error;
  }
}

function requireSuccess({ FunctionError, Payload }: InvokeCommandOutput, resource: string): void {
  if (FunctionError === undefined) return;
  const text = Payload?.transformToString() ?? '';
  throw new StepFailedError(`Lambda function ${resource} failed`, {
    resource,
    expected: 'a response without an error',
    actual: (text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text) || FunctionError,
    remedy: 'Read the log of the function, repair the cause, then deploy again',
  });
}

function notFound(target: SwapFunction, cause: Error): ResourceNotFoundError {
  const resource = nameOf(target);
  return new ResourceNotFoundError(`Lambda function ${resource} not found`, {
    resource,
    remedy: 'Check functionName and qualifier of the step, its Region and its account',
    cause,
  });
}

function nameOf({ functionName, qualifier }: SwapFunction): string {
  return qualifier === undefined ? functionName : `${functionName}:${qualifier}`;
}
