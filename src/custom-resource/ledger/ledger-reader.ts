import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import type { RuleTags } from '../rule/rule-tags.js';
import { RequestEndedError } from './request-ended.js';
import { RequestHistory } from './request-history.js';
import { keyOfRecord, type RunIdentity } from './run-record.js';
import type { WriteWindow } from './write-window.js';

export interface Reading {
  readonly history: RequestHistory;
  /** The tags of each rule that exists, by its ARN. */
  readonly tags: ReadonlyMap<string, readonly Tag[]>;
  /** Time since the reading began, which limits the writes that it allows. */
  readonly sinceRead: ElapsedTime;
}

/** Age up to which a reading is used again. */
const freshSeconds = 2;

/** Reads the requests of one rule, or of the two between which a resource moves. */
export class LedgerReader {
  readonly #tags: RuleTags;
  readonly #window: WriteWindow;
  readonly #clock: Clock;
  readonly #rules = new Set<string>();
  #latest: Reading | undefined;

  constructor(tags: RuleTags, window: WriteWindow, clock: Clock) {
    this.#tags = tags;
    this.#window = window;
    this.#clock = clock;
  }

  get ruleArns(): readonly string[] {
    return [...this.#rules];
  }

  /** The rules for messages. */
  get resource(): string {
    return this.ruleArns.join(' and ') || 'listener rule';
  }

  add(ruleArn: string): void {
    this.#rules.add(ruleArn);
    this.forget();
  }

  remove(ruleArn: string): void {
    this.#rules.delete(ruleArn);
    this.forget();
  }

  /** Discards the latest reading. */
  forget(): void {
    this.#latest = undefined;
  }

  /**
   * Reads the ledger, unless it has just been read.
   *
   * @param options - `isRecorded`: the run has a record on each rule, so that a reading without it is stale.
   * @throws RequestEndedError when the run has ended; ResourceNotFoundError when the rules do not exist; ResourceStateError for a
   * stale reading
   */
  async read(
    self: RunIdentity,
    { isRecorded, signal }: CallOptions & { readonly isRecorded: boolean },
  ): Promise<Reading> {
    this.#window.requireInTime(this.resource);
    const reading = this.#recent ?? (await this.#readRules(self, { signal }));
    const { position, isOnEach } = reading.history;
    if (position.kind !== 'current' && position.kind !== 'unrecorded') {
      throw new RequestEndedError(position, this.resource);
    }
    if (isRecorded && !isOnEach) throw recordMissing(self, this.resource);
    this.#latest = reading;
    return reading;
  }

  get #recent(): Reading | undefined {
    return this.#latest !== undefined && this.#latest.sinceRead.seconds <= freshSeconds
      ? this.#latest
      : undefined;
  }

  async #readRules(self: RunIdentity, { signal }: CallOptions): Promise<Reading> {
    const sinceRead = new ElapsedTime(this.#clock);
    const found = new Map<string, readonly Tag[]>();
    for (const ruleArn of this.ruleArns) {
      const read = (options: CallOptions) => this.#tags.read(ruleArn, options);
      const tags = await this.#window.read(read, { sinceRead, signal, resource: ruleArn });
      if (tags !== undefined) found.set(ruleArn, tags);
    }
    if (found.size === 0) {
      throw new ResourceNotFoundError(`Listener rule ${this.resource} not found`, {
        resource: this.resource,
      });
    }
    return { history: new RequestHistory([...found.values()], self), tags: found, sinceRead };
  }
}

function recordMissing(self: RunIdentity, resource: string): ResourceStateError {
  return new ResourceStateError(`The record of this request is missing on listener rule ${resource}`, {
    resource,
    expected: `the tag ${keyOfRecord(self)}`,
    actual: 'none',
    remedy: 'Do not change the tags aws-blue-green-toolkit:request:…, and update the stack again',
  });
}
