import type { SimulatedEnvironment, SimulatedService } from './environment.js';
import type { SimulatedSqs } from './simulated-sqs.js';

/** TODO */
export class SimulatedSns implements SimulatedService {
  readonly serviceId = 'SNS';
  readonly iamPrefix = 'sns';
  readonly throttlingError = 'ThrottledException';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;
  readonly #sqs: SimulatedSqs;

  constructor(environment: SimulatedEnvironment, { sqs }: { sqs: SimulatedSqs }) {
    this.#environment = environment;
    this.#sqs = sqs;
  }
}
