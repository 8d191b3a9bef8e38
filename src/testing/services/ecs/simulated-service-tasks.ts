import type { LaunchType, Tag, TaskDefinition } from '@aws-sdk/client-ecs';
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { lastSegment } from '../../../core/last-segment.js';
import type { SimulatedTargetGroups } from '../elastic-load-balancing/simulated-target-groups.js';
import type { SimulatedContainerInstances } from './simulated-container-instances.js';
import type { SimulatedEcsService } from './simulated-ecs-service.js';
import { essentialContainers, reachedPort, type StoredTask } from './simulated-ecs-task.js';
import { place } from './simulated-ecs-task-operations.js';
import type { SimulatedEcsTasks, TaskPlan } from './simulated-ecs-tasks.js';
import type { SimulatedTaskDefinitions } from './simulated-task-definitions.js';
import type { SimulatedTaskFailures } from './simulated-task-failures.js';

/** Dependencies of {@link SimulatedServiceTasks}. */
export interface ServiceTasksDependencies {
  readonly tasks: SimulatedEcsTasks;
  readonly definitions: SimulatedTaskDefinitions;
  readonly instances: SimulatedContainerInstances;
  readonly failures: SimulatedTaskFailures;
  readonly targetGroups: SimulatedTargetGroups;
  readonly now: () => number;
}

/** A rollout by ECS or by CodeDeploy. */
export interface Rollout {
  readonly id: string;
  readonly taskDefinition: string;
  runningCount: number;
}

/** A task as a target of one target group. */
interface Registration {
  readonly targetGroupArn: string;
  readonly target: TargetDescription;
}

/** Placement, registration and health of the tasks of services. */
export class SimulatedServiceTasks {
  readonly #dependencies: ServiceTasksDependencies;
  readonly #registrations = new WeakMap<StoredTask, readonly Registration[]>();

  constructor(dependencies: ServiceTasksDependencies) {
    this.#dependencies = dependencies;
  }

  /** The tasks of a rollout that have not stopped yet. */
  of({ id }: Rollout): StoredTask[] {
    return this.#dependencies.tasks.unstopped(id) ?? [];
  }

  /** Starts a task of a rollout. Returns the reason when it cannot be placed. */
  start(service: SimulatedEcsService, rollout: Rollout, { isRunning = false } = {}): string | undefined {
    const plan = this.#planOf(service, rollout);
    const placed = place(plan, this.#dependencies);
    if ('failures' in placed) return placed.failures.map(({ reason }) => reason).join(', ') || 'no instances';
    const stored = this.#dependencies.tasks.start({ ...plan, ...placed, isRunning });
    if (isRunning) this.register(service, stored, { isOld: true });
    return undefined;
  }

  /** Registers a task with every target group of its service, once. */
  register(service: SimulatedEcsService, stored: StoredTask, { isOld = false } = {}): void {
    if (this.#registrations.has(stored)) return;
    const registrations = this.#targetsOf(service, stored);
    this.#registrations.set(stored, registrations);
    for (const { targetGroupArn, target } of registrations)
      this.#dependencies.targetGroups.register(targetGroupArn, [target], { isOld });
  }

  /** Deregisters a task from the target groups that it was registered with, even after the service has changed them. */
  deregister(stored: StoredTask): void {
    for (const { targetGroupArn, target } of this.#registrations.get(stored) ?? [])
      this.#dependencies.targetGroups.deregister(targetGroupArn, [target]);
    this.#registrations.set(stored, []);
  }

  /** Returns true when the task runs, and its containers and targets are healthy. */
  isReady(stored: StoredTask): boolean {
    const { task, definition } = stored;
    if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return false;
    const isChecked = essentialContainers(definition).some(({ healthCheck }) => healthCheck !== undefined);
    if (isChecked && task.healthStatus !== 'HEALTHY') return false;
    return this.#targetHealth(stored).every(
      ({ health }) => health.State === 'healthy' || health.Reason === 'Target.NotInUse',
    );
  }

  /** Returns the reason why the scheduler has to replace the task; undefined when it need not. */
  healthFailure(service: SimulatedEcsService, stored: StoredTask): string | undefined {
    const { task } = stored;
    if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return undefined;
    const graceEndsAt =
      (task.startedAt?.getTime() ?? 0) + (service.settings.healthCheckGracePeriodSeconds ?? 0) * 1000;
    if (this.#dependencies.now() < graceEndsAt) return undefined;
    if (task.healthStatus === 'UNHEALTHY') return 'Task failed container health checks';
    const ill = this.#targetHealth(stored).find(({ health }) => health.State === 'unhealthy');
    return ill && `Task failed ELB health checks in (target-group ${ill.targetGroupArn})`;
  }

  #targetHealth(stored: StoredTask) {
    return (this.#registrations.get(stored) ?? []).map(({ targetGroupArn, target }) => ({
      targetGroupArn,
      health: this.#dependencies.targetGroups.healthOf(targetGroupArn, target),
    }));
  }

