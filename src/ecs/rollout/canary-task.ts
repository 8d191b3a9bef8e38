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
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { stopwatch } from '../../core/stopwatch.js';
import { type CanaryIdentity, isCanaryOf } from './canary-identity.js';
import { type CanaryWish, runTaskRequest, startTaskRequest } from './canary-request.js';
import { ecsCall, type RolloutContext, unstoppable } from './context.js';

/** The most tasks that one call describes. */
const maxTasksPerCall = 100;

/** Starts the canary, and gives its ARN. */
export async function startCanary(
  context: RolloutContext,
  service: Service,
  wish: CanaryWish,
  containerInstance: string | undefined,
): Promise<string> {
  const elapsed = stopwatch(context.clock);
  const instance = containerInstance && (await resolveInstance(context, containerInstance));
  throwIfAborted(context);
  const calm = unstoppable(context);
  const { tasks, failures = [] } = instance
    ? await callAws(ecsCall('StartTask', calm), (http) =>
        context.ecs.send(new StartTaskCommand(startTaskRequest(service, wish, instance)), http),
      )
    : await callAws(ecsCall('RunTask', calm), (http) =>
        context.ecs.send(new RunTaskCommand(runTaskRequest(service, wish, randomUUID())), http),
      );
  const taskArn = tasks?.[0]?.taskArn;
  if (taskArn !== undefined) {
    context.tell({ type: 'canaryStarted', taskArn }, elapsed());
    return taskArn;
  }
  const reasons = failures.map(({ arn, reason, detail }) => [reason, detail, arn].filter(Boolean).join(', '));
  throw new ResourceStateError(`ECS did not start a canary of ${context.resource}`, {
    resource: context.resource,
    expected: 'one task',
    actual: reasons.join('; ') || 'none, and no reason',
    remedy: 'Make room for one task more than the service has, or choose another container instance',
  });
}

/** Tasks as they are now, with their tags. Those that ECS has forgotten are left out. */
export async function readTasks(context: RolloutContext, taskArns: readonly string[]): Promise<Task[]> {
  const found: Task[] = [];
  for (let from = 0; from < taskArns.length; from += maxTasksPerCall) {
    const tasks = taskArns.slice(from, from + maxTasksPerCall);
    const command = new DescribeTasksCommand({ cluster: context.name.cluster, tasks, include: ['TAGS'] });
    const answer = await callAws(ecsCall('DescribeTasks', context), (http) =>
      context.ecs.send(command, http),
    );
    found.push(...(answer.tasks ?? []));
  }
  return found;
}

/**
 * The canaries of a rollout. ListTasks takes `startedBy` alone and then gives only tasks that are to run, so those that
 * have stopped by themselves are looked for by their family; ECS knows them for an hour at least.
 */
export async function findCanaries(
  context: RolloutContext,
  identity: CanaryIdentity,
  families: readonly string[],
): Promise<Task[]> {
  const arns = await listTasks(context, { startedBy: identity.startedBy });
  for (const family of families)
    arns.push(...(await listTasks(context, { family, desiredStatus: 'STOPPED' })));
  const tasks = await readTasks(context, [...new Set(arns)]);
  return tasks.filter((task) => isCanaryOf(identity, task));
}

/** The tasks of the service itself. */
export async function readServiceTasks(
  context: RolloutContext,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<Task[]> {
  // The filter wants a name where other calls take an ARN, too.
  const serviceName = context.name.service.replace(/^.*\//, '');
  const arns = await listTasks(context, { serviceName, desiredStatus });
  return readTasks(context, arns);
}

/** What ECS tells of a canary that was stopped by {@link stopTask}. */
export function stopReason({ resource }: RolloutContext): string {
  return `The canary of ${resource} has done its work`;
}

/** Orders the canary to stop; one that is gone already is no error. */
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

/** The EC2 instance that a task runs on; none for Fargate and for instances outside of AWS. */
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

async function listTasks(context: RolloutContext, filter: ListTasksCommandInput): Promise<string[]> {
  const input = { cluster: context.name.cluster, ...filter };
  return collectPages(
    ecsCall('ListTasks', context),
    (http) => paginateListTasks({ client: context.ecs }, input, http),
    (page) => page.taskArns,
  );
}

/** StartTask knows a container instance by its own ID or ARN; people know the EC2 instance. */
async function resolveInstance(context: RolloutContext, instance: string): Promise<string> {
  if (!/^m?i-[0-9a-f]+$/.test(instance)) return instance;
  const input = { cluster: context.name.cluster, filter: `ec2InstanceId == ${instance}` };
  const [arn] = await collectPages(
    ecsCall('ListContainerInstances', context),
    (http) => paginateListContainerInstances({ client: context.ecs }, input, http),
    (page) => page.containerInstanceArns,
  );
  if (arn !== undefined) return arn;
  throw new ResourceNotFoundError(
    `The cluster ${context.name.cluster} has no container instance ${instance}`,
    {
      resource: instance,
      remedy:
        'Give an EC2 instance that is registered with the cluster, or the ARN of its container instance',
    },
  );
}
