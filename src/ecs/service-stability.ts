import type { Deployment, Service, TaskSet } from '@aws-sdk/client-ecs';

/** What one look at a service says about the task definition that it should run. */
export type ServiceStability =
  /** Its tasks run, and nothing else does. */
  | { readonly state: 'stable' }
  /** It is on its way. */
  | { readonly state: 'pending'; readonly actual: string }
  /** It will not come, because its rollout failed or was taken back. */
  | { readonly state: 'failed'; readonly actual: string }
  /** Nothing runs it, and nothing is about to: it was taken back, or it has not begun yet. */
  | { readonly state: 'absent'; readonly actual: string };

/**
 * Decides whether a service is stable with the wanted task definition (an ARN or `family:revision`). A service that is
 * stable with another one was rolled back, which AWS's own waiter takes for success.
 */
export function decideStability(service: Service, wanted: string): ServiceStability {
  return usesTaskSets(service)
    ? decideByTaskSets(service.taskSets ?? [], wanted)
    : decideByDeployments(service, wanted);
}

/** What a service is on, or on its way to. */
export function primaryRollout(service: Service): Deployment | TaskSet | undefined {
  return usesTaskSets(service) ? primaryOf(service.taskSets ?? []) : primaryOf(service.deployments ?? []);
}

/** CodeDeploy and external controllers deploy through task sets; the deployments of such a service say nothing. */
export function usesTaskSets({ deploymentController }: Service): boolean {
  return deploymentController?.type === 'CODE_DEPLOY' || deploymentController?.type === 'EXTERNAL';
}

function decideByDeployments(service: Service, wanted: string): ServiceStability {
  const { deployments = [] } = service;
  const primary = primaryOf(deployments);
  const actual = describeDeployment(primary);
  if (primary !== undefined && runs(primary, wanted)) {
    if (primary.rolloutState === 'FAILED') return { state: 'failed', actual };
    const alone = deployments.every(({ status }) => status === 'PRIMARY' || status === 'INACTIVE');
    const rolledOut = primary.rolloutState !== 'IN_PROGRESS';
    // The service's own counts, too: they follow a changed desired count first.
    return alone && rolledOut && agree(primary) && agree(service)
      ? { state: 'stable' }
      : { state: 'pending', actual };
  }
  const replaced = deployments.find((deployment) => runs(deployment, wanted));
  if (replaced === undefined) return { state: 'absent', actual };
  return { state: 'failed', actual: `${actual}; before: ${describeDeployment(replaced)}` };
}

/** Other task sets may stay: CodeDeploy keeps the replaced one for as long as the deployment group says. */
function decideByTaskSets(taskSets: readonly TaskSet[], wanted: string): ServiceStability {
  const primary = primaryOf(taskSets);
  const actual = describeTaskSet(primary);
  if (primary !== undefined && runs(primary, wanted)) {
    const { stabilityStatus, runningCount, computedDesiredCount: desiredCount } = primary;
    return stabilityStatus === 'STEADY_STATE' && agree({ runningCount, desiredCount })
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

/** A count that AWS does not tell agrees with nothing. */
function agree({ runningCount, desiredCount }: Pick<Service, 'runningCount' | 'desiredCount'>): boolean {
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
