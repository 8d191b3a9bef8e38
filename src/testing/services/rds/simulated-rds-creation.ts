import {
  type CreateDBClusterCommandInput,
  type CreateDBClusterCommandOutput,
  type CreateDBInstanceCommandInput,
  type CreateDBInstanceCommandOutput,
  DBClusterAlreadyExistsFault,
  DBClusterSnapshotNotFoundFault,
  DBInstanceAlreadyExistsFault,
  type DescribeDBClusterSnapshotsCommandInput,
  type DescribeDBClusterSnapshotsCommandOutput,
  InvalidDBClusterStateFault,
  type RestoreDBClusterFromSnapshotCommandInput,
  type RestoreDBClusterFromSnapshotCommandOutput,
  type RestoreDBClusterToPointInTimeCommandInput,
  type RestoreDBClusterToPointInTimeCommandOutput,
  type Tag,
} from '@aws-sdk/client-rds';
import {
  awsError,
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
} from '../../cloud/environment.js';
import {
  describeCluster,
  describeInstance,
  type SimulatedDbCluster,
  type SimulatedDbClusterSettings,
  type SimulatedDbClusterSnapshot,
} from './simulated-rds-cluster.js';
import {
  type RdsQuotas,
  requireClusterQuota,
  requireInstanceQuota,
  wrongClusterState,
} from './simulated-rds-faults.js';
import type { SimulatedRdsClusters } from './simulated-rds-life-cycle.js';
import { forwardingOf, insightsOf, secretOf, withoutUndefined } from './simulated-rds-modification.js';

const minute = 60;
const cloneSeconds = 5 * minute;
const createSeconds = 4 * minute;
const restoreSeconds = 10 * minute;
/** A clone that is a full copy takes as long as its data is large. */
const copySeconds = 30 * minute;
/** Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Clone.html */
const maxClones = 15;

/** Input members that every call which creates a cluster has. */
type CommonInput = RestoreDBClusterToPointInTimeCommandInput &
  Pick<
    CreateDBClusterCommandInput,
    | 'PreferredMaintenanceWindow'
    | 'DatabaseInsightsMode'
    | 'EnableHttpEndpoint'
    | 'EnableLocalWriteForwarding'
    | 'CharacterSetName'
    | 'MasterUsername'
  > & { EngineVersion?: string | undefined; DatabaseName?: string | undefined };

/** A snapshot, with the engine of its cluster. */
export interface RestorableSnapshot extends SimulatedDbClusterSnapshot {
  readonly engine: string;
  readonly engineVersion: string | undefined;
}

/** Dependencies of the operations that create databases. */
export interface CreationDependencies {
  readonly environment: SimulatedEnvironment;
  readonly clusters: SimulatedRdsClusters;
  readonly snapshots: readonly RestorableSnapshot[];
  readonly quotas: RdsQuotas;
}

/** Returns the operations that create clusters and instances. */
export function creationOperations(dependencies: () => CreationDependencies) {
  return {
    RestoreDBClusterToPointInTime: (
      input: RestoreDBClusterToPointInTimeCommandInput,
    ): OperationOutput<RestoreDBClusterToPointInTimeCommandOutput> => {
      return { DBCluster: describeCluster(restoreToPointInTime(dependencies(), input)) };
    },

    RestoreDBClusterFromSnapshot: (
      input: RestoreDBClusterFromSnapshotCommandInput,
    ): OperationOutput<RestoreDBClusterFromSnapshotCommandOutput> => {
      return { DBCluster: describeCluster(restoreSnapshot(dependencies(), input)) };
    },

    DescribeDBClusterSnapshots: (
      input: DescribeDBClusterSnapshotsCommandInput,
    ): OperationOutput<DescribeDBClusterSnapshotsCommandOutput> => {
      const wanted = input.DBClusterSnapshotIdentifier;
      const { snapshots } = dependencies();
      const matching = wanted === undefined ? snapshots : [snapshotOf(snapshots, wanted)];
      return {
        DBClusterSnapshots: matching.map((it) => ({
          DBClusterSnapshotIdentifier: it.identifier,
          DBClusterIdentifier: it.cluster,
          Engine: it.engine,
          EngineVersion: it.engineVersion,
          Status: 'available',
          SnapshotType: 'manual',
        })),
      };
    },

    CreateDBCluster: (input: CreateDBClusterCommandInput): OperationOutput<CreateDBClusterCommandOutput> => {
      return { DBCluster: describeCluster(createEmpty(dependencies(), input)) };
    },

    CreateDBInstance: (input: CreateDBInstanceCommandInput): OperationOutput<CreateDBInstanceCommandOutput> =>
      createMember(dependencies(), input),
  };
}

