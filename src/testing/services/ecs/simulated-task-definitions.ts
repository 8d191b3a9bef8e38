import type {
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
import { type OperationOutput, required, type SimulatedEnvironment } from '../../cloud/environment.js';
import { refused } from './simulated-ecs-errors.js';
import {
  checkTaskDefinition,
  cpuUnits,
  fitsFargate,
  memoryInMib,
} from './simulated-task-definition-checks.js';

/** A revision and its tags. */
export interface StoredTaskDefinition {
  readonly arn: string;
  readonly definition: TaskDefinition;
  tags: Tag[];
  /** True when a test has given only the name: the tasks need no instance and have no launch type. */
  readonly isNamedOnly?: boolean;
}

/** The families and revisions of the simulated ECS. */
export class SimulatedTaskDefinitions {
  readonly operations = {
    RegisterTaskDefinition: (
      input: RegisterTaskDefinitionCommandInput,
    ): OperationOutput<RegisterTaskDefinitionCommandOutput> => {
      const { definition, tags } = this.register(input);
      return { taskDefinition: definition, tags: [...tags] };
    },

    DescribeTaskDefinition: (
      input: DescribeTaskDefinitionCommandInput,
    ): OperationOutput<DescribeTaskDefinitionCommandOutput> => {
      const stored = this.get(required(input.taskDefinition, 'taskDefinition'));
      const withTags = input.include?.includes('TAGS') === true;
      return { taskDefinition: stored.definition, ...(withTags && { tags: [...stored.tags] }) };
    },

    DeregisterTaskDefinition: (
      input: DeregisterTaskDefinitionCommandInput,
    ): OperationOutput<DeregisterTaskDefinitionCommandOutput> => {
      const name = required(input.taskDefinition, 'taskDefinition');
      if (!/:\d+$/.test(name)) throw refused('TaskDefinition revision must be specified.');
      const { definition } = this.get(name);
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

  /** All revisions, the oldest of a family first. */
  get all(): readonly StoredTaskDefinition[] {
    return [...this.#families.values()].flat();
  }

  /** Registers the next revision, even for an identical definition, as AWS does. */
  register(input: RegisterTaskDefinitionCommandInput): StoredTaskDefinition {
    const family = required(input.family, 'family');
    checkTaskDefinition(input);
    const revisions = this.#families.get(family) ?? [];
    const revision = Math.max(0, ...revisions.map(({ definition }) => definition.revision ?? 0)) + 1;
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

  /** Returns undefined when the revision does not exist. Otherwise like {@link get}. */
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
   * Returns the revision of this ARN or `family:revision`, or the newest active one of a family.
   *
   * @throws ClientException when it does not exist: ECS has no specific error.
   */
  get(nameOrArn: string): StoredTaskDefinition {
    const found = this.find(nameOrArn);
    if (found === undefined) throw refused('Unable to describe task definition.');
    return found;
  }

  /**
   * Returns the ARN of a revision that a test names. Registers it without containers unless it exists.
   */
  arnOfNamed(nameOrArn: string): string {
    const found = this.find(nameOrArn);
    if (found !== undefined) return found.arn;
    const arn = this.#arn(nameOrArn);
    const family = familyOf(arn);
    const revisions = this.#families.get(family) ?? [];
    const revision = Number(/:(\d+)$/.exec(arn)?.[1] ?? revisions.length + 1);
    const containerDefinitions = [{ name: family, image: family }];
    const definition: TaskDefinition = {
      taskDefinitionArn: arn,
      family,
      revision,
      status: 'ACTIVE',
      containerDefinitions,
    };
    this.#families.set(family, [...revisions, { arn, definition, tags: [], isNamedOnly: true }]);
    return arn;
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

/** Returns the family in the ARN of a task definition. */
export function familyOf(arn: string): string {
  return lastSegment(arn).replace(/:\d+$/, '');
}

/** Adds the members that ECS adds to a definition: defaults, and the sizes in CPU units and MiB. */
function present(input: Omit<RegisterTaskDefinitionCommandInput, 'tags'>, taskDefinitionArn: string) {
  const { networkMode, requiresCompatibilities } = input;
  const isFargate = networkMode === 'awsvpc' && requiresCompatibilities?.includes('FARGATE') !== false;
  const [cpu, memory] = [cpuUnits(input.cpu), memoryInMib(input.memory)];
  return {
    taskDefinitionArn,
    status: 'ACTIVE' as const,
    ...(cpu !== undefined && { cpu: String(cpu) }),
    ...(memory !== undefined && { memory: String(memory) }),
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    compatibilities:
      isFargate && fitsFargate(input) ? (['EC2', 'FARGATE'] as const).slice() : ['EC2' as const],
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

/** Fills in the host port: the container port in the modes awsvpc and host, and any free port (0) on the bridge network. */
function presentPorts(mapping: PortMapping, networkMode: string | undefined): PortMapping {
  const isDirect = networkMode === 'awsvpc' || networkMode === 'host';
  return {
    ...mapping,
    protocol: mapping.protocol ?? 'tcp',
    hostPort: mapping.hostPort ?? (isDirect ? mapping.containerPort : 0),
  };
}
