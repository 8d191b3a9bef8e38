import type { Task } from '@aws-sdk/client-ecs';
import { MultipleFailuresError } from '../../core/errors.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { retryPassing } from '../retry-passing.js';
import { type RolloutContext, unstoppable } from '../rollout-context.js';
import type { CanaryTarget, ServiceTargetGroup } from './canary-addresses.js';
import { readTarget, targetsOf } from './canary-targets.js';
import { type CleanUpLimits, cleanUpCanary } from './clean-up-canary.js';
import { ownTargets } from './end-traffic.js';
import { hasStopped } from './stopped-task.js';

/**
 * Cleans up canaries that this run has not started, or whose start got no response. Unlike the run itself, this is not aborted
 * halfway.
 *
 * @throws the failures, after every canary was tried.
 */
export async function cleanUpLeftovers(
  stoppable: RolloutContext,
  groups: readonly ServiceTargetGroup[],
  tasks: readonly Task[],
  limits: CleanUpLimits,
): Promise<void> {
  const context = unstoppable(stoppable);
  // All of them are known before the first cleanup can fail.
  for (const task of tasks) if (task.taskArn && !hasStopped(task)) context.leftovers.addTask(task.taskArn);
  const failures: unknown[] = [];
  for (const task of tasks)
    await cleanUpLeftover(context, groups, task, limits).catch((error) => failures.push(error));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new MultipleFailuresError({ errors: failures, total: tasks.length });
}

async function cleanUpLeftover(
  context: RolloutContext,
  groups: readonly ServiceTargetGroup[],
  task: Task,
  limits: CleanUpLimits,
): Promise<void> {
  const { taskArn } = task;
  if (taskArn === undefined) return;
  const candidates = await retryPassing(context, () => targetsOf(context, groups, task));
  const targets = await ownTargets(context, groups, task, candidates);
  if (await isCleanedUp(context, task, targets)) return;
  context.emit({ type: 'leftoverFound', taskArn });
  await cleanUpCanary(context, { taskArn, groups }, targets, limits);
}

/** True when a task needs no cleanup. ECS lists stopped tasks, also those that were cleaned up, for an hour. */
async function isCleanedUp(
  context: RolloutContext,
  task: Task,
  targets: readonly CanaryTarget[],
): Promise<boolean> {
  if (!hasStopped(task)) return false;
  const states = await mapConcurrently(targets, (target) =>
    retryPassing(context, () => readTarget(context, target)),
  );
  return states.every(({ isGone }) => isGone);
}
