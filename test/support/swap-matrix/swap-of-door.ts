import type { StackReference } from '../../../src/core/stack-reference.js';
import { runAs, SimulatedProcess } from '../../../src/testing/cloud/simulated-process.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import { type ObservedChanges, observe } from '../swap-schedules/observed-changes.js';
import type { SmallStacks } from '../swap-schedules/small-stacks.js';

/** A swap to the green stack, through one front door. */
export interface SwapOfDoor {
  readonly cloud: SimulatedCloud;
  readonly stacks: SmallStacks;
  readonly observed: ObservedChanges;
  /** Percent of the production traffic that a stack has, without a call. */
  percentOf(stack: StackReference): number;
  /** Loads the SDK beforehand, because virtual time passes while a module is loaded from disk. */
  loadModules(): Promise<void>;
  /** Runs the swap until its end, whatever process dies. */
  run(): Promise<void>;
}

/** Options of a {@link FrontDoor}. */
export interface DoorOptions {
  readonly testFails: boolean;
}

/** Program that runs a swap, and continues it after the death of a process. */
export interface FrontDoor {
  readonly name: string;
  /** Ends of a swap whose process dies. `no swap`: it had not begun. */
  readonly ends: { readonly good: readonly string[]; readonly failing: readonly string[] };
  create(options: DoorOptions): SwapOfDoor;
}

/** Runs code as a process. Resolves to `'died'` when it dies: its code then never ends. */
export async function asProcess<Result>(
  name: string,
  code: () => Promise<Result>,
): Promise<{ readonly result: Result } | 'died'> {
  const process = new SimulatedProcess();
  const died = new Promise<'died'>((resolve) => {
    process.died.addEventListener('abort', () => resolve('died'));
  });
  const running = runAs(process, () => observe(name, code)).then((result) => ({ result }));
  return Promise.race([running, died]);
}
