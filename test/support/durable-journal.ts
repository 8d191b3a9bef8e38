import type { Clock } from '../../src/core/clock.js';
import type { DurableChangeContext, DurableStepOptions } from '../../src/durable/index.js';

/** An operation of a durable execution, as recorded in its journal. */
export interface JournalEntry {
  readonly kind: 'step' | 'wait' | 'callback' | 'invoke';
  readonly name: string;
  status: 'pending' | 'succeeded' | 'failed' | 'timedOut';
  /** JSON. */
  result?: string | undefined;
  message?: string;
  /** Time at which the operation continues, in milliseconds since 1970. */
  dueAt: number;
  attempts: number;
}

/** Options of a durable execution. */
export interface JournalOptions {
  readonly clock: Clock;
  /** The function that `invoke` calls. */
  readonly invoke?: (functionName: string, input: unknown) => Promise<unknown>;
  /**
   * True when the process dies after a step's work, before its result is stored. Called for each step, from 0.
   * @default never
   */
  readonly dies?: (keeping: number) => boolean;
  /**
   * Runs an invocation as a process. Resolves to `'died'` when the process dies.
   * @default in the present process
   */
  readonly invokeAs?: <Result>(
    work: () => Promise<Result>,
    number: number,
  ) => Promise<{ readonly result: Result } | 'died'>;
  /** Milliseconds of an invocation. */
  readonly timeoutMilliseconds?: number;
}

/** Ends an invocation without a result. */
const suspended = Symbol('suspended');

/**
 * A durable execution in memory, for many fast runs: the journal of AWS's engine and nothing else. An invocation
 * ends when all of it waits; the next one starts from the top and reads completed operations from the journal. An
 * operation that differs from the recorded one ends the execution, as in AWS.
 */
export class DurableJournal {
  readonly entries: JournalEntry[] = [];
  invocations = 0;
  readonly #options: JournalOptions;
  #keepings = 0;
  #wake: (() => void) | undefined;
  #isAnswered = false;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Invokes a function until it has a result. */
  async run<Result>(work: (context: DurableChangeContext) => Promise<Result>): Promise<Result> {
    for (;;) {
      this.invocations += 1;
      if (this.invocations > 5000) throw new Error('The durable execution does not end');
      const invocation = new Invocation(this.entries, this.#options, () => this.#keepings++);
      const { invokeAs = async (run) => ({ result: await run() }) } = this.#options;
      const running = invokeAs(() => work(invocation.context), this.invocations);
      const end = await Promise.race([running, invocation.end()]);
      invocation.isOver = true;
      if (end !== suspended && end !== 'died') return end.result;
      await this.#sleepUntilDue();
    }
  }

  /** Answers a callback. The first answer stays. */
  answer(callbackId: string, answer: { readonly result?: string } | { readonly message: string }): void {
    const entry = this.entries[Number(callbackId)];
    if (entry?.kind !== 'callback' || entry.status !== 'pending') return;
    entry.status = 'message' in answer ? 'failed' : 'succeeded';
    if ('message' in answer) entry.message = answer.message;
    else entry.result = answer.result;
    this.#isAnswered = true;
    this.#wake?.();
  }

  async #sleepUntilDue(): Promise<void> {
    const { clock } = this.#options;
    const pending = this.entries.filter(({ status }) => status === 'pending');
    const next = Math.min(...pending.map(({ dueAt }) => dueAt).filter((dueAt) => dueAt > clock.now()));
    const isDue = this.#isAnswered || pending.some(({ dueAt }) => dueAt <= clock.now());
    if (!isDue && Number.isFinite(next)) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await clock.sleep(next - clock.now(), woken.signal).catch(() => {});
      this.#wake = undefined;
    }
    this.#isAnswered = false;
  }
}

/** One invocation, which replays the journal from its beginning. */
class Invocation {
  readonly context: DurableChangeContext;
  isOver = false;
  readonly #entries: JournalEntry[];
  readonly #options: JournalOptions;
  readonly #nextKeeping: () => number;
  #position = 0;
  #executing = 0;
  #activity = 0;
  #die: () => void = () => {};

