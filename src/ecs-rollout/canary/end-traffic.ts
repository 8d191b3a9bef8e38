import type { Task } from '@aws-sdk/client-ecs';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { stopwatch } from '../../core/stopwatch.js';
import { retryPassing } from '../retry-passing.js';
import { type RolloutContext, unstoppable } from '../rollout-context.js';
import { type CanaryTarget, isSameTarget, type ServiceTargetGroup } from './canary-addresses.js';
import { deregisterTarget, readTarget, targetsOf } from './canary-targets.js';
import { readServiceTasks, readTasks } from './canary-task.js';
import { isStopping } from './stopped-task.js';

/** Seconds to retry a deregistration: longer than a read, because it ends the traffic to the canary. */
const maxDeregisterSeconds = 300;

/** The canary that targets belong to. */
export interface TargetOwner {
  readonly taskArn: string;
  /** The target groups of its service. */
  readonly groups: readonly ServiceTargetGroup[];
}

/**
 * Ends the traffic to a canary from target groups that its service is about to leave: a later run would not know of them.
 * The cleanup waits for their draining.
 */
export async function leaveTargetGroups(
  stoppable: RolloutContext,
  owner: TargetOwner,
  targets: readonly CanaryTarget[],
): Promise<void> {
  const context = unstoppable(stoppable);
  await mapConcurrently(targets, (target) => deregister(context, owner, target));
}

/**
 * Selects the targets that belong to a task. Once the task stops, its address may belong to another task, which keeps its
 * registration.
 */
export async function ownTargets(
  context: RolloutContext,
  groups: readonly ServiceTargetGroup[],
  task: Task | undefined,
  targets: readonly CanaryTarget[],
): Promise<readonly CanaryTarget[]> {
  const isThere = task !== undefined && !isStopping(task);
  if (isThere || targets.length === 0) return targets;
  const foreign: CanaryTarget[] = [];
  for (const other of await retryPassing(context, () => readServiceTasks(context, 'RUNNING')))
    foreign.push(...(await retryPassing(context, () => targetsOf(context, groups, other))));
  const isForeign = (target: CanaryTarget) => foreign.some((other) => isSameTarget(target, other));
  for (const target of targets) if (isForeign(target)) context.leftovers.removeTarget(target);
  return targets.filter((target) => !isForeign(target));
}

/**
 * Deregisters a target of a canary. Returns it when it was registered, and so has to drain. The context has to be one
 * without a signal.
 */
export async function deregister(
  context: RolloutContext,
  owner: TargetOwner,
  target: CanaryTarget,
): Promise<CanaryTarget | undefined> {
  const elapsed = stopwatch(context.clock);
  // The target is deregistered even when its state cannot be read.
  const before = await readTarget(context, target).catch(() => undefined);
  let attempts = 0;
  let isOwn = true;
  const attempt = async () => {
    attempts += 1;
    if (attempts > 1) isOwn = await isStillOwn(context, owner, target);
    // Also a target that the read does not show: the response may be older than its registration.
    if (isOwn) await deregisterTarget(context, target);
  };
  await retryPassing(context, attempt, maxDeregisterSeconds);
  context.leftovers.removeTarget(target);
  if (!isOwn || before?.isGone) return undefined;
  if (before?.state === 'draining') return target;
  context.emit({ type: 'canaryDeregistered', targetGroupArn: target.targetGroupArn }, elapsed());
  return target;
}

/** False when the canary has stopped since, and a task of the service has its address. True when ECS does not respond. */
async function isStillOwn(
  context: RolloutContext,
  { taskArn, groups }: TargetOwner,
  target: CanaryTarget,
): Promise<boolean> {
  const tasks = await readTasks(context, [taskArn]).catch(() => undefined);
  if (tasks === undefined) return true;
  return (await ownTargets(context, groups, tasks[0], [target])).length > 0;
}
