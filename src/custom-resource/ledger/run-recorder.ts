import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import type { RuleTags } from '../rule/rule-tags.js';
import type { LedgerReader, Reading } from './ledger-reader.js';
import { type RunIdentity, type RunRecord, tagOfRecord, targetGroupKey } from './run-record.js';
import type { WriteWindow } from './write-window.js';

/** Options of a record: the ARN of the target group that gets the traffic when the request fails. */
export interface RecordOptions extends CallOptions {
  readonly rollbackArn?: string | undefined;
}

interface RunRecorderDependencies {
  readonly tags: RuleTags;
  readonly reader: LedgerReader;
  readonly window: WriteWindow;
  readonly clock: Clock;
}

/** Writes the record of one run to its rules. */
export class RunRecorder {
  readonly #tags: RuleTags;
  readonly #reader: LedgerReader;
  readonly #window: WriteWindow;
  readonly #clock: Clock;
  #self: RunIdentity;
  /** The first record of this run. */
  #record: RunRecord | undefined;

  constructor(self: RunIdentity, { tags, reader, window, clock }: RunRecorderDependencies) {
    this.#self = self;
    this.#tags = tags;
    this.#reader = reader;
    this.#window = window;
    this.#clock = clock;
  }

  get self(): RunIdentity {
    return this.#self;
  }

  /** True when the run is recorded. */
  get hasBegun(): boolean {
    return this.#record !== undefined;
  }

  /** Returns the record of this run for the creation of a rule. */
  initialTag(): Tag {
    return tagOfRecord(this.#record ?? this.#newRecord(1));
  }

  /** Adds rules that have the record of a run. */
  adopt(ruleArns: readonly string[], run = this.#self.run): void {
    this.#self = { ...this.#self, run };
    for (const ruleArn of ruleArns) this.#reader.add(ruleArn);
    this.#record ??= this.#newRecord(1);
  }

  /** Records the run, unless the rules have its record. */
  async begin({ signal, rollbackArn }: RecordOptions): Promise<void> {
    await this.#waitForLanding({ signal });
    const reading = await this.#reader.read(this.#self, { signal, isRecorded: false });
    const { ownRun, nextSequence } = reading.history;
    const record = ownRun ?? this.#newRecord(nextSequence, rollbackArn);
    await this.#put(record, reading, { signal });
    this.#record = record;
  }

  async amend(
    reading: Reading,
    { status, rollbackArn, signal }: RecordOptions & { readonly status?: 'delegated' },
  ): Promise<void> {
    const record = this.#recordIn(reading);
    const rollbackTo = rollbackArn === undefined ? record.rollbackTo : targetGroupKey(rollbackArn);
    const next = { ...record, rollbackTo, status: status ?? record.status };
    if (next.rollbackTo !== record.rollbackTo || next.status !== record.status) {
      await this.#put(next, reading, { signal });
    }
  }

  /** Records the response. Returns the reading before it. */
  async end(
    status: 'SUCCESS' | 'FAILED',
    { signal, isQuiet }: CallOptions & { readonly isQuiet: boolean },
  ): Promise<Reading> {
    await this.#waitForLanding({ signal });
    const reading = await this.#reader.read(this.#self, { signal, isRecorded: true });
    const isUnsettled = this.#window.isInDoubt || !isQuiet;
    const endedAt = Math.floor(this.#clock.now() / 1000);
    await this.#put({ ...this.#recordIn(reading), status, isUnsettled, endedAt }, reading, { signal });
    return reading;
  }

  #newRecord(sequence: number, rollbackArn?: string): RunRecord {
    const rollbackTo = rollbackArn === undefined ? undefined : targetGroupKey(rollbackArn);
    const rest = { status: 'begun', isUnsettled: false, endedAt: undefined } as const;
    return { ...this.#self, ...rest, sequence, rollbackTo };
  }

  #recordIn({ history }: Reading): RunRecord {
    return history.ownRun ?? this.#newRecord(history.nextSequence);
  }

  async #put(record: RunRecord, { sinceRead }: Reading, { signal }: CallOptions): Promise<void> {
    const { ruleArns, resource } = this.#reader;
    const add = (options: CallOptions) => this.#tags.add(ruleArns, tagOfRecord(record), options);
    this.#reader.forget();
    await this.#window.send(add, { sinceRead, signal, resource });
  }

  /** Waits until an aborted write can no longer overwrite the next one. */
  async #waitForLanding({ signal }: CallOptions): Promise<void> {
    await this.#window.waitForLanding({ signal, resource: this.#reader.resource });
  }
}
