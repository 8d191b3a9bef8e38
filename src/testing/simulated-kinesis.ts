import type { SimulatedEnvironment, SimulatedService } from './environment.js';

/** TODO */
export class SimulatedKinesis implements SimulatedService {
  readonly serviceId = 'Kinesis';
  readonly iamPrefix = 'kinesis';
  readonly throttlingError = 'ThrottlingException';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }
}
