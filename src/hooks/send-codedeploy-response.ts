import {
  type CodeDeployClient,
  PutLifecycleEventHookExecutionStatusCommand,
} from '@aws-sdk/client-codedeploy';
import { callAws, isAwsError } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { describeError } from '../core/describe-error.js';
import { WaitTimeoutError } from '../core/errors.js';
import { classifyFailure } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import { sendBeforeDeadline } from '../core/respond-before-deadline.js';
import type { HookExecution, HookLambdaContext } from './types.js';

/** The SDK's clients have no time-out of their own. */
const maxAttemptMilliseconds = 10_000;

/** Response to CodeDeploy, and the invocation that sends it. */
export interface CodeDeployResponse extends HookExecution {
  readonly codeDeploy: CodeDeployClient;
  readonly context: HookLambdaContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: 'Succeeded' | 'Failed';
  /** Returns the milliseconds since the invocation began. */
  readonly elapsed: () => number;
}

/**
 * Sends the hook's status to CodeDeploy. Retries a failure that may pass, with growing pauses, until the Lambda's end is near.
 * Makes at least one attempt.
 *
 * @throws AccessDeniedError, and every other final error, at once. The error of the last attempt when the time is over.
 */
export async function sendCodeDeployResponse(
  response: CodeDeployResponse,
): Promise<{ alreadyAnswered: boolean }> {
  const { context, clock, logger, elapsed, deploymentId, lifecycleEventHookExecutionId, status } = response;
  const line = { resource: deploymentId, lifecycleEventHookExecutionId, status };
  try {
    const result = await sendBeforeDeadline({
      context,
      clock,
      maxAttemptMilliseconds,
      send: (signal) => put(response, signal),
      timeout: (maxWaitSeconds) =>
        new WaitTimeoutError({
          resource: deploymentId,
          maxWaitSeconds,
          expected: 'CodeDeploy to confirm the response',
        }),
      isFinal: (error) => classifyFailure(error) === 'final',
      onRetry: (error) =>
        logger.warn('Could not send response to CodeDeploy yet', {
          ...line,
          error: describeError(error).error,
        }),
    });
    logger.info('Sent response to CodeDeploy', { ...line, ...result, durationMs: elapsed() });
    return result;
  } catch (error) {
    logger.error('Could not send response to CodeDeploy', { ...line, ...describeError(error) });
    throw error;
  }
}

async function put(
  { codeDeploy, deploymentId, lifecycleEventHookExecutionId, status }: CodeDeployResponse,
  signal: AbortSignal,
): Promise<{ alreadyAnswered: boolean }> {
  const command = new PutLifecycleEventHookExecutionStatusCommand({
    deploymentId,
    lifecycleEventHookExecutionId,
    status,
  });
  const action = 'codedeploy:PutLifecycleEventHookExecutionStatus';
  try {
    await callAws({ action, resource: deploymentId, signal }, (http) => codeDeploy.send(command, http));
    return { alreadyAnswered: false };
  } catch (error) {
    if (isAwsError(error, 'LifecycleEventAlreadyCompletedException')) return { alreadyAnswered: true };
    throw error;
  }
}
