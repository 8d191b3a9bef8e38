import type {
  CapacityProviderStrategyItem,
  LaunchType,
  NetworkConfiguration,
  Tag,
  TaskDefinition,
  TaskOverride,
} from '@aws-sdk/client-ecs';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { reserve, type StoredContainerInstance } from './simulated-container-instances.js';
import { arnInCluster } from './simulated-ecs-clusters.js';
import { newAttachment, newContainers, type StoredTask } from './simulated-ecs-task.js';
import { type StopCause, startTask, stopTask, type TaskDependencies } from './simulated-ecs-task-life.js';
import type { SimulatedTaskFailures } from './simulated-task-failures.js';

/** Stopped tasks are shown for at least an hour. */
const shownAfterStopSeconds = 3_600;

/** The settings of a new task. */
export interface TaskPlan {
  readonly clusterArn: string;
  readonly definitionArn: string;
  readonly definition: TaskDefinition;
  readonly group: string;
  readonly startedBy?: string | undefined;
  readonly launchType: LaunchType | undefined;
  readonly capacityProviderStrategy?: CapacityProviderStrategyItem[] | undefined;
  readonly platformVersion?: string | undefined;
  readonly networkConfiguration?: NetworkConfiguration | undefined;
  readonly overrides?: TaskOverride | undefined;
  readonly enableExecuteCommand?: boolean | undefined;
  readonly tags?: Tag[] | undefined;
  readonly instance?: StoredContainerInstance | undefined;
  readonly targetGroupCount?: number;
  /** Seconds that it runs after its deregistration. */
  readonly drainSeconds?: number;
  readonly isOfService?: boolean;
  /** True for a task that has been running for long. */
  readonly isRunning?: boolean;
}

/** The tasks of the simulated ECS, of services and of RunTask. */
export class SimulatedEcsTasks {
  readonly #environment: SimulatedEnvironment;
  readonly #dependencies: TaskDependencies;
  #tasks: StoredTask[] = [];
  /** By `startedBy`. */
  readonly #unstopped = new Map<string, Set<StoredTask>>();
  readonly #addresses = new Set<string>();
  #addressCount = 0;

  constructor(
    environment: SimulatedEnvironment,
    options: { failures: SimulatedTaskFailures; onChange: (stored: StoredTask) => void },
  ) {
    this.#environment = environment;
    this.#dependencies = { clock: environment.clock, ...options };
  }

  /** The tasks that AWS still shows, oldest first. */
  get shown(): readonly StoredTask[] {
    const forgottenBefore = this.#environment.clock.now() - shownAfterStopSeconds * 1000;
    const isShown = ({ task }: StoredTask) =>
      task.stoppedAt === undefined || task.stoppedAt.getTime() > forgottenBefore;
    if (!this.#tasks.every(isShown)) this.#tasks = this.#tasks.filter(isShown);
    return this.#tasks;
  }

  /** Returns the tasks of a rollout that have not stopped; undefined when it never had any. */
  unstopped(rolloutId: string): StoredTask[] | undefined {
    const tasks = this.#unstopped.get(rolloutId);
    for (const stored of tasks ?? []) if (stored.task.lastStatus === 'STOPPED') tasks?.delete(stored);
    return tasks && [...tasks];
  }

  /** True when a task has, or had, this address. */
  knowsAddress(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** Returns the task of this ARN or ID, if AWS still shows it. */
  find(clusterArn: string, idOrArn: string): StoredTask | undefined {
    const arn = arnInCluster(clusterArn, 'task', idOrArn);
    return this.shown.find(({ task }) => task.clusterArn === clusterArn && task.taskArn === arn);
  }

  /** Starts a task. */
  start(plan: TaskPlan): StoredTask {
    const stored = this.#create(plan);
    this.#tasks.push(stored);
    if (plan.startedBy !== undefined) {
      const siblings = this.#unstopped.get(plan.startedBy) ?? new Set();
      this.#unstopped.set(plan.startedBy, siblings.add(stored));
    }
    if (plan.instance !== undefined)
      stored.reservation = reserve(plan.instance, plan.definition, () => stored.task.startedAt === undefined);
    startTask(stored, this.#dependencies, { isRunning: plan.isRunning === true });
    return stored;
  }

  /** Stops a task, unless it is stopping already. */
  stop(stored: StoredTask, cause: StopCause): void {
    stopTask(stored, this.#dependencies, cause);
  }

  #create(plan: TaskPlan): StoredTask {
    const {
      clusterArn,
      definition,
      definitionArn,
      instance,
      targetGroupCount = 0,
      isOfService = false,
    } = plan;
    const taskArn = arnInCluster(clusterArn, 'task', this.#nextId().replaceAll('-', ''));
    const network = plan.networkConfiguration?.awsvpcConfiguration;
    const hasAddress = network !== undefined || definition.networkMode === 'awsvpc';
    const subnetId = network?.subnets?.[0] ?? 'subnet-0';
    const task: StoredTask['task'] = {
      taskArn,
      clusterArn,
      taskDefinitionArn: definitionArn,
      group: plan.group,
      startedBy: plan.startedBy,
      launchType: plan.launchType,
      capacityProviderName: plan.capacityProviderStrategy?.[0]?.capacityProvider,
      platformVersion: plan.launchType === 'FARGATE' ? platform(plan.platformVersion) : undefined,
      platformFamily: plan.launchType === 'FARGATE' ? 'Linux' : undefined,
      containerInstanceArn: instance?.containerInstanceArn,
      attachments: hasAddress ? [newAttachment(this.#nextId(), subnetId)] : [],
      attributes: [],
      availabilityZone: `${this.#environment.region}a`,
      containers: newContainers(definition, taskArn, () => this.#nextId()),
      cpu: definition.cpu,
      memory: definition.memory,
      createdAt: new Date(this.#environment.clock.now()),
      desiredStatus: 'RUNNING',
      lastStatus: 'PENDING',
      healthStatus: 'UNKNOWN',
      enableExecuteCommand: plan.enableExecuteCommand ?? false,
      overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...plan.overrides },
      tags: structuredClone(plan.tags ?? []),
      version: 1,
    };
    return {
      task,
      definitionArn,
      definition,
      isOfService,
      targetGroupCount,
      drainSeconds: plan.drainSeconds ?? 0,
      address: hasAddress ? this.#nextAddress() : undefined,
      instance,
      reservation: undefined,
      timers: [],
    };
  }

  /** Returns a new address. Addresses are never reused, so that a target of a stopped task stays visible. */
  #nextAddress(): string {
    this.#addressCount += 1;
    const address = `10.0.${this.#addressCount >> 8}.${this.#addressCount & 255}`;
    this.#addresses.add(address);
    return address;
  }

  #nextId(): string {
    return this.#environment.nextId();
  }
}

function platform(version = 'LATEST'): string {
  return version === 'LATEST' ? '1.4.0' : version;
}
