import { readdirSync, readFileSync } from 'node:fs';
import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  cloneInput,
  emptyInput,
  memberInput,
  modificationInput,
  restoreInput,
} from '../../../src/aurora/creation-inputs.js';
import { mergeSettings } from '../../../src/aurora/creation-partner.js';
import { readSettings, settingsSchema } from '../../../src/aurora/database-settings.js';
import { AuroraTools, type CreateDatabaseOptions } from '../../../src/aurora/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

/** A cluster and its writer that have every setting, none of them the default of RDS. */
const cluster: DBCluster = {
  DBClusterIdentifier: 'blue',
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-orders' }],
  DBSubnetGroup: 'orders-private',
  DBClusterParameterGroup: 'orders-cluster',
  Port: 5433,
  NetworkType: 'DUAL',
  IAMDatabaseAuthenticationEnabled: true,
  EnabledCloudwatchLogsExports: ['postgresql'],
  DeletionProtection: true,
  CopyTagsToSnapshot: true,
  BacktrackWindow: 3600,
  StorageType: 'aurora-iopt1',
  KmsKeyId: 'arn:key',
  BackupRetentionPeriod: 14,
  PreferredBackupWindow: '04:00-04:30',
  PreferredMaintenanceWindow: 'sun:05:00-sun:05:30',
  ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 16, SecondsUntilAutoPause: 600 },
  DatabaseInsightsMode: 'advanced',
  PerformanceInsightsEnabled: true,
  PerformanceInsightsKMSKeyId: 'arn:insights-key',
  PerformanceInsightsRetentionPeriod: 465,
  HttpEndpointEnabled: true,
  MasterUserSecret: { SecretArn: 'arn:secret', KmsKeyId: 'arn:secret-key' },
  LocalWriteForwardingStatus: 'enabled',
  AssociatedRoles: [{ RoleArn: 'arn:role', FeatureName: 's3Import' }],
  DomainMemberships: [{ Domain: 'd-1', IAMRoleName: 'directory' }],
  EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
  EngineVersion: '16.4',
  DatabaseName: 'orders',
  MasterUsername: 'orders',
  CharacterSetName: 'UTF8',
  InternetAccessGatewayEnabled: true,
  TagList: [{ Key: 'team', Value: 'orders' }],
};
const writer: DBInstance = {
  DBInstanceClass: 'db.serverless',
  DBParameterGroups: [{ DBParameterGroupName: 'orders-instance' }],
  MonitoringInterval: 15,
  MonitoringRoleArn: 'arn:monitoring',
  PubliclyAccessible: false,
  AutoMinorVersionUpgrade: false,
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  PreferredMaintenanceWindow: 'sun:06:00-sun:06:30',
  PromotionTier: 0,
};
const partner = { cluster, identifier: 'blue' };
const settings = readSettings(cluster, writer);
const wanted = { cluster: 'green', settings, tags: {} };

