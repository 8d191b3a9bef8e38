import type { TaskStopCode } from '@aws-sdk/client-ecs';
import type { VirtualClock } from '../../cloud/virtual-clock.js';
import { connect, essentialContainers, type StoredTask } from './simulated-ecs-task.js';
import type { SimulatedTaskFailures } from './simulated-task-failures.js';

/** Virtual seconds from one status to the next; AWS often takes longer. */
const seconds = {
  toAttach: 2,
  toActivate: 4,
  toRun: 5,
  toReceiveStop: 5,
  toStop: 2,
  toDeprovision: 2,
} as const;

/** The exit code of a container that stops at SIGTERM. */
const terminatedExitCode = 143;

/** Reason for the stop of a task. */
export interface StopCause {
  readonly stopCode: TaskStopCode;
  readonly stoppedReason: string;
}

/** Dependencies of the lifecycle of a task. */
export interface TaskDependencies {
  readonly clock: VirtualClock;
  readonly failures: SimulatedTaskFailures;
  /** Called after every change of a status. */
  readonly onChange: (stored: StoredTask) => void;
}

/** Takes a task through network, start and health checks, or adds one that runs already. */
export function startTask(
  stored: StoredTask,
  dependencies: TaskDependencies,
  { isRunning = false } = {},
): void {
  const { task } = stored;
  if (isRunning) {
    connect(stored);
    run(stored, dependencies);
    return;
  }
  const hasInterface = stored.address !== undefined;
  task.lastStatus = hasInterface ? 'PROVISIONING' : 'PENDING';
  if (hasInterface)
    later(stored, dependencies, seconds.toAttach, () => {
      connect(stored);
      task.lastStatus = 'PENDING';
    });
  const staysPending = dependencies.failures.find('staysPending', candidateOf(stored)) !== undefined;
  if (staysPending) return;
  // With several target groups ECS registers the task before its status is RUNNING.
  if (stored.targetGroupCount > 1)
    later(stored, dependencies, seconds.toActivate, () => {
      task.lastStatus = 'ACTIVATING';
    });
  later(stored, dependencies, seconds.toRun, () => launch(stored, dependencies));
}

/** Stops a task. Its first cause is kept. */
export function stopTask(stored: StoredTask, dependencies: TaskDependencies, cause: StopCause): void {
  const { task } = stored;
  if (task.desiredStatus === 'STOPPED') return;
  const wasRunning = task.lastStatus === 'RUNNING';
  beginStop(stored, dependencies, cause);
  if (!wasRunning) {
    endAfter(stored, dependencies, 0);
    return;
  }
  const isDeregistered = stored.targetGroupCount > 0;
  const toStop = seconds.toReceiveStop + stored.drainSeconds;
  if (isDeregistered)
    later(stored, dependencies, seconds.toReceiveStop, () => {
      task.lastStatus = 'DEACTIVATING';
    });
  later(stored, dependencies, toStop, () => {
    task.lastStatus = 'STOPPING';
  });
  later(stored, dependencies, toStop + seconds.toStop, () => endContainers(stored));
  endAfter(stored, dependencies, toStop + seconds.toStop);
}

/** The properties of a task that select its failures. */
export function candidateOf({ definitionArn, definition, isOfService }: StoredTask) {
  return { taskDefinition: { arn: definitionArn, definition }, isOfService };
}

function launch(stored: StoredTask, dependencies: TaskDependencies): void {
  const { failures } = dependencies;
  const candidate = candidateOf(stored);
  if (failures.find('imageNotFound', candidate) !== undefined) {
    failToPull(stored, dependencies);
    return;
  }
  connect(stored);
  const exit = failures.find('exits', candidate);
  if (exit !== undefined && (exit.afterSeconds ?? 0) === 0) {
    exitByItself(stored, dependencies, exit.exitCode ?? 1);
    return;
  }
  run(stored, dependencies);
}

function run(stored: StoredTask, dependencies: TaskDependencies): void {
  const { task } = stored;
  const { clock, failures } = dependencies;
  task.lastStatus = 'RUNNING';
  task.startedAt = new Date(clock.now());
  task.pullStoppedAt = task.startedAt;
  task.connectivity = 'CONNECTED';
  for (const container of task.containers ?? []) {
    container.lastStatus = 'RUNNING';
    container.runtimeId = container.containerArn?.replaceAll(/[^0-9a-f]/g, '').slice(-32);
  }
  const exit = failures.find('exits', candidateOf(stored));
  if (exit !== undefined)
    stored.timers.push(
      clock.schedule(exit.afterSeconds ?? 0, () => exitByItself(stored, dependencies, exit.exitCode ?? 1)),
    );
  checkHealth(stored, dependencies);
}

