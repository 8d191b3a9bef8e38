import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { describeError } from '../core/describe-error.js';
import { ElapsedTime } from '../core/elapsed-time.js';
import type { Logger } from '../core/logger.js';
import { CreationLimit } from './ledger/creation-limit.js';
import { LedgerReader, type Reading } from './ledger/ledger-reader.js';
import { type EngineTime, LedgerRetries } from './ledger/ledger-retries.js';
import { LedgerWaits } from './ledger/ledger-waits.js';
import { type End, RequestEndedError } from './ledger/request-ended.js';
import { type RequestHistory, wasReported } from './ledger/request-history.js';
import { newRunOf } from './ledger/run-identity.js';
import { type RecordOptions, RunRecorder } from './ledger/run-recorder.js';
import { WriteWindow } from './ledger/write-window.js';
import type { ResponseAddress } from './protocol/event.js';
import type { ResponseDeadline } from './protocol/response-deadline.js';
import type { RuleTags } from './rule/rule-tags.js';

export interface GuardedWriteOptions extends CallOptions {
  /**
   * The write is part of a rollback. When the ledger stays unreadable until the end of the time, the write is sent without it.
   * @default `isRollback` of the request
   */
  readonly isRollback?: boolean | undefined;
  /**
   * The write needs the record of this run on the rule.
   * @default true
   */
  readonly needsRecord?: boolean | undefined;
}

/** A rule whose ledger was read. */
export interface OpenedRule {
  readonly history: RequestHistory;
  readonly tags: readonly Tag[];
}

export interface LedgerDependencies {
  readonly tags: RuleTags;
  readonly deadline: ResponseDeadline;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Records the requests of a listener rule in its tags, and guards every write. CloudFormation waits only for the newest request.
 * An older one, which it cancelled or timed out, must not move traffic any more, and neither must a second run of one request.
 *
 * Tags have no compare-and-set, and an allowed write can be delayed. Each run therefore records itself and reads its record
 * back before it writes: of two runs at least one then finds the other. Each write is sent within a few seconds after a
 * reading that shows no newer run. A run that finds an older one waits until that run's writes can no longer take effect, and
 * only then proceeds or responds.
 */
export class RequestLedger {
  /** True when the request rolls an earlier one back. */
  isRollback = false;
  readonly #tags: RuleTags;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #window: WriteWindow;
  readonly #reader: LedgerReader;
  readonly #recorder: RunRecorder;
  readonly #retries: LedgerRetries;
  readonly #waits: LedgerWaits;
  readonly #creation: CreationLimit;
  readonly #begunOn = new Set<string>();
  #unreadNote: string | undefined;

  /** @param event - its properties order requests that CloudFormation made in the same second. */
  constructor(
    address: ResponseAddress,
    event: unknown,
    { tags, deadline, clock, logger }: LedgerDependencies,
  ) {
    const self = newRunOf(address, event);
    this.#tags = tags;
    this.#clock = clock;
    this.#logger = logger;
    this.#window = new WriteWindow(deadline, clock);
    this.#reader = new LedgerReader(tags, this.#window, clock);
    this.#recorder = new RunRecorder(self, { tags, reader: this.#reader, window: this.#window, clock });
    this.#retries = new LedgerRetries(clock);
    this.#waits = new LedgerWaits(clock);
    this.#creation = new CreationLimit(self.madeAt, clock);
  }

  /** Name of this run. */
  get run(): string {
    return this.#recorder.self.run;
  }

  /** Rules that have, or get, the record of this run. */
  get ruleArns(): readonly string[] {
    return this.#reader.ruleArns;
  }

  /** True when this run is recorded. */
  get hasBegun(): boolean {
    return this.#recorder.hasBegun;
  }

  /** True when an earlier run or request may have written since this run was recorded. */
  get hadOthers(): boolean {
    return this.#waits.hadOthers;
  }

  /** Sentence about a rollback that was written without the ledger; undefined when there was none. */
  get unreadNote(): string | undefined {
    return this.#unreadNote;
  }

  set engineTime(time: EngineTime) {
    this.#retries.engine = time;
  }

