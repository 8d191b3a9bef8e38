import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  keyOfRecord,
  type RunIdentity,
  type RunRecord,
  type RunStatus,
  recordsIn,
  targetGroupKey,
} from './run-record.js';

/** All runs of one request. */
interface RequestRecord
  extends Pick<RunRecord, 'owner' | 'requestId' | 'madeAt' | 'wayBack' | 'from' | 'to'> {
  readonly status: RunStatus;
  readonly isSettled: boolean;
  readonly sequence: number;
  readonly runs: readonly RunRecord[];
}

/** Position of a run among the others. Only a current one may write. */
export type Standing =
  /** The newest run of the newest request. */
  | { readonly kind: 'current' }
  /** As far as the tags tell, it has not begun. */
  | { readonly kind: 'unrecorded' }
  /** The request has its response already. */
  | { readonly kind: 'answered'; readonly status: 'SUCCESS' | 'FAILED' }
  /** CloudFormation gave the request up for a later one. */
  | { readonly kind: 'overtaken' }
  /** A later run of the same request has taken over. */
  | { readonly kind: 'duplicate' };

/** Rules have room for 50 tags. Beyond so many of ours, those of old requests are removed. */
const maxRecords = 12;
const keptRequests = 6;

/** The requests of a rule, or of the two between which a resource moves, from the view of one run. */
export class RequestHistory {
  /** True when each rule has the record of the run. */
  readonly isOnEach: boolean;
  readonly #self: RunIdentity;
  readonly #records: readonly RunRecord[];
  /** Newest first. */
  readonly #requests: readonly RequestRecord[];

