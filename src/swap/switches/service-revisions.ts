import type { ECSClient, Service, ServiceRevision, TaskSet } from '@aws-sdk/client-ecs';
import { type AwsCall, type CallOptions, callAws, isAwsError, requireField } from '../../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import type { Loaded } from '../../core/lazy-client.js';

type Ecs = Loaded<typeof import('@aws-sdk/client-ecs'), ECSClient>;

/** Name of a service, with its cluster. Both can be ARNs. */
export interface ServiceName {
  readonly cluster: string;
  readonly service: string;
}

/** Tasks behind a target group: a task set of CodeDeploy, or a service revision of ECS. */
export interface TargetGroupTasks {
  readonly name: string;
  readonly targetGroupArns: readonly string[];
  readonly taskDefinition: string;
  /** True while the tasks are being stopped. */
  readonly isDraining: boolean;
  /** ARNs of the rules of an ECS blue/green deployment: ECS shifts the production rule; the test rule is not production. */
  readonly productionRules: readonly string[];
  readonly testRules: readonly string[];
}

/** Returns `orders/web` for names and ARNs. */
export function nameOf({ cluster, service }: ServiceName): string {
  return `${lastSegment(cluster)}/${lastSegment(service)}`;
}

/**
 * Reads the task sets or the current revisions of a service.
 *
 * @throws ResourceNotFoundError when the service or its cluster does not exist; ResourceStateError when the service is being
 * deleted, or when its tasks have no target group.
 */
export async function readTasks(
  ecs: Ecs,
  name: ServiceName,
  { signal }: CallOptions,
): Promise<readonly TargetGroupTasks[]> {
  const service = await readService(ecs, name, { signal });
  const call = { action: 'ecs:DescribeServices', resource: `service ${nameOf(name)}`, signal };
  const isOfEcs = (service.deploymentController?.type ?? 'ECS') === 'ECS';
  const tasks = isOfEcs
    ? await readRevisions(ecs, currentRevisions(service, call), call)
    : requireField(service.taskSets, 'taskSets', call).map((taskSet) => ofTaskSet(taskSet, call));
  const without = tasks.find(({ targetGroupArns }) => targetGroupArns.length === 0);
  if (tasks.length > 0 && without === undefined) return tasks;
  throw new ResourceStateError(`Service ${nameOf(name)} does not show where its traffic goes`, {
    resource: call.resource,
    expected: `${isOfEcs ? 'service revisions' : 'task sets'} with a target group`,
    actual: without === undefined ? 'none' : `${without.name} without a target group`,
    remedy: 'Give the service a load balancer, or use a probe of your own',
  });
}

/**
 * Reads revisions of a service.
 *
 * @throws ResourceNotFoundError for a revision that ECS does not show, such as one from before October 25, 2024.
 */
export async function readRevisions(
  { sdk, client }: Ecs,
  arns: readonly string[],
  { resource, signal }: Pick<AwsCall, 'resource' | 'signal'>,
): Promise<TargetGroupTasks[]> {
  const call = { action: 'ecs:DescribeServiceRevisions', resource, signal };
  const command = new sdk.DescribeServiceRevisionsCommand({ serviceRevisionArns: [...arns] });
  const { serviceRevisions = [] } = await callAws(call, (http) => client.send(command, http));
  return arns.map((arn) => {
    const revision = serviceRevisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn);
    if (revision !== undefined) return ofRevision(revision, call);
    throw new ResourceNotFoundError(`Service revision ${lastSegment(arn)} of ${resource} not found`, {
      resource: arn,
      remedy: 'Deploy the service once: ECS shows no revision from before October 25, 2024',
    });
  });
}

async function readService(
  { sdk, client }: Ecs,
  name: ServiceName,
  { signal }: CallOptions,
): Promise<Service> {
  const resource = `service ${nameOf(name)}`;
  const call = { action: 'ecs:DescribeServices', resource, signal };
  const command = new sdk.DescribeServicesCommand({ cluster: name.cluster, services: [name.service] });
  const remedy = 'Correct cluster and service, or the Region and the account of the client';
  try {
    const { services = [] } = await callAws(call, (http) => client.send(command, http));
    const [service] = services;
    if (service === undefined || service.status === 'INACTIVE')
      throw new ResourceNotFoundError(`Service ${nameOf(name)} not found`, { resource, remedy });
    return service;
  } catch (cause) {
    if (isAwsError(cause, 'ClusterNotFoundException'))
      throw new ResourceNotFoundError(`Cluster of service ${nameOf(name)} not found`, {
        resource,
        remedy,
        cause,
      });
    throw cause;
  }
}

function currentRevisions({ currentServiceRevisions }: Service, call: AwsCall): string[] {
  const summaries = requireField(currentServiceRevisions, 'currentServiceRevisions', call);
  return summaries.map(({ arn }) => requireField(arn, 'currentServiceRevisions[].arn', call));
}

function ofTaskSet(
  { id, status, taskDefinition, loadBalancers = [] }: TaskSet,
  call: AwsCall,
): TargetGroupTasks {
  return {
    name: `task set ${requireField(id, 'taskSets[].id', call)}`,
    targetGroupArns: loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    taskDefinition: requireField(taskDefinition, 'taskSets[].taskDefinition', call),
    isDraining: status === 'DRAINING',
    productionRules: [],
    testRules: [],
  };
}

/** The two target groups of a blue/green service alternate: only the resolved configuration says which one the revision has. */
function ofRevision(revision: ServiceRevision, call: AwsCall): TargetGroupTasks {
  const { serviceRevisionArn = '', taskDefinition, loadBalancers = [], resolvedConfiguration } = revision;
  const hasAlternative = loadBalancers.some(
    ({ advancedConfiguration }) => advancedConfiguration?.alternateTargetGroupArn !== undefined,
  );
  const resolved = hasAlternative
    ? requireField(resolvedConfiguration?.loadBalancers, 'resolvedConfiguration.loadBalancers', call)
    : (resolvedConfiguration?.loadBalancers ?? loadBalancers);
  return {
    name: `service revision ${lastSegment(serviceRevisionArn)}`,
    targetGroupArns: resolved.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    taskDefinition: requireField(taskDefinition, 'taskDefinition', call),
    isDraining: false,
    productionRules: loadBalancers.flatMap((it) => it.advancedConfiguration?.productionListenerRule ?? []),
    testRules: loadBalancers.flatMap((it) => it.advancedConfiguration?.testListenerRule ?? []),
  };
}
