import type {
  CreateDBClusterCommandInput,
  CreateDBInstanceCommandInput,
  DBCluster,
  ModifyDBClusterCommandInput,
  RestoreDBClusterFromSnapshotCommandInput,
  RestoreDBClusterToPointInTimeCommandInput,
  Tag,
} from '@aws-sdk/client-rds';
import { type DatabaseSettings, readWriteForwarding } from './database-settings.js';

/** The cluster to create, with the settings that it gets. */
export interface ClusterToCreate {
  readonly cluster: string;
  readonly settings: DatabaseSettings;
  readonly tags: Readonly<Record<string, string>>;
}

/** Input of the call that clones the partner. A clone always has the latest data. */
export function cloneInput(it: ClusterToCreate, source: string): RestoreDBClusterToPointInTimeCommandInput {
  return {
    ...commonInput(it),
    ...gatewayInput(it),
    RestoreType: 'copy-on-write',
    SourceDBClusterIdentifier: source,
    UseLatestRestorableTime: true,
    EngineMode: 'provisioned',
  };
}

/** Input of the call that restores a snapshot. Without the version RDS takes the Region's default for the engine. */
export function restoreInput(
  it: ClusterToCreate,
  snapshot: {
    readonly identifier: string;
    readonly engine: string;
    readonly engineVersion: string | undefined;
  },
): RestoreDBClusterFromSnapshotCommandInput {
  return {
    ...commonInput(it),
    ...gatewayInput(it),
    SnapshotIdentifier: snapshot.identifier,
    Engine: snapshot.engine,
    EngineVersion: snapshot.engineVersion,
    EngineMode: 'provisioned',
  };
}

/** Input of the call that creates an empty cluster. RDS creates the password and keeps it in Secrets Manager. */
export function emptyInput(it: ClusterToCreate, engine: string): CreateDBClusterCommandInput {
  const { settings } = it;
  return {
    ...commonInput(it),
    Engine: engine,
    EngineVersion: settings.engineVersion,
    EngineMode: 'provisioned',
    DatabaseName: settings.databaseName,
    MasterUsername: settings.masterUsername,
    ManageMasterUserPassword: true,
    MasterUserSecretKmsKeyId: settings.masterSecretKmsKeyId,
    StorageEncrypted: settings.kmsKeyId === undefined ? undefined : true,
    PreferredMaintenanceWindow: settings.maintenanceWindow,
    DatabaseInsightsMode: settings.databaseInsightsMode,
    EnableHttpEndpoint: settings.dataApi,
    CharacterSetName: settings.characterSet,
    // Left out when it is off, because not every engine has it.
    EnableLocalWriteForwarding: settings.localWriteForwarding === true ? true : undefined,
  };
}

function commonInput({ cluster, settings, tags }: ClusterToCreate) {
  const { roles, domain, serverlessScaling } = settings;
  return {
    DBClusterIdentifier: cluster,
    VpcSecurityGroupIds: copyOf(settings.securityGroupIds),
    DBSubnetGroupName: settings.subnetGroup,
    DBClusterParameterGroupName: settings.clusterParameterGroup,
    Port: settings.port,
    NetworkType: settings.networkType,
    EnableIAMDatabaseAuthentication: settings.iamAuthentication,
    EnableCloudwatchLogsExports: copyOf(settings.logExports),
    DeletionProtection: settings.deletionProtection,
    CopyTagsToSnapshot: settings.copyTagsToSnapshot,
    BacktrackWindow: settings.backtrackSeconds,
    StorageType: settings.storageType,
    KmsKeyId: settings.kmsKeyId,
    BackupRetentionPeriod: settings.backupRetentionDays,
    PreferredBackupWindow: settings.backupWindow,
    ServerlessV2ScalingConfiguration: serverlessScaling && {
      MinCapacity: serverlessScaling.minCapacity,
      MaxCapacity: serverlessScaling.maxCapacity,
      SecondsUntilAutoPause: serverlessScaling.secondsUntilAutoPause,
    },
    ...monitoringInput(settings),
    AssociatedRoles: roles?.map(({ roleArn, featureName }) => ({
      RoleArn: roleArn,
      FeatureName: featureName,
    })),
    Domain: domain?.id,
    DomainIAMRoleName: domain?.roleName,
    EngineLifecycleSupport: settings.engineLifecycleSupport,
    Tags: toTags({ ...settings.tags, ...tags }),
  };
}

