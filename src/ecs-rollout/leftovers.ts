import type { CanaryTarget } from './canary/canary-addresses.js';
import type { RolloutLeftovers } from './types.js';

/** Everything that a run has to remove: its own canary and its targets, and those of earlier runs. */
export class Leftovers {
  readonly #tasks = new Set<string>();
  readonly #targets = new Map<string, CanaryTarget>();
  readonly #problems: string[] = [];

  /** A canary that runs, or may run. */
  addTask(taskArn: string): void {
    this.#tasks.add(taskArn);
  }

  /** The canary has stopped. */
  removeTask(taskArn: string): void {
    this.#tasks.delete(taskArn);
  }

  /** A target that is registered, or may be. */
  addTarget(target: CanaryTarget): void {
    this.#targets.set(keyOf(target), target);
  }

  /** The target is deregistered, and gets no new traffic. */
  removeTarget(target: CanaryTarget): void {
    this.#targets.delete(keyOf(target));
  }

  /** @param sentence - without its period. */
  addProblem(sentence: string): void {
    this.#problems.push(sentence);
  }

  /** The present state, as a copy. */
  list(): RolloutLeftovers {
    const targets = [...this.#targets.values()];
    return {
      tasks: [...this.#tasks],
      targets: targets.map(({ targetGroupArn, id, port }) => ({ targetGroupArn, targetId: id, port })),
      problems: [...this.#problems],
    };
  }
}

function keyOf({ targetGroupArn, id, port }: CanaryTarget): string {
  return `${targetGroupArn} ${id} ${port}`;
}
