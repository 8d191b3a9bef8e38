import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import * as v from 'valibot';
import { nonEmptyString, strictObject, wholeFrom } from '../core/schemas.js';
import { tagsSchema } from './identifiers.js';

/** Settings of a database that `createDatabase` copies from the partner's database unless they are given. */
export interface DatabaseSettings {
  /** IDs of the VPC security groups. */
  readonly securityGroupIds?: readonly string[] | undefined;
  /** Name of the DB subnet group. */
  readonly subnetGroup?: string | undefined;
  /** Name of the parameter group of the cluster. */
  readonly clusterParameterGroup?: string | undefined;
  /** Name of the parameter group of the instances. */
  readonly instanceParameterGroup?: string | undefined;
  /** Class of the instances, such as `db.r6g.large` or `db.serverless`. */
  readonly instanceClass?: string | undefined;
  /** Port of the cluster. */
  readonly port?: number | undefined;
  /** `IPV4` or `DUAL`. */
  readonly networkType?: string | undefined;
  /** True for logins with IAM tokens. */
  readonly iamAuthentication?: boolean | undefined;
  /** Logs that RDS exports to CloudWatch Logs, such as `postgresql`. */
  readonly logExports?: readonly string[] | undefined;
  /** True when RDS refuses to delete the cluster. */
  readonly deletionProtection?: boolean | undefined;
  /** True when snapshots take over the tags of the cluster. */
  readonly copyTagsToSnapshot?: boolean | undefined;
  /** Backtrack window of Aurora MySQL, in seconds; 0: off. */
  readonly backtrackSeconds?: number | undefined;
  /** `aurora`, or `aurora-iopt1` for I/O-Optimized. */
  readonly storageType?: string | undefined;
  /** KMS key of the storage. A clone or a restored snapshot keeps its own key unless one is given. */
  readonly kmsKeyId?: string | undefined;
  /** Days for which automated backups are kept: 1 to 35. */
  readonly backupRetentionDays?: number | undefined;
  /** Daily time of the backups in UTC, such as `04:00-04:30`. */
  readonly backupWindow?: string | undefined;
  /** Weekly time of the maintenance of the cluster in UTC, such as `sun:05:00-sun:05:30`. */
  readonly maintenanceWindow?: string | undefined;
  /** Capacity of Aurora Serverless v2, in Aurora capacity units. */
  readonly serverlessScaling?: ServerlessScaling | undefined;
  /** Enhanced Monitoring; an interval of 0 turns it off. */
  readonly monitoring?: EnhancedMonitoring | undefined;
  /** Performance Insights. */
  readonly performanceInsights?: PerformanceInsights | undefined;
  /** Mode of CloudWatch Database Insights. `advanced` needs Performance Insights with 465 days of retention. */
  readonly databaseInsightsMode?: 'standard' | 'advanced' | undefined;
  /** True for the RDS Data API. */
  readonly dataApi?: boolean | undefined;
  /** True when RDS manages the password of the master user in Secrets Manager. Always true for an empty database. */
  readonly managedMasterPassword?: boolean | undefined;
  /** KMS key of the secret with the password of the master user. */
  readonly masterSecretKmsKeyId?: string | undefined;
  /** True when readers forward writes to the writer. */
  readonly localWriteForwarding?: boolean | undefined;
  /** IAM roles that the cluster may use. */
  readonly roles?: readonly DatabaseRole[] | undefined;
  /** Active Directory domain of the cluster. */
  readonly domain?: DatabaseDomain | undefined;
  /** `open-source-rds-extended-support` or `open-source-rds-extended-support-disabled`. */
  readonly engineLifecycleSupport?: string | undefined;
  /** Engine version, for an empty database only. A clone or a restored snapshot has the one of its source. */
  readonly engineVersion?: string | undefined;
  /** Name of the first database, for an empty database only. */
  readonly databaseName?: string | undefined;
  /** Name of the master user, for an empty database only. */
  readonly masterUsername?: string | undefined;
  /** Character set, for an empty database only. */
  readonly characterSet?: string | undefined;
  /**
   * True for a cluster without a VPC, which is reached through an internet access gateway. For a clone or a restored snapshot only: RDS
   * creates no empty cluster with these settings.
   */
  readonly internetAccessGateway?: boolean | undefined;
  /** Weekly time of the maintenance of the instances in UTC. RDS chooses another time for each instance without it. */
  readonly instanceMaintenanceWindow?: string | undefined;
  /** Priority of the instances as the next writer after a failover, from 0 (first) to 15. The partner's is that of its writer. */
  readonly promotionTier?: number | undefined;
  /** True when the instances have a public address. */
  readonly publiclyAccessible?: boolean | undefined;
  /** True when RDS upgrades the minor version of the instances by itself. */
  readonly autoMinorVersionUpgrade?: boolean | undefined;
  /** Certificate authority of the instances. */
  readonly caCertificate?: string | undefined;
  /** Tags of the cluster and its instances, without those that begin with `aws:` and those of this package. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Capacity of Aurora Serverless v2. */
export interface ServerlessScaling {
  /** Minimum capacity. */
  readonly minCapacity: number;
  /** Maximum capacity. */
  readonly maxCapacity: number;
  /** Seconds without a connection until a minimum of 0 pauses. */
  readonly secondsUntilAutoPause?: number | undefined;
}

/** Enhanced Monitoring of a database. */
export interface EnhancedMonitoring {
  /** Seconds between two measurements: 0, 1, 5, 10, 15, 30 or 60. */
  readonly intervalSeconds: number;
  /** ARN of the IAM role that sends the measurements. */
  readonly roleArn?: string | undefined;
}

/** Performance Insights of a database. */
export interface PerformanceInsights {
  /** True when it is on. */
  readonly enabled: boolean;
  /** KMS key of its data. */
  readonly kmsKeyId?: string | undefined;
  /** Days for which its data is kept: 7, a multiple of 31 up to 713, or 731. */
  readonly retentionDays?: number | undefined;
}

/** IAM role of a database cluster. */
export interface DatabaseRole {
  /** ARN of the role. */
  readonly roleArn: string;
  /** Feature that uses it, such as `s3Import`. */
  readonly featureName?: string | undefined;
}

/** Active Directory domain of a database cluster. */
export interface DatabaseDomain {
  /** ID of the directory. */
  readonly id: string;
  /** Name of the IAM role for calls of the directory. */
  readonly roleName?: string | undefined;
}

/** Name of a setting. */
export type DatabaseSetting = keyof DatabaseSettings;

const text = v.optional(nonEmptyString);
const flag = v.optional(v.boolean());
const texts = v.optional(v.array(nonEmptyString));
const capacity = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && value <= 256, 'a capacity from 0 to 256'),
);

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
export const insightsRetentionDays = v.pipe(
  v.number(),
  v.check(
    (days) => days === 7 || days === 731 || (days % 31 === 0 && days >= 31 && days <= 713),
    '7, a multiple of 31 up to 713, or 731 days',
  ),
);

