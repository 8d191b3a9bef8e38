import type { SimulatedEnvironment, SimulatedService } from './environment.js';

/** TODO */
export class SimulatedCloudWatch implements SimulatedService {
  readonly serviceId = 'CloudWatch';
  readonly iamPrefix = 'cloudwatch';
  readonly throttlingError = 'Throttling';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }
}
