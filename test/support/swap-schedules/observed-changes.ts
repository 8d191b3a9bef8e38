import { AsyncLocalStorage } from 'node:async_hooks';
import { partnerOf, type StackReference } from '../../../src/core/stack-reference.js';
import type { SwapRecordItem, SwapUnderWay } from '../../../src/swap/record/types.js';
import { currentProcess, type SimulatedProcess } from '../../../src/testing/cloud/simulated-process.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { SmallStacks, StackState } from './small-stacks.js';

/** One call of a hook, of the tick or of a person. */
export interface Invocation {
  readonly name: string;
  readonly process: SimulatedProcess | undefined;
  /** End of its last claim; undefined after the release. */
  claimedUntil?: number | undefined;
}

const invocations = new AsyncLocalStorage<Invocation>();

/** Runs a handler as an invocation, whose changes are observed. */
export function observe<Result>(name: string, code: () => Result): Result {
  return invocations.run({ name, process: currentProcess() }, code);
}

/** A change of a stack that has taken effect. */
export interface ObservedChange {
  readonly at: number;
  readonly action: string;
  readonly stack: StackReference;
  /** True for a call that switches off, purges or deletes. */
  readonly takesAway: boolean;
  /** Percent of the production traffic that the stack has. */
  readonly percent: number;
  readonly swap: SwapUnderWay | undefined;
  /** True when AWS can no longer return the traffic. */
  readonly canRetire: boolean;
  readonly by: string;
  /** True for a process whose clock is behind, because it stood still. */
  readonly isLate: boolean;
  /** True for a call that was held up until now, after its process had decided on it. */
  readonly isHeldUp: boolean;
  /** Milliseconds for which its own claim still counts, by its own clock; negative after its end. */
  readonly claimLeft: number;
  /** Another invocation with a valid claim. */
  readonly otherHolder: string | undefined;
}

const changing = {
  sns: ['SetSubscriptionAttributes'],
  sqs: ['PurgeQueue'],
  lambda: ['UpdateEventSourceMapping'],
  cloudWatch: ['EnableAlarmActions', 'DisableAlarmActions'],
  dynamoDb: ['DeleteItem'],
} as const;

/** Watches the changes of two stacks, and the record of their swaps. */
export class ObservedChanges {
  readonly changes: ObservedChange[] = [];
  /** The record as it is stored. */
  item: SwapRecordItem | undefined;
  /** The last swap under way, as stored last. */
  lastSwap: SwapUnderWay | undefined;
  readonly #holders = new Map<string, Invocation>();
  readonly #cloud: SimulatedCloud;
  readonly #stacks: SmallStacks;
  readonly #world: ObservedWorld;

  constructor(cloud: SimulatedCloud, stacks: SmallStacks, world: ObservedWorld) {
    this.#cloud = cloud;
    this.#stacks = stacks;
    this.#world = world;
    for (const [service, names] of Object.entries(changing)) {
      const operations: Operations = cloud[service as keyof typeof changing].operations;
      for (const name of names) this.#watch(operations, name);
    }
  }

  /** Takes a stored record over. */
  stored(item: SwapRecordItem): void {
    const invocation = invocations.getStore();
    const { claim } = item;
    if (invocation !== undefined && claim !== undefined && !this.#holders.has(claim.id)) {
      this.#holders.set(claim.id, invocation);
    }
    const holder = claim && this.#holders.get(claim.id);
    if (holder !== undefined && holder === invocation) holder.claimedUntil = claim?.expiresAt;
    if (claim === undefined && invocation !== undefined) invocation.claimedUntil = undefined;
    this.item = item;
    this.lastSwap = item.swap ?? this.lastSwap;
  }

  #watch(operations: Operations, name: string): void {
    const perform = operations[name];
    if (perform === undefined) throw new TypeError(`No operation ${name}`);
    operations[name] = (input: never) => {
      const stack = this.#stacks.stackOf(input);
      const before = this.#stacks.stateOf(stack);
      const output = perform(input);
      const after = this.#stacks.stateOf(stack);
      this.#add(name, stack, name === 'PurgeQueue' || isLess(before, after));
      return output;
    };
  }

  #add(action: string, stack: StackReference, takesAway: boolean): void {
    const { clock } = this.#cloud;
    const invocation = invocations.getStore();
    const lag = invocation?.process?.clockLag(clock.now()) ?? 0;
    const { claim, swap } = this.item ?? {};
    const holder = claim && claim.expiresAt > clock.now() ? this.#holders.get(claim.id) : undefined;
    this.changes.push({
      at: clock.now(),
      action,
      stack,
      takesAway,
      percent: this.#world.percentOf(stack),
      swap,
      canRetire: swap !== undefined && this.#world.canRetire(swap.owner.id),
      by: invocation?.name ?? 'unknown',
      isLate: lag > 0,
      isHeldUp: lag > 0 && invocation?.process?.stalledUntil === clock.now(),
      claimLeft: (invocation?.claimedUntil ?? 0) - (clock.now() - lag),
      otherHolder: holder === invocation ? undefined : holder?.name,
    });
  }
}

/** What a change is compared with. */
interface ObservedWorld {
  /** Percent of the production traffic that a stack has. */
  percentOf(stack: StackReference): number;
  /** True when AWS can no longer return the traffic of a swap's owner. */
  canRetire(owner: string): boolean;
}

type Operations = Record<string, ((input: never) => unknown) | undefined>;

function isLess(before: StackState, after: StackState): boolean {
  return Object.entries(before).some(([name, isOn]) => isOn && !after[name as keyof StackState]);
}

/** Returns the stack that goes out of use in the swap under way. */
export function outgoingOf({ incoming }: SwapUnderWay): StackReference {
  return partnerOf(incoming);
}