  #targetsOf({ settings }: SimulatedEcsService, stored: StoredTask): Registration[] {
    const { targetGroups } = this.#dependencies;
    return (settings.loadBalancers ?? []).flatMap((entry) => {
      if (entry.targetGroupArn === undefined || !targetGroups.has(entry.targetGroupArn)) return [];
      const { targetType } = targetGroups.group(entry.targetGroupArn);
      const id = targetType === 'instance' ? stored.instance?.ec2InstanceId : stored.address;
      if (id === undefined) return [];
      const target: TargetDescription = { Id: id, Port: reachedPort(stored, entry) };
      return [{ targetGroupArn: entry.targetGroupArn, target }];
    });
  }

  #planOf(service: SimulatedEcsService, { id, taskDefinition }: Rollout): TaskPlan {
    const { settings } = service;
    const { definition, tags, isNamedOnly = false } = this.#dependencies.definitions.get(taskDefinition);
    return {
      clusterArn: service.clusterArn,
      definitionArn: taskDefinition,
      definition,
      group: `service:${service.name}`,
      startedBy: id,
      launchType: isNamedOnly ? undefined : launchTypeOf(settings, definition),
      capacityProviderStrategy: settings.capacityProviderStrategy,
      platformVersion: settings.platformVersion,
      networkConfiguration: settings.networkConfiguration,
      enableExecuteCommand: settings.enableExecuteCommand,
      tags: tagsOf(service, tags),
      isOfService: true,
      targetGroupCount: settings.loadBalancers?.length ?? 0,
      drainSeconds: this.#drainSeconds(service),
    };
  }

  #drainSeconds({ settings }: SimulatedEcsService): number {
    const delays = (settings.loadBalancers ?? []).flatMap(({ targetGroupArn }) =>
      targetGroupArn !== undefined && this.#dependencies.targetGroups.has(targetGroupArn)
        ? this.#dependencies.targetGroups.group(targetGroupArn).deregistrationDelaySeconds
        : [],
    );
    return Math.max(0, ...delays);
  }
}

/** Returns the launch type of a service, derived from its task definition when it is not set. */
export function launchTypeOf(
  { launchType, capacityProviderStrategy }: SimulatedEcsService['settings'],
  { compatibilities }: TaskDefinition,
): LaunchType {
  if (launchType !== undefined) return launchType;
  const [provider] = capacityProviderStrategy ?? [];
  if (provider !== undefined) return provider.capacityProvider?.startsWith('FARGATE') ? 'FARGATE' : 'EC2';
  return compatibilities?.includes('FARGATE') ? 'FARGATE' : 'EC2';
}

function tagsOf(
  { settings, tags, clusterArn, name }: SimulatedEcsService,
  ofDefinition: readonly Tag[],
): Tag[] {
  const managed = [
    { key: 'aws:ecs:clusterName', value: lastSegment(clusterArn) },
    { key: 'aws:ecs:serviceName', value: name },
  ];
  return [
    ...(settings.propagateTags === 'SERVICE' ? tags : []),
    ...(settings.propagateTags === 'TASK_DEFINITION' ? ofDefinition : []),
    ...(settings.enableECSManagedTags ? managed : []),
  ];
}