/**
 * Fewest days of Performance Insights data in the advanced mode of Database Insights.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.TurningOnAdvanced.html
 */
export const advancedRetentionDays = 465;

export const insightsMode = v.picklist(['standard', 'advanced']);

export const settingsSchema = strictObject({
  securityGroupIds: texts,
  subnetGroup: text,
  clusterParameterGroup: text,
  instanceParameterGroup: text,
  instanceClass: text,
  port: v.optional(wholeFrom(1, 65_535)),
  networkType: text,
  iamAuthentication: flag,
  logExports: texts,
  deletionProtection: flag,
  copyTagsToSnapshot: flag,
  backtrackSeconds: v.optional(wholeFrom(0, 259_200)),
  storageType: text,
  kmsKeyId: text,
  backupRetentionDays: v.optional(wholeFrom(1, 35)),
  backupWindow: text,
  maintenanceWindow: text,
  serverlessScaling: v.optional(
    strictObject({
      minCapacity: capacity,
      maxCapacity: capacity,
      secondsUntilAutoPause: v.optional(wholeFrom(300, 86_400)),
    }),
  ),
  monitoring: v.optional(
    strictObject({ intervalSeconds: v.picklist([0, 1, 5, 10, 15, 30, 60]), roleArn: text }),
  ),
  performanceInsights: v.optional(
    strictObject({ enabled: v.boolean(), kmsKeyId: text, retentionDays: v.optional(insightsRetentionDays) }),
  ),
  databaseInsightsMode: v.optional(insightsMode),
  dataApi: flag,
  managedMasterPassword: flag,
  masterSecretKmsKeyId: text,
  localWriteForwarding: flag,
  roles: v.optional(v.array(strictObject({ roleArn: nonEmptyString, featureName: text }))),
  domain: v.optional(strictObject({ id: nonEmptyString, roleName: text })),
  engineLifecycleSupport: text,
  engineVersion: text,
  databaseName: text,
  masterUsername: text,
  characterSet: text,
  internetAccessGateway: flag,
  instanceMaintenanceWindow: text,
  promotionTier: v.optional(wholeFrom(0, 15)),
  publiclyAccessible: flag,
  autoMinorVersionUpgrade: flag,
  caCertificate: text,
  tags: v.optional(tagsSchema),
});

/** Prefix of the tags of this package. */
export const ownTagPrefix = 'aws-blue-green-toolkit:';

/** Returns the settings of an existing database. One that RDS does not report is undefined. */
export function readSettings(cluster: DBCluster, instance: DBInstance | undefined): DatabaseSettings {
  return { ...readClusterSettings(cluster), ...readInstanceSettings(cluster, instance) };
}