function restoreToPointInTime(
  it: CreationDependencies,
  input: RestoreDBClusterToPointInTimeCommandInput,
): SimulatedDbCluster {
  const { clusters } = it;
  const source = sourceOf(clusters, input);
  if ((input.RestoreToTime === undefined) === (input.UseLatestRestorableTime !== true))
    throw awsError('InvalidParameterCombination', 'Specify RestoreToTime or UseLatestRestorableTime');
  const isClone = input.RestoreType === 'copy-on-write';
  if (isClone && input.RestoreToTime !== undefined)
    throw awsError(
      'InvalidParameterCombination',
      'RestoreToTime cannot be specified for a copy-on-write restore',
    );
  if (!['available', 'backing-up'].includes(source.status)) throw wrongClusterState(source);
  if (source.members.length === 0)
    throw new InvalidDBClusterStateFault(
      clientFault(`DbCluster ${source.name} does not have any instances.`),
    );
  const group = isClone ? joinCloneGroup(it, source) : undefined;
  return addCluster(it, input, {
    engine: source.engine,
    cloneGroupId: group,
    seconds: group === undefined ? copySeconds : cloneSeconds,
    // The engine, the data, the key and the master user are those of the source.
    inherited: pick(source.settings, [
      'EngineVersion',
      'DatabaseName',
      'MasterUsername',
      'KmsKeyId',
      'StorageEncrypted',
      'BackupRetentionPeriod',
    ]),
  });
}

function sourceOf(
  clusters: SimulatedRdsClusters,
  { SourceDBClusterIdentifier, SourceDbClusterResourceId }: RestoreDBClusterToPointInTimeCommandInput,
): SimulatedDbCluster {
  const found = clusters.all.find((it) => it.resourceId === SourceDbClusterResourceId);
  return (
    found ??
    clusters.byName(
      required(SourceDBClusterIdentifier ?? SourceDbClusterResourceId, 'SourceDBClusterIdentifier'),
    )
  );
}

/** Returns the clone group for a new clone; undefined when it becomes a full copy. */
function joinCloneGroup({ clusters }: CreationDependencies, source: SimulatedDbCluster) {
  source.cloneGroupId ??= `clone-group-of-${source.resourceId}`;
  const members = clusters.all.filter((it) => it.cloneGroupId === source.cloneGroupId).length;
  return members > maxClones ? undefined : source.cloneGroupId;
}

function restoreSnapshot(
  it: CreationDependencies,
  input: RestoreDBClusterFromSnapshotCommandInput,
): SimulatedDbCluster {
  const snapshot = snapshotOf(it.snapshots, required(input.SnapshotIdentifier, 'SnapshotIdentifier'));
  if (required(input.Engine, 'Engine') !== snapshot.engine)
    throw awsError(
      'InvalidParameterCombination',
      `The engine ${input.Engine} does not match the engine ${snapshot.engine} of the snapshot`,
    );
  const inherited = { EngineVersion: input.EngineVersion ?? snapshot.engineVersion };
  return addCluster(it, input, { engine: snapshot.engine, seconds: restoreSeconds, inherited });
}

function createEmpty(it: CreationDependencies, input: CreateDBClusterCommandInput): SimulatedDbCluster {
  const { ManageMasterUserPassword, MasterUserPassword, MasterUsername } = input;
  if (ManageMasterUserPassword !== true && MasterUserPassword === undefined)
    throw awsError(
      'InvalidParameterCombination',
      'Either MasterUserPassword or ManageMasterUserPassword has to be given',
    );
  required(MasterUsername, 'MasterUsername');
  const cluster = addCluster(it, input, {
    engine: required(input.Engine, 'Engine'),
    seconds: createSeconds,
    inherited: {},
  });
  if (ManageMasterUserPassword === true)
    cluster.settings.MasterUserSecret = secretOf(it.environment, cluster);
  return cluster;
}

