import type {
  Attachment,
  Container,
  ContainerDefinition,
  Tag,
  Task,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { Reservation, StoredContainerInstance } from './simulated-container-instances.js';

/** A task as DescribeTasks shows it, with internal state of the simulation. */
export interface StoredTask {
  readonly task: Task & { tags: Tag[] };
  readonly definitionArn: string;
  readonly definition: TaskDefinition;
  readonly isOfService: boolean;
  /** The target groups that ECS registers it with. */
  readonly targetGroupCount: number;
  /** Seconds until its targets are drained. */
  readonly drainSeconds: number;
  readonly address: string | undefined;
  readonly instance: StoredContainerInstance | undefined;
  reservation: Reservation | undefined;
  /** Functions that cancel its next events. */
  readonly timers: (() => void)[];
}

/** The containers of a new task. */
export function newContainers(
  definition: TaskDefinition,
  taskArn: string,
  nextId: () => string,
): Container[] {
  return (definition.containerDefinitions ?? []).map(({ name, image, cpu, memory }) => ({
    containerArn: `${taskArn.replace(':task/', ':container/')}/${nextId()}`,
    taskArn,
    name,
    image,
    lastStatus: 'PENDING',
    healthStatus: 'UNKNOWN',
    networkBindings: [],
    networkInterfaces: [],
    cpu: String(cpu ?? 0),
    ...(memory !== undefined && { memory: String(memory) }),
  }));
}

/** The network interface of a new task that has an address of its own. */
export function newAttachment(id: string, subnetId: string): Attachment {
  const details = [{ name: 'subnetId', value: subnetId }];
  return { id, type: 'ElasticNetworkInterface', status: 'PRECREATED', details };
}

/** Assigns an address to the task, or ports of the host to its containers. */
export function connect({ task, definition, address, reservation }: StoredTask): void {
  const [attachment] = task.attachments ?? [];
  // A task on the host network has no bindings, although it uses ports.
  const bindings = definition.networkMode === 'host' ? undefined : reservation?.bindings;
  for (const container of task.containers ?? []) {
    if (attachment !== undefined)
      container.networkInterfaces = [{ attachmentId: attachment.id, privateIpv4Address: address }];
    container.networkBindings = [...(bindings?.get(container.name ?? '') ?? [])];
  }
  if (attachment === undefined || address === undefined) return;
  attachment.status = 'ATTACHED';
  attachment.details = [
    ...(attachment.details ?? []).slice(0, 1),
    { name: 'networkInterfaceId', value: `eni-${attachment.id?.replaceAll('-', '').slice(-17)}` },
    { name: 'macAddress', value: macAddress(address) },
    { name: 'privateDnsName', value: `ip-${address.replaceAll('.', '-')}.ec2.internal` },
    { name: 'privateIPv4Address', value: address },
  ];
}

/** True when the containers of the task run. */
export function isUp({ task }: StoredTask): boolean {
  return ['RUNNING', 'DEACTIVATING', 'STOPPING'].includes(task.lastStatus ?? '');
}

/** The containers whose exit stops the task. */
export function essentialContainers({ containerDefinitions = [] }: TaskDefinition): ContainerDefinition[] {
  return containerDefinitions.filter(({ essential }) => essential !== false);
}

/** Returns the host port of a container port, or the container port itself when the task has its own address. */
export function reachedPort(
  { task, address }: StoredTask,
  {
    containerName,
    containerPort,
  }: { containerName?: string | undefined; containerPort?: number | undefined },
): number | undefined {
  if (address !== undefined) return containerPort;
  const container = task.containers?.find(({ name }) => name === containerName);
  const binding = container?.networkBindings?.find((it) => it.containerPort === containerPort);
  return binding?.hostPort ?? containerPort;
}

function macAddress(address: string): string {
  return ['0a', '58', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(
    ':',
  );
}
