import type { Task } from '@aws-sdk/client-ecs';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import type { CanaryTarget } from './canary-addresses.js';
import { readTasks } from './canary-task.js';
import type { RolloutContext } from './context.js';
import { describeStop, explainStop, isStopping, type StoppedTask } from './stopped-task.js';

/** Looks in a row that do not find a task before it is taken for gone: right after its start ECS may not know it yet. */
const missesAllowed = 5;

/** The canary of this run. */
export class Canary {
  readonly taskArn: string;
  /** Where it is, or may be, registered. */
  readonly targets: CanaryTarget[] = [];
  /** Why it stopped, when it did so by itself. */
  stopped: StoppedTask | undefined;
  #misses = 0;
  #told = '';

  constructor(taskArn: string) {
    this.taskArn = taskArn;
  }

  /**
   * The task as it is now; nothing when ECS does not know it yet.
   *
   * @throws ResourceStateError when it has stopped, or is about to; ResourceNotFoundError when it is gone
   */
  async look(context: RolloutContext): Promise<Task | undefined> {
    const [task] = await readTasks(context, [this.taskArn]);
    this.#misses = task === undefined ? this.#misses + 1 : 0;
    if (this.#misses > missesAllowed) {
      throw new ResourceNotFoundError(`The canary ${this.taskArn} is gone`, { resource: this.taskArn });
    }
    if (task === undefined) return undefined;
    this.#tell(context, task);
    if (!isStopping(task)) return task;
    this.stopped = explainStop(task);
    throw new ResourceStateError(`The canary of ${context.resource} stopped`, {
      resource: this.taskArn,
      expected: 'a task that keeps running',
      seen: describeStop(this.stopped),
      remedy: "The containers' logs tell more",
    });
  }

  /** Reads again why it stopped by itself: exit codes come last. What cannot be read stays as it was. */
  async explain(context: RolloutContext): Promise<void> {
    if (this.stopped === undefined) return;
    const [task] = await readTasks(context, [this.taskArn]).catch(() => []);
    if (task !== undefined) this.stopped = explainStop(task);
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
