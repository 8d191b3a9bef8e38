import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedStackOptions } from './simulated-cloudformation-types.js';
import {
  type SimulatedPut,
  type SimulatedResponseFault,
  SimulatedResponseServer,
} from './simulated-response-server.js';
import { SimulatedStack } from './simulated-stack.js';

/**
 * CloudFormation as custom resources see it: it invokes their Lambda function as Lambda does for asynchronous events, takes
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

  /** The `fetch` of a custom resource. It reaches the bucket for the responses, and no virtual time passes meanwhile. */
  get fetch(): typeof fetch {
    return this.#server.fetch;
  }

  /** Adds a stack that is still to be created. */
  addStack(options: SimulatedStackOptions): SimulatedStack {
    return new SimulatedStack(options, this.#environment, {
      open: async (key, receive) => {
        await this.#loadLateClients();
        this.#receivers.set(key, receive);
        return this.#server.addressOf(key);
      },
    });
  }

  /** Makes the next response that is put meet a fault; several come one after the other. */
  injectResponseFault(fault: SimulatedResponseFault): void {
    this.#server.injectFault(fault);
  }

  /** Closes the server that takes the responses; one that is left open keeps no process alive. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  /** A handler loads this client in the middle of a request. Loading takes real time, in which virtual time would fly. */
  async #loadLateClients(): Promise<void> {
    await this.#environment.clock.busy(() => import('@aws-sdk/client-sfn'));
  }
}
