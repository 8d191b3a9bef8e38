import type { Clock } from '../../src/core/clock.js';

/** Clock whose sleeps end at once, for sequential code that runs thousands of times. */
export class JumpingClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z');
  readonly #events: { readonly at: number; readonly fire: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const end = this.#now + milliseconds;
    for (let due = this.#nextUntil(end); due !== undefined; due = this.#nextUntil(end)) {
      this.#now = Math.max(this.#now, due.at);
      due.fire();
      signal?.throwIfAborted();
    }
    this.#now = end;
  }

  /** Schedules a callback during the sleep that reaches this time. */
  schedule(seconds: number, fire: () => void): void {
    this.#events.push({ at: this.#now + seconds * 1000, fire });
    this.#events.sort((one, other) => one.at - other.at);
  }

  #nextUntil(end: number) {
    return this.#events[0] !== undefined && this.#events[0].at <= end ? this.#events.shift() : undefined;
  }
}
