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
   * What it was answered, or is about to be; `begun` as long as its traffic moves, `handedOver` as long as an execution is
   * going to answer it.
   */
  readonly status: 'SUCCESS' | 'FAILED' | 'begun' | 'handedOver';
}

const tagKey = 'aws-blue-green-toolkit:requests';

/** As much as a tag's value holds. */
const mostCharacters = 256;

const recordForm = /^(SUCCESS|FAILED|begun|handedOver)=(.+)$/;

/** The requests that a rule remembers, the latest one first. */
export function recordsIn(tags: readonly Tag[]): readonly RequestRecord[] {
  const value = tags.find(({ Key }) => Key === tagKey)?.Value ?? '';
  return value.split(' ').flatMap((entry) => {
    const [, status, requestId] = recordForm.exec(entry) ?? [];
    return status === undefined || requestId === undefined
      ? []
      : [{ requestId, status: status as RequestRecord['status'] }];
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
  const records = recordsIn(tags);
  const own = recordOf(requestId, tags);
  const before = records.find((record) => record.requestId !== own?.requestId);
  return own !== undefined && (before === undefined || before.status === 'SUCCESS');
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

/** The tag with one more record, of as many requests as there is room for: five or six. */
export function tagWith({ requestId, status }: RequestRecord, tags: readonly Tag[]): Tag {
  const record = { requestId: nameOf(requestId), status };
  const others = recordsIn(tags).filter((it) => it.requestId !== record.requestId);
  let value = '';
  for (const it of [record, ...others]) {
    const longer = `${value} ${it.status}=${it.requestId}`.trimStart();
    if (longer.length > mostCharacters) break;
    value = longer;
  }
  return { Key: tagKey, Value: value };
}

/** CloudFormation's are UUIDs; whatever else comes has to fit into a tag. */
function nameOf(requestId: string): string {
  return requestId.replaceAll(/[^\w-]/g, '-').slice(0, 128);
}
