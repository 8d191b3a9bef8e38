import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { SimulatedEcsServiceDeployment } from './simulated-ecs-deployment.js';
import type {
  SimulatedEcsDeploymentOptions,
  SimulatedEcsDeploymentResult,
  SimulatedTargetPercent,
} from './simulated-ecs-deployment-types.js';

/**
 * The blue/green, linear and canary deployments that ECS runs itself: their stages, the Lambda hooks at them, and the
 * rollback. They have traffic and time, but no tasks.
 */
export class SimulatedEcsDeployments {
  readonly #environment: SimulatedEnvironment;
  #latest: SimulatedEcsServiceDeployment | undefined;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Percent of the traffic that the new revision has, in the latest deployment. */
  get targetPercent(): SimulatedTargetPercent {
    return this.#latest?.targetPercent ?? { test: 0, production: 0 };
  }

  /**
   * Runs a deployment until the old revision is gone or, when a hook failed or the deployment was stopped, until the
   * rollback is finished. Time passes meanwhile.
   *
   * @throws TypeError for a strategy that ECS refuses.
   */
  async run(options: SimulatedEcsDeploymentOptions): Promise<SimulatedEcsDeploymentResult> {
    this.#latest = new SimulatedEcsServiceDeployment(options, this.#environment);
    return this.#latest.run();
  }
}
