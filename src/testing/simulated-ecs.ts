import type { SimulatedEnvironment, SimulatedService } from './environment.js';
import type { SimulatedApplicationAutoScaling } from './simulated-application-auto-scaling.js';

/** TODO */
export class SimulatedEcs implements SimulatedService {
  readonly serviceId = 'ECS';
  readonly iamPrefix = 'ecs';
  readonly throttlingError = 'ThrottlingException';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;
  readonly #applicationAutoScaling: SimulatedApplicationAutoScaling;

  constructor(
    environment: SimulatedEnvironment,
    { applicationAutoScaling }: { applicationAutoScaling: SimulatedApplicationAutoScaling },
  ) {
    this.#environment = environment;
    this.#applicationAutoScaling = applicationAutoScaling;
  }
}
