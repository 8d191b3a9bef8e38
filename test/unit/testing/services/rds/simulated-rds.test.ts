import {
  AddTagsToResourceCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  StartDBClusterCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const statuses = (cluster: string) => cloud.rds.instances(cluster).map((it) => it.status);
const minutes = (count: number) => cloud.clock.sleep(count * 60_000);
const blue = { DBClusterIdentifier: 'blue' };

describe('SimulatedRds', () => {
  describe('DescribeDBClusters', () => {
    test('describes a cluster with its members', async () => {
      cloud.rds.addCluster({ name: 'blue', tags: { team: 'orders' }, deletionProtection: true });

      const { DBClusters } = await cloud.clients.rds.send(new DescribeDBClustersCommand(blue));

      expect(DBClusters).toEqual([
        {
          DBClusterIdentifier: 'blue',
          DbClusterResourceId: 'cluster-00000001',
          DBClusterArn: 'arn:aws:rds:eu-west-1:123456789012:cluster:blue',
          Engine: 'aurora-postgresql',
          Status: 'available',
          DeletionProtection: true,
          GlobalClusterIdentifier: undefined,
          ReplicationSourceIdentifier: undefined,
          ReadReplicaIdentifiers: [],
          AutomaticRestartTime: undefined,
          DBClusterMembers: [
            { DBInstanceIdentifier: 'blue-writer', IsClusterWriter: true },
            { DBInstanceIdentifier: 'blue-reader-1', IsClusterWriter: false },
          ],
          TagList: [{ Key: 'team', Value: 'orders' }],
        },
      ]);
    });

    test('lists clusters in pages, all or filtered', async () => {
      for (let count = 0; count < 21; count += 1)
        cloud.rds.addCluster({ name: `cluster-${count}`, readers: 0 });
      const { rds } = cloud.clients;

      const first = await rds.send(new DescribeDBClustersCommand({ MaxRecords: 20 }));
      const second = await rds.send(new DescribeDBClustersCommand({ MaxRecords: 20, Marker: first.Marker }));
      const filtered = await rds.send(
        new DescribeDBClustersCommand({ Filters: [{ Name: 'db-cluster-id', Values: ['cluster-7'] }] }),
      );

      expect([first.DBClusters, second.DBClusters, filtered.DBClusters].map((it) => it?.length)).toEqual([
        20, 1, 1,
      ]);
      expect(second.Marker).toBeUndefined();
    });

    test.each([19, 101])('refuses a page of %i', async (MaxRecords) => {
      const listed = cloud.clients.rds.send(new DescribeDBClustersCommand({ MaxRecords }));

      await expect(listed).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    });

    test('throws a NotFound fault for an unknown identifier', async () => {
      const found = cloud.clients.rds.send(new DescribeDBClustersCommand(blue));

      await expect(found).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    });
  });

  describe('DescribeDBInstances', () => {
    test('filters by cluster, over all pages', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 30 });
      cloud.rds.addCluster({ name: 'green' });
      const pages = paginateDescribeDBInstances(
        { client: cloud.clients.rds, pageSize: 20 },
        { Filters: [{ Name: 'db-cluster-id', Values: ['blue'] }] },
      );

      const sizes: (number | undefined)[] = [];
      for await (const page of pages) sizes.push(page.DBInstances?.length);

      expect(sizes).toEqual([20, 11]);
    });

    test('filters by instance, and by ARN', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      const command = new DescribeDBInstancesCommand({
        Filters: [{ Name: 'db-instance-id', Values: ['blue-writer', cluster.members[1]?.arn ?? ''] }],
      });

      const { DBInstances } = await cloud.clients.rds.send(command);

      expect(DBInstances?.map((it) => it.DBInstanceIdentifier)).toEqual(['blue-writer', 'blue-reader-1']);
    });

    test('refuses an unknown filter', async () => {
      const command = new DescribeDBInstancesCommand({ Filters: [{ Name: 'colour', Values: ['blue'] }] });

      await expect(cloud.clients.rds.send(command)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    });

    test('throws a NotFound fault for an unknown identifier', async () => {
      const found = cloud.clients.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'x' }));

      await expect(found).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    });
  });

  describe('StartDBCluster and StopDBCluster', () => {
    test('take minutes, members included', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped' });

      await cloud.clients.rds.send(new StartDBClusterCommand(blue));
      expect(statuses('blue')).toEqual(['starting', 'starting']);
      await minutes(6);
      expect(statuses('blue')).toEqual(['available', 'available']);
      await cloud.clients.rds.send(new StopDBClusterCommand(blue));
      expect(statuses('blue')).toEqual(['stopping', 'stopping']);
      await minutes(4);

      expect(statuses('blue')).toEqual(['stopped', 'stopped']);
    });

    test.each(['available', 'starting', 'stopping'])(
      'refuse to start a cluster that is %s',
      async (status) => {
        cloud.rds.addCluster({ name: 'blue', status });

        const started = cloud.clients.rds.send(new StartDBClusterCommand(blue));

        await expect(started).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
      },
    );

    test.each(['stopped', 'starting', 'stopping'])('refuse to stop a cluster that is %s', async (status) => {
      cloud.rds.addCluster({ name: 'blue', status });

      const stopped = cloud.clients.rds.send(new StopDBClusterCommand(blue));

      await expect(stopped).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    });

    test('refuse to stop a cluster with a busy member', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { status: 'creating' });

      const stopped = cloud.clients.rds.send(new StopDBClusterCommand(blue));

      await expect(stopped).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    });

    test.each([
      ['a member of a global database', { globalClusterIdentifier: 'world' }],
      [
        'a source of replicas',
        { readReplicaIdentifiers: ['arn:aws:rds:us-east-1:123456789012:cluster:replica'] },
      ],
    ])('refuse to stop %s', async (_, membership) => {
      cloud.rds.addCluster({ name: 'blue', ...membership });

      const stopped = cloud.clients.rds.send(new StopDBClusterCommand(blue));

      await expect(stopped).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    });

    test('start a stopped cluster again after seven days', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      await cloud.clients.rds.send(new StopDBClusterCommand(blue));
      await minutes(4);
      const { DBClusters } = await cloud.clients.rds.send(new DescribeDBClustersCommand(blue));
      expect(DBClusters?.[0]?.AutomaticRestartTime).toEqual(new Date('2026-01-08T00:04:00Z'));

      await minutes(7 * 24 * 60);
      expect(cluster.status).toBe('starting');
      await minutes(6);

      expect(cluster.status).toBe('available');
    });
  });

  describe('DeleteDBInstance and DeleteDBCluster', () => {
    const deleteInstance = (DBInstanceIdentifier: string) =>
      cloud.clients.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier }));
    const deleteCluster = (input: { SkipFinalSnapshot?: boolean; FinalDBSnapshotIdentifier?: string }) =>
      cloud.clients.rds.send(new DeleteDBClusterCommand({ ...blue, ...input }));

    test('delete members one by one, then the cluster', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      await deleteInstance('blue-reader-1');
      await deleteInstance('blue-writer');
      await deleteCluster({ FinalDBSnapshotIdentifier: 'last-blue' });

      await minutes(2);
      expect(statuses('blue')).toEqual(['deleting']);
      await minutes(2);
      expect(statuses('blue')).toEqual([]);
      await minutes(2);

      expect(cloud.rds.hasCluster('blue')).toBe(false);
      expect(cloud.rds.snapshots).toEqual([{ identifier: 'last-blue', cluster: 'blue' }]);
      expect(() => cloud.rds.cluster('blue')).toThrowError(TypeError);
    });

    test('fail over when the writer is deleted before its readers', async () => {
      cloud.rds.addCluster({ name: 'blue' });

      await deleteInstance('blue-writer');

      const writers = cloud.rds.instances('blue').filter((it) => it.isWriter);
      expect(writers.map((it) => it.identifier)).toEqual(['blue-reader-1']);
    });

    test.each(['creating', 'deleting', 'stopped'])('refuse a member that is %s', async (status) => {
      cloud.rds.addCluster({ name: 'blue' });
      cloud.rds.addReader('blue', { identifier: 'reader', status });

      await expect(deleteInstance('reader')).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    });

    test('refuse a final snapshot of a member', async () => {
      cloud.rds.addCluster({ name: 'blue' });
      const command = new DeleteDBInstanceCommand({
        DBInstanceIdentifier: 'blue-writer',
        FinalDBSnapshotIdentifier: 'last-writer',
      });

      await expect(cloud.clients.rds.send(command)).rejects.toMatchObject({
        name: 'InvalidParameterCombination',
      });
    });

    test('refuse a cluster whose members are not being deleted', async () => {
      cloud.rds.addCluster({ name: 'blue' });

      await expect(deleteCluster({ SkipFinalSnapshot: true })).rejects.toMatchObject({
        name: 'InvalidDBClusterStateFault',
      });
    });

    test.each(['stopped', 'stopping', 'deleting'])('refuse a cluster that is %s', async (status) => {
      cloud.rds.addCluster({ name: 'blue' }).members = [];
      cloud.rds.cluster('blue').status = status;

      await expect(deleteCluster({ SkipFinalSnapshot: true })).rejects.toMatchObject({
        name: 'InvalidDBClusterStateFault',
      });
    });

    test.each([
      [
        'a read replica',
        { replicationSourceIdentifier: 'arn:aws:rds:us-east-1:123456789012:cluster:source' },
      ],
      ['a source', { readReplicaIdentifiers: ['arn:aws:rds:us-east-1:123456789012:cluster:replica'] }],
    ])('refuse the last member of %s', async (_, replication) => {
      cloud.rds.addCluster({ name: 'blue', ...replication });

      await deleteInstance('blue-reader-1');

      await expect(deleteInstance('blue-writer')).rejects.toMatchObject({
        name: 'InvalidDBClusterStateFault',
        message: expect.stringContaining('last instance'),
      });
    });

    test('refuse a member of a global database', async () => {
      cloud.rds.addCluster({ name: 'blue', globalClusterIdentifier: 'world' }).members = [];

      await expect(deleteCluster({ SkipFinalSnapshot: true })).rejects.toMatchObject({
        name: 'InvalidGlobalClusterStateFault',
      });
    });

    test('refuse a final snapshot over the quota of the account', async () => {
      for (const name of ['blue', 'green']) cloud.rds.addCluster({ name }).members = [];
      cloud.rds.clusterSnapshotQuota = 1;
      await deleteCluster({ FinalDBSnapshotIdentifier: 'last-blue' });
      const { AccountQuotas } = await cloud.clients.rds.send(new DescribeAccountAttributesCommand({}));
      const command = { DBClusterIdentifier: 'green', FinalDBSnapshotIdentifier: 'last-green' };

      await expect(cloud.clients.rds.send(new DeleteDBClusterCommand(command))).rejects.toMatchObject({
        name: 'SnapshotQuotaExceededFault',
      });
      expect(AccountQuotas).toContainEqual({ AccountQuotaName: 'ManualClusterSnapshots', Used: 1, Max: 1 });
    });

    test('refuse a protected cluster', async () => {
      cloud.rds.addCluster({ name: 'blue', deletionProtection: true }).members = [];

      await expect(deleteCluster({ SkipFinalSnapshot: true })).rejects.toMatchObject({
        name: 'InvalidParameterCombination',
      });
    });

    test.each([
      [{}, 'InvalidParameterCombination'],
      [{ SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' }, 'InvalidParameterCombination'],
      [{ FinalDBSnapshotIdentifier: '2026-blue' }, 'InvalidParameterValue'],
      [{ FinalDBSnapshotIdentifier: 'blue--final' }, 'InvalidParameterValue'],
      [{ FinalDBSnapshotIdentifier: 'blue-' }, 'InvalidParameterValue'],
      [{ FinalDBSnapshotIdentifier: 'b'.repeat(256) }, 'InvalidParameterValue'],
    ])('refuse the final snapshot %j', async (input, name) => {
      cloud.rds.addCluster({ name: 'blue' }).members = [];

      await expect(deleteCluster(input)).rejects.toMatchObject({ name });
    });

    test('refuse the name of an existing snapshot', async () => {
      cloud.rds.addCluster({ name: 'blue' }).members = [];
      await deleteCluster({ FinalDBSnapshotIdentifier: 'last' });

      await expect(deleteCluster({ FinalDBSnapshotIdentifier: 'last' })).rejects.toMatchObject({
        name: 'DBClusterSnapshotAlreadyExistsFault',
      });
    });
  });

  describe('ModifyDBInstance', () => {
    const enable = () =>
      cloud.clients.rds.send(
        new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue-writer', EnablePerformanceInsights: true }),
      );

    test('enables Performance Insights within a minute, and refuses changes meanwhile', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });

      await enable();

      expect(cluster.members[0]).toMatchObject({ status: 'modifying', performanceInsightsEnabled: false });
      await expect(enable()).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
      await minutes(1);
      expect(cluster.members[0]).toMatchObject({ status: 'available', performanceInsightsEnabled: true });
    });

    test('changes nothing when it is enabled', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue' });
      await enable();
      await minutes(1);

      await enable();

      expect(cluster.members[0]?.status).toBe('available');
    });
  });

  describe('ListTagsForResource and AddTagsToResource', () => {
    const addTags = (ResourceName: string, tags: Record<string, string>) =>
      cloud.clients.rds.send(
        new AddTagsToResourceCommand({
          ResourceName,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      );

    test('find clusters and instances by ARN', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', tags: { team: 'orders' } });
      const writer = cluster.members[0]?.arn ?? '';

      await addTags(cluster.arn, { team: 'payments', stage: 'test' });
      await addTags(writer, { Role: 'Writer' });
      const { TagList } = await cloud.clients.rds.send(
        new ListTagsForResourceCommand({ ResourceName: writer }),
      );

      expect(cluster.tags).toEqual({ team: 'payments', stage: 'test' });
      expect(TagList).toEqual([{ Key: 'Role', Value: 'Writer' }]);
    });

    test('refuse invalid ARNs and tags', async () => {
      const { arn } = cloud.rds.addCluster({ name: 'blue' });
      const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag-${index}`, '']));

      await expect(addTags('blue', {})).rejects.toMatchObject({ name: 'InvalidParameterValue' });
      await expect(addTags(arn, { 'aws:x': 'y' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
      await expect(addTags(arn, many)).rejects.toMatchObject({ name: 'TagQuotaExceeded' });
    });
  });

  describe('Application Auto Scaling', () => {
    const setBounds = (minCapacity: number, maxCapacity: number) => {
      Object.assign(cloud.applicationAutoScaling.target('rds', 'cluster:blue'), { minCapacity, maxCapacity });
      cloud.applicationAutoScaling.reevaluate('rds', 'cluster:blue');
    };
    const autoscaling = { minCapacity: 1, maxCapacity: 4 };

    test('creates readers with its tag', async () => {
      const cluster = cloud.rds.addCluster({ name: 'blue', autoscaling });

      setBounds(3, 4);
      await minutes(1);
      expect(statuses('blue')).toEqual(['available', 'available', 'creating', 'creating']);
      await minutes(5);

      expect(statuses('blue')).toEqual(Array(4).fill('available'));
      expect(cluster.members[2]).toMatchObject({
        identifier: expect.stringMatching(/^application-autoscaling-/),
        isWriter: false,
        tags: { 'application-autoscaling:resourceId': 'cluster:blue' },
      });
    });

    test('deletes only readers that it has created', async () => {
      cloud.rds.addCluster({ name: 'blue', readers: 2, autoscaling });
      setBounds(3, 4);
      await minutes(7);

      setBounds(0, 1);
      await minutes(5);

      expect(cloud.rds.instances('blue').map((it) => it.identifier)).toEqual([
        'blue-writer',
        'blue-reader-1',
        'blue-reader-2',
      ]);
    });

    test('waits until the cluster and all its members are available', async () => {
      cloud.rds.addCluster({ name: 'blue', status: 'stopped', autoscaling });
      setBounds(2, 4);
      await minutes(10);
      expect(statuses('blue')).toEqual(['stopped', 'stopped']);

      await cloud.clients.rds.send(new StartDBClusterCommand(blue));
      await minutes(13);

      expect(statuses('blue')).toEqual(Array(3).fill('available'));
    });
  });
});
