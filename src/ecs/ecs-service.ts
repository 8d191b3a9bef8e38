import type { DescribeServicesResponse, Service } from '@aws-sdk/client-ecs';
import { requireField } from '../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import { lastSegment } from '../core/last-segment.js';
import { primaryRollout, usesTaskSets } from './service-stability.js';
import type { EcsStackOptions, StableService } from './types.js';

/** How errors and log lines name a service; the same for names and for ARNs. */
export function nameOf({
  cluster,
  service,
}: Pick<EcsStackOptions, 'cluster' | 'service'> & Partial<EcsStackOptions>): string {
  return `${lastSegment(cluster)}/${lastSegment(service)}`;
}

/**
 * The one service that was asked for.
 *
 * @throws ResourceNotFoundError when there is none, or only the memory of a deleted one.
 * @throws ResourceStateError when it is being deleted.
 */
export function requireActive({ services, failures }: DescribeServicesResponse, resource: string): Service {
  const service = services?.[0];
  if (service?.status === 'ACTIVE') return service;
  if (service?.status === 'DRAINING') {
    throw new ResourceStateError(`The service ${resource} is being deleted`, {
      resource,
      expected: 'the status ACTIVE',
      actual: 'DRAINING',
      remedy: 'Create it anew once it is gone, or give another service',
    });
  }
  throw new ResourceNotFoundError(`There is no service ${resource}`, {
    resource,
    expected: 'the status ACTIVE',
    actual: service?.status ?? failures?.[0]?.reason ?? 'no service',
    remedy: 'Check the names, the region and the account',
  });
}

/** The service as Application Auto Scaling names it; made from AWS's answer, because the options may hold ARNs. */
export function scalableResource({ clusterArn, serviceName, serviceArn }: Service): string {
  const call = { action: 'ecs:DescribeServices', resource: serviceArn ?? 'service' };
  const cluster = lastSegment(requireField(clusterArn, 'clusterArn', call));
  return `service/${cluster}/${requireField(serviceName, 'serviceName', call)}`;
}

/** What a wait gives back. */
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
