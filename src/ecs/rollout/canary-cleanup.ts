import type { Task } from '@aws-sdk/client-ecs';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { pollUntil } from '../../core/poll-until.js';
import { stopwatch } from '../../core/stopwatch.js';
import { missesAllowed } from './canary.js';
import type { CanaryTarget, ServiceTargetGroup } from './canary-addresses.js';
import { deregisterTarget, readTarget, targetsOf } from './canary-targets.js';
import { readServiceTasks, readTasks, stopTask } from './canary-task.js';
import { type RolloutContext, unstoppable } from './context.js';
import { retryCleanup } from './retry-cleanup.js';
import { hasStopped, isStopping } from './stopped-task.js';

const intervalSeconds = 5;

/** How long the parts of the cleaning up may take. */
export interface CleanUpLimits {
  readonly drainingSeconds: number;
  readonly canaryStoppedSeconds: number;
}

/**
 * Deregisters a canary, waits until it is drained, and stops it. The context has to be one without a signal.
 *
 * @param targets - where it is, or may be, registered.
 * @throws when a target cannot be deregistered: then the task is left running, because it still gets traffic
 */
export async function cleanUpCanary(
  context: RolloutContext,
  taskArn: string,
  targets: readonly CanaryTarget[],
  limits: CleanUpLimits,
): Promise<void> {
  const deregistered = await mapConcurrently(targets, (target) => deregister(context, target));
  const undrained = await drain(
    context,
    deregistered.flatMap((target) => target ?? []),
    limits,
  );
  await stop(context, taskArn, limits);
  if (undrained !== undefined) throw undrained;
}

/**
 * Ends the traffic to a canary from target groups that its service is about to leave: a later run would not know of them. Their
 * draining is waited for with that of the others.
 */
export async function leaveTargetGroups(
  stoppable: RolloutContext,
  targets: readonly CanaryTarget[],
  left: ReadonlySet<string>,
): Promise<void> {
  const context = unstoppable(stoppable);
  await mapConcurrently(
    targets.filter(({ targetGroupArn }) => left.has(targetGroupArn)),
    (target) => deregister(context, target),
  );
}

/**
 * Those of a task's targets that are certainly its own. Once it stops, its address may be another task's: then it is that
 * task's business.
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
  for (const other of await retryCleanup(context, () => readServiceTasks(context, 'RUNNING')))
    foreign.push(...(await retryCleanup(context, () => targetsOf(context, groups, other))));
  return targets.filter((target) => !foreign.some((other) => isSameTarget(target, other)));
}

/** Cleans up what an earlier run has left behind; unlike the run itself it is not stopped by an abort in the middle. */
export async function cleanUpLeftover(
  stoppable: RolloutContext,
  groups: readonly ServiceTargetGroup[],
  task: Task,
  limits: CleanUpLimits,
): Promise<void> {
  const context = unstoppable(stoppable);
  const { taskArn } = task;
  if (taskArn === undefined) return;
  const targets = await ownTargets(context, groups, task, await targetsOf(context, groups, task));
  if (await isCleanedUp(context, task, targets)) return;
  context.tell({ type: 'leftoverFound', taskArn });
  await cleanUpCanary(context, taskArn, targets, limits);
}

/** Whether nothing is left to do for a task: also those that were cleaned up are listed, for an hour. */
async function isCleanedUp(
  context: RolloutContext,
  task: Task,
  targets: readonly CanaryTarget[],
): Promise<boolean> {
  if (!hasStopped(task)) return false;
  const states = await mapConcurrently(targets, (target) =>
    retryCleanup(context, () => readTarget(context, target)),
  );
  return states.every(({ isGone }) => isGone);
}

/** Deregisters; gives the target when it was registered, and so has to drain. */
async function deregister(context: RolloutContext, target: CanaryTarget): Promise<CanaryTarget | undefined> {
  const elapsed = stopwatch(context.clock);
  // Its traffic is ended also when nobody can tell how it stands.
  const before = await retryCleanup(context, () => readTarget(context, target)).catch(() => undefined);
  // Also one that is not seen: its registration may be younger than the answer.
  await retryCleanup(context, () => deregisterTarget(context, target));
  if (before?.isGone) return undefined;
  if (before?.state === 'draining') return target;
  context.tell({ type: 'canaryDeregistered', targetGroupArn: target.targetGroupArn }, elapsed());
  return target;
}

/** Waits until the targets are drained; what keeps it from that is given back, because the canary is stopped all the same. */
async function drain(
  context: RolloutContext,
  targets: readonly CanaryTarget[],
  { drainingSeconds }: CleanUpLimits,
): Promise<unknown> {
  const { clock, resource } = context;
  try {
    await pollUntil({
      clock,
      resource: `The canary of ${resource}`,
      expected: 'a target that is drained',
      maxWaitSeconds: drainingSeconds,
      intervalSeconds,
      observe: () =>
        mapConcurrently(targets, (target) => retryCleanup(context, () => readTarget(context, target))),
      // A target that is not in use drains nothing, and AWS may go on to say so instead of that it is not registered.
      isDone: (states) => states.every(({ isGone, state }) => isGone || state === 'unused'),
      describe: (states) => states.map(({ state }) => state).join(', '),
    });
    return undefined;
  } catch (error) {
    return error;
  }
}

async function stop(
  context: RolloutContext,
  taskArn: string,
  { canaryStoppedSeconds }: CleanUpLimits,
): Promise<void> {
  const elapsed = stopwatch(context.clock);
  const look = async () => (await retryCleanup(context, () => readTasks(context, [taskArn])))[0];
  // One that cannot be looked at is told to stop all the same.
  const seen = await look().catch(() => undefined);
  if (seen !== undefined && hasStopped(seen)) return;
  let misses = 0;
  await pollUntil({
    clock: context.clock,
    resource: `The canary ${taskArn}`,
    expected: 'a task that has stopped',
    maxWaitSeconds: canaryStoppedSeconds,
    intervalSeconds,
    observe: async () => {
      // ECS may not know yet a task that was started just now: then it is not to be stopped either.
      await retryCleanup(context, () => stopTask(context, taskArn));
      const task = await look();
      misses = task === undefined ? misses + 1 : 0;
      return task;
    },
    isDone: (task) => (task === undefined ? misses > missesAllowed : hasStopped(task)),
    describe: (task) => task?.lastStatus ?? 'no task',
  });
  context.tell({ type: 'canaryStopped', taskArn }, elapsed());
}

function isSameTarget(one: CanaryTarget, other: CanaryTarget): boolean {
  return one.targetGroupArn === other.targetGroupArn && one.id === other.id && one.port === other.port;
}
