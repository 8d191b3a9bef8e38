import type {
  EnableHttpEndpointCommandInput,
  EnableHttpEndpointCommandOutput,
  ModifyDBClusterCommandInput,
  ModifyDBClusterCommandOutput,
  ModifyDBInstanceCommandInput,
  ModifyDBInstanceCommandOutput,
} from '@aws-sdk/client-rds';
import {
  awsError,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
} from '../../cloud/environment.js';
import {
  describeCluster,
  type SimulatedDbCluster,
  type SimulatedDbClusterSettings,
} from './simulated-rds-cluster.js';
import { wrongClusterState, wrongInstanceState } from './simulated-rds-faults.js';
import type { SimulatedRdsClusters } from './simulated-rds-life-cycle.js';

/** Dependencies of the operations that change settings. */
interface ModificationDependencies {
  readonly environment: SimulatedEnvironment;
  readonly clusters: SimulatedRdsClusters;
}

/** Returns the operations that change the settings of clusters and instances. */
export function modificationOperations(dependencies: () => ModificationDependencies) {
  return {
    ModifyDBCluster: (input: ModifyDBClusterCommandInput): OperationOutput<ModifyDBClusterCommandOutput> => {
      const { clusters, environment } = dependencies();
      const cluster = clusters.byName(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
      if (cluster.status !== 'available') throw wrongClusterState(cluster);
      const { DatabaseInsightsMode, PreferredMaintenanceWindow, DeletionProtection } = input;
      const { EnableLocalWriteForwarding } = input;
      if (DatabaseInsightsMode === 'advanced' && !hasLongInsights(input)) throw shortInsights();
      if (DeletionProtection !== undefined) cluster.deletionProtection = DeletionProtection;
      Object.assign(cluster.settings, {
        ...(DatabaseInsightsMode && { DatabaseInsightsMode, ...insightsOf(input) }),
        ...(PreferredMaintenanceWindow && { PreferredMaintenanceWindow }),
        ...(EnableLocalWriteForwarding !== undefined && forwardingOf(EnableLocalWriteForwarding)),
        ...(input.ManageMasterUserPassword && { MasterUserSecret: secretOf(environment, cluster) }),
      });
      if (DatabaseInsightsMode && input.EnablePerformanceInsights) enableInsights(cluster, input);
      const { ApplyImmediately, DBClusterIdentifier, DeletionProtection: _, ...slow } = input;
      if (Object.values(slow).some((it) => it !== undefined)) clusters.modify(cluster);
      return { DBCluster: describeCluster(cluster) };
    },

    EnableHttpEndpoint: (
      input: EnableHttpEndpointCommandInput,
    ): OperationOutput<EnableHttpEndpointCommandOutput> => {
      const cluster = dependencies().clusters.byName(required(input.ResourceArn, 'ResourceArn'));
      cluster.settings.HttpEndpointEnabled = true;
      return { ResourceArn: cluster.arn, HttpEndpointEnabled: true };
    },

    ModifyDBInstance: (
      input: ModifyDBInstanceCommandInput,
    ): OperationOutput<ModifyDBInstanceCommandOutput> => {
      const { clusters } = dependencies();
      const instance = clusters.instance(required(input.DBInstanceIdentifier, 'DBInstanceIdentifier'));
      if (instance.status !== 'available') throw wrongInstanceState(instance);
      if (input.DeletionProtection !== undefined) instance.deletionProtection = input.DeletionProtection;
      const wanted = input.EnablePerformanceInsights;
      if (instance.cluster !== '') requireInsights(input, clusters.byName(instance.cluster));
      if (wanted === true)
        instance.performanceInsights = {
          kmsKeyId: input.PerformanceInsightsKMSKeyId,
          retentionDays: input.PerformanceInsightsRetentionPeriod ?? 7,
        };
      if (wanted !== undefined && wanted !== instance.performanceInsightsEnabled)
        clusters.enablePerformanceInsights(instance, wanted);
      return { DBInstance: clusters.describe(instance) };
    },
  };
}

export function insightsOf(
  input: Pick<
    ModifyDBClusterCommandInput,
    'EnablePerformanceInsights' | 'PerformanceInsightsKMSKeyId' | 'PerformanceInsightsRetentionPeriod'
  >,
) {
  return withoutUndefined({
    PerformanceInsightsEnabled: input.EnablePerformanceInsights,
    PerformanceInsightsKMSKeyId: input.PerformanceInsightsKMSKeyId,
    PerformanceInsightsRetentionPeriod: input.PerformanceInsightsRetentionPeriod,
  });
}

/** Settings of Performance Insights of a cluster are those of all its instances. */
function enableInsights(cluster: SimulatedDbCluster, input: ModifyDBClusterCommandInput): void {
  for (const member of cluster.members) {
    member.performanceInsightsEnabled = true;
    member.performanceInsights = {
      kmsKeyId: input.PerformanceInsightsKMSKeyId,
      retentionDays: input.PerformanceInsightsRetentionPeriod ?? 7,
    };
  }
}

export function forwardingOf(
  enabled: boolean,
): Pick<SimulatedDbClusterSettings, 'LocalWriteForwardingStatus'> {
  return { LocalWriteForwardingStatus: enabled ? 'enabled' : 'disabled' };
}

/** Source of the sentence: https://github.com/pulumi/pulumi-aws/issues/5286 */
function shortInsights(): Error {
  return awsError(
    'InvalidParameterCombination',
    'To enable the Advanced mode of Database Insights, modify your cluster to enable Performance Insights and set the retention period for Performance Insights to at least 465 days.',
  );
}

/** Refuses what an instance of a cluster cannot have: a mode of its own, and a retention that the mode of the cluster does not allow. */
function requireInsights(input: ModifyDBInstanceCommandInput, { settings }: SimulatedDbCluster): void {
  if (input.DatabaseInsightsMode !== undefined)
    throw awsError(
      'InvalidParameterCombination',
      'The Database Insights mode of a DB instance in a DB cluster is that of the cluster.',
    );
  const isAdvanced = settings.DatabaseInsightsMode === 'advanced';
  if (isAdvanced && input.EnablePerformanceInsights === true && !hasLongInsights(input))
    throw shortInsights();
}

function hasLongInsights(
  input: Pick<
    ModifyDBClusterCommandInput,
    'EnablePerformanceInsights' | 'PerformanceInsightsRetentionPeriod'
  >,
): boolean {
  return input.EnablePerformanceInsights === true && (input.PerformanceInsightsRetentionPeriod ?? 7) >= 465;
}

export function secretOf(environment: SimulatedEnvironment, { resourceId }: SimulatedDbCluster) {
  const SecretArn = environment.arn('secretsmanager', `secret:rds!${resourceId}-simulated`);
  return { SecretArn, SecretStatus: 'active' };
}

export function withoutUndefined<Type extends object>(from: Type): Type {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined)) as Type;
}
