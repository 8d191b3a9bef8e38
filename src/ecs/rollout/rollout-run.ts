import type { Service } from '@aws-sdk/client-ecs';
import { requireField, throwIfAborted } from '../../core/aws-call.js';
import { messageOf } from '../../core/describe-error.js';
import { OperationAbortedError } from '../../core/errors.js';
import type { StackReference } from '../../core/stack-reference.js';
import { stopwatch } from '../../core/stopwatch.js';
import { Canary } from './canary.js';
import { cleanUpCanary, cleanUpLeftover, leaveTargetGroups, ownTargets } from './canary-cleanup.js';
import { registerTarget, targetsOf } from './canary-targets.js';
import { findCanaries, readTasks, startCanary } from './canary-task.js';
import { ecsCall, type RolloutContext, unstoppable } from './context.js';
import type { RolloutPhase } from './events.js';
import { observeChecks } from './observe-checks.js';
import { type Prepared, prepareRollout } from './prepare-rollout.js';
import { requireTargets } from './require-targets.js';
import { retryCleanup } from './retry-cleanup.js';
import { RolloutError } from './rollout-error.js';
import type { RolloutJournal } from './rollout-journal.js';
import type { parseRollOutOptions } from './rollout-options.js';
import { isSettled } from './rollout-service.js';
import { formerSettings, groupsLeft, settingsOf } from './service-settings.js';
import { newestStop } from './service-stops.js';
import { awaitStable, isRefusal, rollBackService, updateService } from './service-update.js';
import type { StoppedTask } from './stopped-task.js';
import { provideDefinition, type RegisteredDefinition } from './task-definitions.js';
import type { RolledService, RollOutInput, RollOutResult, ServiceSettings } from './types.js';
import { awaitContainerHealth, awaitRunning, awaitTargetHealth, watchFor } from './watch-canary.js';

/** A task whose start was not answered may be listed some seconds later only. */
const listedAfterSeconds = 5;

/** What a rollout is given. */
export interface RolloutPlan {
  readonly stack: StackReference;
  readonly input: RollOutInput;
  readonly options: ReturnType<typeof parseRollOutOptions>;
}

