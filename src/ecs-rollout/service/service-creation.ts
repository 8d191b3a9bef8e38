import { randomUUID } from 'node:crypto';
import { CreateServiceCommand, DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import { callAws, requireField, throwIfAborted } from '../../core/aws-call.js';
import { messageOf } from '../../core/describe-error.js';
import { ResourceStateError } from '../../core/errors.js';
import { requireFound } from '../../core/not-found.js';
import { stopwatch } from '../../core/stopwatch.js';
import { missingCluster } from '../../ecs/read-service.js';
import { primaryRollout } from '../../ecs/service-stability.js';
import type { StoppedTask } from '../canary/stopped-task.js';
import { ecsCall, type RolloutContext, unstoppable } from '../rollout-context.js';
import { RolloutError } from '../rollout-error.js';
import type { RolloutJournal } from '../rollout-journal.js';
import type { parseUpOptions } from '../rollout-options.js';
import type { EcsDefinitions, UpResult } from '../types.js';
import { awaitStable } from './await-stable.js';
import { sendChange } from './send-change.js';
import { newestStop } from './service-stops.js';
import { findOrRegisterDefinition } from './task-definitions.js';

export interface CreationPlan {
  readonly definitions: EcsDefinitions;
  /** The desired count when the definition of the service has none. */
  readonly desiredCount: number | undefined;
  readonly options: ReturnType<typeof parseUpOptions>;
}

/** Creates a service, and waits until it is stable. */
export class ServiceCreation {
  readonly #context: RolloutContext;
  readonly #journal: RolloutJournal;
  readonly #plan: CreationPlan;
  /** The task definition of a service that was created, or may have been. */
  #createdWith: string | undefined;

  constructor(context: RolloutContext, journal: RolloutJournal, plan: CreationPlan) {
    this.#context = context;
    this.#journal = journal;
    this.#plan = plan;
  }

  /** @throws RolloutError; a service that was created stays. */
  async run(): Promise<UpResult> {
    const startedAt = this.#context.clock.now();
    try {
      this.#journal.enter('prepare');
      const existing = await this.#findService();
      if (existing !== undefined) this.#requireTaking(existing);
      const present = existing && primaryRollout(existing)?.taskDefinition;
      const taskDefinition =
        existing === undefined
          ? await this.#create()
          : requireField(present, 'taskDefinition', ecsCall('DescribeServices', this.#context));
      this.#journal.enter('serviceStable');
      const { maxWaitSeconds } = this.#plan.options;
      const isNew = existing === undefined;
      const stable = await awaitStable(this.#context, { taskDefinition, maxWaitSeconds, isNew });
      this.#context.emit({ type: 'succeeded', taskDefinition: stable.taskDefinition });
      return { ...stable, created: isNew, startedAt, endedAt: this.#context.clock.now() };
    } catch (cause) {
      throw await this.#failure(cause);
    }
  }

  /** Returns the ARN of the task definition. */
  async #create(): Promise<string> {
    const { definitions, desiredCount } = this.#plan;
    this.#journal.enter('registerTaskDefinition');
    const { arn } = await findOrRegisterDefinition(this.#context, definitions.taskDefinition, undefined);
    this.#journal.enter('createService');
    throwIfAborted(this.#context);
    const elapsed = stopwatch(this.#context.clock);
    const { schedulingStrategy } = definitions.service;
    const command = new CreateServiceCommand({
      // ECS refuses a count for a daemon.
      ...(schedulingStrategy !== 'DAEMON' && { desiredCount }),
      ...definitions.service,
      cluster: this.#context.name.cluster,
      serviceName: this.#context.name.service.replace(/^.*\//, ''),
      taskDefinition: arn,
      clientToken: definitions.service.clientToken ?? randomUUID(),
    });
    const call = ecsCall('CreateService', unstoppable(this.#context));
    this.#createdWith = arn;
    const outcome = await sendChange(this.#context, call, (http) => this.#context.ecs.send(command, http));
    if ('refusal' in outcome) {
      this.#createdWith = undefined;
      throw outcome.refusal;
    }
    const serviceArn = requireField(outcome.response.service?.serviceArn, 'serviceArn', call);
    this.#context.emit({ type: 'serviceCreated', serviceArn }, elapsed());
    return arn;
  }

  /** Returns undefined when the service does not exist or was deleted. Throws while the service is being deleted. */
  async #findService(): Promise<Service | undefined> {
    const { cluster, service } = this.#context.name;
    const command = new DescribeServicesCommand({ cluster, services: [service] });
    const call = ecsCall('DescribeServices', this.#context);
    const { services } = await requireFound([missingCluster(cluster)], () =>
      callAws(call, (http) => this.#context.ecs.send(command, http)),
    );
    const found = services?.[0];
    return found?.status === 'INACTIVE' ? undefined : found;
  }

  #requireTaking({ status }: Service): void {
    const { resource } = this.#context;
    const isGoing = status === 'DRAINING';
    if (!isGoing && this.#plan.options.existing === 'take') return;
    throw new ResourceStateError(`Service ${resource} ${isGoing ? 'is being deleted' : 'exists already'}`, {
      resource,
      expected: 'no service of this name',
      actual: status ?? 'no status',
      remedy: isGoing
        ? 'Create it again after its deletion'
        : "Roll the task definition out to it, or take it as it is with existing: 'take'",
    });
  }

  async #failure(cause: unknown): Promise<RolloutError> {
    const { phase } = this.#journal;
    const { resource } = this.#context;
    const isCreated = this.#createdWith !== undefined;
    const stopped = await this.#newestStop();
    this.#context.emit({ type: 'failed', phase, reason: messageOf(cause), serviceIntact: !isCreated });
    return new RolloutError({
      operation: 'creation',
      resource,
      phase,
      cause,
      stoppedReason: stopped?.stoppedReason,
      exitCodes: stopped?.exitCodes ?? {},
      service: isCreated ? 'unsettled' : 'unchanged',
      canaryTaskArn: undefined,
      untriedFeatures: [],
      leftovers: this.#context.leftovers.list(),
      history: this.#journal.history,
    });
  }

  async #newestStop(): Promise<StoppedTask | undefined> {
    if (this.#createdWith === undefined) return undefined;
    return newestStop(unstoppable(this.#context), this.#createdWith);
  }
}
