import type { BlueGreenDeployment, DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { type CallOptions, requireField } from '../../core/aws-call.js';
import { hashOf } from '../../core/hash.js';
import { ownTagPrefix } from '../database-settings.js';
import type { RdsApi } from '../rds-api.js';
import type { SourceName } from './parse.js';
import type {
  BlueGreenDeploymentState,
  DatabaseIdentity,
  GreenSettings,
  ResolvedBlueGreenRequest,
} from './types.js';

/** Reading of a database: a cluster with its members, or an instance. */
export interface ObservedDatabase extends DatabaseIdentity {
  readonly status: string;
  readonly engine: string;
  readonly isProtected: boolean;
  /** Source of a replication that RDS did not set up for a deployment. */
  readonly replicationSource: string | undefined;
  readonly instances: readonly ObservedInstance[];
}

/** Reading of an instance. */
export interface ObservedInstance {
  readonly identifier: string;
  readonly status: string;
  readonly isWriter: boolean;
  readonly problems: readonly string[];
}

/** Reading of a blue/green deployment. */
export interface ObservedDeployment {
  readonly id: string;
  readonly status: string;
  /** Status with its details. */
  readonly text: string;
  readonly sourceArn: string | undefined;
  readonly targetArn: string | undefined;
  readonly tasks: readonly { readonly name: string; readonly status: string }[];
  readonly members: readonly { readonly name: string; readonly status: string }[];
  /** Resource ID of the database for which `RdsBlueGreen` has created it; undefined for a deployment of others. */
  readonly createdFor: string | undefined;
  readonly creationId: string | undefined;
  /** Mark of the green settings for which it was created. */
  readonly settings: string | undefined;
}

const sourceTag = `${ownTagPrefix}blue-green-source`;
const creationTag = `${ownTagPrefix}creation`;
const settingsTag = `${ownTagPrefix}blue-green-settings`;

/** Tags that mark a deployment. RDS sets them together with the deployment. */
export function markOf(
  source: DatabaseIdentity,
  { creationId, green }: Pick<ResolvedBlueGreenRequest, 'creationId' | 'green'>,
): Record<string, string> {
  return {
    [sourceTag]: source.resourceId,
    [settingsTag]: settingsMark(green),
    ...(creationId !== undefined && { [creationTag]: creationId }),
  };
}

/** Short text that differs for other green settings. A run of another upgrade must not continue the deployment. */
export function settingsMark({ kmsKeys = {}, ...green }: GreenSettings): string {
  // A store of the request may not keep the order of its fields.
  const keys = sortedEntries(kmsKeys);
  const entries = sortedEntries({ ...green, ...(keys.length > 0 && { kmsKeys: keys }) });
  return (hashOf(JSON.stringify(entries)) >>> 0).toString(16);
}

function sortedEntries(values: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return entries.sort(([one], [other]) => (one < other ? -1 : 1));
}

export function observedOf(found: BlueGreenDeployment): ObservedDeployment {
  const { BlueGreenDeploymentName: name, StatusDetails: details, TagList = [] } = found;
  const call = { action: 'rds:DescribeBlueGreenDeployments', resource: name ?? 'blue/green deployment' };
  const status = requireField(found.Status, 'Status', call);
  const tagOf = (key: string) => TagList.find((it) => it.Key === key)?.Value;
  return {
    id: requireField(found.BlueGreenDeploymentIdentifier, 'BlueGreenDeploymentIdentifier', call),
    status,
    text: details === undefined || details === '' ? status : `${status} (${details})`,
    sourceArn: found.Source,
    targetArn: found.Target,
    tasks: (found.Tasks ?? []).map((task) => ({ name: task.Name ?? '', status: task.Status ?? 'unknown' })),
    members: (found.SwitchoverDetails ?? []).map((member) => ({
      name: identifierOf(member.SourceMember ?? member.TargetMember ?? ''),
      status: member.Status ?? 'unknown',
    })),
    createdFor: tagOf(sourceTag),
    creationId: tagOf(creationTag),
    settings: tagOf(settingsTag),
  };
}

/** True for a deployment that `RdsBlueGreen` has created, with the same `creationId` when one is given. */
export function isOwn(deployment: ObservedDeployment, creationId: string | undefined): boolean {
  const { createdFor } = deployment;
  return createdFor !== undefined && (creationId === undefined || deployment.creationId === creationId);
}

/** States in which the names of the databases can be exchanged. */
const renamingStates: readonly BlueGreenDeploymentState[] = [
  'switchingOver',
  'switchedOver',
  'switchoverFailed',
];

/**
 * True for a deployment of this database. From the switchover on its name can be that of the green database, so the ARNs of the
 * deployment, which follow the names, count too. The name of a deployment is unique in the account, not for a database.
 */
export function isForDatabase(
  deployment: ObservedDeployment,
  { arn, resourceId }: DatabaseIdentity,
): boolean {
  const { createdFor, sourceArn, targetArn } = deployment;
  if (createdFor === resourceId) return true;
  return renamingStates.includes(stateOf(deployment)) && (targetArn === arn || sourceArn === arn);
}

const states: Readonly<Record<string, BlueGreenDeploymentState>> = {
  PROVISIONING: 'provisioning',
  AVAILABLE: 'available',
  SWITCHOVER_IN_PROGRESS: 'switchingOver',
  SWITCHOVER_COMPLETED: 'switchedOver',
  SWITCHOVER_FAILED: 'switchoverFailed',
  INVALID_CONFIGURATION: 'invalid',
  DELETING: 'deleting',
};

export function stateOf({ status }: Pick<ObservedDeployment, 'status'>): BlueGreenDeploymentState {
  return Object.hasOwn(states, status) ? (states[status] ?? 'unknown') : 'unknown';
}

/** The identifier at the end of an ARN of RDS. */
export function identifierOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

/** Reads the identity of a database, without its members; undefined when it does not exist. */
export async function readIdentity(
  api: RdsApi,
  { kind, identifier }: SourceName,
  options: CallOptions,
): Promise<DatabaseIdentity | undefined> {
  if (kind === 'cluster') {
    const cluster = await api.findCluster(identifier, options);
    return cluster && identityOfCluster(cluster, identifier);
  }
  const instance = await api.findInstance(identifier, options);
  return instance && identityOfInstance(instance, identifier);
}

/** Reads a database with its members; undefined when it does not exist. */
export async function readDatabase(
  api: RdsApi,
  { kind, identifier }: SourceName,
  options: CallOptions,
): Promise<ObservedDatabase | undefined> {
  if (kind === 'instance') {
    const instance = await api.findInstance(identifier, options);
    return instance && databaseOfInstance(instance, identifier);
  }
  const [cluster, instances] = await Promise.all([
    api.findCluster(identifier, options),
    api.listInstances(identifier, options),
  ]);
  if (cluster === undefined) return undefined;
  const writer = cluster.DBClusterMembers?.find((it) => it.IsClusterWriter)?.DBInstanceIdentifier;
  return {
    ...identityOfCluster(cluster, identifier),
    status: cluster.Status ?? 'unknown',
    engine: cluster.Engine ?? '',
    isProtected: cluster.DeletionProtection === true,
    replicationSource: cluster.ReplicationSourceIdentifier,
    instances: instances.map((it) => ({
      ...observedInstance(it),
      isWriter: it.DBInstanceIdentifier === writer,
    })),
  };
}

function identityOfCluster(
  { DBClusterArn: arn, DbClusterResourceId: resourceId }: DBCluster,
  identifier: string,
): DatabaseIdentity {
  const call = { action: 'rds:DescribeDBClusters', resource: identifier };
  return {
    arn: requireField(arn || undefined, 'DBClusterArn', call),
    identifier,
    resourceId: requireField(resourceId || undefined, 'DbClusterResourceId', call),
  };
}

function identityOfInstance(
  { DBInstanceArn: arn, DbiResourceId: resourceId }: DBInstance,
  identifier: string,
): DatabaseIdentity {
  const call = { action: 'rds:DescribeDBInstances', resource: identifier };
  return {
    arn: requireField(arn || undefined, 'DBInstanceArn', call),
    identifier,
    resourceId: requireField(resourceId || undefined, 'DbiResourceId', call),
  };
}

function databaseOfInstance(instance: DBInstance, identifier: string): ObservedDatabase {
  return {
    ...identityOfInstance(instance, identifier),
    status: instance.DBInstanceStatus ?? 'unknown',
    engine: instance.Engine ?? '',
    isProtected: instance.DeletionProtection === true,
    replicationSource: instance.ReadReplicaSourceDBInstanceIdentifier,
    instances: [{ ...observedInstance(instance), isWriter: true }],
  };
}

function observedInstance(instance: DBInstance): Omit<ObservedInstance, 'isWriter'> {
  const { DBInstanceIdentifier: identifier = '', DBInstanceStatus: status = 'unknown' } = instance;
  const problems = (instance.StatusInfos ?? []).flatMap(({ StatusType, Status, Message, Normal }) =>
    Normal === false ? [[StatusType, Status, Message].filter(Boolean).join(': ')] : [],
  );
  return { identifier, status, problems };
}