/** One run of a rollout. */
export class RolloutRun {
  readonly #context: RolloutContext;
  readonly #journal: RolloutJournal;
  readonly #plan: RolloutPlan;
  readonly #startedAt: number;
  #prepared: Prepared | undefined;
  #next: RegisteredDefinition | undefined;
  #canary: Canary | undefined;
  /** Whether a canary may run whose ARN is not known, because the answer to its start was lost. */
  #hasAskedForCanary = false;
  /** What became of the service; `unsettled` from just before its update. */
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
    const leftovers: string[] = [];
    try {
      await this.#carryOut();
    } catch (cause) {
      failure = { phase: this.#journal.phase, cause };
      ofService = await this.#stoppedTaskOfService();
      await this.#settleService(cause, leftovers);
    }
    await this.#cleanUp().catch((cause: unknown) => {
      failure ??= { phase: 'cleanUp', cause };
      leftovers.push(`The canary could not be cleaned up: ${messageOf(cause)}`);
    });
    if (failure === undefined) return this.#result();
    await this.#canary?.explain(unstoppable(this.#context));
    throw this.#error({ ...failure, stopped: this.#canary?.stopped ?? ofService, leftovers });
  }

  async #carryOut(): Promise<void> {
    this.#enter('prepare');
    const prepared = await prepareRollout(this.#context, this.#plan);
    this.#prepared = prepared;
    this.#enter('registerTaskDefinition');
    const { primary } = prepared;
    const next = await provideDefinition(this.#context, this.#plan.input.taskDefinition, primary);
    this.#next = next;
    let deployment: string | undefined;
    if (next.arn === primary) {
      // A rollout that was interrupted after the update is followed to its end.
      if (prepared.previous !== primary || !isSettled(prepared.service)) this.#service = 'unsettled';
      if (this.#plan.options.updateSettings) deployment = await this.#update(prepared, next);
    } else {
      await this.#tryOut(prepared, next);
      await this.#update(prepared, next);
    }
    this.#enter('serviceStable');
    const { serviceStableSeconds } = this.#plan.options.limits;
    await awaitStable(this.#context, next.arn, serviceStableSeconds, deployment);
    if (this.#service === 'unsettled') this.#service = 'updated';
  }

  /** Starts the canary, and has it prove itself. */
  async #tryOut(prepared: Prepared, next: RegisteredDefinition): Promise<void> {
    const { options } = this.#plan;
    const { service, identity, previous, groups } = prepared;
    const context = this.#context;
    this.#enter('startCanary');
    const wish = { taskDefinition: next.arn, previous, identity };
    throwIfAborted(context);
    this.#hasAskedForCanary = true;
    const taskArn = await startCanary(context, service, wish, options.containerInstance);
    const { checkedContainers } = next;
    const canary = new Canary({
      taskArn,
      checkedContainers,
      acceptsUnused: options.unusedTargets === 'accept',
    });
    this.#canary = canary;
    const task = await awaitRunning(context, canary, options.limits.canaryRunningSeconds);
    this.#enter('containerHealth');
    await awaitContainerHealth(context, canary, options.limits.containerHealthSeconds);
    this.#enter('targetHealth');
    const targets = await targetsOf(context, groups, task);
    requireTargets(context.resource, groups, targets);
    for (const target of targets) {
      canary.targets.push(target);
      await registerTarget(context, target);
    }
    const isHealthy =
      targets.length > 0 && (await awaitTargetHealth(context, canary, options.limits.targetHealthSeconds));
    this.#enter('observe');
    if (!isHealthy && checkedContainers.length === 0) await watchFor(context, canary, options.idleSeconds);
    await this.#observe(canary);
  }

  async #observe(canary: Canary): Promise<void> {
    const { stack, options } = this.#plan;
    const { checks, policy, observeSeconds, limits } = options;
    if (checks.length === 0) return watchFor(this.#context, canary, observeSeconds);
    const { checksSeconds } = limits;
    await observeChecks(this.#context, canary, { stack, checks, policy, observeSeconds, checksSeconds });
  }

  async #update({ primary, service, groups }: Prepared, { arn: to }: RegisteredDefinition) {
    this.#enter('updateService');
    const settings = this.#settings(service);
    await leaveTargetGroups(this.#context, this.#canary?.targets ?? [], groupsLeft(groups, settings));
    throwIfAborted(this.#context);
    const before = this.#service;
    this.#service = 'unsettled';
    const elapsed = stopwatch(this.#context.clock);
    let deployment: string | undefined;
    try {
      deployment = await updateService(this.#context, to, settings);
    } catch (error) {
      if (isRefusal(error)) this.#service = before;
      throw error;
    }
    this.#context.tell({ type: 'serviceUpdated', from: primary, to }, elapsed());
    return deployment;
  }

  /** Brings a service that was updated back, if that is wanted; what keeps it from that is told, and the canary cleaned up. */
  async #settleService(cause: unknown, leftovers: string[]): Promise<void> {
    if (this.#service !== 'unsettled' || this.#prepared === undefined) return;
    const { previous, primary, service } = this.#prepared;
    const next = this.#next?.arn ?? primary;
    // With settings alone what was there before is known, too.
    if (previous === next && !isSettled(service)) {
      leftovers.push('The task definition that the service ran before is not known');
      return;
    }
    const { onAbort, onUnstable, limits } = this.#plan.options;
    const wish = cause instanceof OperationAbortedError ? onAbort : onUnstable;
    // The task definition would be as wanted also when the new settings are in force.
    if (previous === next && wish === 'leave') return;
    try {
      const settings = formerSettings(service, this.#settings(service));
      const isBack = await rollBackService(unstoppable(this.#context), {
        previous,
        known: [previous, primary, next],
        settings,
        mayUpdate: wish === 'rollBack',
        reason: messageOf(cause),
        maxWaitSeconds: limits.rollbackSeconds,
      });
      if (!isBack) return;
      // The update of an interrupted run has been made with its settings: what they were before is nowhere to be read.
      if (previous !== primary && Object.keys(settings).length > 0)
        leftovers.push(`It runs ${previous} again; the settings that it had with it are not known`);
      else this.#service = 'rolledBack';
    } catch (error) {
      leftovers.push(`The service could not be rolled back: ${messageOf(error)}`);
    }
  }

  /** What is updated besides the task definition. */
  #settings(present: Service): ServiceSettings {
    const { input, options } = this.#plan;
    return options.updateSettings && input.service !== undefined ? settingsOf(input.service, present) : {};
  }

  async #cleanUp(): Promise<void> {
    if (!this.#hasAskedForCanary || this.#prepared === undefined) return;
    this.#enter('cleanUp');
    const context = unstoppable(this.#context);
    const { identity, groups } = this.#prepared;
    const known = this.#canary;
    if (known !== undefined) {
      // When nobody can tell how it is, it counts as what it was: it may still take traffic.
      const task = await retryCleanup(context, () => readTasks(context, [known.taskArn])).then(
        ([now]) => now,
        () => known.lastSeen,
      );
      const targets = await ownTargets(context, groups, task, known.targets);
      await cleanUpCanary(context, known.taskArn, targets, this.#plan.options.limits);
    } else await context.clock.sleep(listedAfterSeconds * 1000);
    // A start whose answer was lost may have started another one.
    const others = await retryCleanup(context, () => findCanaries(context, identity, []));
    for (const task of others) {
      if (task.taskArn !== known?.taskArn)
        await cleanUpLeftover(context, groups, task, this.#plan.options.limits);
    }
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
    this.#context.tell({ type: 'succeeded', taskDefinition: taskDefinitionAfter });
    return {
      rolloutId: identity.rolloutId,
      serviceArn,
      service: this.#service,
      serviceIntact: true,
      taskDefinitionBefore: previous,
      taskDefinitionAfter,
      canaryTaskArn: this.#canary?.taskArn,
      startedAt: this.#startedAt,
      endedAt: this.#context.clock.now(),
      history: this.#journal.history,
    };
  }

  #error(details: {
    phase: RolloutPhase;
    cause: unknown;
    stopped: StoppedTask | undefined;
    leftovers: readonly string[];
  }): RolloutError {
    const { phase, cause, stopped, leftovers } = details;
    const service = this.#service;
    const serviceIntact = service !== 'unsettled';
    this.#context.tell({ type: 'failed', phase, reason: messageOf(cause), serviceIntact });
    return new RolloutError({
      operation: 'rollout',
      resource: this.#context.resource,
      phase,
      cause,
      stoppedReason: stopped?.stoppedReason,
      exitCodes: stopped?.exitCodes ?? {},
      service,
      canaryTaskArn: this.#canary?.taskArn,
      leftovers,
      history: this.#journal.history,
    });
  }
}
