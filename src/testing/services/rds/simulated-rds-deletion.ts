import {
  DBClusterSnapshotAlreadyExistsFault,
  type DeleteDBClusterCommandInput,
  type DeleteDBClusterCommandOutput,
  type DeleteDBInstanceCommandInput,
  type DeleteDBInstanceCommandOutput,
  InvalidDBClusterStateFault,
  InvalidGlobalClusterStateFault,
  KMSKeyNotAccessibleFault,
  SnapshotQuotaExceededFault,
} from '@aws-sdk/client-rds';
import { awsError, clientFault, type OperationOutput, required } from '../../cloud/environment.js';
import {
  describeCluster,
  type SimulatedDbCluster,
  type SimulatedDbClusterSnapshot,
  type SimulatedDbInstance,
} from './simulated-rds-cluster.js';
import { wrongClusterState, wrongInstanceState } from './simulated-rds-faults.js';
import type { SimulatedRdsClusters } from './simulated-rds-life-cycle.js';

/** Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html */
const deletableInstances =
  /^(available|failed|incompatible-.*|inaccessible-encryption-credentials.*|insufficient-capacity|restore-error|storage-full)$/;

/** Dependencies of the operations that delete databases. */
interface DeletionDependencies {
  readonly clusters: SimulatedRdsClusters;
  readonly snapshots: readonly SimulatedDbClusterSnapshot[];
  readonly quotas: { readonly clusterSnapshotQuota: number };
  readonly retainedBackups: string[];
  readonly addSnapshot: (snapshot: SimulatedDbClusterSnapshot) => void;
}

/** Returns the operations that delete clusters and instances. */
export function deletionOperations(dependencies: () => DeletionDependencies) {
  return {
    DeleteDBCluster: (input: DeleteDBClusterCommandInput): OperationOutput<DeleteDBClusterCommandOutput> => {
      const { clusters, addSnapshot, retainedBackups } = dependencies();
      const cluster = clusters.byName(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
      requireDeletable(dependencies(), cluster, input);
      const response = { DBCluster: describeCluster(cluster) };
      if (input.FinalDBSnapshotIdentifier !== undefined)
        addSnapshot({ identifier: input.FinalDBSnapshotIdentifier, cluster: cluster.name });
      if (input.DeleteAutomatedBackups === false) retainedBackups.push(cluster.name);
      clusters.deleteCluster(cluster);
      return response;
    },

    DeleteDBInstance: (
      input: DeleteDBInstanceCommandInput,
    ): OperationOutput<DeleteDBInstanceCommandOutput> => {
      const { clusters } = dependencies();
      const instance = clusters.instance(required(input.DBInstanceIdentifier, 'DBInstanceIdentifier'));
      if (input.FinalDBSnapshotIdentifier !== undefined) {
        throw awsError(
          'InvalidParameterCombination',
          'FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance',
        );
      }
      if (!deletableInstances.test(instance.status)) throw wrongInstanceState(instance);
      requireNotLast(clusters, instance);
      clusters.deleteInstance(instance);
      return { DBInstance: clusters.describe(instance) };
    },
  };
}

function requireDeletable(
  { snapshots, quotas }: DeletionDependencies,
  cluster: SimulatedDbCluster,
  input: DeleteDBClusterCommandInput,
): void {
  const name = input.FinalDBSnapshotIdentifier;
  if ((name === undefined) !== (input.SkipFinalSnapshot === true)) {
    throw awsError(
      'InvalidParameterCombination',
      'Either FinalDBSnapshotIdentifier or SkipFinalSnapshot has to be given',
    );
  }
  if (name !== undefined) requireSnapshotName(snapshots, name);
  if (cluster.deletionProtection) {
    throw awsError(
      'InvalidParameterCombination',
      'Cannot delete protected Cluster, please disable deletion protection and try again.',
    );
  }
  if (cluster.status === 'deleting' || cluster.status.startsWith('stop')) throw wrongClusterState(cluster);
  if (cluster.globalClusterIdentifier !== undefined) {
    throw new InvalidGlobalClusterStateFault(
      clientFault(`DbCluster ${cluster.name} is a member of a global cluster. Remove it from there first.`),
    );
  }
  if (cluster.members.some((member) => member.status !== 'deleting')) {
    throw new InvalidDBClusterStateFault(
      clientFault('Cluster cannot be deleted, it still contains DB instances in non-deleting state.'),
    );
  }
  if (name !== undefined && cluster.status.startsWith('inaccessible-encryption-credentials'))
    throw new KMSKeyNotAccessibleFault(clientFault(`The KMS key of cluster ${cluster.name} cannot be used.`));
  if (name !== undefined && snapshots.length >= quotas.clusterSnapshotQuota)
    throw new SnapshotQuotaExceededFault(
      clientFault(
        `The account has ${quotas.clusterSnapshotQuota} manual cluster snapshots, the most it may have.`,
      ),
    );
}

/** Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html */
function requireNotLast(clusters: SimulatedRdsClusters, instance: SimulatedDbInstance): void {
  if (instance.cluster === '') return;
  const cluster = clusters.byName(instance.cluster);
  const isLast = cluster.members.every((it) => it === instance || it.status === 'deleting');
  if (!isLast) return;
  const role = replicationRoleOf(cluster);
  if (role !== undefined)
    throw new InvalidDBClusterStateFault(
      clientFault(`DbCluster ${cluster.name} is ${role}: its last instance cannot be deleted.`),
    );
}

function requireSnapshotName(snapshots: readonly SimulatedDbClusterSnapshot[], name: string): void {
  if (name.length > 255 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(name)) {
    throw awsError(
      'InvalidParameterValue',
      `The parameter FinalDBSnapshotIdentifier is not a valid identifier: ${name}`,
    );
  }
  if (snapshots.some((snapshot) => snapshot.identifier === name)) {
    throw new DBClusterSnapshotAlreadyExistsFault(
      clientFault(`Cannot create the cluster snapshot because ${name} already exists.`),
    );
  }
}

export function replicationRoleOf(cluster: SimulatedDbCluster): string | undefined {
  if (cluster.replicationSourceIdentifier !== undefined) return 'a replica cluster';
  return cluster.readReplicaIdentifiers.length > 0 ? 'a replication source' : undefined;
}