/** Members of an input of RDS, from the type declarations of the SDK. */
function membersOf(name: string): string[] {
  const folder = new URL('../../../node_modules/@aws-sdk/client-rds/dist-types/models/', import.meta.url);
  const files = readdirSync(folder).filter((file) => /^models_\d+\.d\.ts$/.test(file));
  const source = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const [, body = ''] = new RegExp(`export interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(source) ?? [];
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].flatMap(([, member]) => member ?? []);
}

const sent = (input: object) => Object.keys(input).filter((key) => Reflect.get(input, key) !== undefined);

const otherKinds = {
  ScalingConfiguration: 'of Aurora Serverless v1, which is gone',
  RdsCustomClusterConfiguration: 'reserved',
  DBClusterInstanceClass: 'of Multi-AZ clusters',
  Iops: 'of Multi-AZ clusters',
  PubliclyAccessible: 'of Multi-AZ clusters; the instances of Aurora have their own',
  OptionGroupName: 'Aurora has only the default option group',
  TagSpecifications: 'tags of automated backups, which no description of a cluster shows',
};
const ofCluster = 'that of the cluster';
const ofOthers = 'not of Aurora';

/** Members that are not sent on purpose, with the reason. */
const left: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  RestoreDBClusterToPointInTimeMessage: {
    ...otherKinds,
    RestoreToTime: 'not allowed for a clone',
    SourceDbClusterResourceId: 'the source is named by its identifier',
  },
  RestoreDBClusterFromSnapshotMessage: {
    ...otherKinds,
    AvailabilityZones: 'RDS chooses them',
    DatabaseName: 'of the snapshot',
  },
  CreateDBClusterMessage: {
    ...otherKinds,
    AvailabilityZones: 'RDS chooses them',
    MasterUserPassword: 'RDS manages the password',
    MasterUserAuthenticationType: 'no description of a cluster shows it',
    ReplicationSourceIdentifier: 'of replicas',
    PreSignedUrl: 'of replicas in another Region',
    GlobalClusterIdentifier: 'of global databases',
    EnableGlobalWriteForwarding: 'of global databases',
    AllocatedStorage: 'of Multi-AZ clusters',
    AutoMinorVersionUpgrade: 'of Multi-AZ clusters; the instances of Aurora have their own',
    EnableLimitlessDatabase: 'of Aurora Limitless, which has no clones',
    ClusterScalabilityType: 'of Aurora Limitless, which has no clones',
    DBSystemId: 'of Oracle',
    CACertificateIdentifier: 'of Multi-AZ clusters; the instances of Aurora have their own',
    WithExpressConfiguration: 'chooses the settings itself',
  },
  CreateDBInstanceMessage: {
    ...Object.fromEntries(
      [
        'VpcSecurityGroupIds',
        'DBSubnetGroupName',
        'BackupRetentionPeriod',
        'PreferredBackupWindow',
        'Port',
        'EngineVersion',
        'StorageType',
        'StorageEncrypted',
        'KmsKeyId',
        'Domain',
        'DomainIAMRoleName',
        'CopyTagsToSnapshot',
        'EnableIAMDatabaseAuthentication',
        'DatabaseInsightsMode',
        'EnableCloudwatchLogsExports',
        'DeletionProtection',
        'NetworkType',
        'ManageMasterUserPassword',
        'MasterUserSecretKmsKeyId',
        'MasterUserAuthenticationType',
        'EngineLifecycleSupport',
        'DBName',
        'MasterUsername',
        'MasterUserPassword',
      ].map((name) => [name, ofCluster]),
    ),
    ...Object.fromEntries(
      [
        'AllocatedStorage',
        'DBSecurityGroups',
        'MultiAZ',
        'LicenseModel',
        'Iops',
        'StorageThroughput',
        'OptionGroupName',
        'CharacterSetName',
        'NcharCharacterSetName',
        'TdeCredentialArn',
        'TdeCredentialPassword',
        'DomainFqdn',
        'DomainOu',
        'DomainAuthSecretArn',
        'DomainDnsIps',
        'Timezone',
        'ProcessorFeatures',
        'MaxAllocatedStorage',
        'EnableCustomerOwnedIp',
        'BackupTarget',
        'CustomIamInstanceProfile',
        'DBSystemId',
        'MultiTenant',
        'DedicatedLogVolume',
        'AdditionalStorageVolumes',
        'DBCapacityReservationIdentifier',
      ].map((name) => [name, ofOthers]),
    ),
    AvailabilityZone: 'RDS chooses it, away from the other instances',
    TagSpecifications: otherKinds.TagSpecifications,
  },
};

describe('settings of a new database', () => {
  test.each<[string, object]>([
    ['RestoreDBClusterToPointInTimeMessage', cloneInput(wanted, 'blue')],
    [
      'RestoreDBClusterFromSnapshotMessage',
      restoreInput(wanted, { identifier: 'monday', engine: 'aurora-postgresql', engineVersion: '16.4' }),
    ],
    ['CreateDBClusterMessage', emptyInput(wanted, 'aurora-postgresql')],
    ['CreateDBInstanceMessage', memberInput(wanted, { identifier: 'green-1', engine: 'aurora-postgresql' })],
  ])('sends each member of %s, or has a reason to leave it out', (name, input) => {
    const members = membersOf(name);
    const reasons = Object.keys(left[name] ?? {});

    expect(members.length).toBeGreaterThan(30);
    expect([...sent(input), ...reasons].sort()).toEqual(members.sort());
  });

  test('are all read from the partner', () => {
    expect(Object.keys(settings).sort()).toEqual(Object.keys(settingsSchema.entries).sort());
    expect(Object.values(settings)).not.toContain(undefined);
  });

  test('are completed after the creation where the call that clones does not take them', () => {
    const fresh = { DBClusterIdentifier: 'green' };

    expect(modificationInput(fresh, settings)).toEqual({
      ApplyImmediately: true,
      DatabaseInsightsMode: 'advanced',
      EnableLocalWriteForwarding: true,
      EnablePerformanceInsights: true,
      ManageMasterUserPassword: true,
      MasterUserSecretKmsKeyId: 'arn:secret-key',
      PerformanceInsightsKMSKeyId: 'arn:insights-key',
      PerformanceInsightsRetentionPeriod: 465,
      PreferredMaintenanceWindow: 'sun:05:00-sun:05:30',
    });
    expect(modificationInput(cluster, settings)).toBeUndefined();
  });

  test.each<[CreateDatabaseOptions['from'], readonly string[]]>([
    ['clone', ['characterSet', 'databaseName', 'engineVersion', 'kmsKeyId', 'masterUsername']],
    [
      { snapshotIdentifier: 'monday' },
      ['characterSet', 'databaseName', 'engineVersion', 'kmsKeyId', 'masterUsername'],
    ],
    ['empty', ['internetAccessGateway']],
  ])('are copied from the partner, except those that %o decides', (from, decided) => {
    const { copied } = mergeSettings(partner, [writer], { from });

    expect(Object.keys(settings).filter((name) => !copied.includes(name as never))).toEqual(
      expect.arrayContaining([...decided]),
    );
    expect(copied).toHaveLength(Object.keys(settings).length - decided.length);
  });
});

describe('AuroraTools.createDatabase, settings', () => {
  let cloud: SimulatedCloud;
  beforeEach(() => {
    cloud = new SimulatedCloud();
  });

  function createTools(clusterSettings: object = {}, instanceSettings: object = {}) {
    cloud.rds.addCluster({ name: 'blue', settings: clusterSettings, instanceSettings });
    return new AuroraTools({
      blue: { clusterIdentifier: 'blue' },
      green: { clusterIdentifier: 'green' },
      clients: cloud.clients,
      clock: cloud.clock,
    });
  }

  test('copies the maintenance window and the promotion tier of the instances', async () => {
    const instanceSettings = { PreferredMaintenanceWindow: 'sun:06:00-sun:06:30', PromotionTier: 0 };

    await createTools({}, instanceSettings).createDatabase('green', { from: 'clone' });

    for (const { settings: present } of cloud.rds.instances('green'))
      expect(present).toMatchObject(instanceSettings);
  });

  test('copies local write forwarding after the creation', async () => {
    const tools = createTools({ LocalWriteForwardingStatus: 'enabled' });

    const { copiedSettings } = await tools.createDatabase('green', { from: 'clone' });

    expect(copiedSettings).toContain('localWriteForwarding');
    expect(cloud.rds.cluster('green').settings.LocalWriteForwardingStatus).toBe('enabled');
  });

  test('keeps a clone of a cluster without a VPC out of the default VPC', async () => {
    const gateway = { VPCNetworkingEnabled: false, InternetAccessGatewayEnabled: true };

    await createTools(gateway).createDatabase('green', { from: 'clone' });

    expect(cloud.rds.cluster('green').settings).toMatchObject(gateway);
  });

  test.each<[string, CreateDatabaseOptions['settings']]>([
    ['the partner keeps its data for 7 days', { databaseInsightsMode: 'advanced' }],
    [
      'the given days are too few',
      { databaseInsightsMode: 'advanced', performanceInsights: { enabled: true, retentionDays: 434 } },
    ],
    [
      'Performance Insights is turned off',
      { databaseInsightsMode: 'advanced', performanceInsights: { enabled: false } },
    ],
  ])('throws InvalidInputError before anything is created when %s in the advanced mode', async (_, given) => {
    const tools = createTools({
      PerformanceInsightsEnabled: true,
      PerformanceInsightsRetentionPeriod: 7,
    });

    const creation = tools.createDatabase('green', { from: 'clone', settings: given });

    await expect(creation).rejects.toMatchObject({
      name: 'InvalidInputError',
      problems: [expect.objectContaining({ field: 'settings.performanceInsights' })],
    });
    expect(cloud.rds.hasCluster('green')).toBe(false);
  });

  test('throws InvalidInputError before anything is created for serverless instances without a capacity', async () => {
    const creation = createTools().createDatabase('green', {
      from: 'clone',
      settings: { instanceClass: 'db.serverless' },
    });

    await expect(creation).rejects.toThrowError(/settings\.serverlessScaling: expected a capacity/);
    expect(cloud.rds.hasCluster('green')).toBe(false);
  });

  test('throws ResourceStateError before anything is created without a class for the instances', async () => {
    const tools = createTools();
    cloud.rds.cluster('blue').members = [];
    cloud.rds.cluster('blue').settings.MasterUsername = 'orders';

    await expect(tools.createDatabase('green', { from: 'empty' })).rejects.toThrowError(
      /expected an instance class, got none, because blue has no instance. Set settings.instanceClass/,
    );
    expect(cloud.rds.hasCluster('green')).toBe(false);
    await expect(
      tools.createDatabase('green', { from: 'empty', settings: { instanceClass: 'db.r6g.large' } }),
    ).resolves.toMatchObject({ outcome: 'created' });
  });

  test('creates serverless instances of a partner with provisioned ones', async () => {
    const serverlessScaling = { minCapacity: 0, maxCapacity: 8, secondsUntilAutoPause: 600 };

    await createTools().createDatabase('green', {
      from: 'clone',
      settings: { instanceClass: 'db.serverless', serverlessScaling },
    });

    expect(cloud.rds.cluster('green').settings.ServerlessV2ScalingConfiguration).toEqual({
      MinCapacity: 0,
      MaxCapacity: 8,
      SecondsUntilAutoPause: 600,
    });
    expect(cloud.rds.instances('green').map((it) => it.settings.DBInstanceClass)).toEqual([
      'db.serverless',
      'db.serverless',
    ]);
  });

  test('creates a database in the advanced mode when it keeps its data for 465 days', async () => {
    const performanceInsights = { enabled: true, retentionDays: 465 };

    await createTools().createDatabase('green', {
      from: 'clone',
      settings: { databaseInsightsMode: 'advanced', performanceInsights },
    });

    expect(cloud.rds.cluster('green').settings).toMatchObject({
      DatabaseInsightsMode: 'advanced',
      PerformanceInsightsRetentionPeriod: 465,
    });
  });

  test.each(['internetAccessGateway', 'characterSet'] as const)(
    'throws InvalidInputError for %s where the source does not allow it',
    async (name) => {
      const from = name === 'characterSet' ? 'clone' : 'empty';
      const given = name === 'characterSet' ? { characterSet: 'UTF8' } : { internetAccessGateway: true };

      await expect(createTools().createDatabase('green', { from, settings: given })).rejects.toThrowError(
        new RegExp(`settings\\.${name}`),
      );
      expect(cloud.calls).toEqual([]);
    },
  );
});
