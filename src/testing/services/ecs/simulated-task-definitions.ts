import type {
  ContainerDefinition,
  DeregisterTaskDefinitionCommandInput,
  DeregisterTaskDefinitionCommandOutput,
  DescribeTaskDefinitionCommandInput,
  DescribeTaskDefinitionCommandOutput,
  PortMapping,
  RegisterTaskDefinitionCommandInput,
  RegisterTaskDefinitionCommandOutput,
  Tag,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import { lastSegment } from '../../../core/last-segment.js';
import { type Answer, required, type SimulatedEnvironment } from '../../cloud/environment.js';
import { refused } from './simulated-ecs-errors.js';

/** A revision as it is kept. */
export interface StoredTaskDefinition {
  readonly arn: string;
  readonly definition: TaskDefinition;
  tags: Tag[];
}

/** The families and revisions of the simulated ECS. */
export class SimulatedTaskDefinitions {
  readonly operations = {
    RegisterTaskDefinition: (
      input: RegisterTaskDefinitionCommandInput,
    ): Answer<RegisterTaskDefinitionCommandOutput> => {
      const { definition, tags } = this.register(input);
      return { taskDefinition: definition, tags: [...tags] };
    },

    DescribeTaskDefinition: (
      input: DescribeTaskDefinitionCommandInput,
    ): Answer<DescribeTaskDefinitionCommandOutput> => {
      const stored = this.#stored(required(input.taskDefinition, 'taskDefinition'));
      const withTags = input.include?.includes('TAGS') === true;
      return { taskDefinition: stored.definition, ...(withTags && { tags: [...stored.tags] }) };
    },

    DeregisterTaskDefinition: (
      input: DeregisterTaskDefinitionCommandInput,
    ): Answer<DeregisterTaskDefinitionCommandOutput> => {
      const name = required(input.taskDefinition, 'taskDefinition');
      if (!/:\d+$/.test(name)) throw refused('TaskDefinition revision must be specified.');
      const { definition } = this.#stored(name);
      definition.status = 'INACTIVE';
      definition.deregisteredAt ??= this.#now();
      return { taskDefinition: definition };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #families = new Map<string, StoredTaskDefinition[]>();

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Every revision, the oldest of a family first. */
  get all(): readonly StoredTaskDefinition[] {
    return [...this.#families.values()].flat();
  }

  /** Makes the next revision; AWS does so for an identical definition, too. */
  register(input: RegisterTaskDefinitionCommandInput): StoredTaskDefinition {
    const family = required(input.family, 'family');
    check(input);
    const revisions = this.#families.get(family) ?? [];
    const revision = revisions.length + 1;
    const arn = this.#arn(`${family}:${revision}`);
    const { tags = [], ...given } = structuredClone(input);
    const definition = {
      ...given,
      ...present(given, arn),
      revision,
      registeredAt: this.#now(),
      registeredBy: `arn:${this.#environment.partition}:iam::${this.#environment.accountId}:user/deployer`,
    };
    const stored = { arn, definition, tags };
    this.#families.set(family, [...revisions, stored]);
    return stored;
  }

  /** The revision of this ARN or `family:revision`, or the newest active one of a family. */
  find(nameOrArn: string): StoredTaskDefinition | undefined {
    const arn = this.#arn(nameOrArn);
    const exact = this.all.find((stored) => stored.arn === arn);
    return (
      exact ??
      this.#families.get(familyOf(arn))?.findLast(({ definition }) => {
        return definition.status === 'ACTIVE' && !/:\d+$/.test(nameOrArn);
      })
    );
  }

  /**
   * The ARN of a revision that is there. A revision of a family of which nothing was registered is taken as it is named,
   * so that a test which needs no containers need not register any.
   */
  arnOf(nameOrArn: string): string {
    const found = this.find(nameOrArn);
    if (found !== undefined) return found.arn;
    const arn = this.#arn(nameOrArn);
    if (!/:\d+$/.test(nameOrArn) || this.#families.has(familyOf(arn)))
      throw refused('Unable to describe task definition.');
    return arn;
  }

  #stored(nameOrArn: string): StoredTaskDefinition {
    const found = this.find(nameOrArn);
    if (found === undefined) throw refused('Unable to describe task definition.');
    return found;
  }

  #arn(nameOrArn: string): string {
    return nameOrArn.startsWith('arn:')
      ? nameOrArn
      : this.#environment.arn('ecs', `task-definition/${nameOrArn}`);
  }

  #now(): Date {
    return new Date(this.#environment.clock.now());
  }
}

/** The family in the ARN of a task definition. */
export function familyOf(arn: string): string {
  return lastSegment(arn).replace(/:\d+$/, '');
}

function check(input: RegisterTaskDefinitionCommandInput): void {
  const containers = required(input.containerDefinitions, 'containerDefinitions');
  if (!/^[\w-]{1,255}$/.test(input.family ?? '')) throw refused('Family contains invalid characters.');
  if (containers.length === 0) throw refused('Container list cannot be empty.');
  for (const container of containers) checkContainer(input, container);
  const names = new Set(containers.map(({ name }) => name));
  if (names.size < containers.length) throw refused('Container names must be unique.');
  if (containers.every(({ essential }) => essential === false))
    throw refused('TaskDefinition must have at least one essential container.');
  if (input.requiresCompatibilities?.includes('FARGATE') !== true) return;
  if (input.networkMode !== 'awsvpc') throw refused("Fargate only supports network mode 'awsvpc'.");
  if (input.cpu === undefined) throw refused("Fargate requires that 'cpu' be defined at the task level.");
  if (input.memory === undefined)
    throw refused("Fargate requires that 'memory' be defined at the task level.");
}

function checkContainer(input: RegisterTaskDefinitionCommandInput, container: ContainerDefinition): void {
  if (!container.name) throw refused('Container.name should not be null or empty.');
  if (!container.image) throw refused('Container.image should not be null or empty.');
  const memory = input.memory ?? container.memory ?? container.memoryReservation;
  if (memory === undefined)
    throw refused(
      `Invalid setting for container '${container.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
}

/** What ECS adds to a definition: its defaults, spelled out. */
function present(input: Omit<RegisterTaskDefinitionCommandInput, 'tags'>, taskDefinitionArn: string) {
  const { networkMode, requiresCompatibilities } = input;
  const isFargate = networkMode === 'awsvpc' && requiresCompatibilities?.includes('FARGATE') !== false;
  return {
    taskDefinitionArn,
    status: 'ACTIVE' as const,
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    compatibilities: isFargate && input.cpu ? (['EC2', 'FARGATE'] as const).slice() : ['EC2' as const],
    containerDefinitions: (input.containerDefinitions ?? []).map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      essential: container.essential ?? true,
      environment: container.environment ?? [],
      mountPoints: container.mountPoints ?? [],
      volumesFrom: container.volumesFrom ?? [],
      systemControls: container.systemControls ?? [],
      portMappings: (container.portMappings ?? []).map((mapping) => presentPorts(mapping, networkMode)),
      ...(container.healthCheck && {
        healthCheck: { interval: 30, timeout: 5, retries: 3, ...container.healthCheck },
      }),
    })),
  };
}

/** With an address of its own, or the host's, a container is reached by its own port; the bridge takes any free one. */
function presentPorts(mapping: PortMapping, networkMode: string | undefined): PortMapping {
  const isDirect = networkMode === 'awsvpc' || networkMode === 'host';
  return {
    ...mapping,
    protocol: mapping.protocol ?? 'tcp',
    hostPort: mapping.hostPort ?? (isDirect ? mapping.containerPort : 0),
  };
}
