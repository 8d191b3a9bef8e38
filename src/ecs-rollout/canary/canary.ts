import type { Task } from '@aws-sdk/client-ecs';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import type { RolloutContext } from '../rollout-context.js';
import type { CanaryTarget } from './canary-addresses.js';
import { readTasks, stopReason } from './canary-task.js';
import { describeStop, explainStop, isStopping, type StoppedTask } from './stopped-task.js';

/** Readings in a row without the task before it counts as gone: right after its start ECS may not know it yet. */
export const maxMisses = 5;

/** Options of a {@link Canary}. */
export interface CanaryOptions {
  readonly taskArn: string;
  /** The containers whose health checks decide on the task's health. */
  readonly checkedContainers: readonly string[];
  /** Accepts target groups that are not in use. */
  readonly acceptsUnused: boolean;
}

/** The canary of this run. */
export class Canary {
  readonly taskArn: string;
  readonly checkedContainers: readonly string[];
  readonly acceptsUnused: boolean;
  /** The targets that are registered, or may be. */
  readonly targets: CanaryTarget[] = [];
  /** The last reading of the task. */
  lastRead: Task | undefined;
  /** The reason of its stop, when it stopped by itself. */
  stopped: StoppedTask | undefined;
  #misses = 0;
  #emitted = '';

  constructor({ taskArn, checkedContainers, acceptsUnused }: CanaryOptions) {
    this.taskArn = taskArn;
    this.checkedContainers = checkedContainers;
    this.acceptsUnused = acceptsUnused;
  }

  /**
   * Reads the task. Returns undefined while ECS does not know it yet.
   *
   * @throws ResourceStateError when it has stopped, or is about to, or when a container is unhealthy, for which ECS would
   * stop a task of the service at once; ResourceNotFoundError when it is gone
   */
  async read(context: RolloutContext): Promise<Task | undefined> {
    const [task] = await readTasks(context, [this.taskArn]);
    this.#misses = task === undefined ? this.#misses + 1 : 0;
    if (this.#misses > maxMisses) {
      throw new ResourceNotFoundError(`Canary ${this.taskArn} of ${context.resource} not found`, {
        resource: this.taskArn,
      });
    }
    if (task === undefined) return undefined;
    this.lastRead = task;
    this.#emit(context, task);
    if (!isStopping(task)) return this.#requireNotUnhealthy(context, task);
    this.stopped = explainStop(task);
    const isByAnotherRun = task.stoppedReason === stopReason(context);
    throw new ResourceStateError(`Canary of ${context.resource} stopped`, {
      resource: this.taskArn,
      expected: 'a task that keeps running',
      actual: describeStop(this.stopped),
      remedy: isByAnotherRun
        ? 'Another run of this rollout stopped it: let one end before the next begins, or use a rolloutId for each'
        : "Read the containers' logs",
    });
  }

  /** Reads the reason of its own stop again, because exit codes come last. Keeps the known one when that fails. */
  async explain(context: RolloutContext): Promise<void> {
    if (this.stopped === undefined) return;
    const [task] = await readTasks(context, [this.taskArn]).catch(() => []);
    if (task !== undefined) this.stopped = explainStop(task);
  }

  #requireNotUnhealthy({ resource }: RolloutContext, task: Task): Task {
    const unhealthy = this.checkedContainers.find((name) => healthOf(task, name) === 'UNHEALTHY');
    if (unhealthy === undefined) return task;
    throw new ResourceStateError(`Container ${unhealthy} of the canary of ${resource} is unhealthy`, {
      resource: unhealthy,
      expected: 'HEALTHY',
      actual: 'UNHEALTHY',
      remedy: "Check the container's health check and its logs",
    });
  }

  #emit(context: RolloutContext, { lastStatus = 'UNKNOWN', healthStatus = 'UNKNOWN' }: Task): void {
    const state = `${lastStatus} ${healthStatus}`;
    if (state === this.#emitted) return;
    this.#emitted = state;
    context.emit({
      type: 'canaryChanged',
      taskArn: this.taskArn,
      status: lastStatus,
      health: healthStatus,
    });
  }
}

/** The result of a container's health check. */
export function healthOf(task: Task | undefined, container: string): string {
  return task?.containers?.find(({ name }) => name === container)?.healthStatus ?? 'UNKNOWN';
}