  /**
   * Reads the ledger of a rule, and all tags of the rule. A request that may be a rollback tries until the end of the time.
   *
   * @throws RequestEndedError for a request that has ended or was replaced
   */
  async open(ruleArn: string, options: GuardedWriteOptions): Promise<OpenedRule> {
    this.#reader.add(ruleArn);
    const { history, tags } = await this.#read({ ...options, needsRecord: false });
    return { history, tags: tags.get(ruleArn) ?? [] };
  }

  /**
   * True when CloudFormation knows a rule with these tags.
   *
   * @param replacedUntil - time until which CloudFormation has replaced every request; by default the time of this one.
   */
  wasReported(tags: readonly Tag[], replacedUntil?: number): boolean {
    return wasReported(tags, this.#recorder.self, replacedUntil);
  }

  /** Removes a rule from the ledger that is not, or no longer, this resource's. */
  close(ruleArn: string): void {
    this.#reader.remove(ruleArn);
  }

  /**
   * Records this run on its rules, and reads the record back. Returns the history with it.
   *
   * @throws RequestEndedError for a request that is not, or no longer, the newest
   */
  async begin(options: RecordOptions): Promise<RequestHistory> {
    const isRollback = this.isRollback;
    const record = () => this.#recorder.begin(options);
    await this.#retries.retryCall(record, { ...this.#named(options), isRollback });
    const sinceRecorded = new ElapsedTime(this.#clock);
    const { history } = await this.#read({ ...options, needsRecord: true });
    const isNew = this.ruleArns.some((ruleArn) => !this.#begunOn.has(ruleArn));
    if (isNew && history.mayOthersWrite) this.#waits.noteOthers(sinceRecorded);
    for (const ruleArn of this.ruleArns) this.#begunOn.add(ruleArn);
    await this.#prune(history, options);
    return history;
  }

  /** Returns the record of this run for the creation of a rule. */
  initialTag(): Tag {
    return this.#recorder.initialTag();
  }

  /** Adds a rule that was created with {@link initialTag}. */
  adopt(ruleArn: string): void {
    this.#recorder.adopt([ruleArn]);
  }

  /** Continues a run of another invocation. */
  resume(ruleArns: readonly string[], run: string): void {
    this.#recorder.adopt(ruleArns, run);
  }

  async amend(change: RecordOptions & { readonly status?: 'delegated' }): Promise<void> {
    await this.#window.waitForLanding(this.#named(change));
    await this.#recorder.amend(await this.#read(change), change);
  }

  /**
   * Records the response, right before it is sent. Returns the history of the rule.
   *
   * @throws RequestEndedError when another run, or a later request, responds
   */
  async end(status: 'SUCCESS' | 'FAILED', options: CallOptions): Promise<RequestHistory> {
    const record = () =>
      this.#recorder.end(status, { ...options, isQuiet: !(this.#waits.secondsToQuiet > 0) });
    const { history } = await this.#retries.retryCall(record, { ...this.#named(options), isRollback: true });
    return history;
  }

  /** Retries work of several calls. */
  async retry<Result>(work: () => Promise<Result>, options: CallOptions): Promise<Result> {
    return this.#retries.retryWork(work, { ...this.#named(options), isRollback: this.isRollback });
  }

  /** Aborts the writes of this run, and waits until they can no longer take effect. */
  async cutOff(options: CallOptions): Promise<void> {
    this.#window.cutOff();
    await this.#window.waitForLanding(this.#named(options));
  }

  /** Waits until no earlier run or request can write. */
  async untilQuiet(options: CallOptions): Promise<void> {
    await this.#waits.untilQuiet(this.#named(options));
  }

  /**
   * Waits until a reading of the rule shows every write before the last response to another request. Returns false when no wait
   * was needed.
   */
  async untilReadingsAreNew(options: CallOptions): Promise<boolean> {
    return this.#waits.untilReadingsAreNew(this.#named(options));
  }

  /**
   * Waits until no earlier request can create a rule, or the time is over. Returns false when no wait was needed.
   *
   * @param options - `newestMadeAt`: time of the newest of those requests, where it is known: seconds since 1970.
   */
  async untilNoCreation({
    newestMadeAt,
    ...options
  }: CallOptions & { readonly newestMadeAt?: number | undefined }): Promise<boolean> {
    const maxSeconds = this.#retries.secondsToTry;
    return this.#creation.untilNoCreation({ ...this.#named(options), newestMadeAt, maxSeconds });
  }

  /** Reads the ledger between two steps. Ignores a failed reading, because each write needs one anyway. @throws RequestEndedError */
  async check(options: CallOptions): Promise<void> {
    const end = await this.endOf(options);
    if (end !== undefined) throw new RequestEndedError(end, this.#reader.resource);
  }

  /** Returns the end of this run. Returns undefined for a current run, and when the ledger cannot be read. */
  async endOf(options: CallOptions): Promise<End | undefined> {
    try {
      await this.#readOnce({ ...options, isRecorded: true });
      return undefined;
    } catch (error) {
      return error instanceof RequestEndedError ? error.end : undefined;
    }
  }

  /** Ends all writes of this run, because it responds. */
  stop(): void {
    this.#window.stop();
  }

  /**
   * Sends one write, if this is the newest run of the newest request. Without a rule there is no ledger: a creation is only
   * sent soon after the request was made.
   *
   * @throws RequestEndedError when the run has ended; the error of the reading when the ledger cannot be read
   */
  async write<Result>(
    call: (options: CallOptions) => Promise<Result>,
    options: GuardedWriteOptions = {},
  ): Promise<Result> {
    await this.#window.waitForLanding(this.#named(options));
    const sinceRead = await this.#allow(options);
    try {
      return await this.#window.send(call, { ...this.#named(options), sinceRead });
    } catch (error) {
      // Another invocation may continue at once, so an aborted write counts as failed only when it can no longer take effect.
      await this.#window.waitForLanding(this.#named({}));
      throw error;
    }
  }

  /** Logs a rollback that is written without the ledger, and adds it to the response. */
  noteUnread(error: unknown): void {
    const reason = describeError(error).error;
    this.#unreadNote ??= `The traffic was rolled back although the requests of the listener rule could not be read: ${reason}`;
    const data = { resource: this.#reader.resource, error: reason };
    this.#logger.warn('Rolled back without reading the requests of the listener rule', data);
  }

  async #allow(options: GuardedWriteOptions): Promise<ElapsedTime> {
    const { isRollback = this.isRollback } = options;
    if (this.#reader.ruleArns.length === 0) {
      this.#creation.require(this.#reader.resource);
      return new ElapsedTime(this.#clock);
    }
    try {
      for (;;) {
        const { sinceRead } = await this.#read({ ...options, isRollback });
        if (this.#window.isOpen(sinceRead)) return sinceRead;
        this.#reader.forget();
      }
    } catch (error) {
      const mayWrite = isRollback && this.#retries.isLastChance && !(error instanceof RequestEndedError);
      if (!mayWrite) throw error;
      this.noteUnread(error);
      return new ElapsedTime(this.#clock);
    }
  }

  async #read({
    needsRecord = true,
    isRollback = this.isRollback,
    ...options
  }: GuardedWriteOptions): Promise<Reading> {
    const read = () => this.#readOnce({ ...options, isRecorded: needsRecord });
    return this.#retries.retryCall(read, { ...this.#named(options), isRollback });
  }

  async #readOnce({ signal, isRecorded }: CallOptions & { isRecorded: boolean }): Promise<Reading> {
    const reading = await this.#reader.read(this.#recorder.self, { signal, isRecorded });
    this.#waits.noteEnd(reading.history.lastEndedAt);
    return reading;
  }

  /** Removes tags of old requests when there are many. */
  async #prune({ obsoleteKeys }: RequestHistory, { signal }: CallOptions): Promise<void> {
    if (obsoleteKeys.length === 0) return;
    try {
      const { ruleArns } = this.#reader;
      await this.write((options) => this.#tags.remove(ruleArns, obsoleteKeys, options), { signal });
    } catch (error) {
      if (error instanceof RequestEndedError) throw error;
      const data = { resource: this.#reader.resource, error: describeError(error).error };
      this.#logger.warn('Could not remove tags of old requests', data);
    }
  }

  #named({ signal }: CallOptions): CallOptions & { readonly resource: string } {
    return { signal, resource: this.#reader.resource };
  }
}
