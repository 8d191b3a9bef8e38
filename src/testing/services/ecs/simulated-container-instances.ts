import type {
  ContainerInstance,
  DescribeContainerInstancesCommandInput,
  DescribeContainerInstancesCommandOutput,
  Failure,
  ListContainerInstancesCommandInput,
  ListContainerInstancesCommandOutput,
  NetworkBinding,
  Resource,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import {
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
} from '../../cloud/environment.js';
import { arnInCluster, type SimulatedEcsClusters } from './simulated-ecs-clusters.js';
import { checkLength, invalid } from './simulated-ecs-errors.js';

/** An EC2 instance of a cluster of the `SimulatedEcs`. */
export interface SimulatedContainerInstance {
  /** The ARN of the container instance. */
  readonly containerInstanceArn: string;
  /** The ID of the EC2 instance. */
  readonly ec2InstanceId: string;
  /** The ARN of its cluster. */
  readonly clusterArn: string;
  /** A `DRAINING` instance gets no new tasks. */
  status: 'ACTIVE' | 'DRAINING';
  /** True when its agent is connected. */
  agentConnected: boolean;
  /** CPU units. */
  readonly cpu: number;
  /** MiB of memory. */
  readonly memory: number;
}

/** The resources that a task takes on an instance. */
export interface Reservation {
  readonly cpu: number;
  readonly memory: number;
  /** By the name of the container; empty when the task has its own address. */
  readonly bindings: ReadonlyMap<string, readonly NetworkBinding[]>;
  readonly isPending: () => boolean;
}

/** An instance with its reservations. */
export interface StoredContainerInstance extends SimulatedContainerInstance {
  readonly registeredAt: Date;
  readonly reservations: Set<Reservation>;
}

/** The first dynamic port of the bridge network. */
const firstDynamicPort = 32_768;

/** The EC2 instances of the simulated clusters, and their free resources. */
export class SimulatedContainerInstances {
  readonly operations = {
    DescribeContainerInstances: (
      input: DescribeContainerInstancesCommandInput,
    ): OperationOutput<DescribeContainerInstancesCommandOutput> => {
      const clusterArn = this.#clusters.arnOf(input.cluster);
      const wanted = required(input.containerInstances, 'containerInstances');
      checkLength(wanted, 'Container instances', 100);
      const found = wanted.map((idOrArn) => [idOrArn, this.find(clusterArn, idOrArn)] as const);
      return {
        containerInstances: found.flatMap(([, instance]) => (instance ? [describe(instance)] : [])),
        failures: found.flatMap(([idOrArn, instance]) =>
          instance
            ? []
            : [{ arn: arnInCluster(clusterArn, 'container-instance', idOrArn), reason: 'MISSING' }],
        ),
      };
    },

    ListContainerInstances: (
      input: ListContainerInstancesCommandInput,
    ): OperationOutput<ListContainerInstancesCommandOutput> => {
      const isWanted = instanceFilter(input.filter);
      const { status } = input;
      const found = this.in(this.#clusters.arnOf(input.cluster)).filter(
        (it) => (status === undefined || it.status === status) && isWanted(it),
      );
      const { items, nextToken } = pageOf(found, {
        token: input.nextToken,
        size: input.maxResults ?? 100,
        maxSize: 100,
      });
      return { containerInstanceArns: items.map((it) => it.containerInstanceArn), nextToken };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #clusters: SimulatedEcsClusters;
  readonly #instances: StoredContainerInstance[] = [];

  constructor(environment: SimulatedEnvironment, clusters: SimulatedEcsClusters) {
    this.#environment = environment;
    this.#clusters = clusters;
  }

  /** Registers an instance with a cluster. */
  add(options: {
    cluster: string;
    ec2InstanceId?: string | undefined;
    cpu?: number | undefined;
    memory?: number | undefined;
  }): SimulatedContainerInstance {
    const clusterArn = this.#clusters.add(options.cluster);
    const id = this.#environment.nextId().replaceAll('-', '');
    const instance: StoredContainerInstance = {
      containerInstanceArn: arnInCluster(clusterArn, 'container-instance', id),
      ec2InstanceId: options.ec2InstanceId ?? `i-0${id.slice(-16)}`,
      clusterArn,
      status: 'ACTIVE',
      agentConnected: true,
      cpu: options.cpu ?? 2048,
      memory: options.memory ?? 3884,
      registeredAt: new Date(this.#environment.clock.now()),
      reservations: new Set(),
    };
    this.#instances.push(instance);
    return instance;
  }

  /** Returns the instance of this ARN or container instance ID. */
  find(clusterArn: string, idOrArn: string): StoredContainerInstance | undefined {
    const arn = arnInCluster(clusterArn, 'container-instance', idOrArn);
    return this.in(clusterArn).find(({ containerInstanceArn }) => containerInstanceArn === arn);
  }

  /** True when a cluster has an instance with this EC2 instance ID. */
  has(ec2InstanceId: string): boolean {
    return this.#instances.some((instance) => instance.ec2InstanceId === ec2InstanceId);
  }

  /** Every instance of a cluster. */
  in(clusterArn: string): StoredContainerInstance[] {
    return this.#instances.filter((instance) => instance.clusterArn === clusterArn);
  }

  /** Returns an instance with room for the task, or the reason for each one without. */
  place(
    clusterArn: string,
    definition: TaskDefinition,
  ): { readonly instance?: StoredContainerInstance; readonly failures: Failure[] } {
    const failures: Failure[] = [];
    for (const instance of this.in(clusterArn)) {
      const reason = refusal(instance, definition);
      if (reason === undefined) return { instance, failures: [] };
      failures.push({ arn: instance.containerInstanceArn, reason });
    }
    return { failures };
  }
}

/** Supports one comparison of the cluster query language: the one that finds an EC2 instance. */
function instanceFilter(filter: string | undefined): (instance: StoredContainerInstance) => boolean {
  if (filter === undefined) return () => true;
  const [, id] = /^ec2InstanceId\s*==\s*([\w-]+)$/.exec(filter.trim()) ?? [];
  if (id === undefined) throw invalid(`Invalid filter: ${filter}`);
  return ({ ec2InstanceId }) => ec2InstanceId === id;
}

/** Returns the reason why the instance cannot take the task, in AWS's words. */
export function refusal(instance: StoredContainerInstance, definition: TaskDefinition): string | undefined {
  if (instance.status !== 'ACTIVE') return 'INACTIVE';
  if (!instance.agentConnected) return 'AGENT';
  const { cpu, memory } = remaining(instance);
  if (neededCpu(definition) > cpu) return 'RESOURCE:CPU';
  if (neededMemory(definition) > memory) return 'RESOURCE:MEMORY';
  const used = usedPorts(instance);
  const mappings = definition.containerDefinitions?.flatMap(({ portMappings = [] }) => portMappings) ?? [];
  const isTaken = mappings.some(({ hostPort }) => hostPort !== undefined && used.has(hostPort));
  return isTaken && definition.networkMode !== 'awsvpc' ? 'RESOURCE:PORTS' : undefined;
}

/** Reserves the resources of a task. A host port of 0 becomes the next free one. */
export function reserve(
  instance: StoredContainerInstance,
  definition: TaskDefinition,
  isPending: () => boolean,
): Reservation {
  const bindings = new Map<string, NetworkBinding[]>();
  const used = usedPorts(instance);
  const isShared = definition.networkMode !== 'awsvpc';
  for (const { name = '', portMappings = [] } of isShared ? (definition.containerDefinitions ?? []) : []) {
    bindings.set(
      name,
      portMappings.map(({ containerPort, hostPort, protocol }) => {
        const port = hostPort || freePort(used);
        used.add(port);
        return { bindIP: '0.0.0.0', containerPort, hostPort: port, protocol };
      }),
    );
  }
  const cpu = neededCpu(definition);
  const reservation = { cpu, memory: neededMemory(definition), bindings, isPending };
  instance.reservations.add(reservation);
  return reservation;
}

function freePort(used: ReadonlySet<number>): number {
  let port = firstDynamicPort;
  while (used.has(port)) port += 1;
  return port;
}

function usedPorts({ reservations }: StoredContainerInstance): Set<number> {
  const bindings = [...reservations].flatMap((reservation) => [...reservation.bindings.values()].flat());
  return new Set(bindings.flatMap(({ hostPort }) => hostPort ?? []));
}

function neededCpu({ cpu, containerDefinitions = [] }: TaskDefinition): number {
  return cpu ? Number(cpu) : containerDefinitions.reduce((sum, container) => sum + (container.cpu ?? 0), 0);
}

function neededMemory({ memory, containerDefinitions = [] }: TaskDefinition): number {
  if (memory) return Number(memory);
  return containerDefinitions.reduce(
    (sum, container) => sum + (container.memoryReservation ?? container.memory ?? 0),
    0,
  );
}

function remaining({ cpu, memory, reservations }: StoredContainerInstance) {
  const taken = [...reservations];
  return {
    cpu: cpu - taken.reduce((sum, reservation) => sum + reservation.cpu, 0),
    memory: memory - taken.reduce((sum, reservation) => sum + reservation.memory, 0),
  };
}

function describe(instance: StoredContainerInstance): ContainerInstance {
  const tasks = [...instance.reservations];
  const pendingTasksCount = tasks.filter(({ isPending }) => isPending()).length;
  const { containerInstanceArn, ec2InstanceId, status, agentConnected, registeredAt } = instance;
  return {
    containerInstanceArn,
    ec2InstanceId,
    status,
    agentConnected,
    registeredAt,
    version: 1,
    registeredResources: resources(instance, []),
    remainingResources: resources(remaining(instance), [...usedPorts(instance)]),
    pendingTasksCount,
    runningTasksCount: tasks.length - pendingTasksCount,
    attributes: [],
    attachments: [],
    tags: [],
  };
}

function resources({ cpu, memory }: { cpu: number; memory: number }, ports: readonly number[]): Resource[] {
  return [
    { name: 'CPU', type: 'INTEGER', integerValue: cpu },
    { name: 'MEMORY', type: 'INTEGER', integerValue: memory },
    { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '2375', '2376', ...ports.map(String)] },
  ];
}
