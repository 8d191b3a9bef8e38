import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { type ActiveEcsHook, SimulatedActiveHooks } from './simulated-active-hooks.js';
import type {
  EcsDeploymentStageName,
  EcsHookStageName,
  SimulatedEcsDeploymentOptions,
  SimulatedEcsDeploymentResult,
  SimulatedEcsHookExecution,
  SimulatedEcsStage,
  SimulatedServiceDeployment,
  SimulatedTargetPercent,
} from './simulated-ecs-deployment-types.js';
import { executeHook, type HookOfDeployment, isPauseHook } from './simulated-ecs-hook-execution.js';
import { eventOf, isGoodEnd, type ServiceDeploymentArns, type Stage } from './simulated-ecs-stage.js';
import { requireHooks, stepsOf } from './simulated-ecs-strategy.js';

/** Seconds that a listener takes to use another target group, or other weights. */
const shiftSeconds = 10;

/** Seconds that tasks take to stop. */
const cleanUpSeconds = 60;

type HookStage = Stage & { readonly name: EcsHookStageName };

/** Dependencies of a service deployment. */
interface ServiceDeploymentDependencies {
  readonly arns: ServiceDeploymentArns;
  /** Sends an event about a new status. */
  readonly emit: (status: ServiceDeploymentStatus) => void;
  /** Sends an event about a hook. */
  readonly emitHook: (hook: ActiveEcsHook) => void;
  /** Writes the weights of the service's listener rules. A service without them is unchanged. */
  readonly setWeights: (percent: SimulatedTargetPercent) => void;
}

/** One blue/green, linear or canary deployment of ECS itself. */
export class SimulatedEcsServiceDeployment implements SimulatedServiceDeployment {
  readonly #options: SimulatedEcsDeploymentOptions;
  readonly #environment: SimulatedEnvironment;
  readonly #arns: ServiceDeploymentArns;
  readonly #hooks: readonly HookOfDeployment[];
  readonly #stages: SimulatedEcsStage[] = [];
  readonly #percent = { test: 0, production: 0 };
  readonly #stop = new AbortController();
  readonly activeHooks: SimulatedActiveHooks;
  readonly #emit: (status: ServiceDeploymentStatus) => void;
  readonly #setWeights: ServiceDeploymentDependencies['setWeights'];
  readonly startedAt: number;
  finishedAt: number | undefined;
  #status: ServiceDeploymentStatus = 'PENDING';
  #stage: EcsDeploymentStageName | undefined;
  #statusReason: string | undefined;
  #rollbackStartedAt: number | undefined;
  #triggeredAlarms: readonly string[] = [];
  #isCircuitBroken = false;
  #isSuperseded = false;
  #ended: Promise<SimulatedEcsDeploymentResult> | undefined;

