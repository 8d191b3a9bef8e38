import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { callAws, isAwsError, requireField, throwIfAborted } from '../../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { retryOnConflict } from '../../core/retry-on-conflict.js';
import { stopwatch } from '../../core/stopwatch.js';
import { ecsCall, type RolloutContext, unstoppable } from '../rollout-context.js';
import type { TaskDefinitionInput } from '../types.js';
import { isSameDefinition } from './same-definition.js';

export interface RegisteredDefinition {
  readonly arn: string;
  /** The essential containers that have a health check. */
  readonly checkedContainers: readonly string[];
}

/**
 * Finds a task definition by its ARN or revision, or registers one unless the service's own or the family's newest is the
 * same as the input.
 *
 * @param present - the task definition that the service runs, when there is a service.
 */
export async function findOrRegisterDefinition(
  context: RolloutContext,
  wanted: TaskDefinitionInput | string,
  present: string | undefined,
): Promise<RegisteredDefinition> {
  const elapsed = stopwatch(context.clock);
  const found =
    typeof wanted === 'string'
      ? await requireDefinition(context, wanted)
      : await findSame(context, wanted, present);
  const definition = found ?? (typeof wanted === 'string' ? {} : await register(context, wanted));
  const registered = registeredOf(definition, context);
  context.emit(
    { type: 'taskDefinitionReady', taskDefinition: registered.arn, registered: found === undefined },
    elapsed(),
  );
  return registered;
}

/** The family of an ARN, a `family:revision`, or a family. */
export function familyOf(taskDefinition: string): string {
  return taskDefinition.replace(/^.*\//, '').replace(/:\d+$/, '');
}

/** True when the containers of a task listen on the ports of their container instance itself. */
export async function usesHostNetwork(
  context: RolloutContext,
  { taskDefinitionArn }: Task,
): Promise<boolean> {
  if (taskDefinitionArn === undefined) return false;
  const { definition } = await describe(context, taskDefinitionArn);
  return definition?.networkMode === 'host';
}

async function requireDefinition(context: RolloutContext, wanted: string): Promise<TaskDefinition> {
  const { definition } = await describe(context, wanted);
  if (definition === undefined) {
    throw new ResourceNotFoundError(`Task definition ${wanted} not found`, {
      resource: wanted,
      remedy: 'Check its family and revision, the Region and the account',
    });
  }
  if (definition.status === undefined || definition.status === 'ACTIVE') return definition;
  throw new ResourceStateError(`Task definition ${wanted} is not active`, {
    resource: wanted,
    expected: 'the status ACTIVE',
    actual: definition.status,
    remedy: 'Register it again',
  });
}

async function findSame(
  context: RolloutContext,
  wanted: TaskDefinitionInput,
  present: string | undefined,
): Promise<TaskDefinition | undefined> {
  const family = wanted.family ?? '';
  const candidates = present !== undefined && familyOf(present) === family ? [present, family] : [family];
  for (const candidate of candidates) {
    const { definition, tags } = await describe(context, candidate);
    if (definition !== undefined && isSameDefinition(wanted, definition, tags)) return definition;
  }
  return undefined;
}

async function describe(context: RolloutContext, taskDefinition: string) {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] });
  try {
    const response = await callAws(ecsCall('DescribeTaskDefinition', context), (http) =>
      context.ecs.send(command, http),
    );
    return { definition: response.taskDefinition, tags: response.tags };
  } catch (error) {
    // "Unable to describe task definition": ECS has no error of its own for one that does not exist.
    if (isAwsError(error, 'ClientException')) return { definition: undefined, tags: undefined };
    throw error;
  }
}

async function register(context: RolloutContext, wanted: TaskDefinitionInput): Promise<TaskDefinition> {
  throwIfAborted(context);
  const call = ecsCall('RegisterTaskDefinition', unstoppable(context));
  const { taskDefinition } = await retryOnConflict(call, context, (http) =>
    context.ecs.send(new RegisterTaskDefinitionCommand(wanted), http),
  );
  return requireField(taskDefinition, 'taskDefinition', call);
}

function registeredOf(
  { taskDefinitionArn, containerDefinitions = [] }: TaskDefinition,
  context: RolloutContext,
): RegisteredDefinition {
  const checked = containerDefinitions.filter(
    ({ healthCheck, essential }) => healthCheck !== undefined && essential !== false,
  );
  return {
    arn: requireField(taskDefinitionArn, 'taskDefinitionArn', ecsCall('DescribeTaskDefinition', context)),
    checkedContainers: checked.flatMap(({ name }) => (name === undefined ? [] : [name])),
  };
}
