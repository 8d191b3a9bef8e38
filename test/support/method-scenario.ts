import type { SimulatedCloud } from '../../src/testing/index.js';

/**
 * One public method in one situation. The fault matrix runs it undisturbed, twice in a row, and with each fault at each of its
 * calls; `verify` has to pass every time.
 */
export interface MethodScenario {
  /** `SqsTools.purgeQueues`, or `SqsTools.purgeQueues (in progress)` for a further situation. */
  readonly name: string;
  /** Creates the resources, and returns the action and its verification. */
  arrange(cloud: SimulatedCloud): {
    readonly act: () => Promise<unknown>;
    /** Verifies the state of the cloud, never the calls. `result` is the last result of `act`. */
    readonly verify: (result: unknown) => void;
  };
}
