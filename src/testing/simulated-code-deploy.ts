import type { SimulatedEnvironment, SimulatedService } from './environment.js';

/** TODO */
export class SimulatedCodeDeploy implements SimulatedService {
  readonly serviceId = 'CodeDeploy';
  readonly iamPrefix = 'codedeploy';
  readonly throttlingError = 'ThrottlingException';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }
}
