import type { LoadBalancer, Task } from '@aws-sdk/client-ecs';
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { callAws, isAwsError, throwIfAborted } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import { stopwatch } from '../../core/stopwatch.js';
import {
  type CanaryTarget,
  type ServiceTargetGroup,
  serviceTargetGroup,
  type TaskHost,
  targetOf,
} from './canary-addresses.js';
import { readInstanceId } from './canary-task.js';
import { elbCall, type RolloutContext, unstoppable } from './context.js';
import { usesHostNetwork } from './task-definitions.js';

/** How a target stands in its target group. */
export interface TargetState {
  readonly target: CanaryTarget;
  /** AWS's word, such as `initial`, `healthy` or `draining`. */
  readonly state: string;
  /** AWS's reason code and its sentence. */
  readonly detail: string | undefined;
  /** Whether the group does not know the target, or knows it no more. */
  readonly isGone: boolean;
  /** Whether the group gets no traffic, or none in the target's zone: then AWS does not look at its health. */
  readonly isNotInUse: boolean;
}

/**
 * The target groups of a service.
 *
 * @throws ResourceStateError when one is gone, or the service is behind a Classic Load Balancer
 */
export async function readTargetGroups(
  context: RolloutContext,
  loadBalancers: readonly LoadBalancer[],
): Promise<ServiceTargetGroup[]> {
  if (loadBalancers.length === 0) return [];
  const arns = loadBalancers.map(({ targetGroupArn }) => targetGroupArn ?? noTargetGroup(context));
  const { TargetGroups = [] } = await callAws(
    elbCall('DescribeTargetGroups', context.resource, context),
    (http) =>
      context.elasticLoadBalancing.send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: [...new Set(arns)] }),
        http,
      ),
  );
  return loadBalancers.map((entry) => {
    const group = TargetGroups.find(({ TargetGroupArn }) => TargetGroupArn === entry.targetGroupArn);
    return (group && serviceTargetGroup(entry, group)) ?? noTargetGroup(context, entry.targetGroupArn);
  });
}

/** How a task is, or would be, registered with the target groups that it has an address for. */
export async function targetsOf(
  context: RolloutContext,
  groups: readonly ServiceTargetGroup[],
  task: Task,
): Promise<CanaryTarget[]> {
  const needsInstance = groups.some(({ targetType }) => targetType === 'instance');
  const host = needsInstance ? await readHost(context, task) : undefined;
  return groups.flatMap((group) => targetOf(group, task, host) ?? []);
}

/** ECS binds no port of a task that has the network of its host, and does not tell the network with the task. */
async function readHost(context: RolloutContext, task: Task): Promise<TaskHost | undefined> {
  const instanceId = await readInstanceId(context, task);
  if (instanceId === undefined) return undefined;
  const isBound = task.containers?.some(({ networkBindings = [] }) => networkBindings.length > 0) ?? false;
  return { instanceId, isNetworkShared: !isBound && (await usesHostNetwork(context, task)) };
}

/** Lets a target group send traffic to a target, once it is healthy there. */
export async function registerTarget(context: RolloutContext, target: CanaryTarget): Promise<void> {
  throwIfAborted(context);
  const elapsed = stopwatch(context.clock);
  const { targetGroupArn, id, port } = target;
  const command = new RegisterTargetsCommand(namesOf(target));
  await callAws(elbCall('RegisterTargets', targetGroupArn, unstoppable(context)), (http) =>
    context.elasticLoadBalancing.send(command, http),
  );
  context.tell({ type: 'canaryRegistered', targetGroupArn, targetId: id, port }, elapsed());
}

/** Ends the traffic to a target; one that is not registered, and a group that is gone, are no error. */
export async function deregisterTarget(context: RolloutContext, target: CanaryTarget): Promise<void> {
  const command = new DeregisterTargetsCommand(namesOf(target));
  try {
    await callAws(elbCall('DeregisterTargets', target.targetGroupArn, context), (http) =>
      context.elasticLoadBalancing.send(command, http),
    );
  } catch (error) {
    if (!meansGone(error)) throw error;
  }
}

/** How a target stands now. */
export async function readTarget(context: RolloutContext, target: CanaryTarget): Promise<TargetState> {
  const command = new DescribeTargetHealthCommand(namesOf(target));
  try {
    const { TargetHealthDescriptions = [] } = await callAws(
      elbCall('DescribeTargetHealth', target.targetGroupArn, context),
      (http) => context.elasticLoadBalancing.send(command, http),
    );
    const found = TargetHealthDescriptions.find(
      ({ Target }) => Target?.Id === target.id && (Target.Port ?? target.port) === target.port,
    );
    const { State, Reason, Description } = found?.TargetHealth ?? {};
    return {
      target,
      state: State ?? 'unused',
      detail: [Reason, Description].filter(Boolean).join(', ') || undefined,
      isGone: found === undefined || Reason === 'Target.NotRegistered',
      isNotInUse: Reason === 'Target.NotInUse',
    };
  } catch (error) {
    if (!meansGone(error)) throw error;
    return { target, state: 'unused', detail: error.name, isGone: true, isNotInUse: false };
  }
}

/** AWS's own waiter takes a target that DescribeTargetHealth does not know for deregistered. */
function meansGone(error: unknown): error is Error {
  return isAwsError(error, 'InvalidTargetException', 'TargetGroupNotFoundException');
}

function namesOf({ targetGroupArn, id, port }: CanaryTarget) {
  return { TargetGroupArn: targetGroupArn, Targets: [{ Id: id, Port: port }] };
}

function noTargetGroup({ resource }: RolloutContext, arn?: string): never {
  throw new ResourceStateError(`The canary of ${resource} cannot be put behind the service's load balancer`, {
    resource,
    expected: 'a target group with the name and the port of a container',
    actual: arn ?? 'a Classic Load Balancer',
    remedy: 'Put the service behind a target group that exists',
  });
}
