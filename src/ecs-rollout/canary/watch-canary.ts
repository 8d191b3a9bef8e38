import type { Task } from '@aws-sdk/client-ecs';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ResourceStateError } from '../../core/errors.js';
import { pollPastFailures } from '../retry-passing.js';
import type { RolloutContext } from '../rollout-context.js';
import { type Canary, healthOf } from './canary.js';
import type { TargetState } from './canary-targets.js';
import { describeStates, isFit, TargetWatch } from './target-watch.js';

const intervalSeconds = 5;
/** Readings in a row after which a target group is unused, and its use not just unknown yet. */
const conclusiveReadings = 12;

/** Waits until the canary runs. */
export async function awaitRunning(
  context: RolloutContext,
  canary: Canary,
  maxWaitSeconds: number,
): Promise<Task> {
  const task = await pollPastFailures({
    ...pollOf(context, canary),
    expected: 'a running task',
    maxWaitSeconds,
    observe: () => canary.read(context),
    isDone: (task) => task?.lastStatus === 'RUNNING',
    describe: (task) => task?.lastStatus ?? 'no task',
  });
  return task ?? {};
}

/** Waits until the container health checks pass, if there are any. */
export async function awaitContainerHealth(
  context: RolloutContext,
  canary: Canary,
  maxWaitSeconds: number,
): Promise<void> {
  const containers = canary.checkedContainers;
  if (containers.length === 0) return;
  await pollPastFailures({
    ...pollOf(context, canary),
    expected: `healthy containers: ${containers.join(', ')}`,
    maxWaitSeconds,
    observe: () => canary.read(context),
    isDone: (task) => containers.every((name) => healthOf(task, name) === 'HEALTHY'),
    describe: (task) => containers.map((name) => `${name} is ${healthOf(task, name)}`).join(', '),
  });
}

/**
 * Waits until the canary is healthy in every target group that is in use. Returns false when none is.
 *
 * @throws ResourceStateError when a target group is not in use, unless that is accepted: the health of its targets is
 * unknown.
 */
export async function awaitTargetHealth(
  context: RolloutContext,
  canary: Canary,
  maxWaitSeconds: number,
): Promise<boolean> {
  const watch = new TargetWatch(context, canary);
  let unusedReadings = 0;
  const states = await pollPastFailures({
    ...pollOf(context, canary),
    expected: 'a healthy target in every target group of the service',
    maxWaitSeconds,
    observe: async () => {
      const latest = await watch.read();
      unusedReadings = latest.some(({ isNotInUse }) => isNotInUse) ? unusedReadings + 1 : 0;
      return latest;
    },
    isDone: (states) => {
      const isConclusive = unusedReadings >= conclusiveReadings;
      if (isConclusive && !canary.acceptsUnused) throw notInUse(context, states);
      return (isConclusive || unusedReadings === 0) && states.every((it) => isFit(canary, it));
    },
    describe: describeStates,
  });
  return states.some(({ state }) => state === 'healthy');
}

/** Watches the canary, once it is healthy, for this long. */
export async function watchFor(context: RolloutContext, canary: Canary, seconds: number): Promise<void> {
  const watch = new TargetWatch(context, canary);
  const elapsed = new ElapsedTime(context.clock);
  let isHealthy = true;
  for (;;) {
    const remaining = seconds - elapsed.seconds;
    if (remaining <= 0 && isHealthy) return;
    const pause = remaining > 0 ? Math.min(intervalSeconds, remaining) : intervalSeconds;
    await elapsed.sleepSeconds(pause, context);
    isHealthy = await watch.isStillHealthy();
  }
}

function pollOf({ clock, signal, resource }: RolloutContext, { taskArn }: Canary) {
  return { clock, signal, resource: `Canary ${taskArn} of ${resource}`, intervalSeconds };
}

function notInUse({ resource }: RolloutContext, states: readonly TargetState[]): ResourceStateError {
  const unused = states.filter(({ isNotInUse }) => isNotInUse);
  const groups = unused.map(({ target }) => target.targetGroupArn).join(', ');
  return new ResourceStateError(`Target group of ${resource} is not in use: ${groups}`, {
    resource,
    expected: 'a listener or a rule that names every target group of the service',
    actual: describeStates(states),
    remedy:
      "Name the target group in a listener or a rule (with weight 0 it gets no traffic, but its targets are checked), enable the task's Availability Zone for the load balancer, or set unusedTargets: 'accept'",
  });
}
