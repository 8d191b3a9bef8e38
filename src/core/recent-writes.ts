import type { Clock } from './clock.js';
import { ElapsedTime } from './elapsed-time.js';
import { AccessDeniedError } from './errors.js';

interface Write<Value> {
  /** `undefined` when the outcome is unknown. */
  readonly value: Value | undefined;
  readonly age: ElapsedTime;
}

/** The longest lag that AWS documents: a filter policy of SNS is in effect everywhere after 15 minutes. */
const defaultMaxLagSeconds = 900;

/**
 * The recent writes of one tool, by resource. AWS's reads are eventually consistent: a read soon after a write may still show
 * the state before it. A read that shows the wanted value therefore proves nothing when the tool itself has written another one
 * since. An entry expires once the write must be visible everywhere, because a tool may live for days and others write, too.
 */
export class RecentWrites<Value> {
  readonly #writes = new Map<string, Write<Value>>();
  readonly #clock: Clock;
  readonly #maxLagSeconds: number;

  /** @param options - `maxLagSeconds` is the time after which a read shows the write for certain; 900 by default. */
  constructor(clock: Clock, { maxLagSeconds = defaultMaxLagSeconds }: { maxLagSeconds?: number } = {}) {
    this.#clock = clock;
    this.#maxLagSeconds = maxLagSeconds;
  }

  /** Makes a change of one resource, or of several at once. When it fails, it may have taken effect all the same. */
  async change<T>(resources: readonly string[], value: Value, send: () => Promise<T>): Promise<T> {
    try {
      const answer = await send();
      this.record(resources, value);
      return answer;
    } catch (error) {
      // A denied permission changes nothing, so the earlier entry stays right.
      if (!(error instanceof AccessDeniedError)) this.record(resources);
      throw error;
    }
  }

  /** Records a write that AWS has accepted; without a value, one whose outcome is unknown. */
  record(resources: readonly string[], value?: Value): void {
    for (const resource of resources)
      this.#writes.set(resource, { value, age: new ElapsedTime(this.#clock) });
  }

  /** Removes the entry of a resource: the next read is believed. */
  forget(resource: string): void {
    this.#writes.delete(resource);
  }

  /** The value written last; `undefined` when there is none, it has expired, or its outcome is unknown. */
  get(resource: string): Value | undefined {
    return this.#recent(resource)?.value;
  }

  /** Seconds since the last write; `undefined` when there is none or it has expired. */
  secondsSince(resource: string): number | undefined {
    return this.#recent(resource)?.age.seconds;
  }

  /** The recent writes whose outcome is known. */
  known(): readonly (readonly [resource: string, value: Value])[] {
    return [...this.#writes.keys()].flatMap((resource) => {
      const value = this.get(resource);
      return value === undefined ? [] : [[resource, value] as const];
    });
  }

  /** True when a read that shows this value may be older than a write of another one. */
  mayBeOther(resource: string, shown: Value): boolean {
    const write = this.#recent(resource);
    return write !== undefined && write.value !== shown;
  }

  #recent(resource: string): Write<Value> | undefined {
    const write = this.#writes.get(resource);
    if (write === undefined || write.age.seconds < this.#maxLagSeconds) return write;
    this.#writes.delete(resource);
    return undefined;
  }
}
