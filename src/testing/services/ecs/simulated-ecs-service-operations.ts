import {
  type CreateServiceCommandInput,
  type CreateServiceCommandOutput,
  type DescribeServicesCommandInput,
  type DescribeServicesCommandOutput,
  ServiceNotActiveException,
  ServiceNotFoundException,
  type UpdateServiceCommandInput,
  type UpdateServiceCommandOutput,
} from '@aws-sdk/client-ecs';
import { withoutUndefined } from '../../../core/without-undefined.js';
import { clientFault, type OperationOutput, required } from '../../cloud/environment.js';
import type { SimulatedTargetGroups } from '../elastic-load-balancing/simulated-target-groups.js';
import { arnInCluster, type SimulatedEcsClusters } from './simulated-ecs-clusters.js';
import { checkLength, invalid } from './simulated-ecs-errors.js';
import {
  describeService,
  type SimulatedEcsService,
  type SimulatedServiceSettings,
} from './simulated-ecs-service.js';
import { checkNewService, checkUpdate } from './simulated-ecs-service-checks.js';
import type { SimulatedTaskDefinitions } from './simulated-task-definitions.js';

/** Dependencies of the operations. */
export interface ServiceOperationsDependencies {
  readonly clusters: SimulatedEcsClusters;
  readonly definitions: SimulatedTaskDefinitions;
  readonly targetGroups: SimulatedTargetGroups;
  readonly find: (clusterArn: string, nameOrArn: string) => SimulatedEcsService | undefined;
  /** Returns the ARNs of the current revisions, for services that show them. */
  readonly currentRevisions: (service: SimulatedEcsService) => readonly string[];
  /** Adds a service without tasks. */
  readonly add: (clusterArn: string, name: string, input: CreateServiceCommandInput) => SimulatedEcsService;
  /** Starts the rollout of a task definition. */
  readonly roll: (service: SimulatedEcsService, taskDefinition: string) => void;
  readonly setDesiredCount: (service: SimulatedEcsService, count: number) => void;
}

/** CreateService, DescribeServices and UpdateService. */
export function serviceOperations(dependencies: ServiceOperationsDependencies) {
  const { clusters, definitions, find } = dependencies;
  const tokens = new Map<string, string>();
  return {
    CreateService: (input: CreateServiceCommandInput): OperationOutput<CreateServiceCommandOutput> => {
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
      checkNewService(input, settingsIn(input), dependencies);
      const service = dependencies.add(clusterArn, name, input);
      if (input.clientToken !== undefined) tokens.set(input.clientToken, JSON.stringify(input));
      dependencies.roll(service, definitions.get(required(input.taskDefinition, 'taskDefinition')).arn);
      return { service: describeService(service, { withTags: true }) };
    },

    DescribeServices: (
      input: DescribeServicesCommandInput,
    ): OperationOutput<DescribeServicesCommandOutput> => {
      const clusterArn = clusters.arnOf(input.cluster);
      const wanted = required(input.services, 'services');
      checkLength(wanted, 'Services', 10);
      const withTags = input.include?.includes('TAGS') === true;
      const found = wanted.map((nameOrArn) => [nameOrArn, find(clusterArn, nameOrArn)] as const);
      return {
        services: found.flatMap(([, service]) =>
          service
            ? [{ ...describeService(service, { withTags }), ...revisionsOf(service, dependencies) }]
            : [],
        ),
        failures: found.flatMap(([nameOrArn, service]) =>
          service ? [] : [{ arn: arnInCluster(clusterArn, 'service', nameOrArn), reason: 'MISSING' }],
        ),
      };
    },

    UpdateService: (input: UpdateServiceCommandInput): OperationOutput<UpdateServiceCommandOutput> => {
      const service = find(clusters.arnOf(input.cluster), required(input.service, 'service'));
      if (service === undefined) throw new ServiceNotFoundException(clientFault('Service not found.'));
      if (service.status !== 'ACTIVE')
        throw new ServiceNotActiveException(clientFault('Service was not ACTIVE.'));
      checkUpdate(service, input, withChanges(service, input), dependencies);
      const current = service.deployments[0]?.taskDefinition;
      const wanted = input.taskDefinition === undefined ? current : definitions.get(input.taskDefinition).arn;
      const startsTasksAnew = changesTasks(service, input);
      applySettings(service, input);
      // Set before the deployment, so that it starts with the new count.
      if (input.desiredCount !== undefined) service.desiredCount = input.desiredCount;
      if (wanted !== undefined && (wanted !== current || startsTasksAnew)) dependencies.roll(service, wanted);
      dependencies.setDesiredCount(service, service.desiredCount);
      return { service: describeService(service) };
    },
  };
}

function revisionsOf(service: SimulatedEcsService, { currentRevisions }: ServiceOperationsDependencies) {
  const arns = currentRevisions(service);
  return arns.length === 0 ? {} : { currentServiceRevisions: arns.map((arn) => ({ arn })) };
}

/** Returns the settings in a request, without missing members. */
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
    serviceConnectConfiguration: input.serviceConnectConfiguration,
    volumeConfigurations: input.volumeConfigurations,
    vpcLatticeConfigurations: input.vpcLatticeConfigurations,
  };
  return structuredClone(withoutUndefined(given));
}

/** Returns the circuit breaker of a deployment configuration. */
export function circuitBreakerOf({ deploymentConfiguration }: SimulatedServiceSettings) {
  const breaker = deploymentConfiguration?.deploymentCircuitBreaker;
  return breaker?.enable ? { rollback: breaker.rollback === true } : undefined;
}

function withChanges(
  { settings }: SimulatedEcsService,
  input: UpdateServiceCommandInput,
): SimulatedServiceSettings {
  const changed = settingsIn(input);
  const { launchType, ...others } = settings;
  const isOnProviders = changed.capacityProviderStrategy !== undefined;
  return { ...others, ...(launchType !== undefined && !isOnProviders && { launchType }), ...changed };
}

function applySettings(service: SimulatedEcsService, input: UpdateServiceCommandInput): void {
  const changed = settingsIn(input);
  service.settings = withChanges(service, input);
  if (changed.deploymentConfiguration?.deploymentCircuitBreaker !== undefined)
    service.circuitBreaker = circuitBreakerOf(changed);
}

/** Returns true when ECS replaces the tasks. Other settings apply to later tasks. */
function changesTasks({ settings }: SimulatedEcsService, input: UpdateServiceCommandInput): boolean {
  if (input.forceNewDeployment === true) return true;
  const decisive = [
    'capacityProviderStrategy',
    'platformVersion',
    'networkConfiguration',
    'loadBalancers',
    'serviceRegistries',
    'serviceConnectConfiguration',
    'volumeConfigurations',
    'vpcLatticeConfigurations',
  ] as const;
  return decisive.some(
    (name) => input[name] !== undefined && JSON.stringify(input[name]) !== JSON.stringify(settings[name]),
  );
}
