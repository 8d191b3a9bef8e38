import {
  type DescribeServicesCommandInput,
  type DescribeServicesCommandOutput,
  type RegisterTaskDefinitionCommandInput,
  ServiceNotActiveException,
  ServiceNotFoundException,
  type Task,
  type TaskDefinition,
  type UpdateServiceCommandInput,
  type UpdateServiceCommandOutput,
} from '@aws-sdk/client-ecs';
import {
  type Answer,
  clientFault,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from './environment.js';
import type { SimulatedApplicationAutoScaling } from './simulated-application-auto-scaling.js';
import {
  type SimulatedContainerInstance,
  SimulatedContainerInstances,
} from './simulated-container-instances.js';
import { arnInCluster, SimulatedEcsClusters } from './simulated-ecs-clusters.js';
import { invalid } from './simulated-ecs-errors.js';
import { passesHealthCheck } from './simulated-ecs-health-check.js';
import { deploy, schedule } from './simulated-ecs-scheduler.js';
import { describeService, type SimulatedEcsService, type SimulatedTaskSet } from './simulated-ecs-service.js';
import { taskOperations } from './simulated-ecs-task-operations.js';
import { SimulatedEcsTasks } from './simulated-ecs-tasks.js';
import type { SimulatedElasticLoadBalancing } from './simulated-elastic-load-balancing.js';
import { SimulatedTaskDefinitions } from './simulated-task-definitions.js';
import {
  type SimulatedTaskFailure,
  SimulatedTaskFailures,
  type SimulatedTaskSelection,
} from './simulated-task-failures.js';

const mostServicesPerCall = 10;

/** ECS in memory: services whose tasks start and stop one by one, by deployments of its own or task sets of CodeDeploy. */
export class SimulatedEcs implements SimulatedService {
  readonly serviceId = 'ECS';
  readonly iamPrefix = 'ecs';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations;
  readonly #serviceOperations = {
    DescribeServices: (input: DescribeServicesCommandInput): Answer<DescribeServicesCommandOutput> => {
      const clusterArn = this.#clusters.arnOf(input.cluster);
      const wanted = required(input.services, 'services');
      if (wanted.length === 0) throw invalid('Services cannot be empty.');
      if (wanted.length > mostServicesPerCall) {
        throw invalid(`Services cannot have more than ${mostServicesPerCall} elements.`);
      }
      const found = wanted.map((nameOrArn) => [nameOrArn, this.#find(clusterArn, nameOrArn)] as const);
      return {
        services: found.flatMap(([, service]) => (service ? [describeService(service)] : [])),
        failures: found.flatMap(([nameOrArn, service]) =>
          service ? [] : [{ arn: arnInCluster(clusterArn, 'service', nameOrArn), reason: 'MISSING' }],
        ),
      };
    },

    UpdateService: (input: UpdateServiceCommandInput): Answer<UpdateServiceCommandOutput> => {
      const service = this.#find(this.#clusters.arnOf(input.cluster), required(input.service, 'service'));
      if (service === undefined) throw new ServiceNotFoundException(clientFault('Service not found.'));
      if (service.status !== 'ACTIVE') {
        throw new ServiceNotActiveException(clientFault('Service was not ACTIVE.'));
      }
      checkUpdate(service, input);
      if (input.taskDefinition !== undefined)
        this.#roll(service, this.#definitions.arnOf(input.taskDefinition));
      if (input.desiredCount !== undefined) this.#setDesiredCount(service, input.desiredCount);
      this.#applicationAutoScaling.reconsider('ecs', resourceIdOf(service));
      return { service: describeService(service) };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #applicationAutoScaling: SimulatedApplicationAutoScaling;
  readonly #clusters: SimulatedEcsClusters;
  readonly #definitions: SimulatedTaskDefinitions;
  readonly #instances: SimulatedContainerInstances;
  readonly #tasks: SimulatedEcsTasks;
  readonly #failures = new SimulatedTaskFailures();
  readonly #services: SimulatedEcsService[] = [];
  readonly #moving = new Set<SimulatedEcsService>();
  readonly #brokenTaskDefinitions = new Set<string>();
  readonly #secondsPerTask = 5;

  constructor(
    environment: SimulatedEnvironment,
    {
      applicationAutoScaling,
      elasticLoadBalancing,
    }: {
      applicationAutoScaling: SimulatedApplicationAutoScaling;
      elasticLoadBalancing: SimulatedElasticLoadBalancing;
    },
  ) {
    this.#environment = environment;
    this.#applicationAutoScaling = applicationAutoScaling;
    this.#clusters = new SimulatedEcsClusters(environment);
    this.#definitions = new SimulatedTaskDefinitions(environment);
    this.#instances = new SimulatedContainerInstances(environment, this.#clusters);
    this.#tasks = new SimulatedEcsTasks(environment, { failures: this.#failures, onChange: () => {} });
    elasticLoadBalancing.targetGroups.answerHealthChecks((target, group) =>
      passesHealthCheck(target, group, {
        tasks: this.#tasks,
        instances: this.#instances,
        failures: this.#failures,
      }),
    );
    this.operations = {
      ...this.#definitions.operations,
      ...this.#instances.operations,
      ...taskOperations({
        clusters: this.#clusters,
        definitions: this.#definitions,
        instances: this.#instances,
        failures: this.#failures,
        tasks: this.#tasks,
        hasService: (clusterArn, nameOrArn) => this.#find(clusterArn, nameOrArn) !== undefined,
      }),
      ...this.#serviceOperations,
    };
    applicationAutoScaling.manage('ecs', {
      getCapacity: (resourceId) => this.#byResourceId(resourceId)?.desiredCount,
      setCapacity: (resourceId, capacity) => {
        const service = this.#byResourceId(resourceId);
        if (service?.status === 'ACTIVE') this.#setDesiredCount(service, capacity);
      },
    });
  }

  /** Creates a cluster; gives its ARN. */
  addCluster(name: string): string {
    return this.#clusters.add(name);
  }

  /** Adds an EC2 instance to a cluster, which is created when there is none of this name. */
  addContainerInstance(options: {
    cluster: string;
    /** @default one that is made up */
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
    return this.#instances.add(options);
  }

  /** Registers the next revision of a task definition; gives its ARN. */
  addTaskDefinition(definition: RegisterTaskDefinitionCommandInput): string {
    return this.#definitions.register(definition).arn;
  }

  /** Lets something go wrong with tasks from now on. Gives a function which mends it. */
  failTasks(selection: SimulatedTaskSelection, failure: SimulatedTaskFailure): () => void {
    return this.#failures.add(selection, failure);
  }

  /** The tasks of a cluster that AWS still shows, oldest first: those that stopped stay for an hour. */
  tasks(cluster: string): Task[] {
    const clusterArn = this.#clusters.arnOf(cluster);
    const shown = this.#tasks.shown.filter(({ task }) => task.clusterArn === clusterArn);
    return structuredClone(shown.map(({ task }) => task));
  }

  /** The task definitions that are registered, the oldest revision of a family first. */
  taskDefinitions(family?: string): TaskDefinition[] {
    const all = this.#definitions.all.map(({ definition }) => definition);
    return structuredClone(all.filter((it) => family === undefined || it.family === family));
  }

  /** Creates a service whose tasks run already, and its cluster when there is none of this name. */
  addService(options: {
    cluster: string;
    name: string;
    desiredCount: number;
    /** Its ARN, or `family:revision`. */
    taskDefinition?: string;
    status?: SimulatedEcsService['status'];
    schedulingStrategy?: 'REPLICA' | 'DAEMON';
    deploymentController?: 'ECS' | 'CODE_DEPLOY';
    circuitBreaker?: { readonly rollback: boolean };
  }): SimulatedEcsService {
    const clusterArn = this.#clusters.add(options.cluster);
    const service: SimulatedEcsService = {
      name: options.name,
      serviceArn: arnInCluster(clusterArn, 'service', options.name),
      clusterArn,
      schedulingStrategy: options.schedulingStrategy ?? 'REPLICA',
      deploymentController: options.deploymentController ?? 'ECS',
      circuitBreaker: options.circuitBreaker,
      status: options.status ?? 'ACTIVE',
      desiredCount: options.desiredCount,
      deployments: [],
      taskSets: [],
    };
    this.#services.push(service);
    this.#addFirstRollout(service, options.taskDefinition ?? `${options.name}:1`);
    return service;
  }

  /** The service of this name in the cluster of this name. */
  service(cluster: string, name: string): SimulatedEcsService {
    const service = this.#byResourceId(`service/${cluster}/${name}`);
    if (service === undefined) throw new TypeError(`SimulatedCloud has no ECS service ${cluster}/${name}`);
    return service;
  }

  /** Tasks of this task definition do not start from now on. */
  breakTaskDefinition(taskDefinition: string): void {
    this.#brokenTaskDefinitions.add(this.#definitions.arnOf(taskDefinition));
  }

  /** As CodeDeploy does: adds a task set beside the PRIMARY one; its tasks start one by one. */
  createTaskSet(
    service: SimulatedEcsService,
    { taskDefinition, externalId }: { taskDefinition: string; externalId?: string },
  ): SimulatedTaskSet {
    const id = `ecs-svc/${this.#environment.nextId()}`;
    const taskSet: SimulatedTaskSet = {
      id,
      taskSetArn: this.#environment.arn('ecs', `task-set/${resourceIdOf(service).slice(8)}/${id}`),
      externalId,
      taskDefinition: this.#definitions.arnOf(taskDefinition),
      status: 'ACTIVE',
      runningCount: 0,
    };
    service.taskSets.push(taskSet);
    this.#move(service);
    return taskSet;
  }

  /** As CodeDeploy does: this task set serves from now on. */
  setPrimaryTaskSet(service: SimulatedEcsService, taskSetId: string): void {
    const primary = taskSetOf(service, taskSetId);
    for (const taskSet of service.taskSets) if (taskSet.status === 'PRIMARY') taskSet.status = 'ACTIVE';
    primary.status = 'PRIMARY';
  }

  /** As CodeDeploy does: the task set's tasks stop one by one, then it is gone. */
  deleteTaskSet(service: SimulatedEcsService, taskSetId: string): void {
    taskSetOf(service, taskSetId).status = 'DRAINING';
    this.#move(service);
  }

  #addFirstRollout(service: SimulatedEcsService, taskDefinition: string): void {
    if (service.deploymentController === 'CODE_DEPLOY') {
      const taskSet = this.createTaskSet(service, { taskDefinition });
      taskSet.status = 'PRIMARY';
      taskSet.runningCount = service.desiredCount;
      return;
    }
    this.#roll(service, this.#definitions.arnOf(taskDefinition));
    for (const deployment of service.deployments) {
      deployment.runningCount = service.desiredCount;
      deployment.rolloutState = 'COMPLETED';
      deployment.rolloutStateReason = `ECS deployment ${deployment.id} completed.`;
    }
  }

  #roll(service: SimulatedEcsService, taskDefinition: string): void {
    if (service.deployments[0]?.taskDefinition === taskDefinition) return;
    const id = `ecs-svc/${this.#environment.nextId()}`;
    deploy(service, { id, taskDefinition, reason: `ECS deployment ${id} in progress.` });
    this.#move(service);
  }

  #setDesiredCount(service: SimulatedEcsService, count: number): void {
    service.desiredCount = count;
    const [primary] = service.deployments;
    if (primary !== undefined && primary.rolloutState !== 'FAILED') primary.desiredCount = count;
    this.#move(service);
  }

  /** Lets one task after the other start or stop, until the service is settled. */
  #move(service: SimulatedEcsService): void {
    if (this.#moving.has(service)) return;
    this.#moving.add(service);
    this.#environment.clock.schedule(this.#secondsPerTask, () => {
      this.#moving.delete(service);
      const goesOn = schedule(service, {
        isBroken: (taskDefinition) => this.#brokenTaskDefinitions.has(taskDefinition),
        nextId: () => this.#environment.nextId(),
      });
      if (goesOn) this.#move(service);
    });
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

function resourceIdOf({ serviceArn }: SimulatedEcsService): string {
  return serviceArn.slice(serviceArn.lastIndexOf(':') + 1);
}

function taskSetOf({ name, taskSets }: SimulatedEcsService, id: string): SimulatedTaskSet {
  const taskSet = taskSets.find((candidate) => candidate.id === id);
  if (taskSet === undefined)
    throw new TypeError(`SimulatedCloud has no task set ${id} of the ECS service ${name}`);
  return taskSet;
}

function checkUpdate(
  service: SimulatedEcsService,
  { desiredCount, taskDefinition }: UpdateServiceCommandInput,
) {
  if (desiredCount !== undefined && service.schedulingStrategy === 'DAEMON') {
    throw invalid('The daemon scheduling strategy does not support a desired count for a service.');
  }
  if (desiredCount !== undefined && desiredCount < 0) throw invalid('Desired count cannot be negative.');
  if (taskDefinition !== undefined && service.deploymentController === 'CODE_DEPLOY') {
    throw invalid('Unable to update task definition on services with a CODE_DEPLOY deployment controller.');
  }
}
