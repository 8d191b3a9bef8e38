import type { SimulatedEnvironment, SimulatedService } from './environment.js';
import type { SimulatedSqs } from './simulated-sqs.js';

/** TODO */
export class SimulatedLambda implements SimulatedService {
  readonly serviceId = 'Lambda';
  readonly iamPrefix = 'lambda';
  readonly throttlingError = 'TooManyRequestsException';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;
  readonly #sqs: SimulatedSqs;

  constructor(environment: SimulatedEnvironment, { sqs }: { sqs: SimulatedSqs }) {
    this.#environment = environment;
    this.#sqs = sqs;
  }
}
