import { requireField, throwIfAborted } from '../core/aws-call.js';
import { messageOf } from '../core/describe-error.js';
import { stopwatch } from '../core/stopwatch.js';
import type { Canary } from './canary/canary.js';
import { cleanUpRun, describeFailedCleanup } from './canary/clean-up-run.js';
import { leaveTargetGroups } from './canary/end-traffic.js';
import { serviceOnlyFeatures } from './canary/service-only-features.js';
import type { StoppedTask } from './canary/stopped-task.js';
import { tryOutCanary } from './canary/try-out-canary.js';
import type { RolloutPhase, ServiceOnlyFeature } from './events.js';
import { type Prepared, prepareRollout } from './prepare-rollout.js';
import { ecsCall, type RolloutContext, unstoppable } from './rollout-context.js';
import { RolloutError } from './rollout-error.js';
import type { RolloutJournal } from './rollout-journal.js';
import type { parseRollOutOptions } from './rollout-options.js';
import { awaitStable } from './service/await-stable.js';
import { handleFailedUpdate } from './service/handle-failed-update.js';
import { isNewestCompleted } from './service/rollout-service.js';
import { groupsLeft, settingsOf } from './service/service-settings.js';
import { newestStop } from './service/service-stops.js';
import { updateService } from './service/service-update.js';
import { findOrRegisterDefinition, type RegisteredDefinition } from './service/task-definitions.js';
import type { RolledService, RollOutInput, RollOutResult, ServiceSettings } from './types.js';

export interface RolloutPlan {
  readonly input: RollOutInput;
  readonly options: ReturnType<typeof parseRollOutOptions>;
}

export class RolloutRun {
  readonly #context: RolloutContext;
  readonly #journal: RolloutJournal;
  readonly #plan: RolloutPlan;
  readonly #startedAt: number;
  #prepared: Prepared | undefined;
  #next: RegisteredDefinition | undefined;
  #canary: Canary | undefined;
  #untriedFeatures: readonly ServiceOnlyFeature[] = [];
  /** True when a canary may run, also one whose ARN is unknown because the response to its start was lost. */
  #hasRequestedCanary = false;
  /** `unsettled` from just before the update of the service. */
  #service: RolledService = 'unchanged';

  constructor(context: RolloutContext, journal: RolloutJournal, plan: RolloutPlan) {
    this.#context = context;
    this.#journal = journal;
    this.#plan = plan;
    this.#startedAt = context.clock.now();
  }

