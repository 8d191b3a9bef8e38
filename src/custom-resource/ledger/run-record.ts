import { createHash } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ResourceOwner } from '../protocol/event.js';

/*
 * The requests of a listener rule, as its tags tell them. Elastic Load Balancing has no compare-and-set, so no tag ever has
 * two writers: each run of a request has a tag of its own. The runs order themselves by when CloudFormation made their
 * requests, and by a sequence number that is one more than any that was read.
 */

/** State of a run: `delegated` while an execution is going to respond; otherwise what was responded. */
export type RunStatus = 'begun' | 'delegated' | 'SUCCESS' | 'FAILED';

/** The tag of one run: an invocation, an execution of the state machine, or a durable execution. */
export interface RunRecord {
  /** The resource that the request is about. */
  readonly owner: string;
  readonly requestId: string;
  readonly run: string;
  readonly status: RunStatus;
  /** A write was still under way when the run ended. */
  readonly isUnsettled: boolean;
  readonly sequence: number;
  /** Time of the request: seconds since 1970. */
  readonly madeAt: number | undefined;
  /** The properties of the template before and after the request, in short. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Time of the response: seconds since 1970. */
  readonly endedAt: number | undefined;
  /** The target group that the traffic goes back to when the request does not succeed; undefined when it moves none. */
  readonly wayBack: string | undefined;
}

/** The fields of a record that never change. */
export type RunIdentity = Pick<RunRecord, 'owner' | 'requestId' | 'run' | 'madeAt' | 'from' | 'to'>;

const keyPrefix = 'aws-blue-green-toolkit:request:';
const keyForm = /^aws-blue-green-toolkit:request:([\w-]+):([\w-]+):([\w-]+)$/;
const valueForm =
  /^(begun|delegated|SUCCESS|FAILED) (\d{1,9}) (\d{1,12}|\.) ([\w-]+|\.) ([\w-]+|\.) ([\w-]+|\.) (\d{1,12}|\.)( unsettled)?$/;

/** Short name of a resource in the key of a tag. */
export function ownerKey({ stackId, logicalResourceId }: ResourceOwner): string {
  return hashOf(`${stackId}|${logicalResourceId}`).slice(0, 8);
}

/** CloudFormation's request IDs are UUIDs; any other one is made to fit into a tag. */
export function requestKey(requestId: string): string {
  return /^[\w-]{1,64}$/.test(requestId) ? requestId : hashOf(requestId).slice(0, 32);
}

/** Short name of a target group: enough to tell the few of a rule apart. */
export function targetGroupKey(targetGroupArn: string): string {
  return targetGroupArn.slice(-16).replaceAll(/[^\w-]/g, '-');
}

/** Short name of the properties of a template. Returns undefined where there are none. */
export function propertiesKey(properties: unknown): string | undefined {
  if (typeof properties !== 'object' || properties === null) return undefined;
  return hashOf(JSON.stringify(properties, inOrder)).slice(0, 8);
}

/** Keys may come in another order in the old properties than in the new ones. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The tag of a record. */
export function tagOfRecord(record: RunRecord): Tag & { readonly Key: string } {
  const { status, sequence, madeAt, wayBack, from, to, endedAt, isUnsettled } = record;
  const fields = [status, sequence, madeAt, wayBack, from, to, endedAt].map((it) => it ?? '.');
  return { Key: keyOfRecord(record), Value: `${fields.join(' ')}${isUnsettled ? ' unsettled' : ''}` };
}

/** The record that a tag holds; none for any other tag. */
export function recordsIn({ Key = '', Value = '' }: Tag): RunRecord[] {
  const [, owner = '', requestId = '', run = ''] = keyForm.exec(Key) ?? [];
  const [, status, ...fields] = valueForm.exec(Value) ?? [];
  if (owner === '' || status === undefined) return [];
  const [sequence, madeAt, wayBack, from, to, endedAt, unsettled] = fields.map((it) =>
    it === '.' ? undefined : it,
  );
  return [
    {
      owner,
      requestId,
      run,
      status: status as RunStatus,
      isUnsettled: unsettled !== undefined,
      sequence: Number(sequence),
      madeAt: madeAt === undefined ? undefined : Number(madeAt),
      wayBack,
      from,
      to,
      endedAt: endedAt === undefined ? undefined : Number(endedAt),
    },
  ];
}

/** The key of a record's tag. */
export function keyOfRecord({
  owner,
  requestId,
  run,
}: Pick<RunRecord, 'owner' | 'requestId' | 'run'>): string {
  return `${keyPrefix}${owner}:${requestId}:${run}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
