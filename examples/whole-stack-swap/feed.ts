import type { StackReference } from 'aws-blue-green-toolkit/core';
import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';

/** Number of products. The feed publishes the newest state of each in turn. */
const products = 8;
const secondsBetweenMessages = 5;

/** Counts of the published messages. */
export interface MessageCount {
  readonly published: number;
  /** Read by the stack that was active when the message came, or by one that became active later. */
  readonly consumedByActive: number;
  readonly lost: number;
}

/** The rows that each stack's database holds. */
export class Databases {
  readonly #rows = { blue: new Map<number, number>(), green: new Map<number, number>() };

  write(stack: StackReference, { product, version }: { product: number; version: number }): void {
    this.#rows[stack].set(product, version);
  }

  purge(stack: StackReference): void {
    this.#rows[stack].clear();
  }

  /** Returns true when the stack's database has every product. */
  isComplete(stack: StackReference): boolean {
    return this.#rows[stack].size === products;
  }
}

interface Message {
  readonly number: number;
  readonly activeAtPublication: StackReference;
  readonly readBy: Set<StackReference>;
}

/** Publishes a message every few seconds and tracks which stacks read it. */
export class Feed {
  readonly #messages: Message[] = [];
  readonly #stop: () => void;

  constructor(cloud: SimulatedCloud, topicArn: string, activeStack: () => StackReference) {
    this.#stop = cloud.clock.every(secondsBetweenMessages, () => {
      const number = this.#messages.length;
      this.#messages.push({ number, activeAtPublication: activeStack(), readBy: new Set() });
      const body = { number, product: number % products, version: Math.floor(number / products) };
      cloud.sns.publish(topicArn, JSON.stringify(body));
    });
  }

  /** Records that a stack has written a message to its database. */
  read(number: number, stack: StackReference): void {
    this.#messages[number]?.readBy.add(stack);
  }

  stop(): void {
    this.#stop();
  }

  /** Counts the messages at the end, when `activeStack` is live. */
  count(activeStack: StackReference): MessageCount {
    const consumed = this.#messages.filter(
      ({ activeAtPublication, readBy }) => readBy.has(activeAtPublication) || readBy.has(activeStack),
    ).length;
    const published = this.#messages.length;
    return { published, consumedByActive: consumed, lost: published - consumed };
  }
}