  /** @throws RolloutError, after the service was rolled back and the canary cleaned up. */
  async run(): Promise<RollOutResult> {
    let failure: { phase: RolloutPhase; cause: unknown } | undefined;
    let ofService: StoppedTask | undefined;
    try {
      await this.#runPhases();
    } catch (cause) {
      failure = { phase: this.#journal.phase, cause };
      ofService = await this.#stoppedTaskOfService();
      await this.#handleFailedUpdate(cause);
    }
    await this.#cleanUp().catch((cause: unknown) => {
      failure ??= { phase: 'cleanUp', cause };
      this.#context.leftovers.addProblem(describeFailedCleanup(cause));
    });
    if (failure === undefined) return this.#result();
    await this.#canary?.explain(unstoppable(this.#context));
    throw this.#error({ ...failure, stopped: this.#canary?.stopped ?? ofService });
  }

  async #runPhases(): Promise<void> {
    this.#enter('prepare');
    const prepared = await prepareRollout(this.#context, this.#plan);
    this.#prepared = prepared;
    this.#enter('registerTaskDefinition');
    const { primary } = prepared;
    const next = await findOrRegisterDefinition(this.#context, this.#plan.input.taskDefinition, primary);
    this.#next = next;
    let deployment: string | undefined;
    if (next.arn === primary) {
      // Continues a rollout that was interrupted after the update.
      if (prepared.previous !== primary || !isNewestCompleted(prepared.service)) this.#service = 'unsettled';
      if (this.#plan.options.updateSettings) deployment = await this.#update(prepared, next);
    } else {
      await this.#tryOut(prepared, next);
      await this.#update(prepared, next);
    }
    this.#enter('serviceStable');
    const maxWaitSeconds = this.#plan.options.limits.serviceStableSeconds;
    await awaitStable(this.#context, { taskDefinition: next.arn, maxWaitSeconds, deployment });
    if (this.#service === 'unsettled') this.#service = 'updated';
  }

  async #tryOut(prepared: Prepared, next: RegisteredDefinition): Promise<void> {
    const features = serviceOnlyFeatures(prepared.service, this.#plan.input.service);
    this.#untriedFeatures = features;
    if (features.length > 0) this.#context.emit({ type: 'featuresUntried', features });
    await tryOutCanary(this.#context, {
      journal: this.#journal,
      prepared,
      next,
      options: this.#plan.options,
      onRequest: () => {
        this.#hasRequestedCanary = true;
      },
      onStart: (canary) => {
        this.#canary = canary;
      },
    });
  }

  /** Returns the ID of the new deployment. */
  async #update({ primary, groups }: Prepared, { arn: to }: RegisteredDefinition) {
    this.#enter('updateService');
    const settings = this.#settings();
    await this.#leave(groups, groupsLeft(groups, settings));
    throwIfAborted(this.#context);
    const before = this.#service;
    this.#service = 'unsettled';
    const elapsed = stopwatch(this.#context.clock);
    const outcome = await updateService(this.#context, to, settings);
    if ('refusal' in outcome) {
      this.#service = before;
      throw outcome.refusal;
    }
    this.#context.emit({ type: 'serviceUpdated', from: primary, to }, elapsed());
    return outcome.response.deployment;
  }

  async #leave(groups: Prepared['groups'], left: ReadonlySet<string>): Promise<void> {
    if (this.#canary === undefined) return;
    const { taskArn, targets } = this.#canary;
    const leaving = targets.filter(({ targetGroupArn }) => left.has(targetGroupArn));
    await leaveTargetGroups(this.#context, { taskArn, groups }, leaving);
  }

  async #handleFailedUpdate(cause: unknown): Promise<void> {
    if (this.#service !== 'unsettled' || this.#prepared === undefined) return;
    const prepared = this.#prepared;
    const next = this.#next?.arn ?? prepared.primary;
    const { options } = this.#plan;
    const update = { prepared, next, settings: this.#settings(), options, cause };
    this.#service = await handleFailedUpdate(this.#context, update);
  }

  /** The settings to update besides the task definition. */
  #settings(): ServiceSettings {
    const { input, options } = this.#plan;
    if (!options.updateSettings || input.service === undefined) return {};
    return settingsOf(input.service, this.#prepared?.service ?? {});
  }

  async #cleanUp(): Promise<void> {
    if (!this.#hasRequestedCanary || this.#prepared === undefined) return;
    this.#enter('cleanUp');
    const { limits } = this.#plan.options;
    await cleanUpRun(unstoppable(this.#context), { prepared: this.#prepared, canary: this.#canary, limits });
  }

  async #stoppedTaskOfService(): Promise<StoppedTask | undefined> {
    const next = this.#next?.arn;
    const wasUpdated = this.#service === 'unsettled' && next !== undefined;
    return wasUpdated ? newestStop(unstoppable(this.#context), next) : undefined;
  }

  #enter(phase: RolloutPhase): void {
    this.#journal.enter(phase);
  }

  #result(): RollOutResult {
    const call = ecsCall('DescribeServices', this.#context);
    const { identity, serviceArn, previous } = requireField(this.#prepared, 'service', call);
    const taskDefinitionAfter = requireField(this.#next, 'taskDefinition', call).arn;
    this.#context.emit({ type: 'succeeded', taskDefinition: taskDefinitionAfter });
    return {
      rolloutId: identity.rolloutId,
      serviceArn,
      service: this.#service,
      serviceIntact: true,
      taskDefinitionBefore: previous,
      taskDefinitionAfter,
      canaryTaskArn: this.#canary?.taskArn,
      untriedFeatures: this.#untriedFeatures,
      startedAt: this.#startedAt,
      endedAt: this.#context.clock.now(),
      history: this.#journal.history,
    };
  }

  #error(details: { phase: RolloutPhase; cause: unknown; stopped: StoppedTask | undefined }): RolloutError {
    const { phase, cause, stopped } = details;
    const service = this.#service;
    const serviceIntact = service !== 'unsettled';
    this.#context.emit({ type: 'failed', phase, reason: messageOf(cause), serviceIntact });
    return new RolloutError({
      operation: 'rollout',
      resource: this.#context.resource,
      phase,
      cause,
      stoppedReason: stopped?.stoppedReason,
      exitCodes: stopped?.exitCodes ?? {},
      service,
      canaryTaskArn: this.#canary?.taskArn,
      untriedFeatures: this.#untriedFeatures,
      leftovers: this.#context.leftovers.list(),
      history: this.#journal.history,
    });
  }
}
