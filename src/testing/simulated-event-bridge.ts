import type { SimulatedEnvironment, SimulatedService } from './environment.js';

/** TODO */
export class SimulatedEventBridge implements SimulatedService {
  readonly serviceId = 'EventBridge';
  readonly iamPrefix = 'events';
  readonly throttlingError = 'ThrottlingException';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }
}
