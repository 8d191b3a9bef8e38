import type {
  LaunchType,
  RegisterTaskDefinitionCommandInput,
  Tag,
  Task,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import { nonEmptyString } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';
import type { SimulatedEnvironment, SimulatedService } from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedApplicationAutoScaling } from '../application-auto-scaling/simulated-application-auto-scaling.js';
import type { SimulatedElasticLoadBalancing } from '../elastic-load-balancing/simulated-elastic-load-balancing.js';
import {
  type SimulatedContainerInstance,
  SimulatedContainerInstances,
} from './simulated-container-instances.js';
import { arnInCluster, SimulatedEcsClusters } from './simulated-ecs-clusters.js';
import type { SimulatedEcsDeployments } from './simulated-ecs-deployments.js';
import { passesHealthCheck } from './simulated-ecs-health-check.js';
import { SimulatedEcsScheduler } from './simulated-ecs-scheduler.js';
import {
  resourceIdOf,
  type SimulatedEcsService,
  type SimulatedServiceSettings,
  type SimulatedTaskSet,
} from './simulated-ecs-service.js';
import { circuitBreakerOf, serviceOperations, settingsIn } from './simulated-ecs-service-operations.js';
import { type Tagged, tagOperations } from './simulated-ecs-tags.js';
import type { StoredTask } from './simulated-ecs-task.js';
import { taskOperations } from './simulated-ecs-task-operations.js';
import { SimulatedEcsTasks } from './simulated-ecs-tasks.js';
import { launchTypeOf, SimulatedServiceTasks } from './simulated-service-tasks.js';
import { SimulatedTaskDefinitions } from './simulated-task-definitions.js';
import {
  type SimulatedTaskFailure,
  SimulatedTaskFailures,
  type SimulatedTaskSelection,
} from './simulated-task-failures.js';

/** ECS in memory. The tasks of services start and stop one by one, by ECS deployments or by task sets of CodeDeploy. */
export class SimulatedEcs implements SimulatedService {
  readonly serviceId = 'ECS';
  readonly iamPrefix = 'ecs';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations;

  readonly #environment: SimulatedEnvironment;
  readonly #applicationAutoScaling: SimulatedApplicationAutoScaling;
  readonly #clusters: SimulatedEcsClusters;
  readonly #definitions: SimulatedTaskDefinitions;
  readonly #instances: SimulatedContainerInstances;
  readonly #tasks: SimulatedEcsTasks;
  readonly #failures = new SimulatedTaskFailures();
  readonly #services: SimulatedEcsService[] = [];
  readonly #serviceTasks: SimulatedServiceTasks;
  readonly #scheduler: SimulatedEcsScheduler;

