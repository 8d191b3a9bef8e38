import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';

/*
 * Lambda delivers an event at least once: a request may come again when CloudFormation has had its answer and has gone on,
 * and a shift that began anew then would move production traffic with nobody waiting for it. So the rule itself remembers,
 * in a tag, what became of its latest requests.
 */

/** What became of a request. */
export interface RequestRecord {
  readonly requestId: string;
  /** What it was answered, or is about to be; `handedOver` as long as an execution is going to answer it. */
  readonly status: 'SUCCESS' | 'FAILED' | 'handedOver';
}

const tagKey = 'aws-blue-green-toolkit:requests';

/** As much as a tag's value holds. */
const mostCharacters = 256;

const recordForm = /^(SUCCESS|FAILED|handedOver)=(.+)$/;

/** The requests that a rule remembers, the latest one first; none when it was never spoken of to CloudFormation. */
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
