import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { stopwatch } from '../core/stopwatch.js';
import type { HookScope } from '../swap/engine/decision.js';
import { lateAnswer } from '../swap/engine/hook-answers.js';
import { wakeForTick } from '../swap/engine/wake.js';
import { parseLambdaContext, type SwapHookDependencies } from './run-swap-hook.js';
import { sendCodeDeployResponse } from './send-codedeploy-response.js';
import type { SwapTickResult } from './swap-hook-types.js';
import { tickResultOf } from './tick-result.js';
import type { HookLambdaContext } from './types.js';

/**
 * Continues everything behind the hooks, and gives the response of a hook that no invocation has given in time.
 *
 * @throws the error that ended the work. The next call continues.
 */
export async function runSwapTick(
  dependencies: SwapHookDependencies,
  scopeOf: (hook: string) => HookScope | undefined,
  lambdaContext: HookLambdaContext,
): Promise<SwapTickResult> {
  const { swap, deadlineMarginSeconds } = dependencies;
  const { clock, logger, application } = swap;
  const context = parseLambdaContext(lambdaContext, dependencies);
  const outcome = await runBeforeDeadline(
    async (time) => {
      await respondLate(dependencies, scopeOf, context, time);
      return wakeForTick(swap, time);
    },
    {
      context,
      clock,
      logger,
      work: 'swap tick',
      resource: application,
      marginSeconds: deadlineMarginSeconds,
    },
  );
  if (outcome.status === 'failed') throw outcome.error;
  return tickResultOf(outcome.result);
}

async function respondLate(
  { swap, codeDeploy }: SwapHookDependencies,
  scopeOf: (hook: string) => HookScope | undefined,
  context: HookLambdaContext,
  { signal }: TimedWork,
): Promise<void> {
  const late = await lateAnswer(swap, scopeOf, signal);
  if (late === undefined) return;
  const { clock, logger } = swap;
  const sending = sendCodeDeployResponse({
    deploymentId: late.owner.id,
    lifecycleEventHookExecutionId: late.executionId,
    codeDeploy,
    context,
    clock,
    logger,
    status: late.answer,
    elapsed: stopwatch(clock),
  });
  // It is logged. The rollback must not wait for a response that CodeDeploy refuses, such as one to an ended deployment.
  await sending.catch(() => {});
}
