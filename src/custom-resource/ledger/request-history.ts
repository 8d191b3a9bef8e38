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
  extends Pick<RunRecord, 'owner' | 'requestId' | 'madeAt' | 'rollbackTo' | 'from' | 'to'> {
  readonly status: RunStatus;
  readonly isSettled: boolean;
  readonly sequence: number;
  readonly runs: readonly RunRecord[];
}

/** Position of a run among the others. Only a current one may write. */
export type RunPosition =
  /** The newest run of the newest request. */
  | { readonly kind: 'current' }
  /** The tags have no record of the run. */
  | { readonly kind: 'unrecorded' }
  /** The request has its response already. */
  | { readonly kind: 'ended'; readonly status: 'SUCCESS' | 'FAILED' }
  /** CloudFormation replaced the request by a later one. */
  | { readonly kind: 'overtaken' }
  /** A later run of the same request has replaced this one. */
  | { readonly kind: 'duplicate' };

/** A rule has at most 50 tags. Above this number of records, those of old requests are removed. */
const maxRecords = 12;
const keptRequests = 6;

/** Requests of a rule, or of the two rules between which a resource moves, from the view of one run. */
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

  get position(): RunPosition {
    const own = this.#own;
    const ended = own?.runs.find(({ status }) => status === 'SUCCESS' || status === 'FAILED');
    if (ended?.status === 'SUCCESS' || ended?.status === 'FAILED') {
      return { kind: 'ended', status: ended.status };
    }
    // An unrecorded request counts as the newest, unless its date is older.
    const self = own ?? { ...this.#self, sequence: Number.POSITIVE_INFINITY };
    if (this.#others.some((it) => it.owner === self.owner && isNewer(it, self, this.#requests)))
      return { kind: 'overtaken' };
    const run = this.ownRun;
    if (run === undefined) return { kind: 'unrecorded' };
    return latestRun(own?.runs ?? []) === run ? { kind: 'current' } : { kind: 'duplicate' };
  }

  get ownRun(): RunRecord | undefined {
    return this.#own?.runs.find(({ run }) => run === this.#self.run);
  }

  /** The run of this request that an execution continues. */
  get delegatedRun(): string | undefined {
    return this.#own?.runs.find(({ status }) => status === 'delegated')?.run;
  }

  get nextSequence(): number {
    return Math.max(0, ...this.#records.map(({ sequence }) => sequence)) + 1;
  }

  /**
   * True when an earlier run or request may have a pending write. A settled request has waited for those before it, so only
   * requests after the latest settled one count.
   */
  get mayOthersWrite(): boolean {
    if (this.#own?.runs.some(({ run }) => run !== this.#self.run)) return true;
    const before = this.#before;
    const settled = before.findIndex(({ isSettled }) => isSettled);
    return (settled === -1 ? before : before.slice(0, settled)).length > 0;
  }

  /**
   * True when an earlier run has begun the request after a success, with the traffic as the template before had it. False after
   * an update that failed or has no response.
   */
  get hasBegunAfterSuccess(): boolean {
    const [before] = this.#before;
    const isRepeated = this.#own?.runs.some(({ run }) => run !== this.#self.run) === true;
    return isRepeated && (before === undefined || before.status === 'SUCCESS');
  }

  /**
   * True when traffic for a target group rolls the request before back, which has not succeeded. Where the traffic has arrived at
   * the weights of that request, only a recorded failure counts: its success may be unrecorded, and this request the next
   * release.
   */
  goesBack({ targetGroupArn, hasArrived }: { targetGroupArn: string; hasArrived: boolean }): boolean {
    const [before] = this.#before;
    if (before?.rollbackTo !== targetGroupKey(targetGroupArn)) return false;
    return before.status === 'FAILED' || (before.status !== 'SUCCESS' && !hasArrived);
  }

  /** True when CloudFormation knew the rule before this request, so that a failed creation must not have it deleted. */
  get wasReportedBefore(): boolean {
    return this.#others.some(({ status }) => status !== 'begun');
  }

  /** Time of the newest request in seconds since 1970, if it has succeeded. After a failure unrecorded requests can exist. */
  get newestMadeAt(): number | undefined {
    const [newest] = this.#requests;
    return newest?.status === 'SUCCESS' ? newest.madeAt : undefined;
  }

  /** Time of the latest response to an earlier request, in seconds since 1970. */
  get lastEndedAt(): number | undefined {
    const times = this.#before.flatMap(({ runs }) => runs.map(({ endedAt }) => endedAt ?? 0));
    return Math.max(0, ...times) || undefined;
  }

  /** True when the rule has other requests of the same resource. */
  get hasOthers(): boolean {
    return this.#others.some(({ owner }) => owner === this.#self.owner);
  }

  /** Tag keys of old requests, when there are many. */
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

/** Maximum difference between the clocks of CloudFormation and Lambda. */
const clockSkewSeconds = 5;

/**
 * True when CloudFormation knows a rule with these tags. False for a rule whose requests have only begun, and for one that the
 * resource reported after CloudFormation had made the current request.
 *
 * @param replacedUntil - time until which CloudFormation has replaced every request of the resource, in seconds since 1970; by
 * default the time of the current request. Later requests are compared with a tolerance for the clocks.
 */
export function wasReported(
  tags: readonly Tag[],
  { owner, madeAt }: Pick<RunIdentity, 'owner' | 'madeAt'>,
  replacedUntil = madeAt ?? 0,
): boolean {
  const isTooLate = (it: RunRecord) => {
    if (it.owner !== owner || madeAt === undefined || it.madeAt === undefined || it.madeAt > madeAt)
      return false;
    const margin = it.madeAt <= replacedUntil ? 0 : clockSkewSeconds;
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
        rollbackTo: latest.rollbackTo ?? runs.find(({ rollbackTo }) => rollbackTo !== undefined)?.rollbackTo,
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
 * True when the first request is the newer one. Requests of the same second are ordered by their records, unless the later
 * record fills a gap: it starts with the properties after the request before both, and ends with those that the other starts
 * with.
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

/** Compares the dates of the requests, and the sequence numbers where a date is missing or both are the same. */
function isRecordedLater(one: Age, other: Age): boolean {
  if (one.madeAt !== undefined && other.madeAt !== undefined && one.madeAt !== other.madeAt) {
    return one.madeAt > other.madeAt;
  }
  return one.sequence === other.sequence ? one.requestId > other.requestId : one.sequence > other.sequence;
}
