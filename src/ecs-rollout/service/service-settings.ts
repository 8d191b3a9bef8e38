import type { CapacityProviderStrategyItem, Service } from '@aws-sdk/client-ecs';
import type { ServiceTargetGroup } from '../canary/canary-addresses.js';
import type { ServiceInput, ServiceSettings } from '../types.js';

/**
 * The members of `service.json` that an update changes. Without the number of tasks, which scaling and `enableService` set.
 * Without members that can be set only at creation: launch type, scheduling strategy, role and tags. Without gateway
 * connectors and monitoring: DescribeServices does not show them, so that no rollback could restore them.
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

/** ECS's values for settings that a service does not have: a member that an update leaves out stays as it is. */
const absent: Readonly<Record<string, unknown>> = {
  availabilityZoneRebalancing: 'DISABLED',
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  healthCheckGracePeriodSeconds: 0,
  propagateTags: 'NONE',
  serviceConnectConfiguration: { enabled: false },
} satisfies ServiceSettings;

/** The settings in a service's file that an update of the service can change. */
export function settingsOf(wanted: ServiceInput, present: Service): ServiceSettings {
  const given = updatable.filter((name) => wanted[name] !== undefined);
  const settings: ServiceSettings = Object.fromEntries(given.map((name) => [name, wanted[name]]));
  const { capacityProviderStrategy, ...others } = settings;
  if (capacityProviderStrategy === undefined) return settings;
  // AWS accepts a strategy only with a forced deployment, which is unnecessary for an unchanged one.
  return isSameStrategy(capacityProviderStrategy, present.capacityProviderStrategy ?? [])
    ? others
    : { ...settings, forceNewDeployment: true };
}

/** The ARNs of the target groups that a service with these settings leaves, with at least one of its ports. */
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

/**
 * The same settings with the service's present values. A list that it does not have is emptied, another setting gets its
 * default.
 */
export function previousSettings(service: Service, changed: ServiceSettings): ServiceSettings {
  const deployment = service.deployments?.find(({ status }) => status === 'PRIMARY');
  const previousValues: Readonly<Record<string, unknown>> = { ...deployment, ...service };
  const entries = Object.entries(changed).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'forceNewDeployment') return [[name, value]];
    const before = previousValues[name] ?? (Array.isArray(value) ? [] : absent[name]);
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
