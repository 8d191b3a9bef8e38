import type { VirtualClock } from '../../cloud/virtual-clock.js';
import type { SimulatedEcs } from '../ecs/simulated-ecs.js';
import {
  type SimulatedEcsService,
  type SimulatedTaskSet,
  stabilityOf,
} from '../ecs/simulated-ecs-service.js';
import type { DeploymentProblem } from './deployment-problem.js';
import type { SimulatedTargetGroupPair } from './target-group-pair.js';

/** Seconds between two reads of the task sets. */
const pollSeconds = 5;

/** Seconds that tasks may take to start or to stop. */
const maxMoveSeconds = 3_600;

/** Seconds of an installation without a service. */
const plainInstallSeconds = 120;

/** Dependencies and options of a replacement. */
export interface ReplacementOptions {
  readonly ecs: SimulatedEcs;
  readonly clock: VirtualClock;
  readonly deploymentId: string;
  readonly service: { readonly cluster: string; readonly service: string } | undefined;
  readonly taskDefinition: string | undefined;
  /** The target groups, which alternate with each deployment. */
  readonly targetGroups?: SimulatedTargetGroupPair | undefined;
}

/** The two task sets of a deployment. Without a service there are none, and only the installation takes time. */
export class SimulatedReplacement {
  readonly #options: ReplacementOptions;
  readonly #service: SimulatedEcsService | undefined;
  readonly #taskSets: { original?: SimulatedTaskSet; replacement?: SimulatedTaskSet } = {};

  constructor(options: ReplacementOptions) {
    this.#options = options;
    if (options.service === undefined) return;
    const { cluster, service: name } = options.service;
    this.#service = options.ecs.service(cluster, name);
    const original = this.#service.taskSets.find(({ status }) => status === 'PRIMARY');
    if (original === undefined) {
      throw new TypeError(
        `The deployment controller of the ECS service ${cluster}/${name} is not CODE_DEPLOY`,
      );
    }
    original.targetGroupArn ??= options.targetGroups?.first;
    this.#taskSets.original = original;
  }

  /** The task set that takes the production traffic. */
  get activeTaskSet(): string | undefined {
    return this.#service?.taskSets.find(({ status }) => status === 'PRIMARY')?.id;
  }

  /** Creates the replacement and waits until its tasks run. Returns a problem when they do not. */
  async install(signal?: AbortSignal): Promise<DeploymentProblem | undefined> {
    const { ecs, clock, deploymentId, taskDefinition, targetGroups } = this.#options;
    const service = this.#service;
    const { original } = this.#taskSets;
    if (service === undefined || original === undefined) {
      await clock.sleep(plainInstallSeconds * 1000, signal);
      return undefined;
    }
    await this.#removeLeftovers(service, signal);
    const replacement = ecs.createTaskSet(service, {
      taskDefinition: taskDefinition ?? original.taskDefinition,
      externalId: deploymentId,
    });
    replacement.targetGroupArn = targetGroups?.other(original.targetGroupArn);
    this.#taskSets.replacement = replacement;
    const isRunning = await this.#until(() => stabilityOf(service, replacement) === 'STEADY_STATE', signal);
    if (isRunning) return undefined;
    const message = 'The replacement task set did not reach a steady state within one hour';
    return { code: 'HEALTH_CONSTRAINTS', message };
  }

  /** Sets the task set that takes the production traffic. */
  makePrimary(which: 'original' | 'replacement'): void {
    const taskSet = this.#taskSets[which];
    if (this.#service !== undefined && taskSet !== undefined)
      this.#options.ecs.setPrimaryTaskSet(this.#service, taskSet.id);
  }

  /** Gives the replacement this percent of a listener's requests. The other target group keeps the rest, or 0. */
  setWeights(listener: 'production' | 'test', percent: number): void {
    const { original, replacement } = this.#taskSets;
    this.#options.targetGroups?.setWeights(listener, {
      [original?.targetGroupArn ?? '']: 100 - percent,
      [replacement?.targetGroupArn ?? '']: percent,
    });
  }

  /** Deletes a task set, if there is one, and waits until its tasks have stopped. */
  async terminate(which: 'original' | 'replacement'): Promise<void> {
    const service = this.#service;
    const taskSet = this.#taskSets[which];
    if (service === undefined || taskSet === undefined) return;
    if (!service.taskSets.includes(taskSet)) return;
    this.#options.ecs.deleteTaskSet(service, taskSet.id);
    await this.#until(() => !service.taskSets.includes(taskSet));
  }

  /** Deletes the task set that a deployment without a rollback has left. AWS does not document when it goes. */
  async #removeLeftovers(service: SimulatedEcsService, signal: AbortSignal | undefined): Promise<void> {
    for (const { id, status } of service.taskSets)
      if (status === 'ACTIVE') this.#options.ecs.deleteTaskSet(service, id);
    await this.#until(() => service.taskSets.length === 1, signal);
  }

  async #until(isDone: () => boolean, signal?: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const giveUpAt = clock.now() + maxMoveSeconds * 1000;
    while (!isDone() && clock.now() < giveUpAt) await clock.sleep(pollSeconds * 1000, signal);
    return isDone();
  }
}
