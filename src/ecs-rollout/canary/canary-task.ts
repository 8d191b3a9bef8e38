import { randomUUID } from 'node:crypto';
import {
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  type ListTasksCommandInput,
  paginateListContainerInstances,
  paginateListTasks,
  RunTaskCommand,
  type Service,
  StartTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { callAws, collectPages, isAwsError, throwIfAborted } from '../../core/aws-call.js';
import { chunksOf } from '../../core/chunks-of.js';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { retryOnConflict } from '../../core/retry-on-conflict.js';
import { stopwatch } from '../../core/stopwatch.js';
import { ecsCall, type RolloutContext, unstoppable } from '../rollout-context.js';
import { type CanarySpec, runTaskRequest, startTaskRequest } from './canary-request.js';

/** The most tasks that one call describes. */
const maxTasksPerCall = 100;

/** Starts the canary, and returns its ARN. */
export async function startCanary(
  context: RolloutContext,
  service: Service,
  spec: CanarySpec,
  containerInstance: string | undefined,
): Promise<string> {
  const elapsed = stopwatch(context.clock);
  const instance = containerInstance && (await resolveInstance(context, containerInstance));
  throwIfAborted(context);
  const withoutSignal = unstoppable(context);
  // One token for all repetitions of the request.
  const runTask = new RunTaskCommand(runTaskRequest(service, spec, randomUUID()));
  const { tasks, failures = [] } = instance
    ? await callAws(ecsCall('StartTask', withoutSignal), (http) =>
        context.ecs.send(new StartTaskCommand(startTaskRequest(service, spec, instance)), http),
      )
    : await retryOnConflict(ecsCall('RunTask', withoutSignal), context, (http) =>
        context.ecs.send(runTask, http),
      );
  const taskArn = tasks?.[0]?.taskArn;
  if (taskArn !== undefined) {
    context.emit({ type: 'canaryStarted', taskArn }, elapsed());
    return taskArn;
  }
  const reasons = failures.map(({ arn, reason, detail }) => [reason, detail, arn].filter(Boolean).join(', '));
  throw new ResourceStateError(`ECS did not start a canary of ${context.resource}`, {
    resource: context.resource,
    expected: 'one task',
    actual: reasons.join('; ') || 'none, and no reason',
    remedy: 'Provide capacity for one task more than the service has, or choose another container instance',
  });
}

/** Reads tasks with their tags. Those that ECS no longer knows are left out. */
export async function readTasks(context: RolloutContext, taskArns: readonly string[]): Promise<Task[]> {
  const found: Task[] = [];
  for (const tasks of chunksOf(taskArns, maxTasksPerCall)) {
    const command = new DescribeTasksCommand({ cluster: context.name.cluster, tasks, include: ['TAGS'] });
    const response = await callAws(ecsCall('DescribeTasks', context), (http) =>
      context.ecs.send(command, http),
    );
    found.push(...(response.tasks ?? []));
  }
  return found;
}

/** Reads the tasks of the service itself. */
export async function readServiceTasks(
  context: RolloutContext,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<Task[]> {
  // The filter accepts a name only; other calls accept an ARN, too.
  const serviceName = context.name.service.replace(/^.*\//, '');
  const arns = await listTasks(context, { serviceName, desiredStatus });
  return readTasks(context, arns);
}

/** The reason with which {@link stopTask} stops a canary. */
export function stopReason({ resource }: RolloutContext): string {
  return `The canary of ${resource} is no longer needed`;
}

/** Requests the stop of the canary. Succeeds when it is gone already. */
export async function stopTask(context: RolloutContext, task: string): Promise<void> {
  const command = new StopTaskCommand({
    cluster: context.name.cluster,
    task,
    reason: stopReason(context),
  });
  try {
    await callAws(ecsCall('StopTask', context), (http) => context.ecs.send(command, http));
  } catch (error) {
    const isGone = isAwsError(error, 'InvalidParameterException') && /not found/i.test(error.message);
    if (!isGone) throw error;
  }
}

/** The EC2 instance of a task; undefined for Fargate and for instances outside of AWS. */
export async function readInstanceId(context: RolloutContext, task: Task): Promise<string | undefined> {
  const { containerInstanceArn } = task;
  if (containerInstanceArn === undefined) return undefined;
  const command = new DescribeContainerInstancesCommand({
    cluster: context.name.cluster,
    containerInstances: [containerInstanceArn],
  });
  const { containerInstances } = await callAws(ecsCall('DescribeContainerInstances', context), (http) =>
    context.ecs.send(command, http),
  );
  return containerInstances?.[0]?.ec2InstanceId;
}

export async function listTasks(context: RolloutContext, filter: ListTasksCommandInput): Promise<string[]> {
  const input = { cluster: context.name.cluster, ...filter };
  return collectPages(
    ecsCall('ListTasks', context),
    (http) => paginateListTasks({ client: context.ecs }, input, http),
    (page) => page.taskArns,
  );
}

/** StartTask requires the container instance's own ID or ARN; users know the ID of the EC2 instance. */
async function resolveInstance(context: RolloutContext, instance: string): Promise<string> {
  if (!/^m?i-[0-9a-f]+$/.test(instance)) return instance;
  const { cluster } = context.name;
  const input = { cluster, filter: `ec2InstanceId == ${instance}` };
  const [arn] = await collectPages(
    ecsCall('ListContainerInstances', context),
    (http) => paginateListContainerInstances({ client: context.ecs }, input, http),
    (page) => page.containerInstanceArns,
  );
  if (arn !== undefined) return arn;
  throw new ResourceNotFoundError(`Container instance ${instance} not found in cluster ${cluster}`, {
    resource: instance,
    remedy: 'Use an EC2 instance that is registered with the cluster, or the ARN of its container instance',
  });
}
