import type { Deployment, Service, TaskSet } from '@aws-sdk/client-ecs';

/** The state of the wanted task definition in one description of a service. */
export type ServiceStability =
  /** Its tasks run, and no others do. */
  | { readonly state: 'stable' }
  /** It is being rolled out, or the service has a status that is not known. */
  | { readonly state: 'pending'; readonly actual: string }
  /** It will not become stable: its rollout failed or was rolled back. */
  | { readonly state: 'failed'; readonly actual: string }
  /** No deployment or task set has it: it was rolled back, or its rollout has not begun yet. */
  | { readonly state: 'absent'; readonly actual: string };

/**
 * Decides whether a service is stable with the wanted task definition (an ARN or `family:revision`). A service that is
 * stable with another one was rolled back; AWS's own waiter reports that as success.
 */
export function decideStability(service: Service, wanted: string): ServiceStability {
  if (service.status !== undefined && service.status !== 'ACTIVE')
    return { state: 'pending', actual: `the status ${service.status}` };
  return usesTaskSets(service)
    ? decideByTaskSets(service.taskSets ?? [], wanted)
    : decideByDeployments(service, wanted);
}

/** The deployment or task set that a service runs, or is being updated to. */
export function primaryRollout(service: Service): Deployment | TaskSet | undefined {
  return usesTaskSets(service) ? primaryOf(service.taskSets ?? []) : primaryOf(service.deployments ?? []);
}

/** True when CodeDeploy or an external controller deploys the service. Only its task sets are meaningful then. */
export function usesTaskSets({ deploymentController }: Service): boolean {
  return deploymentController?.type === 'CODE_DEPLOY' || deploymentController?.type === 'EXTERNAL';
}

/**
 * True when ECS has completed a deployment. A state that is not known is not completed; services that ECS does not roll
 * have none.
 */
export function isRolledOut({ rolloutState }: Deployment): boolean {
  return rolloutState === 'COMPLETED' || rolloutState === undefined;
}

function decideByDeployments(service: Service, wanted: string): ServiceStability {
  const { deployments = [] } = service;
  const primary = primaryOf(deployments);
  const actual = describeDeployment(primary);
  if (primary !== undefined && runs(primary, wanted)) {
    if (primary.rolloutState === 'FAILED') return { state: 'failed', actual };
    const isAlone = deployments.every(({ status }) => status === 'PRIMARY' || status === 'INACTIVE');
    // The service's own counts, too: they follow a changed desired count first.
    return isAlone && isRolledOut(primary) && hasDesiredCount(primary) && hasDesiredCount(service)
      ? { state: 'stable' }
      : { state: 'pending', actual };
  }
  const replaced = deployments.find((deployment) => runs(deployment, wanted));
  if (replaced === undefined) return { state: 'absent', actual };
  return { state: 'failed', actual: `${actual}; before: ${describeDeployment(replaced)}` };
}

/** Other task sets may stay: CodeDeploy keeps the replaced one for the time in its deployment group. */
function decideByTaskSets(taskSets: readonly TaskSet[], wanted: string): ServiceStability {
  const primary = primaryOf(taskSets);
  const actual = describeTaskSet(primary);
  if (primary !== undefined && runs(primary, wanted)) {
    const { stabilityStatus, runningCount, computedDesiredCount: desiredCount } = primary;
    return stabilityStatus === 'STEADY_STATE' && hasDesiredCount({ runningCount, desiredCount })
      ? { state: 'stable' }
      : { state: 'pending', actual };
  }
  const waiting = taskSets.filter((taskSet) => runs(taskSet, wanted));
  if (waiting.some(({ status }) => status !== 'DRAINING')) return { state: 'pending', actual };
  return waiting.length > 0
    ? { state: 'failed', actual: `${actual}; the wanted task set is being removed` }
    : { state: 'absent', actual };
}

function primaryOf<T extends { status?: string | undefined }>(rollouts: readonly T[]): T | undefined {
  return rollouts.find(({ status }) => status === 'PRIMARY');
}

/** False when a count is missing in the response. */
function hasDesiredCount({
  runningCount,
  desiredCount,
}: Pick<Service, 'runningCount' | 'desiredCount'>): boolean {
  return runningCount !== undefined && runningCount === desiredCount;
}

function runs({ taskDefinition }: Deployment | TaskSet, wanted: string): boolean {
  return taskDefinition === wanted || taskDefinition?.endsWith(`:task-definition/${wanted}`) === true;
}

function describeDeployment(deployment: Deployment | undefined): string {
  if (deployment === undefined) return 'no PRIMARY deployment';
  const { taskDefinition, rolloutState, rolloutStateReason, runningCount, desiredCount } = deployment;
  const rollout = [rolloutState, rolloutStateReason].filter(Boolean).join(', ');
  return `${taskDefinition} with ${runningCount} of ${desiredCount} tasks${rollout && ` (${rollout})`}`;
}

function describeTaskSet(taskSet: TaskSet | undefined): string {
  if (taskSet === undefined) return 'no PRIMARY task set';
  const { taskDefinition, stabilityStatus, runningCount, computedDesiredCount } = taskSet;
  return `${taskDefinition} with ${runningCount} of ${computedDesiredCount} tasks (${stabilityStatus})`;
}
