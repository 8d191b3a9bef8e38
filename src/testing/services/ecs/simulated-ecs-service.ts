import type {
  CreateServiceCommandInput,
  DeploymentRolloutState,
  Service,
  ServiceEvent,
  StabilityStatus,
  Tag,
  TaskSet,
} from '@aws-sdk/client-ecs';

/** The settings of CreateService besides names, counts and the task definition. */
export type SimulatedServiceSettings = Pick<
  CreateServiceCommandInput,
  | 'launchType'
  | 'capacityProviderStrategy'
  | 'platformVersion'
  | 'networkConfiguration'
  | 'loadBalancers'
  | 'serviceRegistries'
  | 'placementConstraints'
  | 'placementStrategy'
  | 'healthCheckGracePeriodSeconds'
  | 'deploymentConfiguration'
  | 'propagateTags'
  | 'enableECSManagedTags'
  | 'enableExecuteCommand'
  | 'availabilityZoneRebalancing'
  | 'serviceConnectConfiguration'
  | 'volumeConfigurations'
  | 'vpcLatticeConfigurations'
>;

/** A rollout of one task definition by ECS itself. */
export interface SimulatedEcsDeployment {
  /** The deployment ID. */
  readonly id: string;
  /** The ARN of the task definition that it rolls out. */
  readonly taskDefinition: string;
  /** `PRIMARY` for the newest; an older one that still has tasks is `ACTIVE`. */
  status: 'PRIMARY' | 'ACTIVE';
  /** Its desired count. */
  desiredCount: number;
  /** The number of its running tasks. */
  runningCount: number;
  /** The number of its tasks that failed to start, or to become healthy, since the last healthy one. */
  failedTasks: number;
  /** Its progress. */
  rolloutState: DeploymentRolloutState;
  /** The progress in ECS's words. */
  rolloutStateReason: string;
  /** The time of its start. */
  readonly createdAt: Date;
  /** The time of its last change. */
  updatedAt: Date;
}

/** A rollout of one task definition by CodeDeploy. */
export interface SimulatedTaskSet {
  /** The task set ID. */
  readonly id: string;
  /** The ARN. */
  readonly taskSetArn: string;
  /** The CodeDeploy deployment that created it. */
  readonly externalId: string | undefined;
  /** The ARN of the task definition that its tasks run. */
  readonly taskDefinition: string;
  /** `PRIMARY` serves production, `ACTIVE` is the replacement, `DRAINING` is being deleted. */
  status: 'PRIMARY' | 'ACTIVE' | 'DRAINING';
  /** The number of its running tasks. */
  runningCount: number;
  /** The target group of its tasks, when the deployment group has target groups. */
  targetGroupArn?: string | undefined;
}

/** A service of the `SimulatedEcs`. */
export interface SimulatedEcsService {
  /** The name, without its cluster. */
  readonly name: string;
  /** The ARN. */
  readonly serviceArn: string;
  /** The ARN of its cluster. */
  readonly clusterArn: string;
  /** A daemon has one task on each instance, and no desired count. */
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON';
  /** The controller that rolls out a new task definition. */
  readonly deploymentController: 'ECS' | 'CODE_DEPLOY';
  /** Handling of a deployment whose tasks do not start. Without it, ECS retries for ever. */
  circuitBreaker:
    | {
        /** True to return to the last deployment that was completed. */
        readonly rollback: boolean;
      }
    | undefined;
  /** `INACTIVE` after its deletion. */
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  /** Its desired count. */
  desiredCount: number;
  /** The settings of its next tasks. */
  settings: SimulatedServiceSettings;
  /** The tags of the service itself. */
  tags: Tag[];
  /** Its events, newest first. */
  events: ServiceEvent[];
  /** The time of its creation. */
  readonly createdAt: Date;
  /** Newest first; empty when CodeDeploy deploys the service. */
  deployments: SimulatedEcsDeployment[];
  /** Empty when ECS deploys the service. */
  taskSets: SimulatedTaskSet[];
}

/** Returns the service as DescribeServices does. */
export function describeService(service: SimulatedEcsService, { withTags = false } = {}): Service {
  const runningCount = runningCountOf(service);
  return {
    ...describeSettings(service),
    serviceName: service.name,
    serviceArn: service.serviceArn,
    clusterArn: service.clusterArn,
    status: service.status,
    schedulingStrategy: service.schedulingStrategy,
    deploymentController: { type: service.deploymentController },
    desiredCount: service.desiredCount,
    runningCount,
    pendingCount: Math.max(0, service.desiredCount - runningCount),
    taskDefinition: (service.deployments[0] ?? service.taskSets[0])?.taskDefinition,
    createdAt: service.createdAt,
    events: service.events,
    tags: withTags ? service.tags : [],
    deployments: service.deployments.map((deployment) => ({
      ...deployment,
      ...describeDeploymentSettings(service),
      pendingCount: Math.max(0, deployment.desiredCount - deployment.runningCount),
    })),
    taskSets: service.taskSets.map((taskSet) => describeTaskSet(service, taskSet)),
  };
}

