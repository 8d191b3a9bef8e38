import type { Service } from '@aws-sdk/client-ecs';
import type { ServiceOnlyFeature } from '../events.js';
import type { ServiceInput } from '../types.js';
import { isFilled } from './canary-request.js';

/**
 * Returns the features of a service that ECS supports only for tasks of a service, so that a canary lacks them.
 *
 * @param input - the content of `service.json`: DescribeServices does not show gateway connectors.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html
 */
export function serviceOnlyFeatures(service: Service, input: ServiceInput | undefined): ServiceOnlyFeature[] {
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  const features: readonly (readonly [ServiceOnlyFeature, boolean])[] = [
    ['serviceConnect', primary?.serviceConnectConfiguration?.enabled === true],
    ['serviceRegistries', isFilled(service.serviceRegistries)],
    ['vpcLattice', isFilled(primary?.vpcLatticeConfigurations)],
    ['gatewayConnectors', isFilled(input?.gatewayConnectors)],
  ];
  return features.flatMap(([feature, isUsed]) => (isUsed ? [feature] : []));
}
