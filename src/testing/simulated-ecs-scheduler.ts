import {
  type SimulatedEcsDeployment,
  type SimulatedEcsService,
  stabilityOf,
  targetOf,
} from './simulated-ecs-service.js';

/** A broken task is tried this often before the circuit breaker opens. */
const circuitBreakerThreshold = 3;

/** Puts a new deployment in front. */
export function deploy(
  service: SimulatedEcsService,
  { id, taskDefinition, reason }: { id: string; taskDefinition: string; reason: string },
): void {
  for (const deployment of service.deployments) deployment.status = 'ACTIVE';
  service.deployments.unshift({
    id,
    taskDefinition,
    status: 'PRIMARY',
    desiredCount: service.desiredCount,
    runningCount: 0,
    failedTasks: 0,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: reason,
  });
}

/** What the scheduler has to know besides the service. */
interface SchedulerContext {
  /** Whether tasks of this task definition do not start. */
  readonly isBroken: (taskDefinition: string) => boolean;
  readonly nextId: () => string;
}

/** Starts or stops one task of each rollout; gives whether there is more to do. */
export function schedule(service: SimulatedEcsService, context: SchedulerContext): boolean {
  const moved = moveTaskSets(service, context);
  return moveDeployments(service, context) || moved;
}

function moveTaskSets(service: SimulatedEcsService, { isBroken }: SchedulerContext): boolean {
  for (const taskSet of service.taskSets) {
    const step = Math.sign(targetOf(service, taskSet) - taskSet.runningCount);
    if (step < 0 || !isBroken(taskSet.taskDefinition)) taskSet.runningCount += step;
  }
  service.taskSets = service.taskSets.filter(
    ({ status, runningCount }) => status !== 'DRAINING' || runningCount > 0,
  );
  return service.taskSets.some((taskSet) => stabilityOf(service, taskSet) === 'STABILIZING');
}

function moveDeployments(service: SimulatedEcsService, context: SchedulerContext): boolean {
  const [primary, ...replaced] = service.deployments;
  if (primary === undefined) return false;
  const triesStarting = movePrimary(service, primary, context);
  // Old tasks stop as new ones take over, so that the service never has fewer than it should.
  const stopping = replaced.filter(({ runningCount }) => runningCount > enoughBeside(service, primary));
  for (const deployment of stopping) deployment.runningCount -= 1;
  for (const deployment of replaced) deployment.desiredCount = deployment.runningCount;
  if (service.deployments[0] !== primary) return true;
  if (triesStarting || stopping.length > 0 || primary.rolloutState === 'FAILED')
    return triesStarting || stopping.length > 0;
  service.deployments = [primary];
  if (primary.rolloutState === 'IN_PROGRESS') {
    primary.rolloutState = 'COMPLETED';
    primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
  }
  return false;
}

/** Starts or stops one task of the newest deployment; gives whether it tried to. */
function movePrimary(
  service: SimulatedEcsService,
  primary: SimulatedEcsDeployment,
  context: SchedulerContext,
): boolean {
  const step = Math.sign(primary.desiredCount - primary.runningCount);
  if (step <= 0 || !context.isBroken(primary.taskDefinition)) {
    primary.runningCount += step;
    return step !== 0;
  }
  primary.failedTasks += 1;
  const { circuitBreaker } = service;
  const gaveUp = primary.rolloutState === 'IN_PROGRESS' && primary.failedTasks >= circuitBreakerThreshold;
  if (circuitBreaker !== undefined && gaveUp) breakCircuit(service, primary, circuitBreaker, context);
  return true;
}

function enoughBeside({ desiredCount }: SimulatedEcsService, primary: SimulatedEcsDeployment): number {
  return Math.max(0, desiredCount - primary.runningCount);
}

function breakCircuit(
  service: SimulatedEcsService,
  primary: SimulatedEcsDeployment,
  { rollback }: { rollback: boolean },
  { nextId }: SchedulerContext,
): void {
  primary.rolloutState = 'FAILED';
  primary.rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.';
  primary.desiredCount = 0;
  const last = service.deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED');
  if (!rollback || last === undefined) return;
  const reason = `ECS deployment circuit breaker: rolling back to deploymentId ${last.id}.`;
  deploy(service, { id: `ecs-svc/${nextId()}`, taskDefinition: last.taskDefinition, reason });
}
