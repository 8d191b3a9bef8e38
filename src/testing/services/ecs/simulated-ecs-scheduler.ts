import { lastSegment } from '../../../core/last-segment.js';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import {
  addEvent,
  deploymentBounds,
  type SimulatedEcsDeployment,
  type SimulatedEcsService,
  stabilityOf,
  targetOf,
} from './simulated-ecs-service.js';
import type { StoredTask } from './simulated-ecs-task.js';
import type { SimulatedEcsTasks } from './simulated-ecs-tasks.js';
import type { Rollout, SimulatedServiceTasks } from './simulated-service-tasks.js';

/** Seconds between two steps of a service with pending changes. A changed task triggers a step, too. */
const secondsPerStep = 5;

/** Failed tasks that open the circuit breaker: half the desired count, within these bounds. */
const breakerThreshold = { min: 3, max: 200 } as const;

/** Starts and stops the tasks of services one by one until each service has its desired state. */
export class SimulatedEcsScheduler {
  readonly #environment: SimulatedEnvironment;
  readonly #tasks: SimulatedEcsTasks;
  readonly #serviceTasks: SimulatedServiceTasks;
  readonly #scheduled = new Set<SimulatedEcsService>();
  readonly #working = new Set<SimulatedEcsService>();
  readonly #counted = new WeakSet<StoredTask>();

  constructor(
    environment: SimulatedEnvironment,
    { tasks, serviceTasks }: { tasks: SimulatedEcsTasks; serviceTasks: SimulatedServiceTasks },
  ) {
    this.#environment = environment;
    this.#tasks = tasks;
    this.#serviceTasks = serviceTasks;
  }

  /** Adds a new PRIMARY deployment. */
  deploy(service: SimulatedEcsService, taskDefinition: string, reason?: string): SimulatedEcsDeployment {
    const id = `ecs-svc/${this.#environment.nextId()}`;
    const at = new Date(this.#environment.clock.now());
    for (const deployment of service.deployments) deployment.status = 'ACTIVE';
    const deployment: SimulatedEcsDeployment = {
      id,
      taskDefinition,
      status: 'PRIMARY',
      desiredCount: service.desiredCount,
      runningCount: 0,
      failedTasks: 0,
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: reason ?? `ECS deployment ${id} in progress.`,
      createdAt: at,
      updatedAt: at,
    };
    service.deployments.unshift(deployment);
    return deployment;
  }

  /** Adds the tasks of a rollout as tasks that have been running for long. */
  startRunning(service: SimulatedEcsService, rollout: Rollout): void {
    for (let count = 0; count < service.desiredCount; count += 1) {
      const refusal = this.#serviceTasks.start(service, rollout, { isRunning: true });
      if (refusal !== undefined)
        throw new TypeError(`Cannot place the tasks of ECS service ${service.name}: ${refusal}`);
    }
    this.#count(service);
  }

  /** Updates a service after a task has changed its status. */
  onTaskChange(service: SimulatedEcsService, stored: StoredTask): void {
    const { lastStatus, desiredStatus } = stored.task;
    if (desiredStatus === 'STOPPED' && lastStatus !== 'STOPPED') this.#serviceTasks.deregister(stored);
    if (desiredStatus === 'RUNNING' && (lastStatus === 'RUNNING' || lastStatus === 'ACTIVATING'))
      this.#serviceTasks.register(service, stored);
    this.#countFailure(service, stored);
    this.reconcile(service);
  }

  /** Runs the next step of a service, and schedules another one while changes are pending. */
  reconcile(service: SimulatedEcsService): void {
    if (this.#working.has(service)) return;
    this.#working.add(service);
    const isPending = this.#step(service);
    this.#working.delete(service);
    if (isPending) this.#scheduleStep(service);
  }

  #scheduleStep(service: SimulatedEcsService): void {
    if (this.#scheduled.has(service)) return;
    this.#scheduled.add(service);
    this.#environment.clock.schedule(secondsPerStep, () => {
      this.#scheduled.delete(service);
      this.reconcile(service);
    });
  }