  /** @param rules - the tags of each rule. */
  constructor(rules: readonly (readonly Tag[])[], self: RunIdentity) {
    const ownKey = keyOfRecord(self);
    this.isOnEach = rules.every((tags) => tags.some(({ Key }) => Key === ownKey));
    this.#self = self;
    this.#records = rules.flat().flatMap(recordsIn);
    const requests = requestsOf(this.#records);
    this.#requests = [...requests].sort((one, other) => (isNewer(one, other, requests) ? -1 : 1));
  }

  /** Position of the run. */
  get standing(): Standing {
    const own = this.#own;
    const ended = own?.runs.find(({ status }) => status === 'SUCCESS' || status === 'FAILED');
    if (ended?.status === 'SUCCESS' || ended?.status === 'FAILED') {
      return { kind: 'answered', status: ended.status };
    }
    // A request that is not recorded arrives after all that are: only their dates can make them newer.
    const self = own ?? { ...this.#self, sequence: Number.POSITIVE_INFINITY };
    if (this.#others.some((it) => it.owner === self.owner && isNewer(it, self, this.#requests)))
      return { kind: 'overtaken' };
    const run = this.ownRun;
    if (run === undefined) return { kind: 'unrecorded' };
    return latestRun(own?.runs ?? []) === run ? { kind: 'current' } : { kind: 'duplicate' };
  }

  /** The record of the run itself. */
  get ownRun(): RunRecord | undefined {
    return this.#own?.runs.find(({ run }) => run === this.#self.run);
  }

  /** The run of this request that an execution goes on with. */
  get delegatedRun(): string | undefined {
    return this.#own?.runs.find(({ status }) => status === 'delegated')?.run;
  }

  /** The sequence number of the next run. */
  get nextSequence(): number {
    return Math.max(0, ...this.#records.map(({ sequence }) => sequence)) + 1;
  }

  /**
   * True when an earlier run or request may have a write under way. A request that has ended waited for those before it, so
   * only what is newer counts.
   */
  get mayOthersWrite(): boolean {
    if (this.#own?.runs.some(({ run }) => run !== this.#self.run)) return true;
    const before = this.#before;
    const settled = before.findIndex(({ isSettled }) => isSettled);
    return (settled === -1 ? before : before.slice(0, settled)).length > 0;
  }

  /**
   * True when an earlier run has begun the request where the template had the traffic: not after an update that failed, or that
   * has no response.
   */
  get hasBegunAsAnswered(): boolean {
    const [before] = this.#before;
    const isRepeated = this.#own?.runs.some(({ run }) => run !== this.#self.run) === true;
    return isRepeated && (before === undefined || before.status === 'SUCCESS');
  }

  /**
   * True when traffic for a target group takes back what the request before did, which has not succeeded. Where the traffic has
   * arrived as that one wanted it, only a recorded failure counts: perhaps its success could not be recorded, and this is
   * the next release.
   */
  goesBack({ targetGroupArn, hasArrived }: { targetGroupArn: string; hasArrived: boolean }): boolean {
    const [before] = this.#before;
    if (before?.wayBack !== targetGroupKey(targetGroupArn)) return false;
    return before.status === 'FAILED' || (before.status !== 'SUCCESS' && !hasArrived);
  }

  /** True when CloudFormation knew the rule before this request: whatever becomes of it, the rule is not its own. */
  get wasReportedBefore(): boolean {
    return this.#others.some(({ status }) => status !== 'begun');
  }

  /** Time of the newest request, if it has succeeded: seconds since 1970. After a failure there may be others without a record. */
  get newestMadeAt(): number | undefined {
    const [newest] = this.#requests;
    return newest?.status === 'SUCCESS' ? newest.madeAt : undefined;
  }

  /** Time of the latest response to an earlier request: seconds since 1970. */
  get lastEndedAt(): number | undefined {
    const times = this.#before.flatMap(({ runs }) => runs.map(({ endedAt }) => endedAt ?? 0));
    return Math.max(0, ...times) || undefined;
  }

  /** True when the resource of this request has had others on the rule. */
  get hasOthers(): boolean {
    return this.#others.some(({ owner }) => owner === this.#self.owner);
  }

  /** Keys of the tags of old requests, once there are many. */
  get obsoleteKeys(): readonly string[] {
    if (this.#records.length <= maxRecords) return [];
    const kept = this.#requests.slice(0, keptRequests);
    const isOld = (it: RequestRecord) => !kept.includes(it) && it !== this.#own;
    const mayGo = (it: RequestRecord) => it.isSettled || it.owner === this.#self.owner;
    const old = this.#requests.filter((it) => isOld(it) && mayGo(it));
    return old.flatMap(({ runs }) => runs.map(keyOfRecord));
  }

  get #own(): RequestRecord | undefined {
    return this.#requests.find((it) => it.requestId === this.#self.requestId);
  }

  get #others(): readonly RequestRecord[] {
    return this.#requests.filter((it) => it.requestId !== this.#self.requestId);
  }

  /** The requests of the same resource before this one, newest first. */
  get #before(): readonly RequestRecord[] {
    const self = this.#own ?? { ...this.#self, sequence: Number.POSITIVE_INFINITY };
    return this.#others.filter((it) => it.owner === self.owner && !isNewer(it, self, this.#requests));
  }
}

/** Difference between the clocks of CloudFormation and Lambda at most. */
const clockSkewSeconds = 5;

/**
 * True when CloudFormation knows a rule with these tags: not one whose requests have only begun, or which the resource's own
 * request reported after CloudFormation had made the present one.
 *
 * @param overtakenUntil - requests made until then are known to have been given up: seconds since 1970. All of the resource by
 * default. For those made later the clocks may differ.
 */
export function wasReported(
  tags: readonly Tag[],
  { owner, madeAt }: Pick<RunIdentity, 'owner' | 'madeAt'>,
  overtakenUntil = madeAt ?? 0,
): boolean {
  const isTooLate = (it: RunRecord) => {
    if (it.owner !== owner || madeAt === undefined || it.madeAt === undefined || it.madeAt > madeAt)
      return false;
    const margin = it.madeAt <= overtakenUntil ? 0 : clockSkewSeconds;
    return (it.endedAt ?? 0) > madeAt + margin;
  };
  return tags.flatMap(recordsIn).some((it) => it.status !== 'begun' && !isTooLate(it));
}

function requestsOf(records: readonly RunRecord[]): RequestRecord[] {
  const ids = [...new Set(records.map(({ requestId }) => requestId))];
  return ids.flatMap((requestId) => {
    const runs = records.filter((it) => it.requestId === requestId);
    const latest = latestRun(runs);
    if (latest === undefined) return [];
    const ended = runs.find(({ status }) => status === 'SUCCESS' || status === 'FAILED');
    return [
      {
        owner: latest.owner,
        requestId,
        madeAt: latest.madeAt,
        from: latest.from,
        to: latest.to,
        wayBack: latest.wayBack ?? runs.find(({ wayBack }) => wayBack !== undefined)?.wayBack,
        status: (ended ?? latest).status,
        isSettled: ended !== undefined && !ended.isUnsettled,
        sequence: Math.min(...runs.map(({ sequence }) => sequence)),
        runs,
      },
    ];
  });
}

function latestRun(runs: readonly RunRecord[]): RunRecord | undefined {
  const [first, ...rest] = runs;
  if (first === undefined) return undefined;
  return rest.reduce((latest, it) => (isLaterRun(it, latest) ? it : latest), first);
}

function isLaterRun(one: RunRecord, other: RunRecord): boolean {
  return one.sequence === other.sequence ? one.run > other.run : one.sequence > other.sequence;
}

type Age = Pick<RequestRecord, 'madeAt' | 'sequence' | 'requestId' | 'from' | 'to'>;

/**
 * True for the later one of two requests. Those of one second were made in the order in which they were recorded, unless the
 * later record fills a gap: it starts where the request before both has led to, and leads to where the other one starts.
 */
function isNewer(one: Age, other: Age, all: readonly RequestRecord[]): boolean {
  const isLater = isRecordedLater(one, other);
  if (one.madeAt !== other.madeAt) return isLater;
  const [first, second] = isLater ? [other, one] : [one, other];
  const before = all
    .filter((it) => it.requestId !== second.requestId && isRecordedLater(first, it))
    .sort((a, b) => (isRecordedLater(a, b) ? -1 : 1))[0];
  const fillsGap =
    before?.status === 'SUCCESS' &&
    before.to !== undefined &&
    before.to !== first.from &&
    before.to === second.from &&
    second.to === first.from;
  return isLater !== fillsGap;
}

/** By the date of the request, and by the sequence number where there is none, or the same. */
function isRecordedLater(one: Age, other: Age): boolean {
  if (one.madeAt !== undefined && other.madeAt !== undefined && one.madeAt !== other.madeAt) {
    return one.madeAt > other.madeAt;
  }
  return one.sequence === other.sequence ? one.requestId > other.requestId : one.sequence > other.sequence;
}
