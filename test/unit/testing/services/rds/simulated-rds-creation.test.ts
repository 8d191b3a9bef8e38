import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  DescribeDBClusterSnapshotsCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.rds.addCluster({ name: 'blue', settings: { Port: 5433, EngineVersion: '16.4' } });
});

const clone = (changes: object = {}) =>
  cloud.clients.rds.send(
    new RestoreDBClusterToPointInTimeCommand({
      DBClusterIdentifier: 'green',
      SourceDBClusterIdentifier: 'blue',
      RestoreType: 'copy-on-write',
      UseLatestRestorableTime: true,
      ...changes,
    }),
  );

const createInstance = (changes: object = {}) =>
  cloud.clients.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'green-1',
      DBClusterIdentifier: 'green',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-postgresql',
      ...changes,
    }),
  );

describe('RestoreDBClusterToPointInTime', () => {
  test('creates a cluster without instances, which becomes available', async () => {
    await clone();
    expect(cloud.rds.cluster('green')).toMatchObject({ status: 'creating', members: [] });
    await cloud.clock.sleep(300_000);

    expect(cloud.rds.cluster('green').status).toBe('available');
    expect(cloud.rds.cluster('green').cloneGroupId).toBe(cloud.rds.cluster('blue').cloneGroupId);
  });

  test('inherits the engine version, and takes the default for other settings', async () => {
    await clone();

    const { settings, deletionProtection } = cloud.rds.cluster('green');
    expect(settings).toMatchObject({
      EngineVersion: '16.4',
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default' }],
      IAMDatabaseAuthenticationEnabled: false,
    });
    expect(settings.Port).toBeUndefined();
    expect(deletionProtection).toBe(false);
  });

  test.each([
    [{ DBClusterIdentifier: 'blue' }, 'DBClusterAlreadyExistsFault'],
    [{ SourceDBClusterIdentifier: 'red' }, 'DBClusterNotFoundFault'],
    [{ UseLatestRestorableTime: undefined }, 'InvalidParameterCombination'],
    [{ UseLatestRestorableTime: undefined, RestoreToTime: new Date(0) }, 'InvalidParameterCombination'],
    [{ DBClusterParameterGroupName: 'default.aurora-mysql8.0' }, 'InvalidParameterCombination'],
    [{ Tags: [{ Key: 'aws:owner', Value: 'x' }] }, 'InvalidParameterValue'],
  ])('refuses %o', async (changes, name) => {
    await expect(clone(changes)).rejects.toMatchObject({ name });
    expect(cloud.rds.hasCluster('green')).toBe(false);
  });

  test('refuses a source without an instance', async () => {
    cloud.rds.cluster('blue').members = [];

    await expect(clone()).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });

  test('makes the sixteenth clone a full copy', async () => {
    for (let number = 1; number <= 16; number += 1) await clone({ DBClusterIdentifier: `clone-${number}` });
    await cloud.clock.sleep(300_000);

    const { cloneGroupId } = cloud.rds.cluster('blue');
    expect(cloud.rds.cluster('clone-15')).toMatchObject({ status: 'available', cloneGroupId });
    expect(cloud.rds.cluster('clone-16')).toMatchObject({ status: 'creating', cloneGroupId: undefined });
  });
});

describe('RestoreDBClusterFromSnapshot', () => {
  test('restores a snapshot of the same engine', async () => {
    cloud.rds.addSnapshot({ identifier: 'monday', cluster: 'blue' });
    const { rds } = cloud.clients;
    const described = await rds.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'monday' }),
    );
    const input = { DBClusterIdentifier: 'green', SnapshotIdentifier: 'monday' };

    await expect(
      rds.send(new RestoreDBClusterFromSnapshotCommand({ ...input, Engine: 'aurora-mysql' })),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await rds.send(new RestoreDBClusterFromSnapshotCommand({ ...input, Engine: 'aurora-postgresql' }));

    expect(described.DBClusterSnapshots?.[0]).toMatchObject({ EngineVersion: '16.4', Status: 'available' });
    expect(cloud.rds.cluster('green').settings.EngineVersion).toBe('16.4');
  });

  test('throws DBClusterSnapshotNotFoundFault for an unknown snapshot', async () => {
    const input = { DBClusterIdentifier: 'green', SnapshotIdentifier: 'none', Engine: 'aurora-postgresql' };

    await expect(
      cloud.clients.rds.send(new RestoreDBClusterFromSnapshotCommand(input)),
    ).rejects.toMatchObject({ name: 'DBClusterSnapshotNotFoundFault' });
  });
});

describe('CreateDBCluster', () => {
  const create = (changes: object) =>
    cloud.clients.rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'green',
        Engine: 'aurora-postgresql',
        MasterUsername: 'orders',
        ...changes,
      }),
    );

  test('keeps the managed password in a secret', async () => {
    const { DBCluster } = await create({ ManageMasterUserPassword: true });

    expect(DBCluster?.MasterUserSecret?.SecretArn).toMatch(/:secretsmanager:/);
  });

  test.each([{}, { ManageMasterUserPassword: true, MasterUsername: undefined }])(
    'refuses %o',
    async (changes) => {
      await expect(create(changes)).rejects.toThrow();
      expect(cloud.rds.hasCluster('green')).toBe(false);
    },
  );
});

describe('CreateDBInstance', () => {
  test('refuses an instance until the cluster is available', async () => {
    await clone();

    await expect(createInstance()).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });

  test('makes the first instance the writer', async () => {
    await clone();
    await cloud.clock.sleep(300_000);
    await createInstance();
    await createInstance({ DBInstanceIdentifier: 'green-2' });
    expect(cloud.rds.instances('green').map((it) => it.status)).toEqual(['creating', 'creating']);
    await cloud.clock.sleep(300_000);

    expect(cloud.rds.instances('green').map((it) => [it.isWriter, it.status])).toEqual([
      [true, 'available'],
      [false, 'available'],
    ]);
    await expect(createInstance()).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
    await expect(
      createInstance({ DBInstanceIdentifier: 'green-3', Engine: 'aurora-mysql' }),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });
});

describe('ModifyDBCluster and EnableHttpEndpoint', () => {
  test('modify an available cluster for a minute', async () => {
    const { rds } = cloud.clients;
    const input = { DBClusterIdentifier: 'blue', PreferredMaintenanceWindow: 'sun:05:00-sun:05:30' };

    await rds.send(new ModifyDBClusterCommand(input));
    expect(cloud.rds.cluster('blue').status).toBe('modifying');
    await expect(rds.send(new ModifyDBClusterCommand(input))).rejects.toMatchObject({
      name: 'InvalidDBClusterStateFault',
    });
    await cloud.clock.sleep(60_000);

    expect(cloud.rds.cluster('blue')).toMatchObject({
      status: 'available',
      settings: { PreferredMaintenanceWindow: 'sun:05:00-sun:05:30' },
    });
  });

  test('refuse the advanced mode of Database Insights without its retention', async () => {
    const input = { DBClusterIdentifier: 'blue', DatabaseInsightsMode: 'advanced' } as const;

    await expect(cloud.clients.rds.send(new ModifyDBClusterCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
  });

  test('enable the Data API of a cluster by its ARN', async () => {
    await cloud.clients.rds.send(
      new EnableHttpEndpointCommand({ ResourceArn: cloud.rds.cluster('blue').arn }),
    );

    expect(cloud.rds.cluster('blue').settings.HttpEndpointEnabled).toBe(true);
  });
});
