import type { Task } from '@aws-sdk/client-ecs';
import { messageOf } from '../../core/describe-error.js';
import { readServiceTasks } from '../canary/canary-task.js';
import { explainStop, type StoppedTask } from '../canary/stopped-task.js';
import type { RolloutContext } from '../rollout-context.js';

/** The newest stop of a service's task with this definition. Undefined when it cannot be read: it only explains another failure. */
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
    context.logger.warn('Could not read the stopped tasks of the service', {
      resource: context.resource,
      error: messageOf(error),
    });
    return undefined;
  }
}

function stoppedAt(task: Task): number {
  return task.stoppedAt?.getTime() ?? 0;
}
