import type { Task } from '@aws-sdk/client-ecs';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import type { CanaryTarget } from './canary-addresses.js';
import { readTasks, stopReason } from './canary-task.js';
import type { RolloutContext } from './context.js';
import { describeStop, explainStop, isStopping, type StoppedTask } from './stopped-task.js';

/** Looks in a row that do not find a task before it is taken for gone: right after its start ECS may not know it yet. */
export const missesAllowed = 5;

/** What a canary is started for. */
export interface CanaryOptions {
  readonly taskArn: string;
  /** The containers whose health checks decide on the task's health. */
  readonly checkedContainers: readonly string[];
  /** Whether it may be unused in a target group which gets no traffic. */
  readonly acceptsUnused: boolean;
}

/** The canary of this run. */
export class Canary {
  readonly taskArn: string;
  readonly checkedContainers: readonly string[];
  readonly acceptsUnused: boolean;
  /** Where it is, or may be, registered. */
  readonly targets: CanaryTarget[] = [];
  /** The task as it was seen last. */
  lastSeen: Task | undefined;
  /** Why it stopped, when it did so by itself. */
  stopped: StoppedTask | undefined;
  #misses = 0;
  #told = '';

  constructor({ taskArn, checkedContainers, acceptsUnused }: CanaryOptions) {
    this.taskArn = taskArn;
    this.checkedContainers = checkedContainers;
    this.acceptsUnused = acceptsUnused;
  }

  /**
   * The task as it is now; nothing when ECS does not know it yet.
   *
   * @throws ResourceStateError when it has stopped, or is about to, or when a container is not healthy, for which a task
   * of the service would be ended at once; ResourceNotFoundError when it is gone
   */
  async look(context: RolloutContext): Promise<Task | undefined> {
    const [task] = await readTasks(context, [this.taskArn]);
    this.#misses = task === undefined ? this.#misses + 1 : 0;
    if (this.#misses > missesAllowed) {
      throw new ResourceNotFoundError(`The canary ${this.taskArn} is gone`, { resource: this.taskArn });
    }
    if (task === undefined) return undefined;
    this.lastSeen = task;
    this.#tell(context, task);
    if (!isStopping(task)) return this.#requireNotUnhealthy(context, task);
    this.stopped = explainStop(task);
    const isByAnotherRun = task.stoppedReason === stopReason(context);
    throw new ResourceStateError(`The canary of ${context.resource} stopped`, {
      resource: this.taskArn,
      expected: 'a task that keeps running',
      actual: describeStop(this.stopped),
      remedy: isByAnotherRun
        ? 'Another run of this rollout stopped it: let one end before the next begins, or give each its own rolloutId'
        : "The containers' logs tell more",
    });
  }

  /** Reads again why it stopped by itself: exit codes come last. What cannot be read stays as it was. */
  async explain(context: RolloutContext): Promise<void> {
    if (this.stopped === undefined) return;
    const [task] = await readTasks(context, [this.taskArn]).catch(() => []);
    if (task !== undefined) this.stopped = explainStop(task);
  }

  #requireNotUnhealthy({ resource }: RolloutContext, task: Task): Task {
    const unhealthy = this.checkedContainers.find((name) => healthOf(task, name) === 'UNHEALTHY');
    if (unhealthy === undefined) return task;
    throw new ResourceStateError(`A container of the canary of ${resource} is not healthy`, {
      resource: unhealthy,
      expected: 'HEALTHY',
      actual: 'UNHEALTHY',
      remedy: "Look at the container's health check and at its logs",
    });
  }

  #tell(context: RolloutContext, { lastStatus = 'UNKNOWN', healthStatus = 'UNKNOWN' }: Task): void {
    const seen = `${lastStatus} ${healthStatus}`;
    if (seen === this.#told) return;
    this.#told = seen;
    context.tell({
      type: 'canaryChanged',
      taskArn: this.taskArn,
      status: lastStatus,
      health: healthStatus,
    });
  }
}

/** What the health check of a container has found. */
export function healthOf(task: Task | undefined, container: string): string {
  return task?.containers?.find(({ name }) => name === container)?.healthStatus ?? 'UNKNOWN';
}
