import { isDeepStrictEqual } from 'node:util';
import { type Change, InvalidChangeBatch, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { clientFault } from '../../cloud/environment.js';
import { storedName } from './record-names.js';

/** A name and a type whose records cannot be changed. */
export interface ProtectedRecords {
  readonly name: string;
  readonly type: string;
}

const maxWeight = 255;
const maxGroupSize = 100;

/**
 * Applies a batch to the records of a zone: all of it or nothing.
 *
 * @throws InvalidChangeBatch which names every refused change.
 */
export function applyBatch(
  records: readonly ResourceRecordSet[],
  changes: readonly Change[],
  zone: { readonly name: string; readonly protections: readonly ProtectedRecords[] },
): ResourceRecordSet[] {
  let result = [...records];
  const problems: string[] = [];
  for (const { Action, ResourceRecordSet: given } of changes) {
    if (given === undefined) throw invalidBatch(['A change needs a ResourceRecordSet']);
    const record = { ...structuredClone(given), Name: storedName(`${given.Name}`) };
    const existing = result.find((it) => isSame(it, record));
    const refusal = refusalOf(`${Action}`, { record, existing, zone });
    if (refusal !== undefined) problems.push(refusal);
    else {
      const others = result.filter((it) => it !== existing);
      result = Action === 'DELETE' ? others : [...others, record];
    }
  }
  if (problems.length === 0) problems.push(...problemsOfGroups(result));
  if (problems.length > 0) throw invalidBatch(problems);
  return result;
}

function refusalOf(
  action: string,
  {
    record,
    existing,
    zone,
  }: {
    readonly record: ResourceRecordSet;
    readonly existing: ResourceRecordSet | undefined;
    readonly zone: { readonly name: string; readonly protections: readonly ProtectedRecords[] };
  },
): string | undefined {
  const which = `resource record set [name='${record.Name}', type='${record.Type}'${record.SetIdentifier === undefined ? '' : `, set-identifier='${record.SetIdentifier}'`}]`;
  const isProtected = zone.protections.some((it) => it.name === record.Name && it.type === record.Type);
  if (isProtected) return `Tried to change ${which} but a resource record set protection exists`;
  if (record.Name !== zone.name && !record.Name?.endsWith(`.${zone.name}`))
    return `RRSet with DNS name ${record.Name} is not permitted in zone ${zone.name}`;
  if (action === 'DELETE') {
    if (existing === undefined) return `Tried to delete ${which} but it was not found`;
    return isDeepStrictEqual(existing, record)
      ? undefined
      : `Tried to delete ${which} but the values provided do not match the current values`;
  }
  if (action === 'CREATE' && existing !== undefined) return `Tried to create ${which} but it already exists`;
  return problemOf(record, which);
}

function problemOf({ Weight, TTL, ResourceRecords, AliasTarget }: ResourceRecordSet, which: string) {
  const isAlias = AliasTarget !== undefined;
  if (
    isAlias
      ? TTL !== undefined || ResourceRecords !== undefined
      : TTL === undefined || !ResourceRecords?.length
  )
    return `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]] in ${which}`;
  const isWhole = Weight === undefined || (Number.isInteger(Weight) && Weight >= 0 && Weight <= maxWeight);
  return isWhole ? undefined : `The weight of ${which} is not a whole number from 0 to ${maxWeight}`;
}

/** Returns the problems of weighted groups: their TTLs must be the same. */
function problemsOfGroups(records: readonly ResourceRecordSet[]): string[] {
  const groups = new Map<string, ResourceRecordSet[]>();
  for (const record of records) {
    if (record.Weight === undefined) continue;
    const key = `${record.Name} ${record.Type}`;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups].flatMap(([key, group]) => {
    const ttls = new Set(group.flatMap(({ TTL }) => TTL ?? []));
    if (group.length > maxGroupSize) return [`${key} has more than ${maxGroupSize} weighted records`];
    return ttls.size > 1 ? [`RRSets of ${key} are weighted sets that must contain the same TTL`] : [];
  });
}

function isSame(one: ResourceRecordSet, other: ResourceRecordSet): boolean {
  return one.Name === other.Name && one.Type === other.Type && one.SetIdentifier === other.SetIdentifier;
}

function invalidBatch(messages: readonly string[]): InvalidChangeBatch {
  return new InvalidChangeBatch({ ...clientFault(`[${messages.join(', ')}]`), messages: [] });
}
