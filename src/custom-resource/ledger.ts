import { randomBytes } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { describeError } from '../core/describe-error.js';
import { ElapsedTime } from '../core/elapsed-time.js';
import { ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { type EngineTime, LedgerPatience } from './ledger/ledger-patience.js';
import { LedgerReader, type Reading } from './ledger/ledger-reader.js';
import { type End, RequestEndedError } from './ledger/request-ended.js';
import type { RequestHistory } from './ledger/request-history.js';
import {
  ownerKey,
  propertiesKey,
  type RunIdentity,
  type RunRecord,
  requestKey,
  tagOfRecord,
  targetGroupKey,
} from './ledger/run-record.js';
import { propagationSeconds, quietSeconds, WriteWindow } from './ledger/write-window.js';
import { oldPropertiesIn, propertiesIn, type ResponseAddress } from './protocol/event.js';
import type { ResponseDeadline } from './protocol/response-deadline.js';
import { signedAt } from './protocol/response-url.js';
import type { RuleTags } from './rule/rule-tags.js';

/** Options of a write. */
export interface GuardedWriteOptions extends CallOptions {
  /**
   * The write takes traffic back: when the ledger cannot be read until the end of the time, it is made without it.
   * @default that of the request
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

/** Dependencies of a {@link RequestLedger}. */
export interface LedgerDependencies {
  readonly tags: RuleTags;
  readonly deadline: ResponseDeadline;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A rule is created so soon after the run has begun, or not at all: a deletion waits that long for it. */
const creationSeconds = 20;

/** Without a rule there is no ledger, which tells an event that Lambda delivers late from one that was given up. */
const maxCreationAgeSeconds = 120;

/**
 * The requests of a listener rule, kept in its tags, and the only way to a write. CloudFormation works with the newest request;
 * an older one, which it cancelled or did not wait for, must not move traffic behind its back, and neither must a second run
 * of one request.
 *
 * Tags have no compare-and-set, and a write that was allowed may be on its way. So a run records itself and reads its record
 * back before it writes: of two runs at least one then sees the other. Each write is sent within a few seconds after a
 * reading that shows no newer run. A run that sees an older one waits until nothing of that can land any more, and only
 * then goes on, or responds.
 */
export class RequestLedger {
  /** The request takes back what an earlier one did. */
  isRollback = false;
  readonly #tags: RuleTags;
  readonly #deadline: ResponseDeadline;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #window: WriteWindow;
  readonly #reader: LedgerReader;
  readonly #patience: LedgerPatience;
  readonly #sinceStart: ElapsedTime;
  #self: RunIdentity;
  /** The first record of this run. */
  #record: RunRecord | undefined;
  #hasResponded = false;
  readonly #begunOn = new Set<string>();
  /** Set when there were others. */
  #sinceRecorded: ElapsedTime | undefined;
  #unreadNote: string | undefined;

  /** @param event - tells the order of requests that CloudFormation made in the same second. */
  constructor(
    address: ResponseAddress,
    event: unknown,
    { tags, deadline, clock, logger }: LedgerDependencies,
  ) {
    this.#tags = tags;
    this.#deadline = deadline;
    this.#clock = clock;
    this.#logger = logger;
    this.#window = new WriteWindow(clock);
    this.#reader = new LedgerReader(tags, this.#window, clock);
    this.#patience = new LedgerPatience(clock);
    this.#sinceStart = new ElapsedTime(clock);
    this.#self = identityOf(address, event);
  }

  /** Name of this run. */
  get run(): string {
    return this.#self.run;
  }

  /** Rules that have, or get, the record of this run. */
  get ruleArns(): readonly string[] {
    return this.#reader.ruleArns;
  }

  /** True when this run is recorded. */
  get hasBegun(): boolean {
    return this.#record !== undefined;
  }

  /** True when an earlier run or request may have written since this run was recorded. */
  get hadOthers(): boolean {
    return this.#sinceRecorded !== undefined;
  }

  /** Sentence about a rollback that was written without the ledger; undefined when there was none. */
  get unreadNote(): string | undefined {
    return this.#unreadNote;
  }

  set engineTime(time: EngineTime) {
    this.#patience.engine = time;
  }

  /**
   * Reads the ledger of a rule, and all tags of the rule. A request that may be a rollback tries until the end of the time.
   *
   * @throws RequestEndedError for a request that has its response, or that was overtaken
   */
  async open(ruleArn: string, options: GuardedWriteOptions): Promise<OpenedRule> {
    this.#reader.add(ruleArn);
    const { history, tags } = await this.#read({ ...options, needsRecord: false });
    return { history, tags: tags.get(ruleArn) ?? [] };
  }

  /** Leaves a rule out that is not, or no longer, this resource's. */
  close(ruleArn: string): void {
    this.#reader.remove(ruleArn);
  }

  /**
   * Records this run on its rules, and reads the record back. Returns the history with it.
   *
   * @param options - `wayBackArn`: the target group that the traffic goes back to when the request does not succeed.
   * @throws RequestEndedError for a request that is not, or no longer, the newest
   */
  async begin(options: CallOptions & { readonly wayBackArn?: string | undefined }): Promise<RequestHistory> {
    const { resource } = this.#reader;
    const isRollback = this.isRollback;
    const record = () => this.#recordSelf(options);
    this.#record = await this.#patience.repeat(record, { ...options, isRollback, resource });
    const sinceRecorded = new ElapsedTime(this.#clock);
    const { history } = await this.#read({ ...options, needsRecord: true });
    const isNew = this.ruleArns.some((ruleArn) => !this.#begunOn.has(ruleArn));
    if (isNew && history.mayOthersWrite) this.#sinceRecorded = sinceRecorded;
    for (const ruleArn of this.ruleArns) this.#begunOn.add(ruleArn);
    await this.#prune(history, options);
    return history;
  }

  /** The tag with which a rule is created: it has the record of this run from its beginning. */
  birthTag(): Tag {
    return tagOfRecord(this.#record ?? this.#newRecord(1));
  }

  /** Goes on with a rule that was created with {@link birthTag}. */
  adopt(ruleArn: string): void {
    this.#reader.add(ruleArn);
    this.#record ??= this.#newRecord(1);
  }

  /** Goes on as a run that was begun in another invocation. */
  resume(ruleArns: readonly string[], run: string): void {
    this.#self = { ...this.#self, run };
    for (const ruleArn of ruleArns) this.#reader.add(ruleArn);
    this.#record ??= this.#newRecord(1);
  }

  /** Changes the record of this run. */
  async amend(
    { status, wayBackArn }: { readonly status?: 'delegated'; readonly wayBackArn?: string },
    options: CallOptions,
  ): Promise<void> {
    await this.#settle(options);
    const reading = await this.#read(options);
    const record = this.#recordIn(reading);
    const wayBack = wayBackArn === undefined ? record.wayBack : targetGroupKey(wayBackArn);
    const next = { ...record, wayBack, status: status ?? record.status };
    if (next.wayBack !== record.wayBack || next.status !== record.status) {
      await this.#put(next, reading, options);
    }
  }

  /**
   * Records the response, right before it is sent. Returns the history of the rule.
   *
   * @throws RequestEndedError when another run, or a later request, responds
   */
  async end(status: 'SUCCESS' | 'FAILED', options: CallOptions): Promise<RequestHistory> {
    const { resource } = this.#reader;
    const record = async () => {
      await this.#settle(options);
      const reading = await this.#readOnce({ ...options, isRecorded: true });
      const isUnsettled = this.#window.isInDoubt || this.#secondsToQuiet > 0;
      const endedAt = Math.floor(this.#clock.now() / 1000);
      await this.#put({ ...this.#recordIn(reading), status, isUnsettled, endedAt }, reading, options);
      return reading.history;
    };
    return this.#patience.repeat(record, { ...options, isRollback: true, resource });
  }

  /** Repeats work that fails for now. */
  async patiently<Result>(work: () => Promise<Result>, options: CallOptions): Promise<Result> {
    const { resource } = this.#reader;
    return this.#patience.repeatWork(work, { ...options, isRollback: this.isRollback, resource });
  }

  /** Cuts off the writes of this run, and waits until they can take no effect any more. */
  async cutOff(options: CallOptions): Promise<void> {
    this.#window.cutOff();
    await this.#settle(options);
  }

  /** Waits until no earlier run or request can write any more. */
  async untilQuiet({ signal }: CallOptions): Promise<void> {
    const left = this.#secondsToQuiet;
    if (left > 0) await this.#sinceRecorded?.sleepSeconds(left, { signal, resource: this.#reader.resource });
  }

  /**
   * Waits until a reading shows all that was written before the last response to another request. Returns false when that is
   * long past.
   */
  async untilReadingsAreNew({ lastEndedAt = 0 }: RequestHistory, { signal }: CallOptions): Promise<boolean> {
    // Times are in whole seconds.
    const lag = propagationSeconds + 1;
    const left = Math.min(lag, lastEndedAt + lag - this.#clock.now() / 1000);
    if (left <= 0) return false;
    const elapsed = new ElapsedTime(this.#clock);
    await elapsed.sleepSeconds(left, { signal, resource: this.#reader.resource });
    return true;
  }

  /** Waits until no run that began before this one can create a rule any more. */
  async untilNoCreation({ signal }: CallOptions): Promise<void> {
    const elapsed = new ElapsedTime(this.#clock);
    await elapsed.sleepSeconds(creationSeconds + quietSeconds, { signal, resource: this.#reader.resource });
  }

  /** Reads the ledger between two steps. One that cannot be read only keeps from writing. @throws RequestEndedError */
  async check(options: CallOptions): Promise<void> {
    const end = await this.endOf(options);
    if (end !== undefined) throw new RequestEndedError(end, this.#reader.resource);
  }

  /** Reason why this run writes nothing more. Returns undefined for a current run, and when the ledger cannot be read. */
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
    this.#hasResponded = true;
  }

  /**
   * Makes one write, if this is the newest run of the newest request. Without a rule there is no ledger: a creation is only
   * made soon after the request has begun.
   *
   * @throws RequestEndedError when it may not write any more; the error of the reading when that is not known
   */
  async write<Result>(
    call: (options: CallOptions) => Promise<Result>,
    options: GuardedWriteOptions = {},
  ): Promise<Result> {
    await this.#settle(options);
    const { resource } = this.#reader;
    const sinceRead = await this.#allow(options);
    this.#requireOpen();
    try {
      return await this.#window.send(call, { sinceRead, signal: options.signal, resource });
    } catch (error) {
      // Another invocation may go on right away: a write that was cut off has failed when it can take no effect any more.
      await this.#settle({});
      throw error;
    }
  }

  /** Logs a rollback that is written without the ledger, and keeps the sentence for the response. */
  noteUnread(error: unknown): void {
    const reason = describeError(error).error;
    this.#unreadNote ??= `The traffic was taken back though the requests of the listener rule could not be read: ${reason}`;
    const data = { resource: this.#reader.resource, error: reason };
    this.#logger.warn('Rolled back without reading the requests of the listener rule', data);
  }

  async #allow(options: GuardedWriteOptions): Promise<ElapsedTime> {
    const { isRollback = this.isRollback } = options;
    if (this.#reader.ruleArns.length === 0) return this.#allowCreation();
    try {
      for (;;) {
        const { sinceRead } = await this.#read({ ...options, isRollback });
        if (this.#window.isOpen(sinceRead)) return sinceRead;
        this.#reader.forget();
      }
    } catch (error) {
      const mayWrite = isRollback && this.#patience.isLastChance && !(error instanceof RequestEndedError);
      if (!mayWrite) throw error;
      this.noteUnread(error);
      return new ElapsedTime(this.#clock);
    }
  }

  #allowCreation(): ElapsedTime {
    const { seconds } = this.#sinceStart;
    const { madeAt } = this.#self;
    const age = madeAt === undefined ? seconds : this.#clock.now() / 1000 - madeAt;
    if (seconds <= creationSeconds && age <= maxCreationAgeSeconds) return new ElapsedTime(this.#clock);
    throw new ResourceStateError('The listener rule was not created', {
      resource: this.#reader.resource,
      expected: `a creation ${creationSeconds} s after the run has begun at the latest, and ${maxCreationAgeSeconds} s after the request of CloudFormation`,
      actual: `${Math.round(seconds)} s and ${Math.round(age)} s`,
      remedy: 'Create or update the stack again; CloudFormation may have given this request up',
    });
  }

  async #recordSelf({
    signal,
    wayBackArn,
  }: CallOptions & { readonly wayBackArn?: string | undefined }): Promise<RunRecord> {
    await this.#settle({ signal });
    const reading = await this.#readOnce({ signal, isRecorded: false });
    const { ownRun, nextSequence } = reading.history;
    const record = ownRun ?? this.#newRecord(nextSequence, wayBackArn);
    await this.#put(record, reading, { signal });
    return record;
  }

  #newRecord(sequence: number, wayBackArn?: string): RunRecord {
    const wayBack = wayBackArn === undefined ? undefined : targetGroupKey(wayBackArn);
    const rest = { status: 'begun', isUnsettled: false, endedAt: undefined } as const;
    return { ...this.#self, ...rest, sequence, wayBack };
  }

  #recordIn({ history }: Reading): RunRecord {
    return history.ownRun ?? this.#newRecord(history.nextSequence);
  }

  async #read({
    signal,
    needsRecord = true,
    isRollback = this.isRollback,
  }: GuardedWriteOptions): Promise<Reading> {
    const read = () => this.#readOnce({ signal, isRecorded: needsRecord });
    return this.#patience.repeat(read, { signal, isRollback, resource: this.#reader.resource });
  }

  async #readOnce(options: CallOptions & { readonly isRecorded: boolean }): Promise<Reading> {
    this.#requireOpen();
    return this.#reader.read(this.#self, options);
  }

  async #put(record: RunRecord, { sinceRead }: Reading, { signal }: CallOptions): Promise<void> {
    const { ruleArns, resource } = this.#reader;
    const add = (options: CallOptions) => this.#tags.add(ruleArns, tagOfRecord(record), options);
    this.#requireOpen();
    this.#reader.forget();
    await this.#window.send(add, { sinceRead, signal, resource });
  }

  /** Tags of requests long past are removed when there are many. */
  async #prune({ obsoleteKeys }: RequestHistory, { signal }: CallOptions): Promise<void> {
    if (obsoleteKeys.length === 0) return;
    try {
      const { ruleArns } = this.#reader;
      await this.write((options) => this.#tags.remove(ruleArns, obsoleteKeys, options), { signal });
    } catch (error) {
      if (error instanceof RequestEndedError) throw error;
      const data = { resource: this.#reader.resource, error: describeError(error).error };
      this.#logger.warn('Could not remove the tags of old requests', data);
    }
  }

  /** A write that was cut off must not overwrite the next one. */
  async #settle({ signal }: CallOptions): Promise<void> {
    await this.#window.settle({ signal, resource: this.#reader.resource });
  }

  #requireOpen(): void {
    const { resource } = this.#reader;
    if (this.#hasResponded) throw new RequestEndedError({ kind: 'responded' }, resource);
    if (this.#deadline.isOver) throw new RequestEndedError({ kind: 'expired' }, resource);
  }

  get #secondsToQuiet(): number {
    return this.#sinceRecorded === undefined ? 0 : quietSeconds - this.#sinceRecorded.seconds;
  }
}

function identityOf(address: ResponseAddress, event: unknown): RunIdentity {
  const madeAt = signedAt(address.responseUrl);
  return {
    owner: ownerKey(address),
    requestId: requestKey(address.requestId),
    run: randomBytes(4).toString('hex'),
    madeAt: madeAt === undefined ? undefined : Math.floor(madeAt / 1000),
    from: propertiesKey(oldPropertiesIn(event)),
    to: propertiesKey(propertiesIn(event)),
  };
}
