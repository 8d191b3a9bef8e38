import {
  ClientException,
  ClusterNotFoundException,
  type DescribeServicesCommandInput,
  type DescribeServicesCommandOutput,
  InvalidParameterException,
  ServiceNotActiveException,
  ServiceNotFoundException,
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
import { deploy, schedule } from './simulated-ecs-scheduler.js';
import { describeService, type SimulatedEcsService, type SimulatedTaskSet } from './simulated-ecs-service.js';

const mostServicesPerCall = 10;

/** ECS in memory: services whose tasks start and stop one by one, by deployments of its own or task sets of CodeDeploy. */
export class SimulatedEcs implements SimulatedService {
  readonly serviceId = 'ECS';
  readonly iamPrefix = 'ecs';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    DescribeServices: (input: DescribeServicesCommandInput): Answer<DescribeServicesCommandOutput> => {
      const clusterArn = this.#clusterArn(input.cluster);
      const wanted = required(input.services, 'services');
      if (wanted.length === 0) throw invalid('Services cannot be empty.');
      if (wanted.length > mostServicesPerCall) {
        throw invalid(`Services cannot have more than ${mostServicesPerCall} elements.`);
      }
      const found = wanted.map((nameOrArn) => [nameOrArn, this.#find(clusterArn, nameOrArn)] as const);
      return {
        services: found.flatMap(([, service]) => (service ? [describeService(service)] : [])),
        failures: found.flatMap(([nameOrArn, service]) =>
          service ? [] : [{ arn: this.#serviceArn(clusterArn, nameOrArn), reason: 'MISSING' }],
        ),
      };
    },

    UpdateService: (input: UpdateServiceCommandInput): Answer<UpdateServiceCommandOutput> => {
      const service = this.#find(this.#clusterArn(input.cluster), required(input.service, 'service'));
      if (service === undefined) throw new ServiceNotFoundException(clientFault('Service not found.'));
      if (service.status !== 'ACTIVE') {
        throw new ServiceNotActiveException(clientFault('Service was not ACTIVE.'));
      }
      checkUpdate(service, input);
      if (input.taskDefinition !== undefined)
        this.#roll(service, this.#taskDefinitionArn(input.taskDefinition));
      if (input.desiredCount !== undefined) this.#setDesiredCount(service, input.desiredCount);
      this.#applicationAutoScaling.reconsider('ecs', resourceIdOf(service));
      return { service: describeService(service) };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #applicationAutoScaling: SimulatedApplicationAutoScaling;
  readonly #clusterArns = new Set<string>();
  readonly #services: SimulatedEcsService[] = [];
  readonly #moving = new Set<SimulatedEcsService>();
  readonly #brokenTaskDefinitions = new Set<string>();
  readonly #secondsPerTask = 5;

  constructor(
    environment: SimulatedEnvironment,
    { applicationAutoScaling }: { applicationAutoScaling: SimulatedApplicationAutoScaling },
  ) {
    this.#environment = environment;
    this.#applicationAutoScaling = applicationAutoScaling;
    applicationAutoScaling.manage('ecs', {
      getCapacity: (resourceId) => this.#byResourceId(resourceId)?.desiredCount,
      setCapacity: (resourceId, capacity) => {
        const service = this.#byResourceId(resourceId);
        if (service?.status === 'ACTIVE') this.#setDesiredCount(service, capacity);
      },
    });
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
    const clusterArn = this.#environment.arn('ecs', `cluster/${options.cluster}`);
    this.#clusterArns.add(clusterArn);
    const service: SimulatedEcsService = {
      name: options.name,
      serviceArn: this.#serviceArn(clusterArn, options.name),
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
    this.#brokenTaskDefinitions.add(this.#taskDefinitionArn(taskDefinition));
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
      taskDefinition: this.#taskDefinitionArn(taskDefinition),
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
    this.#roll(service, this.#taskDefinitionArn(taskDefinition));
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

  /** AWS takes a missing cluster for the one that is named default. */
  #clusterArn(nameOrArn = 'default'): string {
    const arn = nameOrArn.startsWith('arn:')
      ? nameOrArn
      : this.#environment.arn('ecs', `cluster/${nameOrArn}`);
    if (!this.#clusterArns.has(arn)) throw new ClusterNotFoundException(clientFault('Cluster not found.'));
    return arn;
  }

  #serviceArn(clusterArn: string, nameOrArn: string): string {
    if (nameOrArn.startsWith('arn:')) return nameOrArn;
    return `${clusterArn.replace(':cluster/', ':service/')}/${nameOrArn}`;
  }

  #taskDefinitionArn(nameOrArn: string): string {
    if (!/:\d+$/.test(nameOrArn)) {
      throw new ClientException(clientFault('Unable to describe task definition.'));
    }
    return nameOrArn.startsWith('arn:')
      ? nameOrArn
      : this.#environment.arn('ecs', `task-definition/${nameOrArn}`);
  }

  #find(clusterArn: string, nameOrArn: string): SimulatedEcsService | undefined {
    const serviceArn = this.#serviceArn(clusterArn, nameOrArn);
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

function invalid(message: string): InvalidParameterException {
  return new InvalidParameterException(clientFault(message));
}
