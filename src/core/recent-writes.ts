import type { Clock } from './clock.js';
import { ElapsedTime } from './elapsed-time.js';
import { AccessDeniedError } from './errors.js';
import { propagationTimes } from './propagation-times.js';

interface Write<Value> {
  /** `undefined` when the outcome is unknown. */
  readonly value: Value | undefined;
  readonly age: ElapsedTime;
}

/** The longest lag that AWS documents. */
const defaultMaxLagSeconds = propagationTimes.filterPolicy;

/**
 * Recent writes of one tool, by resource. Reads of AWS are eventually consistent: a read soon after a write can still show the
 * previous state. A read that shows the wanted value therefore proves nothing when the tool itself has written another one
 * since. An entry expires when the write must be visible everywhere, because a tool can live for days and others write too.
 */
export class RecentWrites<Value> {
  readonly #writes = new Map<string, Write<Value>>();
  readonly #clock: Clock;
  readonly #maxLagSeconds: number;

  /** @param options - `maxLagSeconds`: seconds after which a read certainly shows the write; 900 by default. */
  constructor(clock: Clock, { maxLagSeconds = defaultMaxLagSeconds }: { maxLagSeconds?: number } = {}) {
    this.#clock = clock;
    this.#maxLagSeconds = maxLagSeconds;
  }

  /**
   * Sends a change of one or several resources and records it. A failed change may have taken effect, so it is recorded with an
   * unknown outcome.
   */
  async change<T>(resources: readonly string[], value: Value, send: () => Promise<T>): Promise<T> {
    try {
      const response = await send();
      this.record(resources, value);
      return response;
    } catch (error) {
      // A denied call changes nothing, so the earlier entry stays valid.
      if (!(error instanceof AccessDeniedError)) this.record(resources);
      throw error;
    }
  }

  /** Records an accepted write, or without a value one whose outcome is unknown. */
  record(resources: readonly string[], value?: Value): void {
    for (const resource of resources)
      this.#writes.set(resource, { value, age: new ElapsedTime(this.#clock) });
  }

  /** Removes the entry of a resource, so that the next read counts. */
  forget(resource: string): void {
    this.#writes.delete(resource);
  }

  /** Returns the last written value, or undefined when there is none, it has expired, or its outcome is unknown. */
  get(resource: string): Value | undefined {
    return this.#recent(resource)?.value;
  }

  /** Returns the seconds since the last write, or undefined when there is none or it has expired. */
  secondsSince(resource: string): number | undefined {
    return this.#recent(resource)?.age.seconds;
  }

  /** Returns the recent writes with a known outcome. */
  known(): readonly (readonly [resource: string, value: Value])[] {
    return [...this.#writes.keys()].flatMap((resource) => {
      const value = this.get(resource);
      return value === undefined ? [] : [[resource, value] as const];
    });
  }

  /** True when a read that shows this value can be older than a write of another one. */
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
