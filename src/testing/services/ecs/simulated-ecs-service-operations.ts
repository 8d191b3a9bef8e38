import {
  type CreateServiceCommandInput,
  type CreateServiceCommandOutput,
  type DescribeServicesCommandInput,
  type DescribeServicesCommandOutput,
  type LoadBalancer,
  ServiceNotActiveException,
  ServiceNotFoundException,
  type TaskDefinition,
  type UpdateServiceCommandInput,
  type UpdateServiceCommandOutput,
} from '@aws-sdk/client-ecs';
import { type Answer, clientFault, required } from '../../cloud/environment.js';
import type { SimulatedTargetGroups } from '../elastic-load-balancing/simulated-target-groups.js';
import { arnInCluster, type SimulatedEcsClusters } from './simulated-ecs-clusters.js';
import { checkLength, invalid, refused } from './simulated-ecs-errors.js';
import {
  describeService,
  type SimulatedEcsService,
  type SimulatedServiceSettings,
} from './simulated-ecs-service.js';
import { checkNetwork } from './simulated-ecs-task-operations.js';
import { definitionByName } from './simulated-ecs-tasks.js';
import type { SimulatedTaskDefinitions } from './simulated-task-definitions.js';

/** What the operations work with. */
export interface ServiceOperationsSurroundings {
  readonly clusters: SimulatedEcsClusters;
  readonly definitions: SimulatedTaskDefinitions;
  readonly targetGroups: SimulatedTargetGroups;
  readonly find: (clusterArn: string, nameOrArn: string) => SimulatedEcsService | undefined;
  /** Adds a service without tasks. */
  readonly add: (clusterArn: string, name: string, input: CreateServiceCommandInput) => SimulatedEcsService;
  /** Rolls a task definition out. */
  readonly roll: (service: SimulatedEcsService, taskDefinition: string) => void;
  readonly setDesiredCount: (service: SimulatedEcsService, count: number) => void;
}

/** CreateService and its kin. */
export function serviceOperations(dependencies: ServiceOperationsSurroundings) {
  const { clusters, definitions, find } = dependencies;
  const tokens = new Map<string, string>();
  return {
    CreateService: (input: CreateServiceCommandInput): Answer<CreateServiceCommandOutput> => {
      const clusterArn = clusters.arnOf(input.cluster);
      const name = required(input.serviceName, 'serviceName');
      const present = find(clusterArn, name);
      if (present?.status === 'ACTIVE') {
        const isSame =
          input.clientToken !== undefined && tokens.get(input.clientToken) === JSON.stringify(input);
        if (!isSame) throw invalid('Creation of service was not idempotent.');
        return { service: describeService(present, { withTags: true }) };
      }
      if (present?.status === 'DRAINING') throw invalid('Unable to Start a service that is still Draining.');
      checkNewService(input, dependencies);
      const service = dependencies.add(clusterArn, name, input);
      if (input.clientToken !== undefined) tokens.set(input.clientToken, JSON.stringify(input));
      dependencies.roll(service, definitions.arnOf(required(input.taskDefinition, 'taskDefinition')));
      return { service: describeService(service, { withTags: true }) };
    },

    DescribeServices: (input: DescribeServicesCommandInput): Answer<DescribeServicesCommandOutput> => {
      const clusterArn = clusters.arnOf(input.cluster);
      const wanted = required(input.services, 'services');
      checkLength(wanted, 'Services', 10);
      const withTags = input.include?.includes('TAGS') === true;
      const found = wanted.map((nameOrArn) => [nameOrArn, find(clusterArn, nameOrArn)] as const);
      return {
        services: found.flatMap(([, service]) => (service ? [describeService(service, { withTags })] : [])),
        failures: found.flatMap(([nameOrArn, service]) =>
          service ? [] : [{ arn: arnInCluster(clusterArn, 'service', nameOrArn), reason: 'MISSING' }],
        ),
      };
    },

    UpdateService: (input: UpdateServiceCommandInput): Answer<UpdateServiceCommandOutput> => {
      const service = find(clusters.arnOf(input.cluster), required(input.service, 'service'));
      if (service === undefined) throw new ServiceNotFoundException(clientFault('Service not found.'));
      if (service.status !== 'ACTIVE')
        throw new ServiceNotActiveException(clientFault('Service was not ACTIVE.'));
      checkUpdate(service, input, dependencies);
      const current = service.deployments[0]?.taskDefinition;
      const wanted = input.taskDefinition === undefined ? current : definitions.arnOf(input.taskDefinition);
      const startsTasksAnew = changesTasks(service, input);
      applySettings(service, input);
      // The new deployment takes the new count.
      if (input.desiredCount !== undefined) service.desiredCount = input.desiredCount;
      if (wanted !== undefined && (wanted !== current || startsTasksAnew)) dependencies.roll(service, wanted);
      dependencies.setDesiredCount(service, service.desiredCount);
      return { service: describeService(service) };
    },
  };
}

