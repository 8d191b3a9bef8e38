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
import { settlesWithin } from '../core/settles-within.js';
import type { HookExecution, HookLambdaContext } from './types.js';

/** An attempt that hangs is given up after this long; the SDK's clients have no time-out of their own. */
const maxAttempt = 10_000;

const firstPause = 1_000;
const maxPause = 20_000;

/** Kept for telling, and throwing, that no answer got through. */
const lastMoment = 200;

/** After a shorter pause there would be no time for an attempt. */
const shortestPause = 2 * lastMoment;

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
  for (let pause = firstPause; ; pause = Math.min(pause * 2, maxPause)) {
    try {
      const result = await sendOnce(answer);
      logger.info('Answered CodeDeploy', { ...line, ...result, durationMs: elapsed() });
      return result;
    } catch (error) {
      // Never more than half of what is left, so that the pauses shrink towards the end instead of missing it.
      const milliseconds = Math.min(pause, context.getRemainingTimeInMillis() / 2);
      if (classifyFailure(error) === 'final' || milliseconds < shortestPause) {
        logger.error('Could not answer CodeDeploy', { ...line, ...describeError(error) });
        throw error;
      }
      logger.warn('Could not answer CodeDeploy yet', { ...line, error: describeError(error).error });
      await clock.sleep(milliseconds);
    }
  }
}

async function sendOnce(answer: CodeDeployAnswer): Promise<{ alreadyAnswered: boolean }> {
  try {
    await sendWithinLimit(answer);
    return { alreadyAnswered: false };
  } catch (error) {
    if (isAwsError(error, 'LifecycleEventAlreadyCompletedException')) return { alreadyAnswered: true };
    throw error;
  }
}

async function sendWithinLimit(answer: CodeDeployAnswer): Promise<void> {
  const { codeDeploy, context, clock, deploymentId, lifecycleEventHookExecutionId, status } = answer;
  const command = new PutLifecycleEventHookExecutionStatusCommand({
    deploymentId,
    lifecycleEventHookExecutionId,
    status,
  });
  const remaining = context.getRemainingTimeInMillis() - lastMoment;
  const limit = Math.max(lastMoment, Math.min(maxAttempt, remaining));
  const attempt = new AbortController();
  const sending = callAws(
    {
      action: 'codedeploy:PutLifecycleEventHookExecutionStatus',
      resource: deploymentId,
      signal: attempt.signal,
    },
    (http) => codeDeploy.send(command, http),
  );
  if (!(await settlesWithin(sending, limit, clock))) {
    attempt.abort();
    throw new WaitTimeoutError({
      resource: deploymentId,
      maxWaitSeconds: limit / 1000,
      expected: 'CodeDeploy to confirm the answer',
    });
  }
  await sending;
}
