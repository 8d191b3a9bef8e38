import type { SimulatedCloud } from '../../src/testing/index.js';

/**
 * One public method in one situation: the fault matrix runs it undisturbed, twice in a row, and with each fault at each
 * of its calls; `verify` has to hold every time.
 */
export interface MethodScenario {
  /** `SqsTools.purgeQueues`, or `SqsTools.purgeQueues (in progress)` for a further situation. */
  readonly name: string;
  /** Sets the scene, and gives what to do and how to see that it was done. */
  arrange(cloud: SimulatedCloud): {
    readonly act: () => Promise<unknown>;
    /** Looks at the state of the cloud, never at the calls. `result` is what `act` gave the last time. */
    readonly verify: (result: unknown) => void;
  };
}
