import { AsyncResource } from 'node:async_hooks';
import * as v from 'valibot';
import { type Clock, clockAdvice } from '../../core/clock.js';
import { describeValue } from '../../core/describe-value.js';
import { parseInput } from '../../core/validate.js';
import { currentProcess } from './simulated-process.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  /** True for a sleep, false for a scheduled event. Time passes only while a sleep is pending. */
  readonly awaited: boolean;
  readonly fire: () => void;
}

/**
 * A clock whose hours pass in milliseconds. Time stands still while code runs, and jumps to the next timer as soon as all
 * code waits. Results do not depend on the machine's speed.
 *
 * Time passes only while a {@link sleep} is awaited; scheduled events alone do not make it pass.
 */
export class VirtualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];
  #order = 0;
  #busy = 0;
  #tickIsDue = false;

  /** @throws InvalidInputError for anything but a valid date. */
  constructor(startAt: Date = new Date('2026-01-01T00:00:00Z')) {
    this.#now = parseInput('VirtualClock startAt', v.date('a valid Date'), startAt).getTime();
  }

  /** @internal */
  get [clockAdvice](): string {
    return (
      'On the simulator: the virtual clock does not see real I/O (fetch, timers, files), so its time passes meanwhile. ' +
      'Wrap the I/O in clock.busy(...); or the handler, if it does not wait by the clock'
    );
  }

  /** Returns the virtual time; within a Lambda function whose clock stood still, an earlier one. */
  now(): number {
    return this.#now - (currentProcess()?.clockLag(this.#now) ?? 0);
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

  /** Schedules an event. Returns a function that cancels it. */
  schedule(seconds: number, event: () => void | Promise<void>): () => void {
    return this.#add(typeof seconds === 'number' ? seconds * 1000 : seconds, false, () => void event());
  }

  /** Schedules a repeated event, first after one interval. Returns a function that cancels it. */
  every(seconds: number, event: () => void | Promise<void>): () => void {
    if (!(seconds > 0))
      throw new TypeError(
        `Invalid interval of VirtualClock.every: expected more than 0 seconds, got ${seconds}`,
      );
    let cancel = () => {};
    const repeat = () => {
      cancel = this.schedule(seconds, repeat);
      return event();
    };
    cancel = this.schedule(seconds, repeat);
    return () => cancel();
  }

  /**
   * Stops the time during work that the clock cannot see: file access, a local server, a real timer. The work has to last until its
   * end, with the body of a response: `clock.busy(async () => (await fetch(url)).text())`. Within it, waits by the clock do not end,
   * except in {@link idle}.
   */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#tickSoon();
    }
  }

  /** Lets time pass within {@link busy}. */
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
    if (typeof milliseconds !== 'number' || Number.isNaN(milliseconds))
      throw new TypeError(`VirtualClock cannot wait for ${describeValue(milliseconds)} milliseconds`);
    const process = currentProcess();
    // Another timer's process may be the current one when this timer fires.
    const fireAsCaller = AsyncResource.bind(fire);
    let cancel = () => {};
    // The timers of a process that stands still fire when it runs again.
    const fireUnlessStalled = () => {
      if (process === undefined || process.stalledUntil <= this.#now) fireAsCaller();
      else cancel = this.#insert(process.stalledUntil, awaited, fireUnlessStalled);
    };
    cancel = this.#insert(this.#now + Math.max(0, milliseconds), awaited, fireUnlessStalled);
    return () => cancel();
  }

  #insert(at: number, awaited: boolean, fire: () => void): () => void {
    // An endless sleep does not make time pass.
    const timer: Timer = { at, order: this.#order++, awaited: awaited && Number.isFinite(at), fire };
    const position = this.#timers.findIndex((other) => other.at > timer.at);
    this.#timers.splice(position === -1 ? this.#timers.length : position, 0, timer);
    this.#tickSoon();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Ticks after all code that can run now: an immediate runs after every resolved promise. */
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
      // An event that throws is an uncaught exception of the process; pending sleeps still end.
      this.#tickSoon();
    }
  }
}
