import type {
  EBSTagSpecification,
  RunTaskCommandInput,
  Service,
  ServiceVolumeConfiguration,
  StartTaskCommandInput,
  Tag,
  TaskVolumeConfiguration,
} from '@aws-sdk/client-ecs';
import { type CanaryIdentity, previousTag, rolloutTag } from './canary-identity.js';

/** The most tags that a task can have. */
const maxTags = 50;
/** The longest value of a tag. The ARN of a family with a very long name is longer. */
const maxValue = 256;
/** Tags that ECS itself sets on a volume. */
const reservedVolumeTags = ['AmazonECSCreated', 'AmazonECSManaged'];

/** The part of a canary that differs from the service's own tasks. */
export interface CanarySpec {
  /** The ARN of the task definition to try. */
  readonly taskDefinition: string;
  /** The ARN of the task definition of a rollback. */
  readonly previous: string;
  readonly identity: CanaryIdentity;
}

/**
 * The request for a canary that ECS places as it places the service's tasks: launch type or capacity providers, platform
 * version, network, placement, volumes and tags are the service's own.
 *
 * @param clientToken - prevents a second canary when the request is repeated.
 */
export function runTaskRequest(
  service: Service,
  spec: CanarySpec,
  clientToken: string,
): RunTaskCommandInput & { clientToken: string } {
  const { placementConstraints, placementStrategy, platformVersion } = service;
  return {
    ...commonRequest(service, spec),
    ...capacityOf(service),
    ...(platformVersion !== undefined && { platformVersion }),
    ...(isFilled(placementConstraints) && { placementConstraints }),
    ...(isFilled(placementStrategy) && { placementStrategy }),
    count: 1,
    clientToken,
  };
}

/**
 * The request for a canary on a container instance. ECS does not place the task then, so the service's placement is left
 * out.
 */
export function startTaskRequest(
  service: Service,
  spec: CanarySpec,
  containerInstance: string,
): StartTaskCommandInput {
  return { ...commonRequest(service, spec), containerInstances: [containerInstance] };
}

/** Replaces each value that a service supports and a standalone task does not. */
function commonRequest(service: Service, { taskDefinition, identity, previous }: CanarySpec) {
  const { clusterArn, networkConfiguration, enableECSManagedTags, enableExecuteCommand } = service;
  const volumeConfigurations = volumesOf(service);
  return {
    cluster: clusterArn,
    taskDefinition,
    startedBy: identity.startedBy,
    tags: withTagsOf(service, [
      { key: rolloutTag, value: identity.rolloutId },
      ...(previous.length <= maxValue ? [{ key: previousTag, value: previous }] : []),
    ]),
    ...(networkConfiguration !== undefined && { networkConfiguration }),
    ...(enableECSManagedTags !== undefined && { enableECSManagedTags }),
    ...(enableExecuteCommand !== undefined && { enableExecuteCommand }),
    ...(volumeConfigurations.length > 0 && { volumeConfigurations }),
    // A task refuses SERVICE; the service's tags are among the task's own above.
    ...(service.propagateTags === 'TASK_DEFINITION' && { propagateTags: 'TASK_DEFINITION' as const }),
  };
}

/** AWS refuses a launch type beside a strategy. With neither, the cluster's default strategy applies, as for the service. */
function capacityOf({ capacityProviderStrategy, launchType }: Service) {
  if (isFilled(capacityProviderStrategy)) return { capacityProviderStrategy };
  return launchType === undefined ? {} : { launchType };
}

/** Volumes that are configured at launch are a setting of the deployment, not of the service. */
function volumesOf(service: Service): TaskVolumeConfiguration[] {
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  return (primary?.volumeConfigurations ?? []).map((volume) => volumeOf(service, volume));
}

function volumeOf(
  service: Service,
  { managedEBSVolume, ...volume }: ServiceVolumeConfiguration,
): TaskVolumeConfiguration {
  if (managedEBSVolume === undefined) return volume;
  const { tagSpecifications, ...settings } = managedEBSVolume;
  const specifications = tagSpecifications?.map((it) => volumeTagsOf(service, it));
  return {
    ...volume,
    managedEBSVolume: { ...settings, ...(specifications && { tagSpecifications: specifications }) },
  };
}

/** The volume of a task cannot take its tags from a service, so that they are copied. */
function volumeTagsOf(service: Service, specification: EBSTagSpecification): EBSTagSpecification {
  const { propagateTags, tags = [], ...rest } = specification;
  if (propagateTags !== 'SERVICE') return specification;
  return { ...rest, tags: withTagsOf(service, tags, reservedVolumeTags) };
}

/**
 * Tags, and those of the service that fit beside them. Tags that begin with `aws:`, such as CloudFormation's, are AWS's
 * own.
 */
function withTagsOf({ tags = [] }: Service, own: readonly Tag[], reserved: readonly string[] = []): Tag[] {
  const taken = new Set([...own.map(({ key }) => key), ...reserved]);
  const free = tags.filter(({ key = '' }) => !/^aws:/i.test(key) && !taken.has(key));
  return [...own, ...free.slice(0, Math.max(0, maxTags - reserved.length - own.length))];
}

/** True for a list with entries. AWS returns an empty list, or none, for a setting that a service lacks. */
export function isFilled<List extends readonly unknown[]>(list: List | undefined): list is List {
  return list !== undefined && list.length > 0;
}
