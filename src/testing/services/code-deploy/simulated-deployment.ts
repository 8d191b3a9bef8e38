import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedEcs } from '../ecs/simulated-ecs.js';
import { invokeAsynchronously, type SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import type {
  CodeDeployHookEvent,
  CodeDeployHookName,
  CodeDeployStepName,
  SimulatedDeploymentOptions,
  SimulatedDeploymentResult,
  SimulatedHook,
  SimulatedLifecycleEvent,
  SimulatedTraffic,
} from './simulated-code-deploy-types.js';
import { SimulatedReplacement } from './simulated-replacement.js';

/** A hook that has not responded after this time has failed. */
const maxHookSeconds = 3_600;

/** Seconds that a listener takes to use another target group. */
const shiftSeconds = 10;

/** One execution of one hook. */
export interface HookExecution extends CodeDeployHookEvent {
  status: 'InProgress' | 'Succeeded' | 'Failed';
  /** Aborted by the response. */
  readonly responded: AbortController;
}

/** Dependencies of a deployment. */
export interface DeploymentDependencies {
  readonly deploymentId: string;
  readonly environment: SimulatedEnvironment;
  readonly ecs: SimulatedEcs;
  readonly openExecution: () => HookExecution;
}

/** A step of a deployment. Its work returns false to roll the deployment back. */
interface Step {
  readonly name: CodeDeployStepName;
  readonly work: (invocations: SimulatedInvocation[]) => Promise<boolean>;
}

/** One deployment of the simulated CodeDeploy. */
export class SimulatedDeployment {
  readonly #options: SimulatedDeploymentOptions;
  readonly #dependencies: DeploymentDependencies;
  readonly #replacement: SimulatedReplacement;
  readonly #lifecycleEvents: SimulatedLifecycleEvent[] = [];
  #traffic: SimulatedTraffic = { production: 'original', test: 'original' };

  constructor(options: SimulatedDeploymentOptions, dependencies: DeploymentDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    const { deploymentId, ecs, environment } = dependencies;
    const { service, taskDefinition } = options;
    this.#replacement = new SimulatedReplacement({
      deploymentId,
      ecs,
      clock: environment.clock,
      service,
      taskDefinition,
    });
  }

  get traffic(): SimulatedTraffic {
    return this.#traffic;
  }

  /** Runs one step after the other; rolls back when one fails. */
  async run(): Promise<SimulatedDeploymentResult> {
    let status: SimulatedDeploymentResult['status'] = 'Succeeded';
    for (const step of this.#steps()) {
      if (await this.#runStep(step)) continue;
      await this.#runStep({ name: 'RollBack', work: () => this.#rollBack() });
      status = 'Failed';
      break;
    }
    const { activeTaskSet } = this.#replacement;
    return {
      deploymentId: this.#dependencies.deploymentId,
      status,
      lifecycleEvents: this.#lifecycleEvents,
      traffic: this.#traffic,
      ...(activeTaskSet !== undefined && { activeTaskSet }),
    };
  }

  #steps(): Step[] {
    return [
      ...this.#hook('BeforeInstall'),
      { name: 'Install', work: () => this.#replacement.install() },
      ...this.#hook('AfterInstall'),
      { name: 'AllowTestTraffic', work: () => this.#shift({ test: 'replacement' }) },
      ...this.#hook('AfterAllowTestTraffic'),
      ...this.#hook('BeforeAllowTraffic'),
      { name: 'AllowTraffic', work: () => this.#shift({ production: 'replacement' }) },
      ...this.#hook('AfterAllowTraffic'),
      { name: 'TerminateOriginal', work: () => this.#terminateOriginal() },
    ];
  }

  #hook(name: CodeDeployHookName): Step[] {
    const hook = this.#options.hooks?.[name];
    return hook === undefined
      ? []
      : [{ name, work: (invocations) => this.#waitForResponse(hook, invocations) }];
  }

  async #runStep({ name, work }: Step): Promise<boolean> {
    const { onLifecycleEvent } = this.#options;
    const { clock } = this.#dependencies.environment;
    const startedAt = clock.now();
    const invocations: SimulatedInvocation[] = [];
    onLifecycleEvent?.(name, 'started', startedAt);
    const succeeded = await work(invocations);
    const endedAt = clock.now();
    const status = succeeded ? 'Succeeded' : 'Failed';
    this.#lifecycleEvents.push({ name, status, startedAt, endedAt, invocations });
    onLifecycleEvent?.(name, succeeded ? 'succeeded' : 'failed', endedAt);
    return succeeded;
  }

  /** Waits for the response, not for the Lambda function, which may still run, and even fail, afterwards. */
  async #waitForResponse(hook: SimulatedHook, invocations: SimulatedInvocation[]): Promise<boolean> {
    const { environment, openExecution } = this.#dependencies;
    const execution = openExecution();
    const { DeploymentId, LifecycleEventHookExecutionId, responded } = execution;
    const event = { DeploymentId, LifecycleEventHookExecutionId };
    const deployed = typeof hook === 'function' ? { handler: hook } : hook;
    void invokeAsynchronously(environment, deployed, event, invocations);
    try {
      await environment.clock.sleep(maxHookSeconds * 1000, responded.signal);
      execution.status = 'Failed';
    } catch {
      // The response arrived in time.
    }
    return execution.status === 'Succeeded';
  }

  async #shift(change: Partial<SimulatedTraffic>): Promise<true> {
    await this.#dependencies.environment.clock.sleep(shiftSeconds * 1000);
    this.#traffic = { ...this.#traffic, ...change };
    if (change.production !== undefined) this.#replacement.makePrimary(change.production);
    return true;
  }

  async #terminateOriginal(): Promise<true> {
    const { terminationWaitSeconds = 0 } = this.#options;
    await this.#dependencies.environment.clock.sleep(terminationWaitSeconds * 1000);
    await this.#replacement.terminate('original');
    return true;
  }

  async #rollBack(): Promise<true> {
    if (this.#traffic.production === 'replacement') await this.#shift({ production: 'original' });
    if (this.#traffic.test === 'replacement') await this.#shift({ test: 'original' });
    await this.#replacement.terminate('replacement');
    return true;
  }
}
