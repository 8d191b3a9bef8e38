import { createHash } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ResourceOwner } from '../protocol/event.js';

/*
 * Records of requests in the tags of a listener rule. Elastic Load Balancing has no compare-and-set, so each run of a request has
 * its own tag, and no tag has two writers. Runs are ordered by the time of their CloudFormation request, and by a sequence
 * number: one more than the highest that the run has read.
 */

/** State of a run: `delegated` while an execution is going to respond; `SUCCESS` or `FAILED` after the response. */
export type RunStatus = 'begun' | 'delegated' | 'SUCCESS' | 'FAILED';

/** Record of one run: an invocation, an execution of the state machine, or a durable execution. */
export interface RunRecord {
  /** The resource of the request. */
  readonly owner: string;
  readonly requestId: string;
  readonly run: string;
  readonly status: RunStatus;
  /** True when a write was pending at the end of the run. */
  readonly isUnsettled: boolean;
  readonly sequence: number;
  /** Time of the request in seconds since 1970. */
  readonly madeAt: number | undefined;
  /** Hashes of the template's properties before and after the request. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Time of the response in seconds since 1970. */
  readonly endedAt: number | undefined;
  /** The target group that gets the traffic when the request fails. Undefined when the request moves no traffic. */
  readonly rollbackTo: string | undefined;
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

/** Returns a request ID that fits into a tag. CloudFormation's are UUIDs; any other ID is hashed. */
export function requestKey(requestId: string): string {
  return /^[\w-]{1,64}$/.test(requestId) ? requestId : hashOf(requestId).slice(0, 32);
}

/** Short name of a target group, unique among the few of a rule. */
export function targetGroupKey(targetGroupArn: string): string {
  return targetGroupArn.slice(-16).replaceAll(/[^\w-]/g, '-');
}

/** Short name of the properties of a template. Returns undefined where there are none. */
export function propertiesKey(properties: unknown): string | undefined {
  if (typeof properties !== 'object' || properties === null) return undefined;
  return hashOf(JSON.stringify(properties, inOrder)).slice(0, 8);
}

/** Sorts keys, because the old properties can have another order than the new ones. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function tagOfRecord(record: RunRecord): Tag & { readonly Key: string } {
  const { status, sequence, madeAt, rollbackTo, from, to, endedAt, isUnsettled } = record;
  const fields = [status, sequence, madeAt, rollbackTo, from, to, endedAt].map((it) => it ?? '.');
  return { Key: keyOfRecord(record), Value: `${fields.join(' ')}${isUnsettled ? ' unsettled' : ''}` };
}

/** Returns the record of a tag; an empty list for any other tag. */
export function recordsIn({ Key = '', Value = '' }: Tag): RunRecord[] {
  const [, owner = '', requestId = '', run = ''] = keyForm.exec(Key) ?? [];
  const [, status, ...fields] = valueForm.exec(Value) ?? [];
  if (owner === '' || status === undefined) return [];
  const [sequence, madeAt, rollbackTo, from, to, endedAt, unsettled] = fields.map((it) =>
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
      rollbackTo,
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
