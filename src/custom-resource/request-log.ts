import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';

/*
 * Lambda delivers an event at least once: a request may come again when CloudFormation has had its answer and has gone on,
 * and a shift that began anew then would move production traffic with nobody waiting for it. So the rule itself remembers,
 * in a tag, what became of its latest requests.
 */

/** What became of a request. */
export interface RequestRecord {
  readonly requestId: string;
  /**
   * What it was answered, or is about to be; `begun` as long as its traffic moves, `delegated` as long as an execution is
   * going to answer it.
   */
  readonly status: 'SUCCESS' | 'FAILED' | 'begun' | 'delegated';
  /** The target group that its traffic goes back to when it does not succeed; missing when it moves none. */
  readonly wayBack?: string | undefined;
}

const tagKey = 'aws-blue-green-toolkit:requests';

/** As much as a tag's value holds. */
const maxCharacters = 256;

/** CloudFormation's machines need not have the very same time. */
const maxSkewSeconds = 10;

const recordForm = /^(SUCCESS|FAILED|begun|delegated)=([^@]+)(?:@(.+))?$/;

/** The requests that a rule remembers, the latest one first: in the order in which they were first spoken of. */
export function recordsIn(tags: readonly Tag[]): readonly RequestRecord[] {
  const value = tags.find(({ Key }) => Key === tagKey)?.Value ?? '';
  return value.split(' ').flatMap((entry) => {
    const [, status, requestId, wayBack] = recordForm.exec(entry) ?? [];
    return status === undefined || requestId === undefined
      ? []
      : [{ requestId, status: status as RequestRecord['status'], wayBack }];
  });
}

/** What a rule remembers of a request; nothing when it does not know it. */
export function recordOf(requestId: string, tags: readonly Tag[]): RequestRecord | undefined {
  return recordsIn(tags).find((record) => record.requestId === nameOf(requestId));
}

/**
 * Whether a request is worked on again that had begun where the template had the traffic: not after an update that has
 * failed, or that nobody has answered.
 */
export function hasBegunAsAnswered(requestId: string, tags: readonly Tag[]): boolean {
  const before = recordBefore(requestId, tags);
  return recordOf(requestId, tags) !== undefined && (before === undefined || before.status === 'SUCCESS');
}

/**
 * Whether a request that brings traffic to a target group takes back what the one before it did, which has not succeeded.
 * Where the traffic has arrived as that one wanted it, only a failure that was told is one: perhaps the rule just could not
 * remember the success, and this is the next release.
 */
export function goesBack(
  requestId: string,
  tags: readonly Tag[],
  { targetGroupArn, hasArrived }: { readonly targetGroupArn: string; readonly hasArrived: boolean },
): boolean {
  const before = recordBefore(requestId, tags);
  if (before?.wayBack !== shortIdOf(targetGroupArn)) return false;
  return before.status === 'FAILED' || (before.status !== 'SUCCESS' && !hasArrived);
}

function recordBefore(requestId: string, tags: readonly Tag[]): RequestRecord | undefined {
  const own = nameOf(requestId);
  return recordsIn(tags).find((record) => record.requestId !== own);
}

/**
 * Whether a request that has no answer yet was followed by another one: CloudFormation had given it up, and what it wanted is
 * not wanted any more. One that the rule does not know, because Lambda brings it late, is told by when it was made.
 *
 * @param madeAt - milliseconds since 1970.
 */
export function isOvertaken(requestId: string, tags: readonly Tag[], madeAt: number | undefined): boolean {
  if (recordOf(requestId, tags) !== undefined) return recordsIn(tags)[0]?.requestId !== nameOf(requestId);
  const latest = latestIn(tags);
  return latest !== undefined && madeAt !== undefined && madeAt / 1000 < latest - maxSkewSeconds;
}

/** When the latest request was made: seconds since 1970. */
function latestIn(tags: readonly Tag[]): number | undefined {
  const [, seconds] = /^at=(\d+) /.exec(tags.find(({ Key }) => Key === tagKey)?.Value ?? '') ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Whether CloudFormation was told of a rule; one that remembers nothing but beginnings is unknown to it. */
export function wasReported(tags: readonly Tag[]): boolean {
  return recordsIn(tags).some(({ status }) => status !== 'begun');
}

/** Whether CloudFormation was told of a rule before a request: whatever becomes of that, the rule is not its own. */
export function wasReportedBefore(requestId: string, tags: readonly Tag[]): boolean {
  const own = nameOf(requestId);
  return recordsIn(tags).some((it) => it.status !== 'begun' && it.requestId !== own);
}

/**
 * The tag with one more record, of as many requests as there is room for: five or six. What it knows of the request is kept.
 *
 * @param details - `wayBackArn`: the ARN of the target group that the traffic goes back to; `madeAt`: when CloudFormation made
 * the request, in milliseconds since 1970.
 */
export function tagWith(
  { requestId, status }: Pick<RequestRecord, 'requestId' | 'status'>,
  tags: readonly Tag[],
  {
    wayBackArn,
    madeAt,
  }: { readonly wayBackArn?: string | undefined; readonly madeAt?: number | undefined } = {},
): Tag {
  const wayBack = wayBackArn === undefined ? recordOf(requestId, tags)?.wayBack : shortIdOf(wayBackArn);
  const record: RequestRecord = { requestId: nameOf(requestId), status, wayBack };
  const known = recordsIn(tags);
  const isKnown = known.some((it) => it.requestId === record.requestId);
  const records = isKnown
    ? known.map((it) => (it.requestId === record.requestId ? record : it))
    : [record, ...known];
  const seconds = isKnown || madeAt === undefined ? latestIn(tags) : Math.floor(madeAt / 1000);
  let value = seconds === undefined ? '' : `at=${seconds}`;
  for (const [index, it] of records.entries()) {
    // Only the last failure is gone back from, and a request that does so may be worked on twice.
    const isNeeded = index < 2 && it.status !== 'SUCCESS' && it.wayBack !== undefined;
    const way = isNeeded ? `@${it.wayBack}` : '';
    const longer = `${value} ${it.status}=${it.requestId}${way}`.trimStart();
    if (longer.length > maxCharacters) break;
    value = longer;
  }
  return { Key: tagKey, Value: value };
}

/** CloudFormation's are UUIDs; whatever else comes has to fit into a tag. */
function nameOf(requestId: string): string {
  return requestId.replaceAll(/[^\w-]/g, '-').slice(0, 128);
}

/** Enough of a target group's ID to tell the two of a rule apart: a tag has little room. */
function shortIdOf(targetGroupArn: string): string {
  return nameOf(targetGroupArn.slice(-8));
}
