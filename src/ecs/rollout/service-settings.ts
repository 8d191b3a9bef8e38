import type { CapacityProviderStrategyItem, Service } from '@aws-sdk/client-ecs';
import type { ServiceTargetGroup } from './canary-addresses.js';
import type { ServiceInput, ServiceSettings } from './types.js';

/**
 * What of `service.json` an update takes. How many tasks run is left alone: that is a matter of scaling and of
 * `enableService`. What can be said only when a service is created (its launch type, scheduling strategy, role and tags)
 * is left out, too.
 */
const updatable = [
  'availabilityZoneRebalancing',
  'capacityProviderStrategy',
  'deploymentConfiguration',
  'enableECSManagedTags',
  'enableExecuteCommand',
  'healthCheckGracePeriodSeconds',
  'loadBalancers',
  'networkConfiguration',
  'placementConstraints',
  'placementStrategy',
  'platformVersion',
  'propagateTags',
  'serviceConnectConfiguration',
  'serviceRegistries',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
] as const satisfies readonly (keyof ServiceInput & keyof ServiceSettings)[];

/** How AWS is told that a service has no such setting; what an update leaves out stays as it is. */
const absent: Readonly<Record<string, object | undefined>> = {
  serviceConnectConfiguration: { enabled: false },
} satisfies ServiceSettings;

/** The settings of a service's file that an update of the service can change. */
export function settingsOf(wanted: ServiceInput, present: Service): ServiceSettings {
  const given = updatable.filter((name) => wanted[name] !== undefined);
  const settings: ServiceSettings = Object.fromEntries(given.map((name) => [name, wanted[name]]));
  const { capacityProviderStrategy, ...others } = settings;
  if (capacityProviderStrategy === undefined) return settings;
  // AWS accepts a strategy only with a deployment that is forced, which the same one is not worth.
  return isSameStrategy(capacityProviderStrategy, present.capacityProviderStrategy ?? [])
    ? others
    : { ...settings, forceNewDeployment: true };
}

/** The ARNs of the target groups which a service with these settings leaves, with one of its ports at least. */
export function groupsLeft(
  groups: readonly ServiceTargetGroup[],
  { loadBalancers }: ServiceSettings,
): ReadonlySet<string> {
  if (loadBalancers === undefined) return new Set();
  const stays = (group: ServiceTargetGroup) =>
    loadBalancers.some(
      ({ targetGroupArn, containerName, containerPort }) =>
        targetGroupArn === group.targetGroupArn &&
        containerName === group.containerName &&
        containerPort === group.containerPort,
    );
  return new Set(groups.filter((group) => !stays(group)).map(({ targetGroupArn }) => targetGroupArn));
}

/** The same settings as the service had them before; a list that it did not have is emptied, and Service Connect ended. */
export function formerSettings(service: Service, changed: ServiceSettings): ServiceSettings {
  const deployment = service.deployments?.find(({ status }) => status === 'PRIMARY');
  const former: Readonly<Record<string, unknown>> = { ...deployment, ...service };
  const entries = Object.entries(changed).flatMap(([name, value]) => {
    if (name === 'forceNewDeployment') return [[name, value]];
    const before = former[name] ?? (Array.isArray(value) ? [] : absent[name]);
    return before === undefined ? [] : [[name, before]];
  });
  return Object.fromEntries(entries);
}

function isSameStrategy(
  one: readonly CapacityProviderStrategyItem[],
  other: readonly CapacityProviderStrategyItem[],
): boolean {
  const textOf = (strategy: readonly CapacityProviderStrategyItem[]) =>
    strategy
      .map(({ capacityProvider, weight = 0, base = 0 }) => `${capacityProvider} ${weight} ${base}`)
      .sort()
      .join();
  return textOf(one) === textOf(other);
}
