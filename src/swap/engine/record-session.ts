import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import { classifyFailure } from '../../core/failures.js';
import type { Logger } from '../../core/logger.js';
import type { SwapConflictError } from '../errors.js';
import { parseSwapRecordItem } from '../record/parse-record-item.js';
import type { SwapClaim, SwapRecord, SwapRecordItem, SwapWriteResult } from '../record/types.js';
import { ClaimRenewal } from './claim-renewal.js';
import { conflictOf, otherClaimUntil } from './claims.js';
import type { ItemChange } from './decision.js';
import { claimMilliseconds } from './limits.js';
import { readItem, writeItem } from './record-calls.js';

/** Pauses between the attempts of a write. The item has a `writeId`, so a repeated write is harmless. */
const writePauses = [1_000, 2_000, 4_000];

/** Next step of a process that had the claim. */
const sentRemedy =
  'A change that was sent before can still take effect. Call again in 2 minutes: the swap verifies it';

/** Applications of one change to newer items. Only requests to roll back are written beside a claim. */
const maxApplications = 10;

/** Dependencies of a {@link RecordSession}. */
export interface SessionDependencies {
  readonly record: SwapRecord;
  readonly application: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each write with the items before and after it. */
  readonly onWrite: (before: SwapRecordItem | undefined, after: SwapRecordItem) => void;
}

/** Effect of a write on the claim. `beside`: the write leaves the claim of any process as it is. */
export type ClaimEffect = 'take' | 'keep' | 'release' | 'beside';

/**
 * Writes of one process to the record of an application, in order. Takes the claim with the first change, renews it, and aborts
 * `signal` when a renewal fails.
 */
export class RecordSession {
  readonly #options: SessionDependencies;
  readonly #claimId = randomUUID();
  #item: SwapRecordItem | undefined;
  /** Change that the next write takes along. */
  #note: ItemChange | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** True after a write with an unknown outcome. */
  #isStale = false;
  readonly #renewal: ClaimRenewal;
  #hasHeldClaim = false;
  readonly #lost = new AbortController();
  readonly #rollback = new AbortController();

