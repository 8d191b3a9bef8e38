import type { Task } from '@aws-sdk/client-ecs';
import type { RolloutContext } from '../rollout-context.js';
import { type CanaryIdentity, isCanaryOf } from './canary-identity.js';
import { listTasks, readTasks } from './canary-task.js';

/**
 * Finds the canaries of a rollout. ListTasks with `startedBy` returns only tasks whose desired status is RUNNING, so those
 * that have stopped by themselves are found by their family; ECS lists them for at least an hour.
 *
 * @param onUnread - gets the running tasks that may be canaries when they cannot be described.
 */
export async function findCanaries(
  context: RolloutContext,
  identity: CanaryIdentity,
  families: readonly string[],
  onUnread: (taskArn: string) => void = () => {},
): Promise<Task[]> {
  const running = await listTasks(context, { startedBy: identity.startedBy });
  const arns = [...running];
  for (const family of families)
    arns.push(...(await listTasks(context, { family, desiredStatus: 'STOPPED' })));
  const tasks = await readTasks(context, [...new Set(arns)]).catch((error: unknown) => {
    running.forEach(onUnread);
    throw error;
  });
  return tasks.filter((task) => isCanaryOf(identity, task));
}
