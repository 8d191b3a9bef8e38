import { createHash } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { shareOf } from '../plan/shift-plan.js';
import type { ResourceOwner } from '../protocol/event.js';
import type { RuleDestination } from '../rule/properties.js';

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
  /** The shares of the template before and after the request, in short. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The target group that the traffic goes back to when the request does not succeed; undefined when it moves none. */
  readonly wayBack: string | undefined;
}

/** The fields of a record that never change. */
export type RunIdentity = Pick<RunRecord, 'owner' | 'requestId' | 'run' | 'madeAt' | 'from' | 'to'>;

const keyPrefix = 'aws-blue-green-toolkit:request:';
const keyForm = /^aws-blue-green-toolkit:request:([\w-]+):([\w-]+):([\w-]+)$/;
const valueForm =
  /^(begun|delegated|SUCCESS|FAILED) (\d{1,9}) (\d{1,12}|\.) ([\w-]+|\.) ([\w-]+|\.) ([\w-]+|\.)( unsettled)?$/;

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

/** Short name of the shares of a template. Returns undefined where it has none. */
export function sharesKey(destinations: readonly RuleDestination[] | undefined): string | undefined {
  if (destinations === undefined) return undefined;
  const shares = destinations
    .filter(({ weight }) => weight > 0)
    .map(({ targetGroupArn }) => `${targetGroupArn} ${shareOf(targetGroupArn, destinations)}`);
  return hashOf(shares.sort().join(' ')).slice(0, 8);
}

/** The tag of a record. */
export function tagOfRecord(record: RunRecord): Tag & { readonly Key: string } {
  const { status, sequence, madeAt, wayBack, from, to, isUnsettled } = record;
  const fields = [status, sequence, madeAt, wayBack, from, to].map((it) => it ?? '.');
  return { Key: keyOfRecord(record), Value: `${fields.join(' ')}${isUnsettled ? ' unsettled' : ''}` };
}

/** The record that a tag holds; none for any other tag. */
export function recordsIn({ Key = '', Value = '' }: Tag): RunRecord[] {
  const [, owner = '', requestId = '', run = ''] = keyForm.exec(Key) ?? [];
  const [, status, ...fields] = valueForm.exec(Value) ?? [];
  if (owner === '' || status === undefined) return [];
  const [sequence, madeAt, wayBack, from, to, unsettled] = fields.map((it) => (it === '.' ? undefined : it));
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
