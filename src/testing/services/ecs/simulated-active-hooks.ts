import type { DeploymentLifecycleHookStatus, ServiceDeployment } from '@aws-sdk/client-ecs';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { EcsHookStageName, SimulatedEcsHookExecution } from './simulated-ecs-deployment-types.js';
import {
  defaultTimeoutMinutes,
  type HookOfDeployment,
  isPauseHook,
  untilAborted,
} from './simulated-ecs-hook-execution.js';

/** A hook that runs, or pauses, at the present stage. */
export interface ActiveEcsHook {
  readonly hookId: string;
  readonly targetType: 'AWS_LAMBDA' | 'PAUSE';
  readonly stage: EcsHookStageName;
  readonly expiresAt: number;
  readonly timeoutAction: 'CONTINUE' | 'ROLLBACK';
  status: DeploymentLifecycleHookStatus;
  /** Ends the pause. */
  readonly respond: (action: 'CONTINUE' | 'ROLLBACK') => void;
  readonly response: Promise<'CONTINUE' | 'ROLLBACK'>;
}

/** The hooks of a deployment at its present stage. */
export class SimulatedActiveHooks {
  readonly #environment: SimulatedEnvironment;
  readonly #emit: (hook: ActiveEcsHook) => void;
  #hooks: ActiveEcsHook[] = [];

  constructor(environment: SimulatedEnvironment, emit: (hook: ActiveEcsHook) => void) {
    this.#environment = environment;
    this.#emit = emit;
  }

  /** The hooks of the present stage, settled ones included. */
  get all(): readonly ActiveEcsHook[] {
    return this.#hooks;
  }

  begin({ hook }: HookOfDeployment, stage: EcsHookStageName): ActiveEcsHook {
    const { timeoutInMinutes = defaultTimeoutMinutes, timeoutAction = 'ROLLBACK' } = hook;
    const isPause = isPauseHook(hook);
    let respond: ActiveEcsHook['respond'] = () => {};
    const response = new Promise<'CONTINUE' | 'ROLLBACK'>((resolve) => {
      respond = resolve;
    });
    const active: ActiveEcsHook = {
      hookId: this.#environment.nextId(),
      targetType: isPause ? 'PAUSE' : 'AWS_LAMBDA',
      stage,
      expiresAt: this.#environment.clock.now() + timeoutInMinutes * 60_000,
      timeoutAction,
      status: isPause ? 'AWAITING_ACTION' : 'IN_PROGRESS',
      respond,
      response,
    };
    this.#hooks.push(active);
    this.#emit(active);
    return active;
  }

  /** Waits until a pause is continued or rolled back, expires, or is abandoned with its stage. */
  async pause(hook: ActiveEcsHook, index: number, signal: AbortSignal): Promise<SimulatedEcsHookExecution> {
    const { clock } = this.#environment;
    const over = new AbortController();
    const ended = { executionId: hook.hookId, hook: index, invocations: [] };
    const expired = clock.sleep(hook.expiresAt - clock.now(), over.signal).then(
      () => 'EXPIRED' as const,
      () => 'EXPIRED' as const,
    );
    try {
      const response = await untilAborted(Promise.race([hook.response, expired]), signal);
      if (response === 'EXPIRED') return { ...ended, status: 'TIMED_OUT' };
      if (response === 'CONTINUE') return { ...ended, status: 'SUCCEEDED' };
      return { ...ended, status: 'FAILED', reason: 'The pause was rolled back' };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { ...ended, status: 'ABANDONED' };
    } finally {
      over.abort();
    }
  }

  settle(hook: ActiveEcsHook, { status }: SimulatedEcsHookExecution): void {
    if (!isActive(hook)) return;
    hook.status = status === 'ABANDONED' ? 'FAILED' : status;
    this.#emit(hook);
  }

  /** Ends a pause. The caller sees the new status at once. */
  respond(hook: ActiveEcsHook, action: 'CONTINUE' | 'ROLLBACK'): void {
    hook.status = action === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED';
    this.#emit(hook);
    hook.respond(action);
  }

  endStage(): void {
    this.#hooks = [];
  }
}

function isActive({ status }: ActiveEcsHook): boolean {
  return status === 'AWAITING_ACTION' || status === 'IN_PROGRESS';
}

/** Returns `lifecycleHookDetails` of a deployment. */
export function describeHooks(
  hooks: readonly ActiveEcsHook[],
  listed: 'active' | 'ofStage',
): Pick<ServiceDeployment, 'lifecycleHookDetails'> {
  const shown = hooks.filter((hook) => listed === 'ofStage' || isActive(hook));
  return {
    lifecycleHookDetails: shown.map(({ hookId, targetType, status, expiresAt, timeoutAction }) => ({
      hookId,
      targetType,
      status,
      expiresAt: new Date(expiresAt),
      timeoutAction,
    })),
  };
}