function readClusterSettings(cluster: DBCluster): DatabaseSettings {
  const mode = cluster.DatabaseInsightsMode;
  return {
    securityGroupIds: someOf(cluster.VpcSecurityGroups?.flatMap((it) => it.VpcSecurityGroupId ?? [])),
    subnetGroup: cluster.DBSubnetGroup,
    clusterParameterGroup: cluster.DBClusterParameterGroup,
    port: cluster.Port,
    networkType: cluster.NetworkType,
    iamAuthentication: cluster.IAMDatabaseAuthenticationEnabled,
    logExports: someOf(cluster.EnabledCloudwatchLogsExports),
    deletionProtection: cluster.DeletionProtection,
    copyTagsToSnapshot: cluster.CopyTagsToSnapshot,
    backtrackSeconds: cluster.BacktrackWindow,
    // RDS leaves it out for the standard storage.
    storageType: cluster.StorageType,
    kmsKeyId: cluster.KmsKeyId,
    backupRetentionDays: cluster.BackupRetentionPeriod,
    backupWindow: cluster.PreferredBackupWindow,
    maintenanceWindow: cluster.PreferredMaintenanceWindow,
    serverlessScaling: readScaling(cluster),
    databaseInsightsMode: mode === 'standard' || mode === 'advanced' ? mode : undefined,
    dataApi: cluster.HttpEndpointEnabled,
    managedMasterPassword: cluster.MasterUserSecret === undefined ? undefined : true,
    masterSecretKmsKeyId: cluster.MasterUserSecret?.KmsKeyId,
    localWriteForwarding: readWriteForwarding(cluster),
    roles: someOf(cluster.AssociatedRoles?.flatMap(readRole)),
    domain: readDomain(cluster),
    engineLifecycleSupport: cluster.EngineLifecycleSupport,
    engineVersion: cluster.EngineVersion,
    databaseName: cluster.DatabaseName,
    masterUsername: cluster.MasterUsername,
    characterSet: cluster.CharacterSetName,
    internetAccessGateway: cluster.InternetAccessGatewayEnabled,
    tags: readTags(cluster),
  };
}

function readInstanceSettings(cluster: DBCluster, instance: DBInstance = {}): DatabaseSettings {
  const { MonitoringInterval = 0, MonitoringRoleArn } =
    cluster.MonitoringInterval === undefined || cluster.MonitoringInterval === 0 ? instance : cluster;
  const insights = cluster.PerformanceInsightsEnabled === true ? cluster : instance;
  return {
    instanceClass: instance.DBInstanceClass,
    instanceParameterGroup: instance.DBParameterGroups?.[0]?.DBParameterGroupName,
    monitoring:
      MonitoringInterval === 0
        ? undefined
        : { intervalSeconds: MonitoringInterval, roleArn: MonitoringRoleArn },
    performanceInsights:
      insights.PerformanceInsightsEnabled === true
        ? {
            enabled: true,
            kmsKeyId: insights.PerformanceInsightsKMSKeyId,
            retentionDays: insights.PerformanceInsightsRetentionPeriod,
          }
        : undefined,
    publiclyAccessible: instance.PubliclyAccessible,
    autoMinorVersionUpgrade: instance.AutoMinorVersionUpgrade,
    instanceMaintenanceWindow: instance.PreferredMaintenanceWindow,
    promotionTier: instance.PromotionTier,
    caCertificate: instance.CACertificateIdentifier,
  };
}

function readScaling({
  ServerlessV2ScalingConfiguration: scaling,
}: DBCluster): ServerlessScaling | undefined {
  if (scaling?.MinCapacity === undefined || scaling.MaxCapacity === undefined) return undefined;
  const { MinCapacity, MaxCapacity, SecondsUntilAutoPause } = scaling;
  return {
    minCapacity: MinCapacity,
    maxCapacity: MaxCapacity,
    secondsUntilAutoPause: SecondsUntilAutoPause,
  };
}

/** Undefined where RDS reports no status, as for an engine without it. */
export function readWriteForwarding({ LocalWriteForwardingStatus: status }: DBCluster): boolean | undefined {
  return status === undefined ? undefined : /^(enabl|requested)/.test(status);
}

function readRole({
  RoleArn,
  FeatureName,
}: {
  RoleArn?: string | undefined;
  FeatureName?: string | undefined;
}): DatabaseRole[] {
  return RoleArn === undefined ? [] : [{ roleArn: RoleArn, featureName: FeatureName || undefined }];
}

function readDomain({ DomainMemberships = [] }: DBCluster): DatabaseDomain | undefined {
  const [membership] = DomainMemberships;
  return membership?.Domain === undefined
    ? undefined
    : { id: membership.Domain, roleName: membership.IAMRoleName };
}

/** AWS refuses tags that begin with `aws:`, and `rds:`. The tags of this package belong to the partner alone. */
function readTags({ TagList = [] }: DBCluster): Record<string, string> | undefined {
  const tags = TagList.flatMap(({ Key = '', Value = '' }) =>
    /^(aws|rds):/i.test(Key) || Key.startsWith(ownTagPrefix) ? [] : [[Key, Value] as const],
  );
  return tags.length === 0 ? undefined : Object.fromEntries(tags);
}

function someOf<Item>(items: readonly Item[] | undefined): readonly Item[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items;
}