  #step(service: SimulatedEcsService): boolean {
    this.#count(service);
    this.#replaceUnhealthy(service);
    const moves = this.#moveTaskSets(service);
    const deploys = this.#moveDeployments(service);
    this.#count(service);
    return moves || deploys;
  }

  #count(service: SimulatedEcsService): void {
    for (const rollout of [...service.deployments, ...service.taskSets]) {
      // A deployment that a test has removed, or added without tasks, stays unchanged.
      if (this.#tasks.unstopped(rollout.id) === undefined) continue;
      rollout.runningCount = this.#serviceTasks
        .of(rollout)
        .filter(({ task }) => task.lastStatus === 'RUNNING').length;
    }
  }

  #replaceUnhealthy(service: SimulatedEcsService): void {
    for (const deployment of service.deployments) {
      for (const stored of this.#serviceTasks.of(deployment)) {
        const healthFailure = this.#serviceTasks.healthFailure(service, stored);
        if (healthFailure === undefined) continue;
        this.#addEvent(service, `(task ${idOf(stored)}) ${healthFailure.replace(/^Task /, '')}.`);
        this.#tasks.stop(stored, { stopCode: 'ServiceSchedulerInitiated', stoppedReason: healthFailure });
        this.#countFailure(service, stored);
      }
    }
  }

  #moveTaskSets(service: SimulatedEcsService): boolean {
    for (const taskSet of service.taskSets) this.#bringTo(service, taskSet, targetOf(service, taskSet));
    this.#count(service);
    service.taskSets = service.taskSets.filter(
      ({ status, runningCount }) => status !== 'DRAINING' || runningCount > 0,
    );
    return service.taskSets.some((taskSet) => stabilityOf(service, taskSet) === 'STABILIZING');
  }

  #moveDeployments(service: SimulatedEcsService): boolean {
    const [primary, ...replaced] = service.deployments;
    if (primary === undefined) return false;
    const { max } = deploymentBounds(service);
    const isFull = this.#presentTasks(service) >= max;
    if (!isFull || this.#live(primary).length > primary.desiredCount)
      this.#bringTo(service, primary, primary.desiredCount);
    if (service.deployments[0] !== primary) return true;
    const ready = this.#ready(primary);
    if (ready.length > 0 && primary.failedTasks > 0 && ready.length >= primary.desiredCount)
      primary.failedTasks = 0;
    // Old tasks stop as new ones become ready.
    this.#stopSurplus(replaced, Math.max(0, service.desiredCount - ready.length));
    if (isFull && this.#live(primary).length < primary.desiredCount) this.#makeRoom(service, replaced);
    this.#count(service);
    for (const deployment of replaced) deployment.desiredCount = this.#live(deployment).length;
    const isDone = ready.length === primary.desiredCount && primary.runningCount === primary.desiredCount;
    if (primary.rolloutState === 'FAILED') return false;
    if (!isDone || replaced.some(({ runningCount }) => runningCount > 0)) return true;
    service.deployments = [primary];
    this.#complete(service, primary);
    return false;
  }

  #complete(service: SimulatedEcsService, primary: SimulatedEcsDeployment): void {
    if (primary.rolloutState !== 'IN_PROGRESS') return;
    primary.rolloutState = 'COMPLETED';
    primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
    primary.updatedAt = new Date(this.#environment.clock.now());
    this.#addEvent(service, `(deployment ${primary.id}) deployment completed.`);
    this.#addEvent(service, 'has reached a steady state.');
  }

  /** Starts or stops one task, unless one is starting or stopping already. */
  #bringTo(service: SimulatedEcsService, rollout: Rollout, count: number): void {
    const live = this.#live(rollout);
    if (live.length > count) this.#stopOne(rollout);
    const isStarting = live.some(({ task }) => task.lastStatus !== 'RUNNING');
    if (live.length >= count || isStarting) return;
    const refusal = this.#serviceTasks.start(service, rollout);
    if (refusal === undefined) return;
    this.#addEvent(service, `was unable to place a task. Reason: ${refusal}.`);
    const deployment = service.deployments.find(({ id }) => id === rollout.id);
    if (deployment !== undefined) this.#fail(service, deployment);
  }

  #stopSurplus(replaced: readonly SimulatedEcsDeployment[], enough: number): void {
    const live = replaced.reduce((sum, deployment) => sum + this.#live(deployment).length, 0);
    if (live <= enough) return;
    const failedFirst = [...replaced].sort((one, other) => rank(one) - rank(other));
    const next = failedFirst.find((deployment) => this.#live(deployment).length > 0);
    const isStopping = replaced.some((deployment) => this.#isStopping(deployment));
    if (next !== undefined && !isStopping) this.#stopOne(next);
  }

  /** Stops an old task when there is no room for a new one, as long as enough healthy ones remain. */
  #makeRoom(service: SimulatedEcsService, replaced: readonly SimulatedEcsDeployment[]): void {
    const { min } = deploymentBounds(service);
    const healthy = service.deployments.reduce((sum, deployment) => sum + this.#ready(deployment).length, 0);
    const next = replaced.find((deployment) => this.#live(deployment).length > 0);
    if (next === undefined || replaced.some((deployment) => this.#isStopping(deployment))) return;
    const isUnhealthy = this.#ready(next).length < this.#live(next).length;
    if (isUnhealthy || healthy - 1 >= min) this.#stopOne(next);
  }

  /** Counts the tasks of a service that run or start. A stopping task counts until it has stopped. */
  #presentTasks(service: SimulatedEcsService): number {
    const present = ['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING'];
    const tasks = service.deployments.flatMap((deployment) => this.#serviceTasks.of(deployment));
    return tasks.filter(({ task }) => present.includes(task.lastStatus ?? '')).length;
  }

  #ready(rollout: Rollout): StoredTask[] {
    return this.#serviceTasks.of(rollout).filter((stored) => this.#serviceTasks.isReady(stored));
  }

  #stopOne(rollout: Rollout): void {
    if (this.#isStopping(rollout)) return;
    const live = this.#live(rollout);
    const stored = live.find(({ task }) => task.lastStatus !== 'RUNNING') ?? live[0];
    const stoppedReason = `Scaling activity initiated by (deployment ${rollout.id})`;
    if (stored !== undefined)
      this.#tasks.stop(stored, { stopCode: 'ServiceSchedulerInitiated', stoppedReason });
  }

  #isStopping(rollout: Rollout): boolean {
    return this.#serviceTasks
      .of(rollout)
      .some(({ task }) => task.desiredStatus === 'STOPPED' && task.lastStatus === 'RUNNING');
  }

  #live(rollout: Rollout): StoredTask[] {
    return this.#serviceTasks.of(rollout).filter(({ task }) => task.desiredStatus === 'RUNNING');
  }

  /** Counts a task that never ran, or failed its health checks. A task that ran and then exited does not count. */
  #countFailure(service: SimulatedEcsService, stored: StoredTask): void {
    const { task } = stored;
    if (task.desiredStatus !== 'STOPPED' || this.#counted.has(stored)) return;
    this.#counted.add(stored);
    const neverRan = task.startedAt === undefined && task.stopCode !== 'ServiceSchedulerInitiated';
    const wasUnhealthy = task.stoppedReason?.startsWith('Task failed') === true;
    const deployment = service.deployments.find(({ id }) => id === task.startedBy);
    if (deployment !== undefined && task.stopCode !== 'UserInitiated' && (neverRan || wasUnhealthy))
      this.#fail(service, deployment);
  }

  #fail(service: SimulatedEcsService, deployment: SimulatedEcsDeployment): void {
    deployment.failedTasks += 1;
    const { circuitBreaker, desiredCount } = service;
    const { min, max } = breakerThreshold;
    const threshold = Math.min(max, Math.max(min, Math.ceil(desiredCount / 2)));
    const isOpen = deployment.rolloutState === 'IN_PROGRESS' && deployment.failedTasks >= threshold;
    if (circuitBreaker !== undefined && isOpen) this.#breakCircuit(service, deployment, circuitBreaker);
  }

  #breakCircuit(
    service: SimulatedEcsService,
    deployment: SimulatedEcsDeployment,
    { rollback }: { rollback: boolean },
  ): void {
    deployment.rolloutState = 'FAILED';
    deployment.rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.';
    deployment.desiredCount = 0;
    this.#addEvent(service, `(deployment ${deployment.id}) deployment failed: tasks failed to start.`);
    const last = service.deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED');
    if (!rollback || last === undefined) return;
    const reason = `ECS deployment circuit breaker: rolling back to deploymentId ${last.id}.`;
    this.#addEvent(service, `rolling back to deployment ${last.id}.`);
    this.deploy(service, last.taskDefinition, reason);
  }

  #addEvent(service: SimulatedEcsService, message: string): void {
    addEvent(service, { id: this.#environment.nextId(), at: this.#environment.clock.now(), message });
  }
}

/** The tasks of a failed deployment stop first. */
function rank({ rolloutState }: SimulatedEcsDeployment): number {
  return rolloutState === 'COMPLETED' ? 1 : 0;
}

function idOf({ task }: StoredTask): string {
  return lastSegment(task.taskArn ?? '');
}