/** Adds an event. ECS keeps the newest hundred. */
export function addEvent(
  service: SimulatedEcsService,
  { id, at, message }: { id: string; at: number; message: string },
) {
  service.events = [
    { id, createdAt: new Date(at), message: `(service ${service.name}) ${message}` },
    ...service.events,
  ].slice(0, 100);
}

/** The settings that DescribeServices shows with the service. It shows the others with each deployment. */
function describeSettings({ settings, circuitBreaker, schedulingStrategy }: SimulatedEcsService): Service {
  const { serviceConnectConfiguration, volumeConfigurations, vpcLatticeConfigurations, ...ofService } =
    settings;
  const isDaemon = schedulingStrategy === 'DAEMON';
  return {
    ...ofService,
    ...(settings.launchType === 'FARGATE' && {
      platformVersion: settings.platformVersion ?? 'LATEST',
      platformFamily: 'Linux',
    }),
    loadBalancers: settings.loadBalancers ?? [],
    serviceRegistries: settings.serviceRegistries ?? [],
    placementConstraints: settings.placementConstraints ?? [],
    placementStrategy: settings.placementStrategy ?? [],
    propagateTags: settings.propagateTags ?? 'NONE',
    enableECSManagedTags: settings.enableECSManagedTags ?? false,
    enableExecuteCommand: settings.enableExecuteCommand ?? false,
    deploymentConfiguration: {
      maximumPercent: isDaemon ? 100 : 200,
      minimumHealthyPercent: isDaemon ? 0 : 100,
      ...settings.deploymentConfiguration,
      deploymentCircuitBreaker: {
        enable: circuitBreaker !== undefined,
        rollback: circuitBreaker?.rollback ?? false,
      },
    },
  };
}

/**
 * Returns the bounds of the number of tasks during a deployment: at most `max` run or start, and at least `min` are
 * healthy.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function deploymentBounds(service: SimulatedEcsService): {
  readonly min: number;
  readonly max: number;
} {
  const { maximumPercent = 200, minimumHealthyPercent = 100 } =
    describeSettings(service).deploymentConfiguration ?? {};
  return {
    min: Math.ceil((service.desiredCount * minimumHealthyPercent) / 100),
    max: Math.floor((service.desiredCount * maximumPercent) / 100),
  };
}

/** The settings that DescribeServices shows with each deployment. */
function describeDeploymentSettings({ settings }: SimulatedEcsService) {
  const { launchType, capacityProviderStrategy, platformVersion, networkConfiguration } = settings;
  const { serviceConnectConfiguration, vpcLatticeConfigurations } = settings;
  return {
    ...(launchType && { launchType }),
    ...(capacityProviderStrategy && { capacityProviderStrategy }),
    ...(platformVersion && { platformVersion }),
    ...(networkConfiguration && { networkConfiguration }),
    ...(serviceConnectConfiguration && { serviceConnectConfiguration }),
    ...(vpcLatticeConfigurations && { vpcLatticeConfigurations }),
    volumeConfigurations: settings.volumeConfigurations ?? [],
  };
}

function describeTaskSet(service: SimulatedEcsService, taskSet: SimulatedTaskSet): TaskSet {
  const computedDesiredCount = targetOf(service, taskSet);
  const { targetGroupArn, ...described } = taskSet;
  return {
    ...described,
    ...(targetGroupArn !== undefined && { loadBalancers: [{ targetGroupArn }] }),
    serviceArn: service.serviceArn,
    clusterArn: service.clusterArn,
    startedBy: 'CODE_DEPLOY',
    scale: { value: 100, unit: 'PERCENT' },
    computedDesiredCount,
    pendingCount: Math.max(0, computedDesiredCount - taskSet.runningCount),
    stabilityStatus: stabilityOf(service, taskSet),
  };
}

function runningCountOf({ deployments, taskSets }: SimulatedEcsService): number {
  return [...deployments, ...taskSets].reduce((sum, { runningCount }) => sum + runningCount, 0);
}

/** The desired count of a task set. */
export function targetOf(service: SimulatedEcsService, { status }: SimulatedTaskSet): number {
  return status === 'DRAINING' ? 0 : service.desiredCount;
}

/** The stability of a task set. */
export function stabilityOf(service: SimulatedEcsService, taskSet: SimulatedTaskSet): StabilityStatus {
  return taskSet.runningCount === targetOf(service, taskSet) ? 'STEADY_STATE' : 'STABILIZING';
}

/** The service as Application Auto Scaling names it: `service/CLUSTER/NAME`. */
export function resourceIdOf({ serviceArn }: Pick<SimulatedEcsService, 'serviceArn'>): string {
  return serviceArn.slice(serviceArn.lastIndexOf(':') + 1);
}
