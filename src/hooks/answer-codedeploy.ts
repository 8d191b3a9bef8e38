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

/** An attempt that hangs is given up after this long; the SDK's clients have no time-out of their own. */
const maxAttemptMilliseconds = 10_000;

/** An answer, and the invocation that gives it. */
export interface CodeDeployAnswer extends HookExecution {
  readonly codeDeploy: CodeDeployClient;
  readonly context: HookLambdaContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: 'Succeeded' | 'Failed';
  /** Tells how long the invocation has taken so far. */
  readonly elapsed: () => number;
}

/**
 * Answers CodeDeploy. What may pass is tried again with growing pauses until the Lambda's end is near; one attempt is
 * made in any case.
 *
 * @throws AccessDeniedError, and every other error that cannot get better, at once; the last error when time is up.
 */
export async function answerCodeDeploy(answer: CodeDeployAnswer): Promise<{ alreadyAnswered: boolean }> {
  const { context, clock, logger, elapsed, deploymentId, lifecycleEventHookExecutionId, status } = answer;
  const line = { resource: deploymentId, lifecycleEventHookExecutionId, status };
  try {
    const result = await sendBeforeDeadline({
      context,
      clock,
      maxAttemptMilliseconds,
      send: (signal) => put(answer, signal),
      timeout: (maxWaitSeconds) =>
        new WaitTimeoutError({
          resource: deploymentId,
          maxWaitSeconds,
          expected: 'CodeDeploy to confirm the answer',
        }),
      isFinal: (error) => classifyFailure(error) === 'final',
      onRetry: (error) =>
        logger.warn('Could not answer CodeDeploy yet', { ...line, error: describeError(error).error }),
    });
    logger.info('Answered CodeDeploy', { ...line, ...result, durationMs: elapsed() });
    return result;
  } catch (error) {
    logger.error('Could not answer CodeDeploy', { ...line, ...describeError(error) });
    throw error;
  }
}

async function put(
  { codeDeploy, deploymentId, lifecycleEventHookExecutionId, status }: CodeDeployAnswer,
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
