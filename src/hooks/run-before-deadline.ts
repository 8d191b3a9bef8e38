import type { Clock } from '../core/clock.js';
import { DeadlineError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { describeError } from './describe-error.js';
import { settlesWithin } from './settles-within.js';
import type { CodeDeployHookFunction, HookExecution, HookLambdaContext } from './types.js';

/** What a run came to. */
export type Outcome =
  | { readonly status: 'Succeeded' }
  | { readonly status: 'Failed'; readonly error: unknown };

/** A run, and the invocation that it happens in. */
export interface HookRun extends HookExecution {
  readonly run: CodeDeployHookFunction;
  readonly context: HookLambdaContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlineMarginSeconds: number;
}

/** Runs the function, and tells what it came to while there is still time to answer. Logs a failure; never rejects. */
export async function runBeforeDeadline(hook: HookRun): Promise<Outcome> {
  const { context, clock, logger, deploymentId, lifecycleEventHookExecutionId } = hook;
  const ids = { deploymentId, lifecycleEventHookExecutionId };
  const total = context.getRemainingTimeInMillis();
  const margin = marginOf(total, hook);
  const deadline = new AbortController();
  const remainingSeconds = () => Math.max(0, (context.getRemainingTimeInMillis() - margin) / 1000);
  const running = outcomeOf(() => hook.run({ ...ids, signal: deadline.signal, logger, remainingSeconds }));
  if (!(await settlesWithin(running, total - margin, clock))) {
    return cutShort(running, { hook, deadline, cleanUpUntil: margin / 2 });
  }
  const outcome = await running;
  if (outcome.status === 'Failed') {
    logger.error('The hook failed', { resource: deploymentId, ...ids, ...describeError(outcome.error) });
  }
  return outcome;
}

/** Milliseconds before the Lambda's end; a Lambda whose time-out is short gives at most half of it. */
function marginOf(total: number, { deadlineMarginSeconds, logger, deploymentId }: HookRun): number {
  const wanted = deadlineMarginSeconds * 1000;
  if (wanted <= total / 2) return wanted;
  logger.warn("The Lambda function's time-out is short for the deadline margin", {
    resource: deploymentId,
    deadlineMarginSeconds,
    remainingSeconds: total / 1000,
  });
  return Math.max(0, total / 2);
}

/** Aborts the run and gives it a while to clean up. */
async function cutShort(
  running: Promise<Outcome>,
  { hook, deadline, cleanUpUntil }: { hook: HookRun; deadline: AbortController; cleanUpUntil: number },
): Promise<Outcome> {
  const { context, clock, logger, deploymentId, lifecycleEventHookExecutionId } = hook;
  const error = new DeadlineError({
    resource: deploymentId,
    remainingSeconds: context.getRemainingTimeInMillis() / 1000,
    remedy: "Raise the function's time-out (at most 900 s), or do less in this hook",
  });
  deadline.abort(error);
  const hasEnded = await settlesWithin(running, context.getRemainingTimeInMillis() - cleanUpUntil, clock);
  const outcome = hasEnded ? await running : undefined;
  logger.error('The hook ran out of time', {
    resource: deploymentId,
    lifecycleEventHookExecutionId,
    ...describeError(error),
    hasEnded,
    ...(outcome?.status === 'Failed' && { endedWith: describeError(outcome.error).error }),
  });
  return { status: 'Failed', error };
}

/** Never rejects, whatever is thrown. */
async function outcomeOf(work: () => unknown): Promise<Outcome> {
  try {
    await work();
    return { status: 'Succeeded' };
  } catch (error) {
    return { status: 'Failed', error };
  }
}