/** Checks the containers. One passed check makes a container healthy; `retries` failures in a row make it unhealthy. */
function checkHealth(stored: StoredTask, dependencies: TaskDependencies): void {
  const { clock, failures, onChange } = dependencies;
  for (const { name, healthCheck } of stored.definition.containerDefinitions ?? []) {
    if (healthCheck === undefined) continue;
    const { interval = 30, retries = 3, startPeriod = 0 } = healthCheck;
    const countsFrom = clock.now() + startPeriod * 1000;
    let failed = 0;
    const check = () => {
      const passes = failures.find('containerUnhealthy', candidateOf(stored)) === undefined;
      if (passes) failed = 0;
      else if (clock.now() > countsFrom) failed += 1;
      if (passes) setHealth(stored, name, 'HEALTHY');
      else if (failed >= retries) setHealth(stored, name, 'UNHEALTHY');
      onChange(stored);
    };
    stored.timers.push(clock.every(interval, check));
  }
}

/** Sets the health of a container. The task has the worst health of its essential containers with a health check. */
function setHealth(stored: StoredTask, name: string | undefined, health: 'HEALTHY' | 'UNHEALTHY'): void {
  const { task, definition } = stored;
  for (const container of task.containers ?? []) if (container.name === name) container.healthStatus = health;
  const checked = essentialContainers(definition).filter(({ healthCheck }) => healthCheck !== undefined);
  const states = checked.map(
    (it) => task.containers?.find((container) => container.name === it.name)?.healthStatus,
  );
  if (states.includes('UNHEALTHY')) task.healthStatus = 'UNHEALTHY';
  else if (states.length > 0 && states.every((state) => state === 'HEALTHY')) task.healthStatus = 'HEALTHY';
}

function failToPull(stored: StoredTask, dependencies: TaskDependencies): void {
  const { task, definition } = stored;
  const image = definition.containerDefinitions?.[0]?.image ?? 'image';
  const stoppedReason = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ${image}: not found`;
  const [container] = task.containers ?? [];
  if (container !== undefined) container.reason = stoppedReason;
  for (const it of task.containers ?? []) it.lastStatus = 'STOPPED';
  beginStop(stored, dependencies, { stopCode: 'TaskFailedToStart', stoppedReason });
  endAfter(stored, dependencies, 0);
}

function exitByItself(stored: StoredTask, dependencies: TaskDependencies, exitCode: number): void {
  const { task, definition } = stored;
  const [essential] = essentialContainers(definition);
  for (const container of task.containers ?? [])
    if (container.name === essential?.name) container.exitCode = exitCode;
  endContainers(stored);
  beginStop(stored, dependencies, {
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
  });
  endAfter(stored, dependencies, 0);
}

function endContainers({ task }: StoredTask): void {
  for (const container of task.containers ?? []) {
    container.lastStatus = 'STOPPED';
    container.exitCode ??= terminatedExitCode;
  }
}

function beginStop(stored: StoredTask, dependencies: TaskDependencies, cause: StopCause): void {
  const { task } = stored;
  for (const cancel of stored.timers.splice(0)) cancel();
  task.desiredStatus = 'STOPPED';
  task.stopCode = cause.stopCode;
  task.stoppedReason = cause.stoppedReason;
  task.stoppingAt = new Date(dependencies.clock.now());
}

/** Detaches the network interface after the end of the containers, then stops the task. */
function endAfter(stored: StoredTask, dependencies: TaskDependencies, after: number): void {
  const { task } = stored;
  const markEnded = () => {
    task.lastStatus = stored.address === undefined ? 'STOPPING' : 'DEPROVISIONING';
    task.executionStoppedAt ??= new Date(dependencies.clock.now());
  };
  if (after > 0) later(stored, dependencies, after, markEnded);
  else {
    markEnded();
    dependencies.onChange(stored);
  }
  later(stored, dependencies, after + seconds.toDeprovision, () => {
    task.lastStatus = 'STOPPED';
    task.stoppedAt = new Date(dependencies.clock.now());
    for (const container of task.containers ?? []) container.lastStatus = 'STOPPED';
    for (const attachment of task.attachments ?? []) attachment.status = 'DELETED';
    if (stored.reservation !== undefined) stored.instance?.reservations.delete(stored.reservation);
    stored.reservation = undefined;
  });
}

function later(
  stored: StoredTask,
  { clock, onChange }: TaskDependencies,
  after: number,
  change: () => void,
): void {
  stored.timers.push(
    clock.schedule(after, () => {
      change();
      onChange(stored);
    }),
  );
}