  constructor(options: SessionDependencies, item: SwapRecordItem | undefined) {
    this.#options = options;
    this.#item = item;
    this.#renewal = new ClaimRenewal({
      ...options,
      renew: () => this.update((it) => it),
      expiresAt: () => this.#item?.claim?.expiresAt ?? 0,
      lose: (problem) => this.#lose(problem),
    });
  }

  /** Reads the item, and begins a session with it. */
  static async open(options: SessionDependencies): Promise<RecordSession> {
    return new RecordSession(options, await readItem(options));
  }

  /** The item as last read or written, with the notes that are not written yet. */
  get item(): SwapRecordItem | undefined {
    return this.#item && this.#withNote(this.#item);
  }

  /** Aborted when the claim is lost, or ends before it could be renewed. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Aborted when the swap was asked to roll back. */
  get rollbackSignal(): AbortSignal {
    return this.#rollback.signal;
  }

  get holdsClaim(): boolean {
    return this.#renewal.isActive;
  }

  /** Time until which another process may be changing the stacks; undefined when none is. */
  otherClaimUntil(): number | undefined {
    return otherClaimUntil(this.#item?.claim, this.#claimId, this.#options.clock.now());
  }

  /** True while the claim lasts long enough to start a change. */
  mayStartChange(): boolean {
    return this.holdsClaim && !this.#lost.signal.aborted && this.#renewal.mayStartChange();
  }

  /**
   * Writes a change. Returns false when the change does not apply any more.
   *
   * @throws SwapConflictError when another process has the claim, or has written first while this one has no claim.
   */
  update(change: ItemChange, claim: ClaimEffect = 'keep'): Promise<boolean> {
    const written = this.#queue.then(() => this.#update(change, claim));
    this.#queue = written.catch(() => {});
    return written;
  }

  /** Keeps a change for the next write, which takes it along. A process that stops before loses it, so it must be seen again then. */
  note(change: ItemChange): void {
    const earlier = this.#note;
    this.#note = (item) => {
      const noted = earlier?.(item) ?? item;
      return change(noted) ?? noted;
    };
  }

  /** Writes the notes that no write has taken along. */
  async writeNotes(): Promise<void> {
    if (this.#note !== undefined) await this.update((item) => item);
  }

  #withNote(item: SwapRecordItem): SwapRecordItem {
    return this.#note?.(item) ?? item;
  }

  /** Writes the first item of an application. Returns false when there is one meanwhile. */
  async create(item: Omit<SwapRecordItem, 'version' | 'writeId'>): Promise<boolean> {
    const first = { ...item, version: 1, writeId: randomUUID() };
    const result = await this.#write(first);
    if (result.status === 'written') this.#accept(first);
    return result.status === 'written';
  }

  /** Releases the claim if this process still has it. A failure is logged: the claim then expires. */
  async release(): Promise<void> {
    if (!this.holdsClaim) return;
    try {
      await this.update((item) => item, 'release');
    } catch (error) {
      this.#options.logger.warn('Could not release the claim of the swap', {
        resource: this.#options.application,
        error: messageOf(error),
      });
    } finally {
      this.#renewal.stop();
    }
  }

  async #update(change: ItemChange, claim: ClaimEffect): Promise<boolean> {
    if (this.#isStale) await this.#refresh();
    for (let application = 1; application <= maxApplications; application += 1) {
      const base = this.#item;
      const note = this.#note;
      const noted = base && this.#withNote(base);
      const changed = noted && change(noted);
      if (base === undefined || noted === undefined || changed === undefined) return false;
      if (claim !== 'beside') this.#requireNoOtherClaim();
      const next = this.#nextOf(base, changed, claim);
      const result = await this.#write(next);
      if (result.status === 'written') {
        if (this.#note === note) this.#note = undefined;
        // The change can end the swap, so what was noted is reported first.
        if (noted !== base) this.#options.onWrite(base, noted);
        this.#accept(next, noted);
        this.#adjustRenewal(claim);
        return true;
      }
      this.#adopt(result.current, claim);
    }
    throw this.#conflict('The record changed with each attempt to write it');
  }

  #nextOf(base: SwapRecordItem, changed: SwapRecordItem, effect: ClaimEffect): SwapRecordItem {
    const { claim: current, ...rest } = changed;
    const holds = effect === 'take' || (effect === 'keep' && this.holdsClaim);
    const expiresAt = this.#options.clock.now() + claimMilliseconds;
    const other = effect === 'beside' ? current : undefined;
    const claim: SwapClaim | undefined = holds ? { id: this.#claimId, expiresAt } : other;
    return { ...rest, version: base.version + 1, writeId: randomUUID(), ...(claim && { claim }) };
  }

  /** Uses the item that another process has written. */
  #adopt(current: unknown, effect: ClaimEffect): void {
    const item = parseSwapRecordItem(current, this.#options.application);
    const isHeld = this.holdsClaim;
    this.#item = item;
    this.#noticeReturn(item);
    if (isHeld && item?.claim?.id !== this.#claimId) throw this.#lose('Another process has taken the claim');
    if (!isHeld && effect !== 'beside') throw this.#conflict('Another process has written the record first');
  }

  #noticeReturn(item: SwapRecordItem | undefined): void {
    if (item?.swap?.wanted === 'back') this.#rollback.abort(this.#conflict('A rollback was requested'));
  }

  async #refresh(): Promise<void> {
    const item = await readItem(this.#options);
    this.#isStale = false;
    this.#noticeReturn(item);
    if (this.holdsClaim && item?.claim?.id !== this.#claimId) {
      this.#item = item;
      throw this.#lose('Another process has taken the claim');
    }
    this.#item = item;
  }

  #requireNoOtherClaim(): void {
    const until = this.otherClaimUntil();
    if (until !== undefined) throw this.#conflict('Another process has the claim');
  }

  async #write(item: SwapRecordItem): Promise<SwapWriteResult> {
    const { clock } = this.#options;
    for (const pause of [...writePauses, undefined]) {
      try {
        return await writeItem(this.#options, item);
      } catch (error) {
        if (pause === undefined || classifyFailure(error) === 'final') {
          this.#isStale = true;
          throw error;
        }
        await clock.sleep(pause);
      }
    }
    throw this.#conflict('The record could not be written');
  }

  #accept(item: SwapRecordItem, before?: SwapRecordItem): void {
    this.#item = item;
    this.#options.onWrite(before, item);
  }

  #adjustRenewal(effect: ClaimEffect): void {
    if (effect === 'release') this.#renewal.stop();
    else if (effect === 'take') {
      this.#hasHeldClaim = true;
      this.#renewal.start();
    }
  }

  #lose(problem: string): SwapConflictError {
    const error = this.#conflict(problem);
    this.#renewal.stop();
    this.#lost.abort(error);
    return error;
  }

  #conflict(problem: string): SwapConflictError {
    return conflictOf(problem, this.#options.application, this.#hasHeldClaim ? sentRemedy : undefined);
  }
}
