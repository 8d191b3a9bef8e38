import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type {
  EcsDeploymentStageName,
  EcsHookLambdaEvent,
  EcsHookStageName,
  SimulatedEcsDeploymentOptions,
  SimulatedEcsDeploymentResult,
  SimulatedEcsHookExecution,
  SimulatedEcsStage,
  SimulatedEcsStrategy,
} from './simulated-ecs-deployment-types.js';
import { executeHook, type HookOfDeployment } from './simulated-ecs-hook-execution.js';

/** Seconds that a listener takes to use another target group, or other weights. */
const shiftSeconds = 10;

/** Seconds that tasks take to stop. */
const cleanUpSeconds = 60;

/** A stage of the deployment. */
interface Stage {
  readonly name: EcsDeploymentStageName;
  /** The work of ECS itself, before the hooks run. */
  readonly work?: (signal: AbortSignal) => Promise<void>;
  /** The traffic weights in the events of the hooks. */
  readonly test?: number;
  readonly production?: number;
}

/** One blue/green, linear or canary deployment of ECS itself. */
export class SimulatedEcsServiceDeployment {
  readonly #options: SimulatedEcsDeploymentOptions;
  readonly #environment: SimulatedEnvironment;
  readonly #arns: Readonly<Record<'service' | 'deployment' | 'target' | 'source', string>>;
  readonly #hooks: readonly HookOfDeployment[];
  readonly #stages: SimulatedEcsStage[] = [];
  readonly #percent = { test: 0, production: 0 };

  constructor(options: SimulatedEcsDeploymentOptions, environment: SimulatedEnvironment) {
    this.#options = options;
    this.#environment = environment;
    const { cluster, service } = options.service ?? { cluster: 'shop', service: 'web' };
    const arn = (kind: string, id: string) => environment.arn('ecs', `${kind}/${cluster}/${service}${id}`);
    const nextId = () => `/${environment.nextId().replaceAll('-', '').slice(-19)}`;
    this.#arns = {
      service: arn('service', ''),
      source: arn('service-revision', nextId()),
      target: arn('service-revision', nextId()),
      deployment: arn('service-deployment', nextId()),
    };
    this.#hooks = (options.hooks ?? []).map((hook, index) => ({ index, hook, details: hook.hookDetails }));
  }

  /** Percent of the traffic that the new revision has. */
  get targetPercent(): { readonly test: number; readonly production: number } {
    return { ...this.#percent };
  }

  /** Runs one stage after the other; rolls back when one fails. */
  async run(): Promise<SimulatedEcsDeploymentResult> {
    const signal = this.#options.rollBackWhen ?? new AbortController().signal;
    let status: SimulatedEcsDeploymentResult['status'] = 'SUCCESSFUL';
    for (const stage of this.#forward()) {
      if (await this.#goThrough(stage, { isRollback: false, signal })) continue;
      status = await this.#rollBack();
      break;
    }
    return {
      serviceDeploymentArn: this.#arns.deployment,
      status,
      stages: this.#stages,
      targetPercent: this.targetPercent,
    };
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
        this.#percent[which] = percent;
      },
    };
  }

  /** A rollback has no stages of its own: those that shift traffic run again, with the target revision at 0. */
  async #rollBack(): Promise<SimulatedEcsDeploymentResult['status']> {
    const { signal } = new AbortController();
    const stages: Stage[] = [
      ...(this.#percent.production > 0 ? [this.#shift('PRODUCTION_TRAFFIC_SHIFT', 0)] : []),
      ...(this.#percent.test > 0 ? [this.#shift('TEST_TRAFFIC_SHIFT', 0)] : []),
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
    onStage?.(name, 'started', startedAt);
    const hooks: SimulatedEcsHookExecution[] = [];
    const succeeded = await this.#carryOut(stage, hooks, signal);
    const endedAt = clock.now();
    const { production: productionPercent } = this.#percent;
    const status = succeeded ? 'SUCCEEDED' : 'FAILED';
    this.#stages.push({ name, isRollback, productionPercent, status, startedAt, endedAt, hooks });
    onStage?.(name, succeeded ? 'succeeded' : 'failed', endedAt);
    return succeeded;
  }

  async #carryOut(
    stage: Stage,
    executions: SimulatedEcsHookExecution[],
    signal: AbortSignal,
  ): Promise<boolean> {
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
    const concerned = this.#hooks.filter(({ hook }) => (hook.stages as readonly string[]).includes(name));
    const outcomes = await Promise.all(
      concerned.map(async (hook) => {
        const event = this.#eventOf(stage as Stage & { name: EcsHookStageName });
        const execution = await executeHook(this.#environment, hook, event, either);
        executions.push(execution);
        const shouldContinue = isGoodEnd(execution, hook);
        // The other hooks of this stage are not called again.
        if (!shouldContinue) failed.abort();
        return shouldContinue;
      }),
    );
    return !signal.aborted && outcomes.every((shouldContinue) => shouldContinue);
  }

  #eventOf({ name, test, production }: Stage & { name: EcsHookStageName }) {
    const { service, deployment, target, source } = this.#arns;
    const weights = (percent: number | undefined) =>
      percent === undefined ? {} : { [target]: percent, [source]: 100 - percent };
    return {
      lifecycleStage: name,
      resourceArn: deployment,
      executionDetails: {
        serviceArn: service,
        targetServiceRevisionArn: target,
        testTrafficWeights: weights(test),
        productionTrafficWeights: weights(production),
      },
    } satisfies Omit<EcsHookLambdaEvent, 'executionId'>;
  }
}

function isGoodEnd({ status }: SimulatedEcsHookExecution, { hook }: HookOfDeployment): boolean {
  return status === 'SUCCEEDED' || (status === 'TIMED_OUT' && hook.timeoutAction === 'CONTINUE');
}

/** Returns the shares of the new revision in order. The last step has no bake time of its own. */
function stepsOf(
  strategy: SimulatedEcsStrategy = { type: 'BLUE_GREEN' },
): { readonly from: number; readonly to: number; readonly bakeMinutes: number }[] {
  const shares = [0, ...sharesOf(strategy)];
  return shares.slice(1).map((to, index) => ({
    from: shares[index] ?? 0,
    to,
    bakeMinutes: to === 100 ? 0 : bakeMinutesOf(strategy),
  }));
}

function sharesOf(strategy: SimulatedEcsStrategy): number[] {
  if (strategy.type === 'BLUE_GREEN') return [100];
  if (strategy.type === 'CANARY') {
    const { canaryPercent = 5 } = strategy;
    requireWithin('canaryPercent', canaryPercent, 0.1);
    return canaryPercent === 100 ? [100] : [canaryPercent, 100];
  }
  const { stepPercent = 10 } = strategy;
  requireWithin('stepPercent', stepPercent, 3);
  const count = Math.ceil(100 / stepPercent);
  return Array.from({ length: count }, (_, index) => Math.min(100, stepPercent * (index + 1)));
}

function bakeMinutesOf(strategy: SimulatedEcsStrategy): number {
  if (strategy.type === 'LINEAR') return strategy.stepBakeTimeInMinutes ?? 6;
  return strategy.type === 'CANARY' ? (strategy.canaryBakeTimeInMinutes ?? 10) : 0;
}

function requireWithin(name: string, percent: number, min: number): void {
  if (percent >= min && percent <= 100) return;
  throw new TypeError(`Invalid deployment strategy: ${name}: expected ${min} to 100, got ${percent}`);
}
