import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs';
import { type CallOptions, callAws } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { type PossiblyMissing, requireFound } from '../core/not-found.js';
import { pollUntil } from '../core/poll-until.js';
import { nameOf, requireService, type ServiceName } from './ecs-service.js';

/** A status that ECS does not document is waited out for this long. */
const maxUnknownStatusSeconds = 120;
const intervalSeconds = 5;

/** Options of {@link readService}. */
export interface ReadServiceOptions extends CallOptions {
  /**
   * Reads the tags of the service, too.
   * @default false
   */
  readonly withTags?: boolean;
}

/**
 * Reads a service that is not being deleted, whatever its status.
 *
 * @throws ResourceNotFoundError when the service or the cluster does not exist, ResourceStateError when it is being deleted.
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
  const send = () => callAws(call, (http) => client.send(command, http));
  return requireService(await requireFound([missingCluster(cluster)], send), resource);
}

/**
 * Reads a service before a change. A status that this version does not know is waited out.
 *
 * @throws WaitTimeoutError, which names the status; and the errors of {@link readService}
 */
export async function readActiveService(
  { ecs, clock }: { readonly ecs: ECSClient; readonly clock: Clock },
  name: ServiceName,
  options: ReadServiceOptions,
): Promise<Service> {
  return pollUntil({
    clock,
    resource: nameOf(name),
    signal: options.signal,
    expected: 'the status ACTIVE',
    maxWaitSeconds: maxUnknownStatusSeconds,
    intervalSeconds,
    observe: () => readService(ecs, name, options),
    isDone: ({ status }) => status === 'ACTIVE',
    describe: ({ status }) => `the status ${status}`,
  });
}

/** Describes a cluster that can be missing in a call. */
export function missingCluster(resource: string): PossiblyMissing {
  const remedy = 'Check its name, the Region and the account';
  return { errorName: 'ClusterNotFoundException', kind: 'Cluster', resource, remedy };
}