  constructor(
    options: SimulatedEcsDeploymentOptions,
    environment: SimulatedEnvironment,
    { arns, emit, emitHook, setWeights }: ServiceDeploymentDependencies,
  ) {
    this.#options = options;
    this.#environment = environment;
    this.#emit = emit;
    this.#setWeights = setWeights;
    this.#arns = arns;
    this.startedAt = environment.clock.now();
    this.activeHooks = new SimulatedActiveHooks(environment, emitHook);
    stepsOf(options.strategy);
    requireHooks(options.hooks);
    this.#hooks = (options.hooks ?? []).map((hook, index) => ({
      index,
      hook,
      details: isPauseHook(hook) ? undefined : hook.hookDetails,
    }));
  }

  /** Percent of the traffic that the new revision has. */
  get targetPercent(): { readonly test: number; readonly production: number } {
    return { ...this.#percent };
  }

  get serviceDeploymentArn(): string {
    return this.#arns.deployment;
  }

  get serviceArn(): string {
    return this.#arns.service;
  }

  get arns(): ServiceDeploymentArns {
    return this.#arns;
  }

  get status(): ServiceDeploymentStatus {
    return this.#status;
  }

  get lifecycleStage(): EcsDeploymentStageName | undefined {
    return this.#stage;
  }

  get pauses(): readonly string[] {
    return this.activeHooks.all.filter((it) => it.status === 'AWAITING_ACTION').map(({ hookId }) => hookId);
  }

  get options(): SimulatedEcsDeploymentOptions {
    return this.#options;
  }

  get hasEnded(): boolean {
    return this.finishedAt !== undefined;
  }

  /** Reasons of a rollback, as DescribeServiceDeployments shows them. */
  get monitors() {
    return {
      statusReason: this.#statusReason,
      rollbackStartedAt: this.#rollbackStartedAt,
      triggeredAlarms: this.#triggeredAlarms,
      isCircuitBroken: this.#isCircuitBroken,
    };
  }

  stop(): void {
    this.#requestRollback('Stopped by the user.');
  }

  triggerAlarms(...alarmNames: readonly string[]): void {
    if (this.#requestRollback(`Alarms detected in the ALARM state: ${alarmNames.join(', ')}.`))
      this.#triggeredAlarms = alarmNames;
  }

  tripCircuitBreaker(): void {
    if (this.#requestRollback('Deployment circuit breaker threshold was reached.'))
      this.#isCircuitBroken = true;
  }

  #requestRollback(reason: string): boolean {
    if (this.#status !== 'PENDING' && this.#status !== 'IN_PROGRESS') return false;
    this.#status = 'ROLLBACK_REQUESTED';
    this.#statusReason = reason;
    this.#stop.abort();
    return true;
  }

  stopAfter(seconds: number): void {
    this.#environment.clock.schedule(seconds, () => this.stop());
  }

  /** Ends the deployment for another one, which reconciles the revisions. */
  supersede(): void {
    this.#isSuperseded = true;
    this.#status = 'STOP_REQUESTED';
    this.#stop.abort();
  }

  get ended(): Promise<SimulatedEcsDeploymentResult> {
    this.#ended ??= this.#run();
    return this.#ended;
  }

  /** Runs one stage after the other; rolls back when one fails. */
  async #run(): Promise<SimulatedEcsDeploymentResult> {
    const { rollBackWhen } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, ...(rollBackWhen ? [rollBackWhen] : [])]);
    this.#setStatus('IN_PROGRESS');
    let status: SimulatedEcsDeploymentResult['status'] = 'SUCCESSFUL';
    for (const stage of this.#forward()) {
      if (await this.#goThrough(stage, { isRollback: false, signal })) continue;
      status = this.#isSuperseded ? 'STOPPED' : await this.#rollBack();
      break;
    }
    if (status === 'STOPPED') this.#setPercent({ test: 0, production: 0 });
    this.finishedAt = this.#environment.clock.now();
    this.#setStatus(status);
    return {
      serviceDeploymentArn: this.#arns.deployment,
      status,
      stages: this.#stages,
      targetPercent: this.targetPercent,
    };
  }

  #setPercent(percent: Partial<SimulatedTargetPercent>): void {
    Object.assign(this.#percent, percent);
    this.#setWeights(this.targetPercent);
  }

  #setStatus(status: ServiceDeploymentStatus): void {
    this.#status = status;
    this.#emit(status);
  }

  #forward(): Stage[] {
    const { isReconciled = false, scaleUpSeconds = 120, bakeTimeInMinutes = 0, strategy } = this.#options;
    const wait = (seconds: number) => (signal: AbortSignal) =>
      this.#environment.clock.sleep(seconds * 1000, signal);
    return [
      ...(isReconciled ? [{ name: 'RECONCILE_SERVICE' } as const] : []),
      { name: 'PRE_SCALE_UP' },
      { name: 'SCALE_UP', work: wait(scaleUpSeconds) },
      { name: 'POST_SCALE_UP' },
      this.#shift('TEST_TRAFFIC_SHIFT', 100),
      { name: 'POST_TEST_TRAFFIC_SHIFT' },
      ...stepsOf(strategy).flatMap(({ from, to, bakeMinutes }): Stage[] => [
        { name: 'PRE_PRODUCTION_TRAFFIC_SHIFT', production: from },
        this.#shift('PRODUCTION_TRAFFIC_SHIFT', to),
        ...(bakeMinutes > 0 ? [{ name: 'BAKE_TIME', work: wait(bakeMinutes * 60) } as const] : []),
      ]),
      { name: 'POST_PRODUCTION_TRAFFIC_SHIFT' },
      { name: 'BAKE_TIME', work: wait(bakeTimeInMinutes * 60) },
      { name: 'CLEAN_UP', work: wait(cleanUpSeconds) },
    ];
  }

  #shift(name: 'TEST_TRAFFIC_SHIFT' | 'PRODUCTION_TRAFFIC_SHIFT', percent: number): Stage {
    const which = name === 'TEST_TRAFFIC_SHIFT' ? 'test' : 'production';
    return {
      name,
      [which]: percent,
      work: async (signal) => {
        await this.#environment.clock.sleep(shiftSeconds * 1000, signal);
        this.#setPercent({ [which]: percent });
      },
    };
  }

  /** A rollback has no stages of its own: those that shift traffic run again, with the target revision at 0. */
  async #rollBack(): Promise<SimulatedEcsDeploymentResult['status']> {
    const { signal } = new AbortController();
    const { hooksInRollback = 'afterShift' } = this.#options;
    const isAlways = hooksInRollback === 'always';
    this.#rollbackStartedAt = this.#environment.clock.now();
    this.#setStatus('ROLLBACK_IN_PROGRESS');
    const stages: Stage[] = [
      ...(isAlways || this.#percent.production > 0 ? [this.#shift('PRODUCTION_TRAFFIC_SHIFT', 0)] : []),
      ...(isAlways || this.#percent.test > 0 ? [this.#shift('TEST_TRAFFIC_SHIFT', 0)] : []),
    ];
    let hasFailed = false;
    for (const stage of stages) {
      if (!(await this.#goThrough(stage, { isRollback: true, signal }))) hasFailed = true;
    }
    return hasFailed ? 'ROLLBACK_FAILED' : 'ROLLBACK_SUCCESSFUL';
  }

  async #goThrough(
    stage: Stage,
    { isRollback, signal }: { isRollback: boolean; signal: AbortSignal },
  ): Promise<boolean> {
    const { onStage } = this.#options;
    const { clock } = this.#environment;
    const { name } = stage;
    const startedAt = clock.now();
    this.#stage = name;
    onStage?.(name, 'started', startedAt);
    const hooks: SimulatedEcsHookExecution[] = [];
    const runsHooks = !isRollback || this.#options.hooksInRollback !== 'never';
    const succeeded = await this.#carryOut(stage, { executions: hooks, signal, runsHooks });
    this.#stage = undefined;
    const endedAt = clock.now();
    const { production: productionPercent } = this.#percent;
    const status = succeeded ? 'SUCCEEDED' : 'FAILED';
    this.#stages.push({ name, isRollback, productionPercent, status, startedAt, endedAt, hooks });
    onStage?.(name, succeeded ? 'succeeded' : 'failed', endedAt);
    return succeeded;
  }

  async #carryOut(
    stage: Stage,
    {
      executions,
      signal,
      runsHooks,
    }: { executions: SimulatedEcsHookExecution[]; signal: AbortSignal; runsHooks: boolean },
  ): Promise<boolean> {
    const hooks = runsHooks ? this.#hooks : [];
    if (signal.aborted) return false;
    try {
      await stage.work?.(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return false;
    }
    const { name } = stage;
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const concerned = hooks.filter(({ hook }) => (hook.stages as readonly string[]).includes(name));
    const outcomes = await Promise.all(
      concerned.map(async (hook) => {
        const execution = await this.#execute(hook, stage as HookStage, either);
        executions.push(execution);
        const shouldContinue = isGoodEnd(execution, hook);
        // The other hooks of this stage are not called again.
        if (!shouldContinue) failed.abort();
        return shouldContinue;
      }),
    );
    this.activeHooks.endStage();
    return !signal.aborted && outcomes.every((shouldContinue) => shouldContinue);
  }

  async #execute(
    hookOfDeployment: HookOfDeployment,
    stage: HookStage,
    signal: AbortSignal,
  ): Promise<SimulatedEcsHookExecution> {
    const active = this.activeHooks.begin(hookOfDeployment, stage.name);
    const { hook, index } = hookOfDeployment;
    const event = { executionId: active.hookId, ...eventOf(stage, this.#arns) };
    const execution = isPauseHook(hook)
      ? await this.activeHooks.pause(active, index, signal)
      : await executeHook(this.#environment, Object.assign(hookOfDeployment, { hook }), event, signal);
    this.activeHooks.settle(active, execution);
    return execution;
  }
}
