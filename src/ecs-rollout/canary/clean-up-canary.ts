import { mapConcurrently } from '../../core/map-concurrently.js';
import { pollUntil } from '../../core/poll-until.js';
import { stopwatch } from '../../core/stopwatch.js';
import { pollPastFailures, retryPassing } from '../retry-passing.js';
import type { RolloutContext } from '../rollout-context.js';
import { maxMisses } from './canary.js';
import type { CanaryTarget } from './canary-addresses.js';
import { readTarget } from './canary-targets.js';
import { readTasks, stopTask } from './canary-task.js';
import { deregister, type TargetOwner } from './end-traffic.js';
import { hasStopped } from './stopped-task.js';

const intervalSeconds = 5;
/** The default deregistration delay of a target group: a target that cannot be read for longer counts as drained. */
const maxUnreadDrainSeconds = 300;

/** Time limits of a cleanup. */
export interface CleanUpLimits {
  readonly drainingSeconds: number;
  readonly canaryStoppedSeconds: number;
}

/**
 * Deregisters a canary, waits until it is drained, and stops it. The context has to be one without a signal.
 *
 * @param targets - the targets that are registered, or may be.
 * @throws when a target cannot be deregistered; the task keeps running then, because it still gets traffic.
 */
export async function cleanUpCanary(
  context: RolloutContext,
  owner: TargetOwner,
  targets: readonly CanaryTarget[],
  limits: CleanUpLimits,
): Promise<void> {
  const { taskArn } = owner;
  context.leftovers.addTask(taskArn);
  for (const target of targets) context.leftovers.addTarget(target);
  const deregistered = await mapConcurrently(targets, (target) => deregister(context, owner, target));
  const draining = deregistered.flatMap((target) => target ?? []);
  const undrained = await drain(context, draining, limits);
  await stop(context, taskArn, limits);
  if (undrained !== undefined) throw undrained.cause;
}

/** Waits until the targets are drained. Returns a failure instead of throwing it, because the canary is stopped in any case. */
async function drain(
  context: RolloutContext,
  targets: readonly CanaryTarget[],
  { drainingSeconds }: CleanUpLimits,
): Promise<{ readonly cause: unknown } | undefined> {
  const { clock, resource } = context;
  const read = (target: CanaryTarget) =>
    retryPassing(context, () => readTarget(context, target), maxUnreadDrainSeconds);
  try {
    await pollUntil({
      clock,
      resource: `Canary of ${resource}`,
      expected: 'a drained target',
      maxWaitSeconds: drainingSeconds,
      intervalSeconds,
      observe: () => mapConcurrently(targets, read),
      // A target that is not in use has no traffic to drain, and AWS may report `unused` instead of that it is not registered.
      isDone: (states) => states.every(({ isGone, state }) => isGone || state === 'unused'),
      describe: (states) => states.map(({ state }) => state).join(', '),
    });
    return undefined;
  } catch (cause) {
    return { cause };
  }
}

async function stop(
  context: RolloutContext,
  taskArn: string,
  { canaryStoppedSeconds }: CleanUpLimits,
): Promise<void> {
  const elapsed = stopwatch(context.clock);
  const read = async () => (await readTasks(context, [taskArn]))[0];
  // A task that cannot be read is stopped in any case.
  const before = await read().catch(() => undefined);
  if (before !== undefined && hasStopped(before)) {
    context.leftovers.removeTask(taskArn);
    return;
  }
  let misses = 0;
  await pollPastFailures({
    clock: context.clock,
    resource: `Canary ${taskArn}`,
    expected: 'a stopped task',
    maxWaitSeconds: canaryStoppedSeconds,
    intervalSeconds,
    observe: async () => {
      // ECS may not know a new task yet, and then cannot stop it either.
      await stopTask(context, taskArn);
      const task = await read();
      misses = task === undefined ? misses + 1 : 0;
      return task;
    },
    isDone: (task) => (task === undefined ? misses > maxMisses : hasStopped(task)),
    describe: (task) => task?.lastStatus ?? 'no task',
  });
  context.leftovers.removeTask(taskArn);
  context.emit({ type: 'canaryStopped', taskArn }, elapsed());
}