function addCluster(
  { clusters, environment, quotas }: CreationDependencies,
  input: CommonInput,
  given: {
    engine: string;
    seconds: number;
    cloneGroupId?: string | undefined;
    inherited: SimulatedDbClusterSettings;
  },
): SimulatedDbCluster {
  const name = required(input.DBClusterIdentifier, 'DBClusterIdentifier').toLowerCase();
  if (clusters.all.some((it) => it.name === name))
    throw new DBClusterAlreadyExistsFault(clientFault(`DB Cluster already exists: ${name}`));
  requireClusterQuota(clusters, quotas);
  requireFamily(input.DBClusterParameterGroupName, given.engine);
  const cluster: SimulatedDbCluster = {
    name,
    arn: environment.arn('rds', `cluster:${name}`),
    resourceId: clusters.nextResourceId(),
    engine: given.engine,
    status: 'creating',
    deletionProtection: input.DeletionProtection ?? false,
    readReplicaIdentifiers: [],
    cloneGroupId: given.cloneGroupId,
    tags: fromTagList(input.Tags),
    members: [],
    settings: { ...given.inherited, ...settingsOf(input) },
  };
  clusters.create(cluster, given.seconds);
  return cluster;
}

/** A default parameter group has the name of its family in it. */
function requireFamily(group: string | undefined, engine: string): void {
  if (group === undefined || !group.startsWith('default.') || group.startsWith(`default.${engine}`)) return;
  throw awsError(
    'InvalidParameterCombination',
    `The Parameter Group ${group} cannot be used for this cluster. Please use a Parameter Group with DBParameterGroupFamily ${engine}`,
  );
}

/** Settings that the call has. Everything else is the default of RDS. */
function settingsOf(input: CommonInput): SimulatedDbClusterSettings {
  const { VpcSecurityGroupIds = ['sg-default'], AssociatedRoles, Domain } = input;
  return withoutUndefined({
    VpcSecurityGroups: VpcSecurityGroupIds.map((it) => ({ VpcSecurityGroupId: it, Status: 'active' })),
    DBSubnetGroup: input.DBSubnetGroupName ?? 'default',
    DBClusterParameterGroup: input.DBClusterParameterGroupName,
    Port: input.Port,
    NetworkType: input.NetworkType,
    IAMDatabaseAuthenticationEnabled: input.EnableIAMDatabaseAuthentication ?? false,
    EnabledCloudwatchLogsExports: input.EnableCloudwatchLogsExports,
    CopyTagsToSnapshot: input.CopyTagsToSnapshot ?? false,
    BacktrackWindow: input.BacktrackWindow,
    StorageType: input.StorageType,
    KmsKeyId: input.KmsKeyId,
    StorageEncrypted: input.KmsKeyId === undefined ? undefined : true,
    BackupRetentionPeriod: input.BackupRetentionPeriod,
    PreferredBackupWindow: input.PreferredBackupWindow,
    PreferredMaintenanceWindow: input.PreferredMaintenanceWindow ?? 'mon:03:00-mon:03:30',
    ServerlessV2ScalingConfiguration: input.ServerlessV2ScalingConfiguration,
    DatabaseInsightsMode: input.DatabaseInsightsMode ?? 'standard',
    HttpEndpointEnabled: input.EnableHttpEndpoint ?? false,
    AssociatedRoles,
    DomainMemberships: Domain === undefined ? undefined : [{ Domain, IAMRoleName: input.DomainIAMRoleName }],
    EngineLifecycleSupport: input.EngineLifecycleSupport,
    CharacterSetName: input.CharacterSetName,
    VPCNetworkingEnabled: input.EnableVPCNetworking,
    InternetAccessGatewayEnabled: input.EnableInternetAccessGateway,
    ...(input.EnableLocalWriteForwarding !== undefined && forwardingOf(input.EnableLocalWriteForwarding)),
    EngineVersion: input.EngineVersion,
    DatabaseName: input.DatabaseName,
    MasterUsername: input.MasterUsername,
    MonitoringInterval: input.MonitoringInterval,
    MonitoringRoleArn: input.MonitoringRoleArn,
    ...insightsOf(input),
  });
}

