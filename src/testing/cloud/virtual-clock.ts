import type { Clock } from '../../core/clock.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Somebody awaits this timer, so time has a reason to pass. */
  readonly awaited: boolean;
  readonly fire: () => void;
}

/**
 * A clock whose hours pass in milliseconds. Time stands still while anything is being computed, and jumps to the next
 * timer as soon as everybody waits: nothing is missed, nothing depends on the machine's speed.
 *
 * Time passes only while somebody awaits {@link sleep}; scheduled events alone do not make it run.
 */
export class VirtualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];
  #order = 0;
  #busy = 0;
  #tickIsDue = false;

  constructor(startAt: Date = new Date('2026-01-01T00:00:00Z')) {
    this.#now = startAt.getTime();
  }

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.#add(milliseconds, true, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets an event happen later. Gives a function which takes the event back. */
  schedule(seconds: number, event: () => void | Promise<void>): () => void {
    return this.#add(seconds * 1000, false, () => void event());
  }

  /** Lets an event happen again and again, first after one interval. Gives a function which ends it. */
  every(seconds: number, event: () => void | Promise<void>): () => void {
    if (!(seconds > 0))
      throw new TypeError(`VirtualClock needs more than ${seconds} seconds between two events`);
    let cancel = () => {};
    const repeat = () => {
      cancel = this.schedule(seconds, repeat);
      return event();
    };
    cancel = this.schedule(seconds, repeat);
    return () => cancel();
  }

  /** Keeps the time still while work goes on that the clock cannot see: file access, a local server, a real timer. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#tickSoon();
    }
  }

  /** Lets the time pass inside of {@link busy}. */
  async idle<T>(work: () => Promise<T>): Promise<T> {
    this.#busy -= 1;
    this.#tickSoon();
    try {
      return await work();
    } finally {
      this.#busy += 1;
    }
  }

  #add(milliseconds: number, awaited: boolean, fire: () => void): () => void {
    if (Number.isNaN(milliseconds)) throw new TypeError('VirtualClock cannot wait for NaN milliseconds');
    const at = this.#now + Math.max(0, milliseconds);
    // Who sleeps for ever is no reason for the time to pass.
    const timer: Timer = { at, order: this.#order++, awaited: awaited && Number.isFinite(at), fire };
    const position = this.#timers.findIndex((other) => other.at > timer.at);
    this.#timers.splice(position === -1 ? this.#timers.length : position, 0, timer);
    this.#tickSoon();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Ticks after all that can run now has run: an immediate comes after every promise that is ready. */
  #tickSoon(): void {
    if (this.#tickIsDue) return;
    this.#tickIsDue = true;
    setImmediate(() => {
      this.#tickIsDue = false;
      this.#tick();
    });
  }

  #tick(): void {
    if (this.#busy > 0 || !this.#timers.some((timer) => timer.awaited)) return;
    const next = this.#timers.shift();
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.at);
    try {
      next.fire();
    } finally {
      // An event that throws is the process's uncaught exception; whoever sleeps still wakes up.
      this.#tickSoon();
    }
  }
}
