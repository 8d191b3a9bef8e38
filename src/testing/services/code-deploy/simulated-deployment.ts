import type { SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import { trafficSteps } from './deployment-configurations.js';
import { type DeploymentProblem, DeploymentStop } from './deployment-problem.js';
import { type HookDependencies, type HookExecution, runHook } from './hook-execution.js';
import type {
  CodeDeployHookName,
  CodeDeployStepName,
  SimulatedDeploymentOptions,
  SimulatedLifecycleEvent,
  SimulatedTraffic,
} from './simulated-code-deploy-types.js';
import type { SimulatedReplacement } from './simulated-replacement.js';

/** Seconds that a listener takes to use another target group. */
const shiftSeconds = 10;

/** Dependencies of a deployment. */
export interface DeploymentDependencies extends HookDependencies {
  readonly replacement: SimulatedReplacement;
  readonly openExecution: () => HookExecution;
}

/** A step of a deployment. Its work returns a problem that ends the deployment. */
interface Step {
  readonly name: CodeDeployStepName;
  readonly work: (invocations: SimulatedInvocation[]) => Promise<DeploymentProblem | undefined>;
}

/** Steps of one deployment, and of its rollback. */
export class SimulatedDeployment {
  readonly lifecycleEvents: SimulatedLifecycleEvent[] = [];
  readonly #options: SimulatedDeploymentOptions;
  readonly #dependencies: DeploymentDependencies;
  readonly #stop = new DeploymentStop();
  readonly #skipsWait = new AbortController();
  #traffic: SimulatedTraffic = { production: 'original', test: 'original' };
  #percent = 0;
  #current: CodeDeployStepName | undefined;

  constructor(options: SimulatedDeploymentOptions, dependencies: DeploymentDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    trafficSteps(options.deploymentConfig ?? 'CodeDeployDefault.ECSAllAtOnce');
  }

  get traffic(): SimulatedTraffic {
    return this.#traffic;
  }

  /** Percent of the production traffic that the replacement has. */
  get replacementPercent(): number {
    return this.#percent;
  }

  /** The running step. */
  get currentStep(): CodeDeployStepName | undefined {
    return this.#current;
  }

  /** True once there may be something to move back. */
  get hasBegunInstall(): boolean {
    return this.#current === 'Install' || this.lifecycleEvents.some(({ name }) => name === 'Install');
  }

  get activeTaskSet(): string | undefined {
    return this.#dependencies.replacement.activeTaskSet;
  }

  /** Ends the present step. The traffic and the task sets stay as they are. */
  stop(problem: DeploymentProblem): void {
    this.#stop.request(problem);
  }

  /** Ends the wait before the termination of the original task set. */
  skipTerminationWait(): void {
    this.#skipsWait.abort();
  }

  /** Runs one step after the other. Returns the problem that ended the deployment early. */
  async runForward(): Promise<DeploymentProblem | undefined> {
    for (const step of this.#steps()) {
      const problem = await this.#runStep(step);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** Runs the rollback as a step of this deployment. */
  async rollBack(): Promise<void> {
    await this.#runStep({ name: 'RollBack', work: () => this.moveBack() });
  }

  /** Gives the original task set all traffic, and terminates the replacement. */
  async moveBack(): Promise<undefined> {
    this.#stop.clear();
    if (this.#percent > 0) await this.#shiftProduction(0);
    if (this.#traffic.test === 'replacement') await this.#shiftTest('original');
    await this.#dependencies.replacement.terminate('replacement');
    return undefined;
  }

  /** Runs the hooks of another revision for a rollback deployment. Returns the first problem. */
  async runHooks(
    hooks: NonNullable<SimulatedDeploymentOptions['hooks']>,
    names: readonly CodeDeployHookName[],
    openExecution: () => HookExecution,
  ): Promise<DeploymentProblem | undefined> {
    this.#stop.clear();
    for (const name of names) {
      for (const step of this.#hook(name, hooks, openExecution)) {
        const problem = await this.#runStep(step);
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  }

  #steps(): Step[] {
    const { replacement } = this.#dependencies;
    return [
      ...this.#hook('BeforeInstall'),
      { name: 'Install', work: () => replacement.install(this.#stop.signal) },
      ...this.#hook('AfterInstall'),
      { name: 'AllowTestTraffic', work: () => this.#shiftTest('replacement') },
      ...this.#hook('AfterAllowTestTraffic'),
      ...this.#hook('BeforeAllowTraffic'),
      { name: 'AllowTraffic', work: () => this.#allowTraffic() },
      ...this.#hook('AfterAllowTraffic'),
      { name: 'TerminateOriginal', work: () => this.#terminateOriginal() },
    ];
  }

  #hook(
    name: CodeDeployHookName,
    hooks = this.#options.hooks,
    openExecution = this.#dependencies.openExecution,
  ): Step[] {
    const hook = hooks?.[name];
    if (hook === undefined) return [];
    const { signal } = this.#stop;
    const work = (invocations: SimulatedInvocation[]) =>
      runHook(hook, this.#dependencies, { invocations, openExecution, signal });
    return [{ name, work }];
  }

  async #runStep({ name, work }: Step): Promise<DeploymentProblem | undefined> {
    const { onLifecycleEvent } = this.#options;
    const { clock } = this.#dependencies.environment;
    const startedAt = clock.now();
    const invocations: SimulatedInvocation[] = [];
    this.#current = name;
    onLifecycleEvent?.(name, 'started', startedAt);
    const problem = await this.#stop.problemOf(() => work(invocations));
    const endedAt = clock.now();
    const status = problem === undefined ? 'Succeeded' : 'Failed';
    const reason = problem && { reason: problem.message };
    this.lifecycleEvents.push({ name, status, ...reason, startedAt, endedAt, invocations });
    this.#current = undefined;
    onLifecycleEvent?.(name, problem === undefined ? 'succeeded' : 'failed', endedAt);
    return problem;
  }

  async #allowTraffic(): Promise<undefined> {
    const { clock } = this.#dependencies.environment;
    const { deploymentConfig = 'CodeDeployDefault.ECSAllAtOnce' } = this.#options;
    for (const { percent, waitSeconds } of trafficSteps(deploymentConfig)) {
      await this.#shiftProduction(percent);
      if (waitSeconds > 0) await clock.sleep(waitSeconds * 1000, this.#stop.signal);
    }
    return undefined;
  }

  async #shiftProduction(percent: number): Promise<undefined> {
    const { environment, replacement } = this.#dependencies;
    await environment.clock.sleep(shiftSeconds * 1000, this.#stop.signal);
    this.#percent = percent;
    this.#traffic = { ...this.#traffic, production: percent === 100 ? 'replacement' : 'original' };
    replacement.setWeights('production', percent);
    if (percent === 100) replacement.makePrimary('replacement');
    if (percent === 0) replacement.makePrimary('original');
    return undefined;
  }

  async #shiftTest(test: SimulatedTraffic['test']): Promise<undefined> {
    const { environment, replacement } = this.#dependencies;
    await environment.clock.sleep(shiftSeconds * 1000, this.#stop.signal);
    this.#traffic = { ...this.#traffic, test };
    replacement.setWeights('test', test === 'replacement' ? 100 : 0);
    return undefined;
  }

  async #terminateOriginal(): Promise<undefined> {
    const { terminationWaitSeconds = 0 } = this.#options;
    const { clock } = this.#dependencies.environment;
    const either = AbortSignal.any([this.#stop.signal, this.#skipsWait.signal]);
    try {
      await clock.sleep(terminationWaitSeconds * 1000, either);
    } catch (error) {
      if (this.#stop.signal.aborted) throw error;
    }
    // From here on the deployment "has progressed to a point where it cannot be stopped": deployments-stop.html.
    this.#stop.close();
    await this.#dependencies.replacement.terminate('original');
    return undefined;
  }
}