function createMember({ clusters, quotas }: CreationDependencies, input: CreateDBInstanceCommandInput) {
  const identifier = required(input.DBInstanceIdentifier, 'DBInstanceIdentifier').toLowerCase();
  const cluster = clusters.byName(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
  if (clusters.instances.some((it) => it.identifier === identifier))
    throw new DBInstanceAlreadyExistsFault(clientFault(`DB instance already exists: ${identifier}`));
  if (cluster.status !== 'available') throw wrongClusterState(cluster);
  requireInstanceQuota(clusters, quotas);
  const engine = required(input.Engine, 'Engine');
  if (engine !== cluster.engine)
    throw awsError(
      'InvalidParameterCombination',
      `The engine name requested for your DB instance (${engine}) doesn't match the engine name of your DB cluster (${cluster.engine}).`,
    );
  requireCapacity(input, cluster);
  const instance = clusters.createMember(cluster, {
    identifier,
    tags: fromTagList(input.Tags),
    performanceInsightsEnabled: input.EnablePerformanceInsights ?? false,
    settings: withoutUndefined({
      DBInstanceClass: required(input.DBInstanceClass, 'DBInstanceClass'),
      DBParameterGroups:
        input.DBParameterGroupName === undefined
          ? undefined
          : [{ DBParameterGroupName: input.DBParameterGroupName, ParameterApplyStatus: 'in-sync' }],
      PubliclyAccessible: input.PubliclyAccessible,
      AutoMinorVersionUpgrade: input.AutoMinorVersionUpgrade,
      CACertificateIdentifier: input.CACertificateIdentifier,
      MonitoringInterval: input.MonitoringInterval,
      MonitoringRoleArn: input.MonitoringRoleArn,
      PerformanceInsightsKMSKeyId: input.PerformanceInsightsKMSKeyId,
      PerformanceInsightsRetentionPeriod: input.PerformanceInsightsRetentionPeriod,
      PromotionTier: input.PromotionTier ?? 1,
      PreferredMaintenanceWindow: input.PreferredMaintenanceWindow ?? 'tue:09:00-tue:09:30',
    }),
  });
  return { DBInstance: describeInstance(instance, cluster.engine) };
}

/** Source: https://github.com/cloudposse/terraform-aws-rds-cluster/pull/181 */
function requireCapacity(input: CreateDBInstanceCommandInput, { settings }: SimulatedDbCluster): void {
  if (input.DBInstanceClass !== 'db.serverless' || settings.ServerlessV2ScalingConfiguration) return;
  throw new InvalidDBClusterStateFault(
    clientFault(
      'Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.',
    ),
  );
}

function snapshotOf(snapshots: readonly RestorableSnapshot[], wanted: string): RestorableSnapshot {
  const name = wanted.replace(/^arn:.*:cluster-snapshot:/, '');
  const snapshot = snapshots.find((it) => it.identifier === name);
  if (snapshot === undefined)
    throw new DBClusterSnapshotNotFoundFault(clientFault(`DBClusterSnapshot ${wanted} not found.`, 404));
  return snapshot;
}

function fromTagList(tags: readonly Tag[] = []): Record<string, string> {
  const entries = tags.map(({ Key, Value = '' }) => [required(Key, 'Key'), Value] as const);
  if (entries.some(([key]) => /^aws:/i.test(key)))
    throw awsError('InvalidParameterValue', 'Tag keys that begin with aws: are reserved');
  return Object.fromEntries(entries);
}

function pick<Type extends object, Key extends keyof Type>(
  from: Type,
  keys: readonly Key[],
): Pick<Type, Key> {
  return Object.fromEntries(keys.filter((it) => it in from).map((it) => [it, from[it]])) as Pick<Type, Key>;
}
