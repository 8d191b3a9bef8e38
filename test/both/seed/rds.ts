import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import type { Backend } from '../../support/backend.js';

interface SeededCluster {
  readonly name: string;
  readonly readers: number;
  readonly stopped?: boolean;
  readonly deletionProtection?: boolean;
  readonly tags?: Record<string, string>;
  readonly replicationSourceIdentifier?: string | undefined;
  readonly globalClusterIdentifier?: string;
  readonly autoscaling?: { minCapacity: number; maxCapacity: number };
}

const engine = 'aurora-postgresql';
const scalingTag = 'application-autoscaling:resourceId';

/** Creates a cluster with a writer `…-writer` and readers `…-reader-1` and so on, which a scale-out has created. */
export async function seedCluster(backend: Backend, seeded: SeededCluster): Promise<void> {
  const { name, readers, stopped = false, autoscaling } = seeded;
  const readerNames = Array.from({ length: readers }, (_, index) => `${name}-reader-${index + 1}`);
  const readerTags = { [scalingTag]: `cluster:${name}` };
  if (backend.cloud !== undefined) {
    const { rds } = backend.cloud;
    const { replicationSourceIdentifier: source, stopped: _, ...settings } = seeded;
    const replication = source === undefined ? {} : { replicationSourceIdentifier: source };
    rds.addCluster({ ...settings, ...replication, readers: 0, status: stopped ? 'stopped' : 'available' });
    for (const identifier of readerNames)
      rds.addReader(name, { identifier, tags: readerTags, status: rds.cluster(name).status });
    return;
  }
  const { rds, applicationAutoScaling } = backend.clients;
  const { globalClusterIdentifier: GlobalClusterIdentifier } = seeded;
  if (GlobalClusterIdentifier !== undefined)
    await rds.send(new CreateGlobalClusterCommand({ GlobalClusterIdentifier, Engine: engine }));
  await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: name,
      Engine: engine,
      MasterUsername: 'orders',
      MasterUserPassword: 'only-for-moto',
      DeletionProtection: seeded.deletionProtection,
      ReplicationSourceIdentifier: seeded.replicationSourceIdentifier,
      GlobalClusterIdentifier,
      Tags: toTags(seeded.tags ?? {}),
    }),
  );
  for (const identifier of [`${name}-writer`, ...readerNames]) {
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: identifier,
        DBClusterIdentifier: name,
        DBInstanceClass: 'db.r6g.large',
        Engine: engine,
        Tags: identifier.includes('-reader-') ? toTags(readerTags) : [],
      }),
    );
  }
  if (autoscaling !== undefined) {
    await applicationAutoScaling.send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: 'rds',
        ResourceId: `cluster:${name}`,
        ScalableDimension: 'rds:cluster:ReadReplicaCount',
        MinCapacity: autoscaling.minCapacity,
        MaxCapacity: autoscaling.maxCapacity,
      }),
    );
  }
  if (stopped) await rds.send(new StopDBClusterCommand({ DBClusterIdentifier: name }));
}

/** Returns the tags of an instance. */
export async function readInstanceTags(
  { clients }: Backend,
  instance: string,
): Promise<Record<string, string>> {
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance });
  const { DBInstances = [] } = await clients.rds.send(command);
  return Object.fromEntries(DBInstances[0]?.TagList?.map((tag) => [tag.Key ?? '', tag.Value ?? '']) ?? []);
}

/** Returns the identifiers of the final snapshots of a cluster. */
export async function readSnapshots({ cloud, clients }: Backend, cluster: string): Promise<string[]> {
  if (cloud !== undefined)
    return cloud.rds.snapshots.filter((it) => it.cluster === cluster).map((it) => it.identifier);
  const command = new DescribeDBClusterSnapshotsCommand({
    DBClusterIdentifier: cluster,
    SnapshotType: 'manual',
  });
  const { DBClusterSnapshots = [] } = await clients.rds.send(command);
  return DBClusterSnapshots.flatMap((it) => it.DBClusterSnapshotIdentifier ?? []);
}

function toTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Creates two clusters, one of them a read replica of the other. */
export async function seedReplication(
  backend: Backend,
  { source, replica }: { source: string; replica: string },
): Promise<void> {
  await seedCluster(backend, { name: source, readers: 1 });
  const { DBClusters = [] } = await backend.clients.rds.send(
    new DescribeDBClustersCommand({ DBClusterIdentifier: source }),
  );
  await seedCluster(backend, {
    name: replica,
    readers: 1,
    replicationSourceIdentifier: DBClusters[0]?.DBClusterArn,
  });
  const { rds } = backend.cloud ?? {};
  rds?.cluster(source).readReplicaIdentifiers.push(rds.cluster(replica).arn);
}