  constructor(
    environment: SimulatedEnvironment,
    {
      applicationAutoScaling,
      elasticLoadBalancing,
      ecsDeployments,
    }: {
      applicationAutoScaling: SimulatedApplicationAutoScaling;
      elasticLoadBalancing: SimulatedElasticLoadBalancing;
      ecsDeployments: SimulatedEcsDeployments;
    },
  ) {
    this.#environment = environment;
    this.#applicationAutoScaling = applicationAutoScaling;
    this.#clusters = new SimulatedEcsClusters(environment);
    this.#definitions = new SimulatedTaskDefinitions(environment);
    this.#instances = new SimulatedContainerInstances(environment, this.#clusters);
    this.#tasks = new SimulatedEcsTasks(environment, {
      failures: this.#failures,
      onChange: (stored) => this.#onTaskChange(stored),
    });
    const dependencies = {
      clusters: this.#clusters,
      definitions: this.#definitions,
      instances: this.#instances,
      failures: this.#failures,
      tasks: this.#tasks,
      targetGroups: elasticLoadBalancing.targetGroups,
    };
    this.#serviceTasks = new SimulatedServiceTasks({ ...dependencies, now: () => environment.clock.now() });
    this.#scheduler = new SimulatedEcsScheduler(environment, {
      tasks: this.#tasks,
      serviceTasks: this.#serviceTasks,
    });
    elasticLoadBalancing.targetGroups.setHealthProbe((target, group) =>
      passesHealthCheck(target, group, dependencies),
    );
    ecsDeployments.connect({
      elasticLoadBalancing,
      findService: (arn) => this.#services.find(({ serviceArn }) => serviceArn === arn),
    });
    this.operations = {
      ...this.#definitions.operations,
      ...this.#instances.operations,
      ...taskOperations({
        ...dependencies,
        hasService: (clusterArn, nameOrArn) => this.#find(clusterArn, nameOrArn) !== undefined,
      }),
      ...ecsDeployments.operations,
      ...tagOperations((arn) => this.#tagged(arn)),
      ...serviceOperations({
        ...dependencies,
        find: (clusterArn, nameOrArn) => this.#find(clusterArn, nameOrArn),
        currentRevisions: (service) => ecsDeployments.currentRevisions(service),
        add: (clusterArn, name, input) =>
          this.#addService({
            clusterArn,
            name,
            // A daemon has one task on each container instance.
            desiredCount: input.desiredCount ?? this.#instances.in(clusterArn).length,
            settings: withLaunchType(settingsIn(input), 'EC2'),
            tags: input.tags,
            schedulingStrategy: input.schedulingStrategy,
            deploymentController: input.deploymentController?.type === 'CODE_DEPLOY' ? 'CODE_DEPLOY' : 'ECS',
          }),
        roll: (service, taskDefinition) => this.#roll(service, taskDefinition),
        setDesiredCount: (service, count) => {
          this.#setDesiredCount(service, count);
          this.#applicationAutoScaling.reevaluate('ecs', resourceIdOf(service));
        },
      }),
    };
    applicationAutoScaling.manage('ecs', {
      getCapacity: (resourceId) => this.#byResourceId(resourceId)?.desiredCount,
      setCapacity: (resourceId, capacity) => {
        const service = this.#byResourceId(resourceId);
        if (service?.status === 'ACTIVE') this.#setDesiredCount(service, capacity);
      },
      refusalOf: (resourceId) => {
        const service = this.#byResourceId(resourceId);
        if (service?.status !== 'ACTIVE') return "ECS service doesn't exist";
        return service.schedulingStrategy === 'DAEMON' ? 'A daemon service cannot be scaled' : undefined;
      },
    });
  }

  /** Creates a cluster, and returns its ARN. */
  addCluster(name: string): string {
    parseInput('SimulatedEcs.addCluster name', nonEmptyString, name);
    return this.#clusters.add(name);
  }

  /** Adds an EC2 instance to a cluster. Creates the cluster unless it exists. */
  addContainerInstance(options: {
    cluster: string;
    /** @default a generated ID */
    ec2InstanceId?: string;
    /**
     * CPU units.
     * @default 2048
     */
    cpu?: number;
    /**
     * MiB.
     * @default 3884
     */
    memory?: number;
  }): SimulatedContainerInstance {
    requireOptions('SimulatedEcs.addContainerInstance', options, {
      cluster: 'text',
      ec2InstanceId: 'optional',
      cpu: 'optional',
      memory: 'optional',
    });
    return this.#instances.add(options);
  }

  /**
   * Registers the next revision of a task definition, and returns its ARN.
   *
   * @param definition - the input of RegisterTaskDefinition, or `family:revision` for a test that needs no containers.
   * Tasks of the latter run anywhere.
   */
  addTaskDefinition(definition: RegisterTaskDefinitionCommandInput | string): string {
    if (typeof definition === 'string') return this.#definitions.arnOfNamed(definition);
    return this.#definitions.register(definition).arn;
  }

  /** Makes tasks fail from now on. Returns a function that ends the failure. */
  failTasks(selection: SimulatedTaskSelection, failure: SimulatedTaskFailure): () => void {
    const mend = this.#failures.add(selection, failure);
    for (const service of this.#services) this.#scheduler.reconcile(service);
    return mend;
  }

  /** The tasks of a cluster that AWS still shows, oldest first. AWS shows stopped tasks for an hour. */
  tasks(cluster: string): Task[] {
    const clusterArn = this.#clusters.arnOf(cluster);
    const shown = this.#tasks.shown.filter(({ task }) => task.clusterArn === clusterArn);
    return structuredClone(shown.map(({ task }) => task));
  }

  /** The registered task definitions, the oldest revision of a family first. */
  taskDefinitions(family?: string): TaskDefinition[] {
    const registered = this.#definitions.all.filter(({ isNamedOnly }) => !isNamedOnly);
    const all = registered.map(({ definition }) => definition);
    return structuredClone(all.filter((it) => family === undefined || it.family === family));
  }

  /** Creates a service whose tasks run already. Creates its cluster unless it exists. */
  addService(options: {
    cluster: string;
    name: string;
    desiredCount: number;
    /**
     * Its ARN, or `family:revision`. It is registered without containers unless it exists.
     * @default the first revision of the family with the service's name
     */
    taskDefinition?: string;
    status?: SimulatedEcsService['status'];
    schedulingStrategy?: 'REPLICA' | 'DAEMON';
    deploymentController?: 'ECS' | 'CODE_DEPLOY';
    circuitBreaker?: { readonly rollback: boolean };
    /** The settings of its tasks, in the form of CreateService. */
    settings?: SimulatedServiceSettings;
    tags?: Tag[];
  }): SimulatedEcsService {
    requireOptions('SimulatedEcs.addService', options, {
      cluster: 'text',
      name: 'text',
      desiredCount: 'count',
      taskDefinition: 'optional',
      status: 'optional',
      schedulingStrategy: ['REPLICA', 'DAEMON'],
      deploymentController: ['ECS', 'CODE_DEPLOY'],
      circuitBreaker: 'optional',
      settings: 'optional',
      tags: 'optional',
    });
    const clusterArn = this.#clusters.add(options.cluster);
    const taskDefinition = this.#definitions.arnOfNamed(options.taskDefinition ?? `${options.name}:1`);
    const { definition, isNamedOnly } = this.#definitions.get(taskDefinition);
    const settings = options.settings ?? {};
    const service = this.#addService({
      ...options,
      clusterArn,
      settings: isNamedOnly ? settings : withLaunchType(settings, launchTypeOf(settings, definition)),
    });
    this.#addFirstRollout(service, taskDefinition);
    return service;
  }

  /** Returns a service by cluster name and service name. */
  service(cluster: string, name: string): SimulatedEcsService {
    const service = this.#byResourceId(`service/${cluster}/${name}`);
    if (service === undefined) throw new TypeError(`SimulatedCloud has no ECS service ${cluster}/${name}`);
    return service;
  }

  /** From now on, tasks of this task definition fail to start: their container exits at once with code 1. */
  breakTaskDefinition(taskDefinition: string): void {
    this.failTasks({ taskDefinition: this.#definitions.arnOfNamed(taskDefinition) }, { kind: 'exits' });
  }

  /** Adds a task set beside the PRIMARY one, as CodeDeploy does. Its tasks start one by one. */
  createTaskSet(
    service: SimulatedEcsService,
    { taskDefinition, externalId }: { taskDefinition: string; externalId?: string },
  ): SimulatedTaskSet {
    const taskSet = this.#newTaskSet(service, this.#definitions.arnOfNamed(taskDefinition), externalId);
    this.#scheduler.reconcile(service);
    return taskSet;
  }

  /** Makes a task set PRIMARY, as CodeDeploy does. */
  setPrimaryTaskSet(service: SimulatedEcsService, taskSetId: string): void {
    const primary = taskSetOf(service, taskSetId);
    for (const taskSet of service.taskSets) if (taskSet.status === 'PRIMARY') taskSet.status = 'ACTIVE';
    primary.status = 'PRIMARY';
  }

  /** Deletes a task set, as CodeDeploy does. Its tasks stop one by one first. */
  deleteTaskSet(service: SimulatedEcsService, taskSetId: string): void {
    taskSetOf(service, taskSetId).status = 'DRAINING';
    this.#scheduler.reconcile(service);
  }

  #addService(options: {
    clusterArn: string;
    name: string;
    desiredCount: number;
    settings: SimulatedServiceSettings;
    tags?: Tag[] | undefined;
    status?: SimulatedEcsService['status'] | undefined;
    schedulingStrategy?: 'REPLICA' | 'DAEMON' | undefined;
    deploymentController?: 'ECS' | 'CODE_DEPLOY' | undefined;
    circuitBreaker?: { readonly rollback: boolean } | undefined;
  }): SimulatedEcsService {
    const { clusterArn, name, settings, status = 'ACTIVE' } = options;
    const service: SimulatedEcsService = {
      name,
      serviceArn: arnInCluster(clusterArn, 'service', name),
      clusterArn,
      schedulingStrategy: options.schedulingStrategy ?? 'REPLICA',
      deploymentController: options.deploymentController ?? 'ECS',
      circuitBreaker: options.circuitBreaker ?? circuitBreakerOf(settings),
      status,
      desiredCount: options.desiredCount,
      settings: structuredClone(settings),
      tags: structuredClone(options.tags ?? []),
      events: [],
      createdAt: new Date(this.#environment.clock.now()),
      deployments: [],
      taskSets: [],
    };
    // A new service replaces a deleted one that AWS still shows.
    const former = this.#services.findIndex(({ serviceArn }) => serviceArn === service.serviceArn);
    this.#services.splice(former < 0 ? this.#services.length : former, 1, service);
    return service;
  }

  /** Adds the first rollout of a service, whose tasks run already. */
  #addFirstRollout(service: SimulatedEcsService, taskDefinition: string): void {
    if (service.deploymentController === 'CODE_DEPLOY') {
      const taskSet = this.#newTaskSet(service, taskDefinition, undefined);
      taskSet.status = 'PRIMARY';
      this.#scheduler.startRunning(service, taskSet);
      return;
    }
    const deployment = this.#scheduler.deploy(service, taskDefinition);
    deployment.rolloutState = 'COMPLETED';
    deployment.rolloutStateReason = `ECS deployment ${deployment.id} completed.`;
    this.#scheduler.startRunning(service, deployment);
  }

  #newTaskSet(service: SimulatedEcsService, taskDefinition: string, externalId: string | undefined) {
    const id = `ecs-svc/${this.#environment.nextId()}`;
    const taskSet: SimulatedTaskSet = {
      id,
      taskSetArn: this.#environment.arn('ecs', `task-set/${resourceIdOf(service).slice(8)}/${id}`),
      externalId,
      taskDefinition,
      status: 'ACTIVE',
      runningCount: 0,
    };
    service.taskSets.push(taskSet);
    return taskSet;
  }

  #roll(service: SimulatedEcsService, taskDefinition: string): void {
    if (service.deploymentController === 'CODE_DEPLOY')
      this.#newTaskSet(service, taskDefinition, undefined).status = 'PRIMARY';
    else this.#scheduler.deploy(service, taskDefinition);
    this.#scheduler.reconcile(service);
  }

  #setDesiredCount(service: SimulatedEcsService, count: number): void {
    service.desiredCount = count;
    const [primary] = service.deployments;
    if (primary !== undefined && primary.rolloutState !== 'FAILED') primary.desiredCount = count;
    this.#scheduler.reconcile(service);
  }

  #tagged(arn: string): Tagged | undefined {
    return (
      this.#services.find(({ serviceArn }) => serviceArn === arn) ??
      this.#tasks.shown.find(({ task }) => task.taskArn === arn)?.task ??
      this.#definitions.all.find((stored) => stored.arn === arn)
    );
  }

  #onTaskChange(stored: StoredTask): void {
    if (!stored.isOfService) return;
    const { clusterArn, group } = stored.task;
    const service = this.#services.find(
      (it) => it.clusterArn === clusterArn && group === `service:${it.name}`,
    );
    if (service !== undefined) this.#scheduler.onTaskChange(service, stored);
  }

  #find(clusterArn: string, nameOrArn: string): SimulatedEcsService | undefined {
    const serviceArn = arnInCluster(clusterArn, 'service', nameOrArn);
    return this.#services.find(
      (service) => service.clusterArn === clusterArn && service.serviceArn === serviceArn,
    );
  }

  #byResourceId(resourceId: string): SimulatedEcsService | undefined {
    return this.#services.find((service) => resourceIdOf(service) === resourceId);
  }
}

/** AWS always returns the launch type of a service. */
function withLaunchType(
  settings: SimulatedServiceSettings,
  launchType: LaunchType,
): SimulatedServiceSettings {
  if (settings.launchType !== undefined || settings.capacityProviderStrategy?.length) return settings;
  return { ...settings, launchType };
}

function taskSetOf({ name, taskSets }: SimulatedEcsService, id: string): SimulatedTaskSet {
  const taskSet = taskSets.find((candidate) => candidate.id === id);
  if (taskSet === undefined)
    throw new TypeError(`SimulatedCloud has no task set ${id} of the ECS service ${name}`);
  return taskSet;
}
