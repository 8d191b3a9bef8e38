import type {
  CreateServiceCommandInput,
  LoadBalancer,
  TaskDefinition,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { required } from '../../cloud/environment.js';
import type { SimulatedTargetGroups } from '../elastic-load-balancing/simulated-target-groups.js';
import { invalid, refused } from './simulated-ecs-errors.js';
import type { SimulatedEcsService, SimulatedServiceSettings } from './simulated-ecs-service.js';
import { checkTags } from './simulated-ecs-tags.js';
import { checkLaunch, checkNetwork, checkVolumes } from './simulated-ecs-task-checks.js';
import type { SimulatedTaskDefinitions } from './simulated-task-definitions.js';

/** Dependencies of the checks. */
export interface ServiceChecksDependencies {
  readonly definitions: SimulatedTaskDefinitions;
  readonly targetGroups: SimulatedTargetGroups;
}

/** The settings of a service that are checked together. */
interface ServicePlan {
  readonly settings: SimulatedServiceSettings;
  readonly isDaemon: boolean;
  readonly definition: TaskDefinition;
  /** True when the request has target groups. Those of the existing service are not checked again. */
  readonly hasNewTargetGroups: boolean;
}

/** Members of an update that are validated together with the service's other settings. */
const checkedTogether = [
  'taskDefinition',
  'availabilityZoneRebalancing',
  'capacityProviderStrategy',
  'deploymentConfiguration',
  'loadBalancers',
  'networkConfiguration',
  'placementConstraints',
  'placementStrategy',
  'platformVersion',
  'serviceRegistries',
  'volumeConfigurations',
] as const satisfies readonly (keyof UpdateServiceCommandInput)[];

/** Validates a request as CreateService does. */
export function checkNewService(
  input: CreateServiceCommandInput,
  settings: SimulatedServiceSettings,
  dependencies: ServiceChecksDependencies,
): void {
  const { definition } = dependencies.definitions.get(required(input.taskDefinition, 'taskDefinition'));
  const isDaemon = input.schedulingStrategy === 'DAEMON';
  if (definition.status === 'INACTIVE') throw refused('TaskDefinition is inactive');
  checkCount(input, isDaemon);
  if (!isDaemon && input.desiredCount === undefined)
    throw invalid('Desired count is required when the scheduling strategy is REPLICA.');
  checkController(input, isDaemon);
  checkTags(input.tags ?? []);
  checkPlan({ settings, isDaemon, definition, hasNewTargetGroups: true }, dependencies);
}

/** Validates a request as UpdateService does. */
export function checkUpdate(
  service: SimulatedEcsService,
  input: UpdateServiceCommandInput,
  settings: SimulatedServiceSettings,
  dependencies: ServiceChecksDependencies,
): void {
  const isDaemon = service.schedulingStrategy === 'DAEMON';
  const { taskDefinition } = input;
  checkCount(input, isDaemon);
  if (taskDefinition !== undefined && service.deploymentController === 'CODE_DEPLOY')
    throw invalid('Unable to update task definition on services with a CODE_DEPLOY deployment controller.');
  if (checkedTogether.every((name) => input[name] === undefined)) return;
  const present = (service.deployments[0] ?? service.taskSets[0])?.taskDefinition ?? '';
  const { definition, isNamedOnly } = dependencies.definitions.get(taskDefinition ?? present);
  if (taskDefinition !== undefined && definition.status === 'INACTIVE')
    throw refused('TaskDefinition is inactive');
  const hasNewTargetGroups = input.loadBalancers !== undefined;
  // A task definition that a test has only named has neither a network nor containers.
  if (!isNamedOnly) checkPlan({ settings, isDaemon, definition, hasNewTargetGroups }, dependencies);
}

function checkCount({ desiredCount }: { desiredCount?: number | undefined }, isDaemon: boolean): void {
  if (desiredCount !== undefined && isDaemon)
    throw invalid('The daemon scheduling strategy does not support a desired count for a service.');
  if ((desiredCount ?? 0) < 0) throw invalid('Desired count cannot be negative.');
}

function checkController(
  { deploymentController, deploymentConfiguration }: CreateServiceCommandInput,
  isDaemon: boolean,
) {
  const { type = 'ECS' } = deploymentController ?? {};
  if (isDaemon && type !== 'ECS')
    throw invalid(`The daemon scheduling strategy is not supported by the deployment controller ${type}.`);
  if (type === 'EXTERNAL')
    throw new TypeError('SimulatedCloud does not simulate the deployment controller EXTERNAL');
  if (type === 'CODE_DEPLOY' && deploymentConfiguration?.deploymentCircuitBreaker?.enable)
    throw invalid('The deployment circuit breaker is only supported by the deployment controller ECS.');
}

function checkPlan(plan: ServicePlan, dependencies: ServiceChecksDependencies): void {
  const { settings, isDaemon, definition } = plan;
  if (isDaemon) checkDaemon(settings);
  checkRebalancing(settings, isDaemon);
  checkLaunch(settings, definition);
  checkNetwork(definition.networkMode, settings);
  checkVolumes(settings.volumeConfigurations, definition, { isOfService: true });
  if ((settings.serviceRegistries?.length ?? 0) > 1)
    throw invalid('A service cannot have more than one service registry.');
  for (const entry of settings.loadBalancers ?? []) checkLoadBalancer(entry, plan, dependencies);
}

/**
 * A daemon has one task on each container instance.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
 */
function checkDaemon(settings: SimulatedServiceSettings): void {
  const { launchType, capacityProviderStrategy, placementStrategy, volumeConfigurations } = settings;
  const unsupported = [
    launchType === 'FARGATE' && 'the launch type FARGATE',
    isFilled(capacityProviderStrategy) && 'a capacity provider strategy',
    isFilled(placementStrategy) && 'a placement strategy',
    isFilled(volumeConfigurations) && 'volume configurations',
    (settings.deploymentConfiguration?.maximumPercent ?? 100) > 100 && 'a maximumPercent above 100',
  ].find(Boolean);
  if (unsupported) throw invalid(`The daemon scheduling strategy does not support ${unsupported}.`);
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html */
function checkRebalancing(settings: SimulatedServiceSettings, isDaemon: boolean): void {
  if (settings.availabilityZoneRebalancing !== 'ENABLED') return;
  const { maximumPercent = 200 } = settings.deploymentConfiguration ?? {};
  const unsupported = [
    isDaemon && 'the daemon scheduling strategy',
    settings.launchType === 'EXTERNAL' && 'the launch type EXTERNAL',
    maximumPercent <= 100 && 'a maximumPercent of 100 or less',
    settings.loadBalancers?.some(({ loadBalancerName }) => loadBalancerName) && 'a Classic Load Balancer',
  ].find(Boolean);
  if (unsupported) throw invalid(`Availability Zone rebalancing does not support ${unsupported}.`);
}

function checkLoadBalancer(
  { targetGroupArn, containerName, containerPort }: LoadBalancer,
  { definition, hasNewTargetGroups }: ServicePlan,
  { targetGroups }: ServiceChecksDependencies,
): void {
  const arn = required(targetGroupArn, 'targetGroupArn');
  if (hasNewTargetGroups && !targetGroups.isAttached(arn))
    throw invalid(`The target group with targetGroupArn ${arn} does not have an associated load balancer.`);
  const container = definition.containerDefinitions?.find(({ name }) => name === containerName);
  if (container === undefined)
    throw invalid(`The container ${containerName} does not exist in the task definition.`);
  if (!container.portMappings?.some((mapping) => mapping.containerPort === containerPort))
    throw invalid(`The container ${containerName} did not have a container port ${containerPort} defined.`);
  const { targetType } = targetGroups.group(arn);
  const { networkMode = 'bridge' } = definition;
  if ((networkMode === 'awsvpc') !== (targetType === 'ip'))
    throw invalid(
      `The provided target group ${arn} has target type ${targetType}, which is incompatible with the ${networkMode} network mode specified in the task definition.`,
    );
}

function isFilled(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}