  constructor(entries: JournalEntry[], options: JournalOptions, nextKeeping: () => number) {
    this.#entries = entries;
    this.#options = options;
    this.#nextKeeping = nextKeeping;
    const { clock, timeoutMilliseconds } = options;
    const endsAt = clock.now() + (timeoutMilliseconds ?? 0);
    this.context = {
      ...(timeoutMilliseconds !== undefined && {
        lambdaContext: { getRemainingTimeInMillis: () => endsAt - clock.now() },
      }),
      step: (name, run, stepOptions) => this.#step(name, run, stepOptions),
      wait: (name, { seconds }) => this.#wait(name, seconds),
      createCallback: async (name, { timeout }) => {
        const [entry, position] = this.#next('callback', name, timeout.seconds);
        return [this.#settled(entry), String(position)];
      },
      invoke: (name, functionName, input) => this.#invoke(name, functionName, input),
    };
  }

  /** Resolves when the process has died, or when all of it waits. */
  async end(): Promise<typeof suspended> {
    return new Promise((resolve) => {
      this.#die = () => resolve(suspended);
      const look = (quiet: number, seen: number) => {
        if (this.isOver) return;
        const isQuiet = this.#executing === 0 && seen === this.#activity;
        if (isQuiet && quiet > 3) resolve(suspended);
        else setImmediate(() => look(isQuiet ? quiet + 1 : 0, this.#activity));
      };
      look(0, -1);
    });
  }

  async #step<Result>(
    name: string,
    run: (step: { attempt: number }) => Promise<Result>,
    { retryStrategy }: DurableStepOptions,
  ): Promise<Result> {
    const [entry] = this.#next('step', name, 0);
    if (entry.status !== 'pending') return parsed(await this.#settled(entry));
    if (entry.dueAt > this.#options.clock.now()) return forever();
    try {
      const result = await this.#execute(() => run({ attempt: entry.attempts + 1 }));
      entry.result = JSON.stringify(result);
      entry.status = 'succeeded';
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      entry.attempts += 1;
      const { shouldRetry, delay } = retryStrategy(error, entry.attempts);
      entry.message = error.message;
      entry.dueAt = this.#options.clock.now() + (delay?.seconds ?? 1) * 1000;
      if (shouldRetry) return forever();
      entry.status = 'failed';
    }
    return parsed(await this.#settled(entry));
  }

  async #wait(name: string, seconds: number): Promise<void> {
    if (!Number.isInteger(seconds) || seconds < 1) throw new Error(`Cannot wait for ${seconds} s`);
    const [entry] = this.#next('wait', name, seconds);
    if (entry.dueAt <= this.#options.clock.now()) entry.status = 'succeeded';
    await this.#settled(entry);
  }

  async #invoke(name: string, functionName: string, input: unknown): Promise<unknown> {
    const [entry] = this.#next('invoke', name, 0);
    if (entry.status === 'pending') {
      try {
        const result = await this.#execute(async () =>
          this.#options.invoke?.(functionName, JSON.parse(JSON.stringify(input))),
        );
        entry.result = JSON.stringify(result);
        entry.status = 'succeeded';
      } catch (error) {
        entry.message = error instanceof Error ? error.message : String(error);
        entry.status = 'failed';
      }
    }
    return parsed(await this.#settled(entry));
  }

  /** Runs work once and stores its result. The process can die before that. */
  async #execute<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#executing += 1;
    try {
      const result = await work().finally(() => this.#dieWhenDue());
      return this.isOver ? await forever() : result;
    } catch (error) {
      return this.isOver ? await forever() : Promise.reject(error);
    } finally {
      this.#executing -= 1;
      this.#activity += 1;
    }
  }

  #dieWhenDue(): void {
    if (this.#options.dies?.(this.#nextKeeping()) !== true) return;
    this.isOver = true;
    this.#die();
  }

  #next(kind: JournalEntry['kind'], name: string, seconds: number): [JournalEntry, number] {
    const position = this.#position++;
    this.#activity += 1;
    const dueAt = this.#options.clock.now() + seconds * 1000;
    const entry = this.#entries[position] ?? { kind, name, status: 'pending', dueAt, attempts: 0 };
    this.#entries[position] = entry;
    if (entry.kind !== kind || entry.name !== name) {
      throw new Error(
        `Not deterministic: ${kind} ${name} at ${position}, where it was ${entry.kind} ${entry.name}`,
      );
    }
    return [entry, position];
  }

  /** Returns the result of an operation. Never resolves in this invocation when there is none. */
  async #settled(entry: JournalEntry): Promise<string | undefined> {
    if (entry.status === 'pending' && entry.kind === 'callback' && entry.dueAt <= this.#options.clock.now()) {
      entry.status = 'timedOut';
    }
    if (entry.status === 'pending') return forever();
    if (entry.status === 'succeeded') return entry.result;
    const errorType = entry.status === 'timedOut' ? 'CallbackTimeoutError' : 'StepError';
    throw Object.assign(new Error(entry.message ?? errorType), { name: errorType, errorType });
  }
}

async function forever(): Promise<never> {
  return new Promise(() => {});
}

function parsed(json: string | undefined) {
  return json === undefined ? undefined : JSON.parse(json);
}
