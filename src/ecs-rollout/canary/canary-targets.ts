import type { LoadBalancer, Task } from '@aws-sdk/client-ecs';
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { callAws, isAwsError, throwIfAborted } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import { retryOnConflict } from '../../core/retry-on-conflict.js';
import { stopwatch } from '../../core/stopwatch.js';
import { elbCall, type RolloutContext, unstoppable } from '../rollout-context.js';
import { usesHostNetwork } from '../service/task-definitions.js';
import {
  type CanaryTarget,
  type ServiceTargetGroup,
  serviceTargetGroup,
  type TaskHost,
  targetOf,
} from './canary-addresses.js';
import { readInstanceId } from './canary-task.js';

export interface TargetState {
  readonly target: CanaryTarget;
  /** AWS's state, such as `initial`, `healthy` or `draining`. */
  readonly state: string;
  /** AWS's reason code and description. */
  readonly detail: string | undefined;
  /** True when the target is not registered, or no longer. */
  readonly isGone: boolean;
  /**
   * True when no listener and no rule names the group, or the load balancer is not enabled in the target's Availability Zone:
   * then its health is not checked. A group with the weight 0 is in use.
   */
  readonly isNotInUse: boolean;
}

/**
 * Reads the target groups of a service.
 *
 * @throws ResourceStateError when one does not exist, or the service is behind a Classic Load Balancer.
 */
export async function readTargetGroups(
  context: RolloutContext,
  loadBalancers: readonly LoadBalancer[],
): Promise<ServiceTargetGroup[]> {
  if (loadBalancers.length === 0) return [];
  const arns = loadBalancers.map(({ targetGroupArn }) => targetGroupArn ?? noTargetGroup(context));
  const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [...new Set(arns)] });
  const call = elbCall('DescribeTargetGroups', context.resource, context);
  const { TargetGroups = [] } = await callAws(call, (http) =>
    context.elasticLoadBalancing.send(command, http),
  );
  return loadBalancers.map((entry) => {
    const group = TargetGroups.find(({ TargetGroupArn }) => TargetGroupArn === entry.targetGroupArn);
    return (group && serviceTargetGroup(entry, group)) ?? noTargetGroup(context, entry.targetGroupArn);
  });
}

/** A task as a target of each target group that it has an address for. */
export async function targetsOf(
  context: RolloutContext,
  groups: readonly ServiceTargetGroup[],
  task: Task,
): Promise<CanaryTarget[]> {
  const needsInstance = groups.some(({ targetType }) => targetType === 'instance');
  const host = needsInstance ? await readHost(context, task) : undefined;
  return groups.flatMap((group) => targetOf(group, task, host) ?? []);
}

/** ECS binds no port of a task with the network of its host, and does not show the network mode with the task. */
async function readHost(context: RolloutContext, task: Task): Promise<TaskHost | undefined> {
  const instanceId = await readInstanceId(context, task);
  if (instanceId === undefined) return undefined;
  const isBound = task.containers?.some(({ networkBindings = [] }) => networkBindings.length > 0) ?? false;
  return { instanceId, isNetworkShared: !isBound && (await usesHostNetwork(context, task)) };
}

/** Registers a target. It gets traffic once it is healthy. */
export async function registerTarget(context: RolloutContext, target: CanaryTarget): Promise<void> {
  throwIfAborted(context);
  const elapsed = stopwatch(context.clock);
  const { targetGroupArn, id, port } = target;
  const command = new RegisterTargetsCommand(namesOf(target));
  const call = elbCall('RegisterTargets', targetGroupArn, unstoppable(context));
  await retryOnConflict(call, context, (http) => context.elasticLoadBalancing.send(command, http));
  context.emit({ type: 'canaryRegistered', targetGroupArn, targetId: id, port }, elapsed());
}

/** Deregisters a target. Succeeds when it is not registered, and when the group does not exist. */
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

/** Reads the state of a target. */
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

/** AWS's own waiter, too, counts a target that DescribeTargetHealth does not know as deregistered. */
function meansGone(error: unknown): error is Error {
  return isAwsError(error, 'InvalidTargetException', 'TargetGroupNotFoundException');
}

function namesOf({ targetGroupArn, id, port }: CanaryTarget) {
  return { TargetGroupArn: targetGroupArn, Targets: [{ Id: id, Port: port }] };
}

function noTargetGroup({ resource }: RolloutContext, arn?: string): never {
  throw new ResourceStateError(`Cannot register the canary of ${resource} with the service's load balancer`, {
    resource,
    expected: 'a target group with the name and the port of a container',
    actual: arn ?? 'a Classic Load Balancer',
    remedy: 'Put the service behind a target group that exists',
  });
}
