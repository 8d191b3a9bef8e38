import type { SimulatedEnvironment, SimulatedService } from './environment.js';
import type { SimulatedApplicationAutoScaling } from './simulated-application-auto-scaling.js';

/** TODO */
export class SimulatedRds implements SimulatedService {
  readonly serviceId = 'RDS';
  readonly iamPrefix = 'rds';
  readonly throttlingError = 'Throttling';
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
