import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { WaitTimeoutError } from '../core/errors.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { stopwatch } from '../core/stopwatch.js';
import { requireLambdaContext, timeLeftOf } from '../core/time-left.js';
import type { HookScope } from '../swap/engine/decision.js';
import type { DeploymentSwap } from '../swap/engine/end-earlier.js';
import { type HookAnswer, recordAnswer, recordedAnswer, recordHook } from '../swap/engine/hook-answers.js';
import { wakeForOwner } from '../swap/engine/wake.js';
import { retryRead } from '../swap/engine/wake-loop.js';
import type { SwapOwner } from '../swap/record/types.js';
import { parseCodeDeployEvent } from './parse-codedeploy-event.js';
import { sendCodeDeployResponse } from './send-codedeploy-response.js';
import type { WatchedSwap } from './swap-feed.js';
import type { CodeDeploySwapHookResult } from './swap-hook-types.js';
import type { HookExecution, HookLambdaContext } from './types.js';

/** Dependencies of the hooks of a swap. */
export interface SwapHookDependencies {
  readonly swap: WatchedSwap;
  readonly codeDeploy: CodeDeployClient;
  readonly deadlineMarginSeconds: number;
}

/** One lifecycle hook of a swap. */
export interface SwapHook {
  readonly name: string;
  readonly scope: HookScope;
}

/** Verdict of a hook, or none for a deployment that waits for no response. */
interface Verdict {
  readonly status: HookAnswer | 'None';
  readonly reason?: string;
}

/**
 * Runs one hook, records its verdict, and responds to CodeDeploy.
 *
 * @throws the error of work that has not ended, without a response: Lambda then retries the hook.
 */
export async function runSwapHook(
  dependencies: SwapHookDependencies,
  hook: SwapHook,
  event: unknown,
  context: HookLambdaContext,
): Promise<CodeDeploySwapHookResult> {
  const { swap, codeDeploy, deadlineMarginSeconds } = dependencies;
  const { clock, logger } = swap;
  const execution = parseCodeDeployEvent(event);
  const elapsed = stopwatch(clock);
  const timed = { context: parseLambdaContext(context, dependencies), clock, logger };
  const outcome = await runBeforeDeadline((time) => decide(swap, hook, execution, time), {
    ...timed,
    resource: execution.deploymentId,
    data: { hook: hook.name, ...execution },
    marginSeconds: deadlineMarginSeconds,
  });
  if (outcome.status === 'failed') throw outcome.error;
  const { status, reason } = outcome.result;
  if (status !== 'None') {
    await sendCodeDeployResponse({ ...execution, ...timed, codeDeploy, status, elapsed });
  }
  return { ...execution, status, ...(reason !== undefined && { reason }) };
}

/** @throws InvalidInputError for anything but the context of a Lambda function. */
export function parseLambdaContext(context: unknown, { swap }: SwapHookDependencies): HookLambdaContext {
  requireLambdaContext(context);
  return timeLeftOf(context as HookLambdaContext, swap.clock);
}

async function decide(
  swap: DeploymentSwap,
  { name, scope }: SwapHook,
  { deploymentId, lifecycleEventHookExecutionId: executionId }: HookExecution,
  time: TimedWork,
): Promise<Verdict> {
  const elapsed = stopwatch(swap.clock);
  const owner: SwapOwner = { kind: 'codeDeploy', id: deploymentId };
  const { signal } = time;
  const deployment = await retryRead(swap, time, () => swap.switch.statusOf(owner, { signal }));
  if (deployment.state !== 'underWay') return { status: 'None', reason: deployment.detail };
  // AWS returns traffic with it. The swap follows the deployment that is rolled back.
  if (deployment.isRollback === true) return { status: 'Succeeded', reason: 'a rollback deployment' };
  const known = await retryRead(swap, time, () => recordedAnswer(swap, owner, name));
  if (known !== undefined) return { status: known, reason: 'recorded by an earlier invocation' };
  let isRecorded = false;
  const onSwap = async () => {
    if (!isRecorded) await recordHook(swap, owner, { name, executionId });
    isRecorded = true;
  };
  const result = await wakeForOwner(swap, owner, scope, {
    signal,
    remainingSeconds: () => time.remainingSeconds(),
    onSwap,
  });
  if (result.status === 'unfinished') {
    throw unfinishedError(`hook ${name} of deployment ${deploymentId}`, elapsed(), result.reason);
  }
  const answer = result.status === 'refused' ? 'Failed' : 'Succeeded';
  const status = await recordAnswer(swap, owner, name, answer);
  return { status, ...(result.status !== 'reached' && { reason: result.reason }) };
}

function unfinishedError(resource: string, milliseconds: number, reason: string): WaitTimeoutError {
  return new WaitTimeoutError({
    resource,
    maxWaitSeconds: Math.round(milliseconds / 1000),
    expected: 'the end of its work',
    actual: reason,
    remedy: 'Lambda retries the hook, which continues where it was',
  });
}
