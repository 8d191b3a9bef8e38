import type { DBCluster, DBInstance, Filter, Tag } from '@aws-sdk/client-rds';
import { awsError, pageOf } from '../../cloud/environment.js';

/** A cluster of the {@link SimulatedRds}. */
export interface SimulatedDbCluster {
  /** Its identifier, in lower case. The switchover of a blue/green deployment changes it. */
  name: string;
  /** Its ARN, in the cloud's partition, region and account. The switchover of a blue/green deployment changes it. */
  arn: string;
  /** The database engine. */
  readonly engine: string;
  /** Its state, such as `available`. A test can set any state. */
  status: string;
  /** True when RDS refuses to delete the cluster. */
  deletionProtection: boolean;
  /** The global database of the cluster, if any. */
  globalClusterIdentifier?: string | undefined;
  /** The ARN of the source cluster of a read replica. */
  replicationSourceIdentifier?: string | undefined;
  /** The ARNs of its read replicas. */
  readReplicaIdentifiers: string[];
  /** Its tags. */
  tags: Record<string, string>;
  /** The writer, if any, and the readers, oldest first. */
  members: SimulatedDbInstance[];
  /** The time at which RDS starts a stopped cluster by itself, in milliseconds since 1970. */
  automaticRestartAt?: number | undefined;
  /** Its resource ID, which no other cluster ever has. */
  readonly resourceId: string;
  /** The group of a cluster and its copy-on-write clones; none before the first clone. */
  cloneGroupId?: string | undefined;
  /** Further members of the description, such as `Port`. A test can set any. */
  settings: SimulatedDbClusterSettings;
}

/** Settings of a cluster, as RDS describes them. */
export type SimulatedDbClusterSettings = Omit<
  DBCluster,
  | 'DBClusterIdentifier'
  | 'DBClusterArn'
  | 'DbClusterResourceId'
  | 'Engine'
  | 'Status'
  | 'DeletionProtection'
  | 'GlobalClusterIdentifier'
  | 'ReplicationSourceIdentifier'
  | 'ReadReplicaIdentifiers'
  | 'AutomaticRestartTime'
  | 'CloneGroupId'
  | 'DBClusterMembers'
  | 'TagList'
>;

/** Settings of an instance, as RDS describes them. */
export type SimulatedDbInstanceSettings = Omit<
  DBInstance,
  | 'DBInstanceIdentifier'
  | 'DBInstanceArn'
  | 'DBClusterIdentifier'
  | 'DBInstanceStatus'
  | 'DbiResourceId'
  | 'DeletionProtection'
  | 'Engine'
  | 'PerformanceInsightsEnabled'
  | 'TagList'
>;

/** A member of a {@link SimulatedDbCluster}, or a database instance of its own. */
export interface SimulatedDbInstance {
  /** Its identifier. The switchover of a blue/green deployment changes it. */
  identifier: string;
  /** Its ARN, in the cloud's partition, region and account. The switchover of a blue/green deployment changes it. */
  arn: string;
  /** The name of its cluster; empty for a database instance of its own. */
  cluster: string;
  /** Its resource ID, which no other instance ever has. */
  readonly resourceId: string;
  /** The database engine of an instance of its own; undefined for a member, which has that of its cluster. */
  readonly engine?: string | undefined;
  /** True when RDS refuses to delete an instance of its own. */
  deletionProtection?: boolean | undefined;
  /** True for the writer, false for a reader. */
  isWriter: boolean;
  /** Its state, such as `creating`. A test can set any state. */
  status: string;
  /** Its tags. */
  tags: Record<string, string>;
  /** True while Performance Insights is on. */
  performanceInsightsEnabled: boolean;
  /** Further members of the description, such as `DBInstanceClass`. A test can set any. */
  settings: SimulatedDbInstanceSettings;
  /** Its settings of Performance Insights, once a change has set them. */
  performanceInsights?: {
    /** ARN of the KMS key; undefined for the key of RDS. */
    readonly kmsKeyId?: string | undefined;
    /** Days for which the data is kept. */
    readonly retentionDays: number;
  };
}

/** A snapshot of a cluster, such as the final one of a deleted cluster. */
export interface SimulatedDbClusterSnapshot {
  /** Its identifier. */
  readonly identifier: string;
  /** The name of its cluster. */
  readonly cluster: string;
}

/** Returns the cluster as RDS describes it. */
export function describeCluster(cluster: SimulatedDbCluster): DBCluster {
  return {
    ...cluster.settings,
    DBClusterIdentifier: cluster.name,
    DBClusterArn: cluster.arn,
    DbClusterResourceId: cluster.resourceId,
    CloneGroupId: cluster.cloneGroupId,
    Engine: cluster.engine,
    Status: cluster.status,
    DeletionProtection: cluster.deletionProtection,
    GlobalClusterIdentifier: cluster.globalClusterIdentifier,
    ReplicationSourceIdentifier: cluster.replicationSourceIdentifier,
    ReadReplicaIdentifiers: [...cluster.readReplicaIdentifiers],
    AutomaticRestartTime:
      cluster.automaticRestartAt === undefined ? undefined : new Date(cluster.automaticRestartAt),
    DBClusterMembers: cluster.members.map((member) => ({
      DBInstanceIdentifier: member.identifier,
      IsClusterWriter: member.isWriter,
    })),
    TagList: toTagList(cluster.tags),
  };
}

/** Returns the instance as RDS describes it. */
export function describeInstance(instance: SimulatedDbInstance, engine: string): DBInstance {
  return {
    ...instance.settings,
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: instance.arn,
    DBClusterIdentifier: instance.cluster === '' ? undefined : instance.cluster,
    DBInstanceStatus: instance.status,
    DbiResourceId: instance.resourceId,
    DeletionProtection: instance.deletionProtection,
    Engine: engine,
    PerformanceInsightsEnabled: instance.performanceInsightsEnabled,
    PerformanceInsightsKMSKeyId: instance.performanceInsights?.kmsKeyId,
    PerformanceInsightsRetentionPeriod: instance.performanceInsights?.retentionDays,
    TagList: toTagList(instance.tags),
  };
}

/** Returns tags as RDS lists them. */
export function toTagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Returns the values of a filter; undefined without the filter. Names and values are case-sensitive. */
export function filterValues(
  filters: readonly Filter[] | undefined,
  supported: readonly string[],
  name: string,
): readonly string[] | undefined {
  const unknown = filters?.find((filter) => !supported.includes(filter.Name ?? ''));
  if (unknown !== undefined)
    throw awsError('InvalidParameterValue', `Unrecognized filter name: ${unknown.Name}`);
  return filters?.find((filter) => filter.Name === name)?.Values;
}

/** Returns a page of 20 to 100 records. */
export function rdsPage<Item>(
  items: readonly Item[],
  { Marker, MaxRecords = 100 }: { Marker?: string | undefined; MaxRecords?: number | undefined },
): { items: Item[]; nextToken: string | undefined } {
  if (MaxRecords < 20 || MaxRecords > 100)
    throw awsError('InvalidParameterValue', 'Invalid value for max records. Must be between 20 and 100');
  return pageOf(items, { token: Marker, size: MaxRecords, maxSize: 100 });
}

/** Returns true when one of the wanted values is the name or the ARN. */
export function isNamed(name: string, arn: string, wanted: readonly string[]): boolean {
  return wanted.includes(name) || wanted.includes(arn);
}
