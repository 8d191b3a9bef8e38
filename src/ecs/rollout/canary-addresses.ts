import type { LoadBalancer, Task } from '@aws-sdk/client-ecs';
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';

/** One target of one target group: how a task is registered there. */
export interface CanaryTarget {
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
  /** The IP address or the instance ID. */
  readonly id: string;
  /** The container's port, or the instance's. */
  readonly port: number;
}

/** A target group of a service, and the container and port that it sends its traffic to. */
export interface ServiceTargetGroup {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
  /** The kind of address that its targets have. */
  readonly targetType: string;
  /** Whether its addresses are those of IPv6. */
  readonly isIpv6: boolean;
}

/** The container instance that a task runs on, for target groups which know a task by its instance. */
export interface TaskHost {
  /** The ID of the EC2 instance. */
  readonly instanceId: string;
  /** Whether the task has the network of its host, so that its containers' ports are the instance's own. */
  readonly isNetworkShared: boolean;
}

/** What a target group and the service's entry for it say together. */
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
 * How a task is registered with a target group: by its own address and the container's port, or by its instance and the
 * port there which leads to the container. Nothing while the task does not have them yet.
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

function addressOf({ containerName, isIpv6 }: ServiceTargetGroup, task: Task): string | undefined {
  const interfaces = task.containers?.find(({ name }) => name === containerName)?.networkInterfaces ?? [];
  const told = interfaces
    .map((it) => (isIpv6 ? it.ipv6Address : it.privateIpv4Address))
    .find((address) => address !== undefined);
  // The attachment still tells it when the containers are gone.
  return told ?? attachedAddress(task, isIpv6 ? 'ipv6Address' : 'privateIPv4Address');
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
