import type { StackReference } from '../../../src/core/stack-reference.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { SmallStacks } from '../swap-schedules/small-stacks.js';

/** Seconds between two orders. */
const intervalSeconds = 60;

/** Dependencies of {@link Messages}. */
interface ReadMessages {
  readonly cloud: SimulatedCloud;
  readonly stacks: SmallStacks;
  /** Percent of the production traffic that a stack has. */
  readonly percentOf: (stack: StackReference) => number;
}

/** Publishes orders, which the subscribed stacks read. */
export class Messages {
  readonly #stacks: SmallStacks;
  readonly #published: { readonly body: string; readonly stacks: readonly StackReference[] }[] = [];

  /** Ends the publication. */
  readonly stop: () => void;

  constructor({ cloud, stacks, percentOf }: ReadMessages) {
    this.#stacks = stacks;
    this.stop = cloud.clock.every(intervalSeconds, () => {
      const body = `order ${this.#published.length}`;
      this.#published.push({ body, stacks: (['blue', 'green'] as const).filter((it) => percentOf(it) > 0) });
      cloud.sns.publish('orders', body, { type: 'order' });
    });
  }

  /** Orders of the time in which a stack had traffic. */
  of(stack: StackReference): string[] {
    return this.#published.filter(({ stacks }) => stacks.includes(stack)).map(({ body }) => body);
  }

  /** Those of them that it has not read. */
  lostBy(stack: StackReference): string[] {
    return this.of(stack).filter((body) => !this.#stacks.read[stack].has(body));
  }
}
