import type { DescribeServicesResponse, Service } from '@aws-sdk/client-ecs';
import { requireField } from '../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import { lastSegment } from '../core/last-segment.js';
import { primaryRollout, usesTaskSets } from './service-stability.js';
import type { EcsStackOptions, StableService } from './types.js';

/** A service as the parameters of an AWS call name it. */
export type ServiceName = Pick<EcsStackOptions, 'cluster' | 'service'>;

/** The name of a service in errors and log lines: `cluster/service`, also when the options hold ARNs. */
export function nameOf({ cluster, service }: ServiceName): string {
  return `${lastSegment(cluster)}/${lastSegment(service)}`;
}

/**
 * Returns the one service of a response, unless it is missing or being deleted. ECS documents the statuses `ACTIVE`, `DRAINING`
 * and `INACTIVE`; a service with any other status exists.
 *
 * @throws ResourceNotFoundError when the service does not exist or was deleted, ResourceStateError when it is being deleted.
 */
export function requireService({ services, failures }: DescribeServicesResponse, resource: string): Service {
  const service = services?.[0];
  if (service?.status === 'DRAINING') {
    throw new ResourceStateError(`Service ${resource} is being deleted`, {
      resource,
      expected: 'the status ACTIVE',
      actual: 'DRAINING',
      remedy: 'Create it again after its deletion, or use another service',
    });
  }
  if (service !== undefined && service.status !== 'INACTIVE') return service;
  throw new ResourceNotFoundError(`Service ${resource} not found`, {
    resource,
    expected: 'the status ACTIVE',
    actual: service?.status ?? failures?.[0]?.reason ?? 'no service',
    remedy: 'Check the names, the Region and the account',
  });
}

/** The service as Application Auto Scaling names it. Built from AWS's response, because the options may hold ARNs. */
export function scalableResource({ clusterArn, serviceName, serviceArn }: Service): string {
  const call = { action: 'ecs:DescribeServices', resource: serviceArn ?? 'service' };
  const cluster = lastSegment(requireField(clusterArn, 'clusterArn', call));
  return `service/${cluster}/${requireField(serviceName, 'serviceName', call)}`;
}

/** The result of a wait for a stable service. */
export function summarize(service: Service): StableService {
  const call = { action: 'ecs:DescribeServices', resource: service.serviceArn ?? 'service' };
  const rollout = primaryRollout(service);
  const runningCount = usesTaskSets(service) ? rollout?.runningCount : service.runningCount;
  return {
    serviceArn: requireField(service.serviceArn, 'serviceArn', call),
    taskDefinition: requireField(rollout?.taskDefinition, 'taskDefinition', call),
    runningCount: requireField(runningCount, 'runningCount', call),
  };
}