/** RDS takes the gateway only for a cluster without a VPC. */
function gatewayInput({ settings }: ClusterToCreate) {
  return settings.internetAccessGateway === true
    ? { EnableVPCNetworking: false, EnableInternetAccessGateway: true }
    : {};
}

/** Input of the call that creates a member. The cluster manages everything else. */
export function memberInput(
  { cluster, settings, tags }: ClusterToCreate,
  member: { readonly identifier: string; readonly engine: string },
): CreateDBInstanceCommandInput {
  return {
    DBInstanceIdentifier: member.identifier,
    DBClusterIdentifier: cluster,
    Engine: member.engine,
    DBInstanceClass: settings.instanceClass,
    DBParameterGroupName: settings.instanceParameterGroup,
    PubliclyAccessible: settings.publiclyAccessible,
    AutoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
    CACertificateIdentifier: settings.caCertificate,
    PreferredMaintenanceWindow: settings.instanceMaintenanceWindow,
    PromotionTier: settings.promotionTier,
    ...monitoringInput(settings),
    Tags: toTags({ ...settings.tags, ...tags }),
  };
}

function monitoringInput({ monitoring, performanceInsights: insights }: DatabaseSettings) {
  return {
    MonitoringInterval: monitoring?.intervalSeconds,
    MonitoringRoleArn: monitoring?.roleArn,
    EnablePerformanceInsights: insights?.enabled,
    PerformanceInsightsKMSKeyId: insights?.kmsKeyId,
    PerformanceInsightsRetentionPeriod: insights?.retentionDays,
  };
}

/** Changes that no call which creates a cluster can make; undefined when the cluster has them already. */
export function modificationInput(
  cluster: DBCluster,
  settings: DatabaseSettings,
): Omit<ModifyDBClusterCommandInput, 'DBClusterIdentifier'> | undefined {
  const { maintenanceWindow, databaseInsightsMode: mode, managedMasterPassword } = settings;
  const { localWriteForwarding } = settings;
  const hasOther = <T>(wanted: T | undefined, present: T | undefined) =>
    wanted !== undefined && wanted !== present;
  const input = {
    ...(hasOther(maintenanceWindow, cluster.PreferredMaintenanceWindow) && {
      PreferredMaintenanceWindow: maintenanceWindow,
    }),
    ...(hasOther(mode, cluster.DatabaseInsightsMode ?? 'standard') && {
      DatabaseInsightsMode: mode,
      ...insightsInput(settings),
    }),
    ...(hasOther(localWriteForwarding, readWriteForwarding(cluster) ?? false) && {
      EnableLocalWriteForwarding: localWriteForwarding,
    }),
    ...(managedMasterPassword === true &&
      cluster.MasterUserSecret === undefined && {
        ManageMasterUserPassword: true,
        MasterUserSecretKmsKeyId: settings.masterSecretKmsKeyId,
      }),
  };
  return Object.keys(input).length === 0 ? undefined : { ...input, ApplyImmediately: true };
}

/** RDS accepts the advanced mode only together with Performance Insights. */
function insightsInput(settings: DatabaseSettings) {
  const { MonitoringInterval: _interval, MonitoringRoleArn: _role, ...insights } = monitoringInput(settings);
  return insights;
}

export function toTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function copyOf(items: readonly string[] | undefined): string[] | undefined {
  return items && [...items];
}
