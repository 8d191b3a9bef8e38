import type { Task } from '@aws-sdk/client-ecs';
import { messageOf } from '../../core/describe-error.js';
import { readServiceTasks } from './canary-task.js';
import type { RolloutContext } from './context.js';
import { explainStop, type StoppedTask } from './stopped-task.js';

/** Why the service's tasks of a definition do not stay; best effort, because it only explains another failure. */
export async function newestStop(
  context: RolloutContext,
  taskDefinition: string,
): Promise<StoppedTask | undefined> {
  try {
    const tasks = await readServiceTasks(context, 'STOPPED');
    const failed = tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === taskDefinition);
    const [newest] = failed.sort((one, other) => stoppedAt(other) - stoppedAt(one));
    return newest && explainStop(newest);
  } catch (error) {
    context.logger.warn('The stopped tasks of the service could not be read', {
      resource: context.resource,
      error: messageOf(error),
    });
    return undefined;
  }
}

function stoppedAt(task: Task): number {
  return task.stoppedAt?.getTime() ?? 0;
}
