import {
  PlatformUnknownException,
  type RunTaskCommandInput,
  type ServiceVolumeConfiguration,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { clientFault } from '../../cloud/environment.js';
import { invalid } from './simulated-ecs-errors.js';
import { checkTags } from './simulated-ecs-tags.js';

/** The settings that decide where tasks run. */
type Launch = Pick<
  RunTaskCommandInput,
  'launchType' | 'capacityProviderStrategy' | 'placementConstraints' | 'placementStrategy' | 'platformVersion'
>;

/** Tags that ECS itself sets on a volume. */
const reservedVolumeTags = ['AmazonECSCreated', 'AmazonECSManaged'];

/** Refuses settings that ECS accepts for a service, but not for a standalone task. */
export function checkStandalone({ propagateTags }: Pick<RunTaskCommandInput, 'propagateTags'>): void {
  if (propagateTags === 'SERVICE')
    throw invalid('The propagateTags value SERVICE is not supported for a task that no service starts.');
}

/** Refuses launch settings that contradict each other or the task definition. */
export function checkLaunch(launch: Launch, { compatibilities }: TaskDefinition): void {
  const { launchType, capacityProviderStrategy = [], placementConstraints, placementStrategy } = launch;
  if (launchType !== undefined && capacityProviderStrategy.length > 0)
    throw invalid(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  if (launchType === 'EC2' && launch.platformVersion !== undefined)
    throw invalid('The platform version must be null when specifying an EC2 launch type.');
  if (launchType !== 'FARGATE') return;
  if (placementConstraints?.length)
    throw invalid('Placement constraints are not supported with FARGATE launch type.');
  if (placementStrategy?.length)
    throw invalid('Placement strategies are not supported with FARGATE launch type.');
  if (compatibilities?.includes('FARGATE') === false)
    throw invalid('Task definition does not support launch_type FARGATE.');
}

/** Refuses a network that does not fit the task definition, and an unknown platform. */
export function checkNetwork(
  networkMode: string | undefined,
  {
    networkConfiguration,
    platformVersion,
  }: Pick<RunTaskCommandInput, 'networkConfiguration' | 'platformVersion'>,
): void {
  if (networkMode === 'awsvpc' && !networkConfiguration?.awsvpcConfiguration?.subnets?.length)
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (networkMode !== 'awsvpc' && networkConfiguration !== undefined)
    throw invalid('Network Configuration is not valid for the given networkMode of this task definition.');
  if (platformVersion !== undefined && !/^(LATEST|1\.[0-4]\.0)$/.test(platformVersion))
    throw new PlatformUnknownException(clientFault('The specified platform does not exist.'));
}

/**
 * Refuses volumes that do not fit the task definition, and tags that a volume cannot have.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EBSTagSpecification.html
 */
export function checkVolumes(
  volumes: readonly ServiceVolumeConfiguration[] | undefined = [],
  definition: TaskDefinition,
  { isOfService }: { readonly isOfService: boolean },
): void {
  const atLaunch = (definition.volumes ?? []).filter(({ configuredAtLaunch }) => configuredAtLaunch === true);
  if (volumes.length > 1)
    throw invalid('A task cannot have more than one volume that is configured at launch.');
  const unknown = volumes.find(({ name }) => !atLaunch.some((volume) => volume.name === name));
  if (unknown !== undefined)
    throw invalid(`The task definition has no volume ${unknown.name} that is configured at launch.`);
  const missing = atLaunch.find(({ name }) => !volumes.some((volume) => volume.name === name));
  if (missing !== undefined)
    throw invalid(`The volume ${missing.name} is configured at launch, and has no volume configuration.`);
  for (const volume of volumes) checkVolume(volume, isOfService);
}

function checkVolume({ name, managedEBSVolume }: ServiceVolumeConfiguration, isOfService: boolean): void {
  if (managedEBSVolume === undefined) throw invalid(`The volume ${name} has no managedEBSVolume.`);
  const { sizeInGiB, snapshotId, roleArn, tagSpecifications = [] } = managedEBSVolume;
  if (!roleArn) throw invalid(`The volume ${name} has no roleArn.`);
  if (sizeInGiB === undefined && snapshotId === undefined)
    throw invalid(`The volume ${name} has neither a size nor a snapshot.`);
  for (const { propagateTags, tags = [] } of tagSpecifications) {
    if (propagateTags === 'SERVICE' && !isOfService)
      throw invalid(`The volume ${name} cannot take its tags from a SERVICE: no service starts the task.`);
    checkTags(tags);
    const reserved = tags.find(({ key = '' }) => reservedVolumeTags.includes(key));
    if (reserved !== undefined) throw invalid(`The tag ${reserved.key} is reserved.`);
  }
}
