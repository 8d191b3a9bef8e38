import type { LoadBalancer, Task } from '@aws-sdk/client-ecs';
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';

/** A task as a target of one target group. */
export interface CanaryTarget {
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
  /** The IP address or the instance ID. */
  readonly id: string;
  /** The container's port, or the instance's. */
  readonly port: number;
}

/** A target group of a service, and the container and port that get its traffic. */
export interface ServiceTargetGroup {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
  /** The kind of address that its targets have. */
  readonly targetType: string;
  /** True when its targets have IPv6 addresses. */
  readonly isIpv6: boolean;
}

/** The container instance of a task, for target groups that know a task by its instance. */
export interface TaskHost {
  /** The ID of the EC2 instance. */
  readonly instanceId: string;
  /** True when the task has the network of its host, so that its containers' ports are the instance's own. */
  readonly isNetworkShared: boolean;
}

/** Combines a target group with the service's entry for it. Returns undefined when the entry is incomplete. */
export function serviceTargetGroup(
  { containerName, containerPort }: LoadBalancer,
  { TargetGroupArn, TargetType, IpAddressType }: TargetGroup,
): ServiceTargetGroup | undefined {
  if (TargetGroupArn === undefined || containerName === undefined || containerPort === undefined)
    return undefined;
  return {
    targetGroupArn: TargetGroupArn,
    containerName,
    containerPort,
    // AWS's own default.
    targetType: TargetType ?? 'instance',
    isIpv6: IpAddressType === 'ipv6',
  };
}

/**
 * A task as a target: by its own address and the container's port, or by its instance and the port there that leads to the
 * container. Returns undefined while the task does not have them yet.
 */
export function targetOf(
  group: ServiceTargetGroup,
  task: Task,
  host: TaskHost | undefined,
): CanaryTarget | undefined {
  const { targetGroupArn } = group;
  const id = group.targetType === 'instance' ? host?.instanceId : addressOf(group, task);
  const port = group.targetType === 'instance' ? hostPortOf(group, task, host) : group.containerPort;
  return id === undefined || port === undefined ? undefined : { targetGroupArn, id, port };
}

export function isSameTarget(one: CanaryTarget, other: CanaryTarget): boolean {
  return one.targetGroupArn === other.targetGroupArn && one.id === other.id && one.port === other.port;
}

function addressOf({ containerName, isIpv6 }: ServiceTargetGroup, task: Task): string | undefined {
  const interfaces = task.containers?.find(({ name }) => name === containerName)?.networkInterfaces ?? [];
  const ofContainer = interfaces
    .map((it) => (isIpv6 ? it.ipv6Address : it.privateIpv4Address))
    .find((address) => address !== undefined);
  // The attachment still has it when the containers are gone.
  return ofContainer ?? attachedAddress(task, isIpv6 ? 'ipv6Address' : 'privateIPv4Address');
}

function attachedAddress({ attachments = [] }: Task, name: string): string | undefined {
  const details = attachments
    .filter(({ type }) => type === 'ElasticNetworkInterface' || type === 'eni')
    .flatMap((attachment) => attachment.details ?? []);
  return details.find((detail) => detail.name === name)?.value;
}

function hostPortOf(
  { containerName, containerPort }: ServiceTargetGroup,
  task: Task,
  host: TaskHost | undefined,
): number | undefined {
  const bindings = task.containers?.find(({ name }) => name === containerName)?.networkBindings ?? [];
  const bound = bindings.find((binding) => binding.containerPort === containerPort)?.hostPort;
  return bound ?? (host?.isNetworkShared ? containerPort : undefined);
}
