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

/** A hook that has not answered after this long has failed. */
const maxHookSeconds = 3_600;

/** How long it takes to point a listener at another target group. */
const shiftSeconds = 10;

/** One execution of one hook, which waits for its answer. */
export interface HookExecution extends CodeDeployHookEvent {
  status: 'InProgress' | 'Succeeded' | 'Failed';
  /** Aborted by the answer. */
  readonly answered: AbortController;
}

/** What a deployment works with. */
export interface DeploymentSurroundings {
  readonly deploymentId: string;
  readonly environment: SimulatedEnvironment;
  readonly ecs: SimulatedEcs;
  readonly openExecution: () => HookExecution;
}

/** A step of a deployment; gives whether the deployment may go on. */
interface Step {
  readonly name: CodeDeployStepName;
  readonly work: (invocations: SimulatedInvocation[]) => Promise<boolean>;
}

/** One deployment of the simulated CodeDeploy. */
export class SimulatedDeployment {
  readonly #options: SimulatedDeploymentOptions;
  readonly #dependencies: DeploymentSurroundings;
  readonly #replacement: SimulatedReplacement;
  readonly #lifecycleEvents: SimulatedLifecycleEvent[] = [];
  #traffic: SimulatedTraffic = { production: 'original', test: 'original' };

  constructor(options: SimulatedDeploymentOptions, dependencies: DeploymentSurroundings) {
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

  /** Carries out one step after the other; rolls back when one fails. */
  async run(): Promise<SimulatedDeploymentResult> {
    let status: SimulatedDeploymentResult['status'] = 'Succeeded';
    for (const step of this.#steps()) {
      if (await this.#carryOut(step)) continue;
      await this.#carryOut({ name: 'RollBack', work: () => this.#rollBack() });
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
      : [{ name, work: (invocations) => this.#waitForAnswer(hook, invocations) }];
  }

  async #carryOut({ name, work }: Step): Promise<boolean> {
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

  /** Waits for the answer, not for the Lambda, which may go on, and even fail, afterwards. */
  async #waitForAnswer(hook: SimulatedHook, invocations: SimulatedInvocation[]): Promise<boolean> {
    const { environment, openExecution } = this.#dependencies;
    const execution = openExecution();
    const { DeploymentId, LifecycleEventHookExecutionId, answered } = execution;
    const event = { DeploymentId, LifecycleEventHookExecutionId };
    const deployed = typeof hook === 'function' ? { handler: hook } : hook;
    void invokeAsynchronously(environment, deployed, event, invocations);
    try {
      await environment.clock.sleep(maxHookSeconds * 1000, answered.signal);
      execution.status = 'Failed';
    } catch {
      // Answered in time.
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