/** The settings in a request; what is left out is not touched. */
export function settingsIn(
  input: Partial<CreateServiceCommandInput | UpdateServiceCommandInput>,
): SimulatedServiceSettings {
  const given: SimulatedServiceSettings = {
    ...('launchType' in input && { launchType: input.launchType }),
    capacityProviderStrategy: input.capacityProviderStrategy,
    platformVersion: input.platformVersion,
    networkConfiguration: input.networkConfiguration,
    loadBalancers: input.loadBalancers,
    serviceRegistries: input.serviceRegistries,
    placementConstraints: input.placementConstraints,
    placementStrategy: input.placementStrategy,
    healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds,
    deploymentConfiguration: input.deploymentConfiguration,
    propagateTags: input.propagateTags,
    enableECSManagedTags: input.enableECSManagedTags,
    enableExecuteCommand: input.enableExecuteCommand,
    availabilityZoneRebalancing: input.availabilityZoneRebalancing,
  };
  return structuredClone(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
}

/** The circuit breaker that a deployment configuration asks for. */
export function circuitBreakerOf({ deploymentConfiguration }: SimulatedServiceSettings) {
  const breaker = deploymentConfiguration?.deploymentCircuitBreaker;
  return breaker?.enable ? { rollback: breaker.rollback === true } : undefined;
}

function applySettings(service: SimulatedEcsService, input: UpdateServiceCommandInput): void {
  const changed = settingsIn(input);
  service.settings = { ...service.settings, ...changed };
  if (changed.capacityProviderStrategy !== undefined) delete service.settings.launchType;
  if (changed.deploymentConfiguration?.deploymentCircuitBreaker !== undefined)
    service.circuitBreaker = circuitBreakerOf(changed);
}

/** Only some settings make ECS start its tasks anew; the others hold for the tasks to come. */
function changesTasks({ settings }: SimulatedEcsService, input: UpdateServiceCommandInput): boolean {
  if (input.forceNewDeployment === true) return true;
  const decisive = [
    'capacityProviderStrategy',
    'platformVersion',
    'networkConfiguration',
    'loadBalancers',
    'serviceRegistries',
  ] as const;
  return decisive.some(
    (name) => input[name] !== undefined && JSON.stringify(input[name]) !== JSON.stringify(settings[name]),
  );
}

function checkNewService(
  input: CreateServiceCommandInput,
  dependencies: ServiceOperationsSurroundings,
): void {
  const { definitions } = dependencies;
  const arn = definitions.arnOf(required(input.taskDefinition, 'taskDefinition'));
  const definition = definitions.find(arn)?.definition ?? definitionByName(arn);
  if (definition.status === 'INACTIVE') throw refused('TaskDefinition is inactive');
  if (input.schedulingStrategy !== 'DAEMON' && input.desiredCount === undefined)
    throw invalid('Desired count is required when the scheduling strategy is REPLICA.');
  if ((input.desiredCount ?? 0) < 0) throw invalid('Desired count cannot be negative.');
  if (input.launchType !== undefined && input.capacityProviderStrategy?.length)
    throw invalid(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  if (input.launchType === 'FARGATE' && definition.compatibilities?.includes('FARGATE') === false)
    throw invalid('Task definition does not support launch_type FARGATE.');
  checkNetwork(definition.networkMode, input);
  for (const entry of input.loadBalancers ?? []) checkLoadBalancer(entry, definition, dependencies);
}

function checkLoadBalancer(
  { targetGroupArn, containerName, containerPort }: LoadBalancer,
  definition: TaskDefinition,
  { targetGroups }: ServiceOperationsSurroundings,
): void {
  const arn = required(targetGroupArn, 'targetGroupArn');
  if (!targetGroups.isAttached(arn))
    throw invalid(`The target group with targetGroupArn ${arn} does not have an associated load balancer.`);
  const container = definition.containerDefinitions?.find(({ name }) => name === containerName);
  if (container === undefined)
    throw invalid(`The container ${containerName} does not exist in the task definition.`);
  if (!container.portMappings?.some((mapping) => mapping.containerPort === containerPort))
    throw invalid(`The container ${containerName} did not have a container port ${containerPort} defined.`);
  const { targetType } = targetGroups.group(arn);
  if (definition.networkMode === 'awsvpc' && targetType === 'instance')
    throw invalid(
      `The provided target group ${arn} has target type instance, which is incompatible with the awsvpc network mode specified in the task definition.`,
    );
}

function checkUpdate(
  service: SimulatedEcsService,
  { desiredCount, taskDefinition }: UpdateServiceCommandInput,
  { definitions }: ServiceOperationsSurroundings,
): void {
  if (desiredCount !== undefined && service.schedulingStrategy === 'DAEMON')
    throw invalid('The daemon scheduling strategy does not support a desired count for a service.');
  if (desiredCount !== undefined && desiredCount < 0) throw invalid('Desired count cannot be negative.');
  if (taskDefinition === undefined) return;
  if (service.deploymentController === 'CODE_DEPLOY')
    throw invalid('Unable to update task definition on services with a CODE_DEPLOY deployment controller.');
  if (definitions.find(definitions.arnOf(taskDefinition))?.definition.status === 'INACTIVE')
    throw refused('TaskDefinition is inactive');
}
