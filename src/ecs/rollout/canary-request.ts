import type {
  Deployment,
  RunTaskCommandInput,
  Service,
  StartTaskCommandInput,
  Tag,
  TaskVolumeConfiguration,
} from '@aws-sdk/client-ecs';
import { type CanaryIdentity, previousTag, rolloutTag } from './canary-identity.js';

/** The most tags that a task can have. */
const maxTags = 50;
/** The longest value that a tag can have; the ARN of a family with a very long name is longer. */
const maxValue = 256;

/** What the canary differs in from the service's own tasks. */
export interface CanaryWish {
  /** The ARN of the task definition that it tries out. */
  readonly taskDefinition: string;
  /** The ARN of the task definition that a rollback goes back to. */
  readonly previous: string;
  readonly identity: CanaryIdentity;
}

/**
 * A canary that ECS places as it places the service's tasks: launch type or capacity providers, platform version, network,
 * placement, volumes and tags are the service's own.
 *
 * @param clientToken - makes a repeated request start no second canary.
 */
export function runTaskRequest(
  service: Service,
  wish: CanaryWish,
  clientToken: string,
): RunTaskCommandInput & { clientToken: string } {
  const { placementConstraints, placementStrategy, platformVersion } = service;
  return {
    ...commonRequest(service, wish),
    ...capacityOf(service),
    ...(platformVersion !== undefined && { platformVersion }),
    ...(isFilled(placementConstraints) && { placementConstraints }),
    ...(isFilled(placementStrategy) && { placementStrategy }),
    count: 1,
    clientToken,
  };
}

/** A canary on a container instance that somebody has chosen; ECS places nothing, so the service's placement is left out. */
export function startTaskRequest(
  service: Service,
  wish: CanaryWish,
  containerInstance: string,
): StartTaskCommandInput {
  return { ...commonRequest(service, wish), containerInstances: [containerInstance] };
}

function commonRequest(service: Service, { taskDefinition, identity, previous }: CanaryWish) {
  const { clusterArn, networkConfiguration, enableECSManagedTags, enableExecuteCommand } = service;
  const volumeConfigurations = volumesOf(service);
  return {
    cluster: clusterArn,
    taskDefinition,
    startedBy: identity.startedBy,
    tags: tagsOf(service, [
      { key: rolloutTag, value: identity.rolloutId },
      ...(previous.length <= maxValue ? [{ key: previousTag, value: previous }] : []),
    ]),
    ...(networkConfiguration !== undefined && { networkConfiguration }),
    ...(enableECSManagedTags !== undefined && { enableECSManagedTags }),
    ...(enableExecuteCommand !== undefined && { enableExecuteCommand }),
    ...(volumeConfigurations.length > 0 && { volumeConfigurations }),
    // A single task cannot take a service's tags over by itself (SERVICE is refused): they are given to it above.
    ...(service.propagateTags === 'TASK_DEFINITION' && { propagateTags: 'TASK_DEFINITION' as const }),
  };
}

/** AWS refuses a launch type beside a strategy; with neither the cluster's default strategy counts, as for the service. */
function capacityOf({ capacityProviderStrategy, launchType }: Service) {
  if (isFilled(capacityProviderStrategy)) return { capacityProviderStrategy };
  return launchType === undefined ? {} : { launchType };
}

/** AWS keeps the tags that begin with `aws:` for itself; those of CloudFormation are on most services. */
function tagsOf({ tags = [] }: Service, own: readonly Tag[]): Tag[] {
  const taken = new Set(own.map(({ key }) => key));
  const free = tags.filter(({ key = '' }) => !/^aws:/i.test(key) && !taken.has(key));
  return [...own, ...free.slice(0, maxTags - own.length)];
}

/** Volumes that are configured at launch are told by the deployment, not by the service. */
function volumesOf({ deployments = [] }: Service): TaskVolumeConfiguration[] {
  const primary: Deployment | undefined = deployments.find(({ status }) => status === 'PRIMARY');
  return primary?.volumeConfigurations ?? [];
}

function isFilled<T>(list: T[] | undefined): list is T[] {
  return list !== undefined && list.length > 0;
}
