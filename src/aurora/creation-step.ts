import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { ClusterState, isAtRest } from './cluster-state.js';
import { ownTagPrefix } from './database-settings.js';
import { isServing } from './member-state.js';

/** Tag with the source of a cluster that `createDatabase` has created. */
const sourceTag = `${ownTagPrefix}source`;

/** Tag with the `creationId`. */
const creationTag = `${ownTagPrefix}creation`;

/** Identity of a creation: the text that names its source, and the caller's ID. */
export interface CreationIdentity {
  readonly source: string;
  readonly creationId: string | undefined;
}

/** Tags that mark a cluster as created by `createDatabase`. AWS sets them together with the cluster. */
export function identityTags({ source, creationId }: CreationIdentity): Record<string, string> {
  return { [sourceTag]: source, ...(creationId !== undefined && { [creationTag]: creationId }) };
}

/** Reads the tags of a cluster; undefined for one that `createDatabase` did not create. */
export function readIdentity({ TagList = [] }: DBCluster): CreationIdentity | undefined {
  const tagOf = (key: string) => TagList.find((it) => it.Key === key)?.Value;
  const source = tagOf(sourceTag);
  return source === undefined ? undefined : { source, creationId: tagOf(creationTag) };
}

/** True for a cluster of this creation. Without a `creationId` every creation counts. */
export function isOfCreation(cluster: DBCluster, creationId: string | undefined): boolean {
  const identity = readIdentity(cluster);
  return identity !== undefined && (creationId === undefined || identity.creationId === creationId);
}

/** The next step in the creation of a database. */
export type CreationStep =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'refuse'; readonly because: 'failed' | 'stopped' }
  | { readonly kind: 'createCluster' }
  | { readonly kind: 'configureCluster' }
  | { readonly kind: 'createMembers'; readonly numbers: readonly number[] };

/**
 * Decides from the state in RDS alone, so that a creation continues after any call. The settings of the cluster are completed before
 * its first member exists. A cluster with all members is therefore complete, and nothing of it is changed any more.
 */
export function nextCreationStep(
  cluster: DBCluster | undefined,
  instances: readonly DBInstance[],
  { members, isConfigured }: { readonly members: number; readonly isConfigured: boolean },
): CreationStep {
  if (cluster === undefined) return { kind: 'createCluster' };
  const state = cluster.Status ?? '';
  if (state === ClusterState.deleting) return { kind: 'wait' };
  const present = instances.filter((it) => it.DBInstanceStatus !== 'deleting');
  if (present.length >= members) return { kind: 'done' };
  if (state === ClusterState.stopped || state === ClusterState.stopping)
    return { kind: 'refuse', because: 'stopped' };
  if (state !== ClusterState.available)
    return isAtRest(state) ? { kind: 'refuse', because: 'failed' } : { kind: 'wait' };
  if (present.length === 0 && !isConfigured) return { kind: 'configureCluster' };
  return { kind: 'createMembers', numbers: freeNumbers(cluster, instances, members - present.length) };
}

/** The same numbers in every process, so that two of them create no member twice. */
function freeNumbers(
  { DBClusterIdentifier = '' }: DBCluster,
  instances: readonly DBInstance[],
  count: number,
): number[] {
  const taken = new Set(instances.map((it) => it.DBInstanceIdentifier));
  const numbers: number[] = [];
  for (let number = 1; numbers.length < count; number += 1) {
    if (!taken.has(memberIdentifier(DBClusterIdentifier, number))) numbers.push(number);
  }
  return numbers;
}

/** Longest identifier of an instance. */
const maxIdentifierLength = 63;

/** Identifier of a member. It does not name a role, because a failover changes that. */
export function memberIdentifier(cluster: string, number: number): string {
  const suffix = `-${number}`;
  return `${cluster.slice(0, maxIdentifierLength - suffix.length).replace(/-+$/, '')}${suffix}`;
}

/** True when the cluster and all its members serve, and the members are as many as wanted. */
export function isComplete(cluster: DBCluster, instances: readonly DBInstance[], members: number): boolean {
  const present = instances.filter((it) => it.DBInstanceStatus !== 'deleting');
  return (
    isServing(cluster.Status) &&
    present.length >= members &&
    present.every((it) => isServing(it.DBInstanceStatus))
  );
}

/** Kind of a clone, by the clone groups of both clusters; undefined when RDS shows neither. */
export function copyKind(
  clone: DBCluster,
  source: DBCluster | undefined,
): 'copyOnWrite' | 'full' | undefined {
  if (clone.CloneGroupId === undefined && source?.CloneGroupId === undefined) return undefined;
  return clone.CloneGroupId === source?.CloneGroupId ? 'copyOnWrite' : 'full';
}
