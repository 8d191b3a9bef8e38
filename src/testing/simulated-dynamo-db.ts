import type { SimulatedEnvironment, SimulatedService } from './environment.js';

/** TODO */
export class SimulatedDynamoDb implements SimulatedService {
  readonly serviceId = 'DynamoDB';
  readonly iamPrefix = 'dynamodb';
  readonly throttlingError = 'ThrottlingException';
  readonly operations = {};

  readonly #environment: SimulatedEnvironment;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }
}
