import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedStackOptions } from './simulated-cloudformation-types.js';
import {
  type SimulatedPut,
  type SimulatedResponseFault,
  SimulatedResponseServer,
} from './simulated-response-server.js';
import { SimulatedStack } from './simulated-stack.js';

/**
 * CloudFormation for custom resources. It invokes their Lambda function as Lambda does for asynchronous events, receives
 * their responses over HTTP on this machine, waits no longer than the service timeout, and rolls back.
 */
export class SimulatedCloudFormation {
  readonly #environment: SimulatedEnvironment;
  readonly #server: SimulatedResponseServer;
  readonly #receivers = new Map<string, (put: SimulatedPut) => void>();

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
    this.#server = new SimulatedResponseServer(environment, (put) => this.#receivers.get(put.key)?.(put));
  }

  /** The `fetch` for a custom resource. It reaches the bucket for the responses. No virtual time passes meanwhile. */
  get fetch(): typeof fetch {
    return this.#server.fetch;
  }

  /** Adds a stack without creating it. */
  addStack(options: SimulatedStackOptions): SimulatedStack {
    return new SimulatedStack(options, this.#environment, {
      open: async (key, receive) => {
        await this.#loadLateClients();
        this.#receivers.set(key, receive);
        return this.#server.addressOf(key);
      },
    });
  }

  /** Makes the next response fail. Several faults apply one after the other. */
  injectResponseFault(fault: SimulatedResponseFault): void {
    this.#server.injectFault(fault);
  }

  /** Closes the server that receives the responses. An open server does not keep the process alive. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  /** Loads a client that a handler would load during a request: virtual time would pass during the import. */
  async #loadLateClients(): Promise<void> {
    await this.#environment.clock.busy(() => import('@aws-sdk/client-sfn'));
  }
}
