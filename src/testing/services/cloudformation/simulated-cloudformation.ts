import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedStackOptions } from './simulated-cloudformation-types.js';
import {
  type SimulatedAnswerFault,
  type SimulatedPut,
  SimulatedResponseServer,
} from './simulated-response-server.js';
import { SimulatedStack } from './simulated-stack.js';

/**
 * CloudFormation as custom resources see it: it invokes their Lambda as Lambda does for asynchronous events, takes their
 * answers over HTTP on this machine, waits no longer than the service timeout, and rolls back.
 */
export class SimulatedCloudFormation {
  readonly #environment: SimulatedEnvironment;
  readonly #server: SimulatedResponseServer;
  readonly #receivers = new Map<string, (put: SimulatedPut) => void>();

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
    this.#server = new SimulatedResponseServer(environment.clock, (put) =>
      this.#receivers.get(put.key)?.(put),
    );
  }

  /** What a custom resource has to send its answers with, so that no virtual time passes meanwhile. */
  get fetch(): typeof fetch {
    return this.#server.fetch;
  }

  /** A stack that is still to be created. */
  addStack(options: SimulatedStackOptions): SimulatedStack {
    return new SimulatedStack(options, this.#environment, {
      open: async (key, receive) => {
        this.#receivers.set(key, receive);
        return this.#server.addressOf(key);
      },
    });
  }

  /** Befalls the next answer that is put; several come one after the other. */
  injectAnswerFault(fault: SimulatedAnswerFault): void {
    this.#server.injectFault(fault);
  }

  /** Closes the server that takes the answers; one that is left open keeps no process alive. */
  async close(): Promise<void> {
    await this.#server.close();
  }
}
