import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs';
import { type CallOptions, callAws, isAwsError } from '../core/aws-call.js';
import { ResourceNotFoundError } from '../core/errors.js';
import { nameOf, requireActive } from './ecs-service.js';
import type { EcsStackOptions } from './types.js';

/** Which service is meant, as a call of AWS names it. */
export type ServiceName = Pick<EcsStackOptions, 'cluster' | 'service'>;

/** What reading a service may be told. */
export interface ReadServiceOptions extends CallOptions {
  /** Whether its tags are read, too. */
  readonly withTags?: boolean;
}

/**
 * The active service.
 *
 * @throws ResourceNotFoundError when there is no such service or cluster; ResourceStateError when it is being deleted
 */
export async function readService(
  client: ECSClient,
  { cluster, service }: ServiceName,
  { signal, withTags = false }: ReadServiceOptions,
): Promise<Service> {
  const resource = nameOf({ cluster, service });
  const command = new DescribeServicesCommand({
    cluster,
    services: [service],
    ...(withTags && { include: ['TAGS'] }),
  });
  const call = { action: 'ecs:DescribeServices', resource, signal };
  try {
    return requireActive(await callAws(call, (http) => client.send(command, http)), resource);
  } catch (error) {
    throw isAwsError(error, 'ClusterNotFoundException') ? noCluster(cluster, error) : error;
  }
}

/** What AWS's refusal of a cluster means. */
export function noCluster(cluster: string, cause: unknown): ResourceNotFoundError {
  return new ResourceNotFoundError(`There is no cluster ${cluster}`, {
    resource: cluster,
    remedy: 'Check its name, the region and the account',
    cause,
  });
}
