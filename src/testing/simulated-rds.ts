import {
  type AddTagsToResourceCommandInput,
  DBClusterNotFoundFault,
  DBClusterSnapshotAlreadyExistsFault,
  DBInstanceNotFoundFault,
  type DeleteDBClusterCommandInput,
  type DeleteDBClusterCommandOutput,
  type DeleteDBInstanceCommandInput,
  type DeleteDBInstanceCommandOutput,
  type DescribeDBClustersCommandInput,
  type DescribeDBClustersCommandOutput,
  type DescribeDBInstancesCommandInput,
  type DescribeDBInstancesCommandOutput,
  InvalidDBClusterStateFault,
  InvalidDBInstanceStateFault,
  type ListTagsForResourceCommandInput,
  type ListTagsForResourceCommandOutput,
  type ModifyDBInstanceCommandInput,
  type ModifyDBInstanceCommandOutput,
  type StartDBClusterCommandInput,
  type StartDBClusterCommandOutput,
  type StopDBClusterCommandInput,
  type StopDBClusterCommandOutput,
} from '@aws-sdk/client-rds';
import {
  type Answer,
  awsError,
  clientFault,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from './environment.js';
import type { SimulatedApplicationAutoScaling } from './simulated-application-auto-scaling.js';
import {
  describeCluster,
  describeInstance,
  filterValues,
  rdsPage,
  type SimulatedDbCluster,
  type SimulatedDbClusterSnapshot,
  type SimulatedDbInstance,
  toTagList,
} from './simulated-rds-cluster.js';

const minute = 60;
const startSeconds = 6 * minute;
const stopSeconds = 4 * minute;
const createInstanceSeconds = 5 * minute;
const modifyInstanceSeconds = minute;
/** Members that are deleted together go one after the other. */
const deleteInstanceSeconds = 2 * minute;
/** From the end of the last member to the end of the cluster. */
const deleteClusterSeconds = 2 * minute;
const longestStopSeconds = 7 * 24 * 60 * minute;

const mostTags = 50;

/** RDS in memory: Aurora clusters that start, stop, grow and go within minutes, members and tags included. */
export class SimulatedRds implements SimulatedService {
  readonly serviceId = 'RDS';
  readonly iamPrefix = 'rds';
  readonly throttlingError = 'Throttling';
  readonly operations = {
    DescribeDBClusters: (input: DescribeDBClustersCommandInput): Answer<DescribeDBClustersCommandOutput> => {
      const wanted = input.DBClusterIdentifier?.toLowerCase();
      if (wanted !== undefined) return { DBClusters: [describeCluster(this.#cluster(wanted))] };
      const ids = filterValues(input.Filters, ['db-cluster-id'], 'db-cluster-id');
      const matching = this.#clusters.filter((it) => ids === undefined || isNamed(it.name, it.arn, ids));
      const { items, nextToken } = rdsPage(matching, input);
      return { DBClusters: items.map(describeCluster), Marker: nextToken };
    },

    DescribeDBInstances: (
      input: DescribeDBInstancesCommandInput,
    ): Answer<DescribeDBInstancesCommandOutput> => {
      const wanted = input.DBInstanceIdentifier;
      if (wanted !== undefined) return { DBInstances: [this.#describe(this.#instance(wanted))] };
      const supported = ['db-cluster-id', 'db-instance-id'];
      const clusters = filterValues(input.Filters, supported, 'db-cluster-id');
      const ids = filterValues(input.Filters, supported, 'db-instance-id');
      const matching = this.#clusters
        .filter((it) => clusters === undefined || isNamed(it.name, it.arn, clusters))
        .flatMap((it) => it.members)
        .filter((it) => ids === undefined || isNamed(it.identifier, it.arn, ids));
      const { items, nextToken } = rdsPage(matching, input);
      return { DBInstances: items.map((it) => this.#describe(it)), Marker: nextToken };
    },

    StartDBCluster: (input: StartDBClusterCommandInput): Answer<StartDBClusterCommandOutput> => {
      const cluster = this.#cluster(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
      const startable = ['stopped', 'inaccessible-encryption-credentials-recoverable'];
      if (!startable.includes(cluster.status)) throw wrongClusterState(cluster, startable);
      this.#start(cluster);
      return { DBCluster: describeCluster(cluster) };
    },

    StopDBCluster: (input: StopDBClusterCommandInput): Answer<StopDBClusterCommandOutput> => {
      const cluster = this.#cluster(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
      if (cluster.status !== 'available') throw wrongClusterState(cluster, ['available']);
      const busy = cluster.members.find((member) => member.status !== 'available');
      if (busy !== undefined) throw wrongInstanceState(busy);
      this.#stop(cluster);
      return { DBCluster: describeCluster(cluster) };
    },

    DeleteDBCluster: (input: DeleteDBClusterCommandInput): Answer<DeleteDBClusterCommandOutput> => {
      const cluster = this.#cluster(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
      this.#checkDeletion(cluster, input);
      const answer = { DBCluster: describeCluster(cluster) };
      if (input.FinalDBSnapshotIdentifier !== undefined)
        this.#snapshots.push({ identifier: input.FinalDBSnapshotIdentifier, cluster: cluster.name });
      cluster.status = 'deleting';
      this.#endDeletion(cluster);
      return answer;
    },

    DeleteDBInstance: (input: DeleteDBInstanceCommandInput): Answer<DeleteDBInstanceCommandOutput> => {
      const instance = this.#instance(required(input.DBInstanceIdentifier, 'DBInstanceIdentifier'));
      if (input.FinalDBSnapshotIdentifier !== undefined) {
        throw awsError(
          'InvalidParameterCombination',
          'FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance',
        );
      }
      if (instance.status !== 'available' && instance.status !== 'failed') throw wrongInstanceState(instance);
      this.#deleteInstance(instance);
      return { DBInstance: this.#describe(instance) };
    },

    ModifyDBInstance: (input: ModifyDBInstanceCommandInput): Answer<ModifyDBInstanceCommandOutput> => {
      const instance = this.#instance(required(input.DBInstanceIdentifier, 'DBInstanceIdentifier'));
      if (instance.status !== 'available') throw wrongInstanceState(instance);
      const wanted = input.EnablePerformanceInsights;
      if (wanted !== undefined && wanted !== instance.performanceInsightsEnabled) {
        instance.status = 'modifying';
        this.#environment.clock.schedule(modifyInstanceSeconds, () => {
          instance.performanceInsightsEnabled = wanted;
          this.#settle(instance, 'modifying');
        });
      }
      return { DBInstance: this.#describe(instance) };
    },

    ListTagsForResource: (
      input: ListTagsForResourceCommandInput,
    ): Answer<ListTagsForResourceCommandOutput> => {
      return { TagList: toTagList(this.#tagged(required(input.ResourceName, 'ResourceName')).tags) };
    },

    AddTagsToResource: (input: AddTagsToResourceCommandInput): void => {
      const resource = this.#tagged(required(input.ResourceName, 'ResourceName'));
      const added = required(input.Tags, 'Tags').map(({ Key, Value = '' }) => [required(Key, 'Key'), Value]);
      if (added.some(([key]) => key?.startsWith('aws:')))
        throw awsError('InvalidParameterValue', 'Tag keys that begin with aws: are reserved');
      const tags: Record<string, string> = { ...resource.tags, ...Object.fromEntries(added) };
      if (Object.keys(tags).length > mostTags)
        throw awsError('TagQuotaExceeded', `A resource has at most ${mostTags} tags`);
      resource.tags = tags;
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #applicationAutoScaling: SimulatedApplicationAutoScaling;
  readonly #snapshots: SimulatedDbClusterSnapshot[] = [];
  #clusters: SimulatedDbCluster[] = [];

  constructor(
    environment: SimulatedEnvironment,
    { applicationAutoScaling }: { applicationAutoScaling: SimulatedApplicationAutoScaling },
  ) {
    this.#environment = environment;
    this.#applicationAutoScaling = applicationAutoScaling;
    applicationAutoScaling.manage('rds', {
      getCapacity: (resourceId) => this.#getReaderCount(resourceId),
      setCapacity: (resourceId, count) => this.#setReaderCount(resourceId, count),
    });
  }

  /** Creates a cluster with a writer and readers, all of them in the cluster's state. */
  addCluster(options: {
    name: string;
    /** @default 1 */
    readers?: number;
    /** @default 'available' */
    status?: string;
    /** @default 'aurora-postgresql' */
    engine?: string;
    deletionProtection?: boolean;
    tags?: Record<string, string>;
    /** Lets Application Auto Scaling keep the readers within bounds. */
    autoscaling?: { minCapacity: number; maxCapacity: number };
  }): SimulatedDbCluster {
    const { name, status = 'available' } = options;
    const cluster: SimulatedDbCluster = {
      name,
      arn: this.#environment.arn('rds', `cluster:${name}`),
      engine: options.engine ?? 'aurora-postgresql',
      status,
      deletionProtection: options.deletionProtection ?? false,
      tags: options.tags ?? {},
      members: [],
    };
    this.#clusters.push(cluster);
    this.#addMember(cluster, { identifier: `${name}-writer`, isWriter: true, status });
    for (let reader = 1; reader <= (options.readers ?? 1); reader += 1) {
      this.addReader(name, { identifier: `${name}-reader-${reader}`, status });
    }
    if (options.autoscaling !== undefined) {
      this.#applicationAutoScaling.addTarget({
        namespace: 'rds',
        resourceId: `cluster:${name}`,
        dimension: 'rds:cluster:ReadReplicaCount',
        ...options.autoscaling,
      });
    }
    return cluster;
  }

  /** Adds a reader at once, in any state. */
  addReader(
    clusterName: string,
    options: { identifier?: string; status?: string; tags?: Record<string, string> } = {},
  ): SimulatedDbInstance {
    const cluster = this.cluster(clusterName);
    return this.#addMember(cluster, {
      identifier: options.identifier ?? `${clusterName}-reader-${cluster.members.length}`,
      isWriter: false,
      status: options.status ?? 'available',
      ...(options.tags && { tags: options.tags }),
    });
  }

  /** The cluster of this name. */
  cluster(name: string): SimulatedDbCluster {
    const cluster = this.#clusters.find((it) => it.name === name);
    if (cluster === undefined) throw new TypeError(`SimulatedCloud has no database cluster ${name}`);
    return cluster;
  }

  /** Whether there is a cluster of this name. */
  hasCluster(name: string): boolean {
    return this.#clusters.some((it) => it.name === name);
  }

  /** The members of the cluster, the writer included; those that are being created or deleted, too. */
  instances(clusterName: string): readonly SimulatedDbInstance[] {
    return this.cluster(clusterName).members;
  }

  /** The final snapshots that deleted clusters have left. */
  get snapshots(): readonly SimulatedDbClusterSnapshot[] {
    return this.#snapshots;
  }

  #start(cluster: SimulatedDbCluster): void {
    setStatus(cluster, 'starting');
    cluster.automaticRestartAt = undefined;
    this.#environment.clock.schedule(startSeconds, () => {
      if (cluster.status !== 'starting') return;
      setStatus(cluster, 'available');
      this.#reconsider(cluster);
    });
  }

  #stop(cluster: SimulatedDbCluster): void {
    setStatus(cluster, 'stopping');
    this.#environment.clock.schedule(stopSeconds, () => {
      if (cluster.status !== 'stopping') return;
      setStatus(cluster, 'stopped');
      const restartAt = this.#environment.clock.now() + longestStopSeconds * 1000;
      cluster.automaticRestartAt = restartAt;
      this.#environment.clock.schedule(longestStopSeconds, () => {
        if (cluster.automaticRestartAt === restartAt) this.#start(cluster);
      });
    });
  }

  #checkDeletion(cluster: SimulatedDbCluster, input: DeleteDBClusterCommandInput): void {
    const name = input.FinalDBSnapshotIdentifier;
    if ((name === undefined) !== (input.SkipFinalSnapshot === true)) {
      throw awsError(
        'InvalidParameterCombination',
        'Either FinalDBSnapshotIdentifier or SkipFinalSnapshot has to be given',
      );
    }
    if (name !== undefined) this.#checkSnapshotName(name);
    if (cluster.deletionProtection) {
      throw awsError(
        'InvalidParameterCombination',
        'Cannot delete protected Cluster, please disable deletion protection and try again.',
      );
    }
    if (cluster.status === 'deleting' || cluster.status.startsWith('stop'))
      throw wrongClusterState(cluster, ['available']);
    if (cluster.members.some((member) => member.status !== 'deleting')) {
      throw new InvalidDBClusterStateFault(
        clientFault('Cluster cannot be deleted, it still contains DB instances in non-deleting state.'),
      );
    }
  }

  #checkSnapshotName(name: string): void {
    if (name.length > 255 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(name)) {
      throw awsError(
        'InvalidParameterValue',
        `The parameter FinalDBSnapshotIdentifier is not a valid identifier: ${name}`,
      );
    }
    if (this.#snapshots.some((snapshot) => snapshot.identifier === name)) {
      throw new DBClusterSnapshotAlreadyExistsFault(
        clientFault(`Cannot create the cluster snapshot because ${name} already exists.`),
      );
    }
  }

  #deleteInstance(instance: SimulatedDbInstance): void {
    const cluster = this.#cluster(instance.cluster);
    instance.status = 'deleting';
    if (instance.isWriter) failOver(cluster, instance);
    const queue = cluster.members.filter((member) => member.status === 'deleting').length;
    this.#environment.clock.schedule(deleteInstanceSeconds * queue, () => {
      cluster.members = cluster.members.filter((member) => member !== instance);
      this.#endDeletion(cluster);
    });
  }

  #endDeletion(cluster: SimulatedDbCluster): void {
    if (cluster.status !== 'deleting' || cluster.members.length > 0) return;
    this.#environment.clock.schedule(deleteClusterSeconds, () => {
      this.#clusters = this.#clusters.filter((it) => it !== cluster);
    });
  }

  /** Application Auto Scaling does nothing unless the cluster and all its members are available. */
  #getReaderCount(resourceId: string): number | undefined {
    const cluster = this.#clusters.find((it) => resourceId === `cluster:${it.name}`);
    if (cluster?.status !== 'available') return undefined;
    if (cluster.members.some((member) => member.status !== 'available')) return undefined;
    return cluster.members.filter((member) => !member.isWriter).length;
  }

  /** Readers are added in any number; only those that were added in this way are taken away again. */
  #setReaderCount(resourceId: string, count: number): void {
    const cluster = this.cluster(resourceId.replace('cluster:', ''));
    const readers = cluster.members.filter((member) => !member.isWriter);
    for (let missing = count - readers.length; missing > 0; missing -= 1) {
      const instance = this.#addMember(cluster, {
        identifier: `application-autoscaling-${this.#environment.nextId()}`,
        isWriter: false,
        status: 'creating',
        tags: { 'application-autoscaling:resourceId': resourceId },
      });
      this.#environment.clock.schedule(createInstanceSeconds, () => this.#settle(instance, 'creating'));
    }
    const removable = readers.filter((it) => 'application-autoscaling:resourceId' in it.tags);
    const surplus = Math.max(0, readers.length - count);
    for (const reader of removable.slice(0, surplus)) this.#deleteInstance(reader);
  }

  /** A transition ends, unless another state has taken its place. */
  #settle(instance: SimulatedDbInstance, transition: string): void {
    if (instance.status !== transition) return;
    instance.status = 'available';
    this.#reconsider(this.#cluster(instance.cluster));
  }

  #reconsider({ name }: SimulatedDbCluster): void {
    this.#applicationAutoScaling.reconsider('rds', `cluster:${name}`);
  }

  #addMember(
    cluster: SimulatedDbCluster,
    options: { identifier: string; isWriter: boolean; status: string; tags?: Record<string, string> },
  ): SimulatedDbInstance {
    const instance: SimulatedDbInstance = {
      ...options,
      arn: this.#environment.arn('rds', `db:${options.identifier}`),
      cluster: cluster.name,
      tags: options.tags ?? {},
      performanceInsightsEnabled: false,
    };
    cluster.members.push(instance);
    return instance;
  }

  #describe(instance: SimulatedDbInstance) {
    return describeInstance(instance, this.#cluster(instance.cluster).engine);
  }

  #cluster(nameOrArn: string): SimulatedDbCluster {
    const cluster = this.#clusters.find((it) => isNamed(it.name, it.arn, [nameOrArn.toLowerCase()]));
    if (cluster === undefined)
      throw new DBClusterNotFoundFault(clientFault(`DBCluster ${nameOrArn} not found.`, 404));
    return cluster;
  }

  #instance(identifierOrArn: string): SimulatedDbInstance {
    const instance = this.#clusters
      .flatMap((cluster) => cluster.members)
      .find((it) => isNamed(it.identifier, it.arn, [identifierOrArn.toLowerCase()]));
    if (instance === undefined)
      throw new DBInstanceNotFoundFault(clientFault(`DBInstance ${identifierOrArn} not found.`, 404));
    return instance;
  }

  #tagged(arn: string): SimulatedDbCluster | SimulatedDbInstance {
    if (!arn.startsWith('arn:')) throw awsError('InvalidParameterValue', `Invalid resource name: ${arn}`);
    return arn.includes(':cluster:') ? this.#cluster(arn) : this.#instance(arn);
  }
}

function setStatus(cluster: SimulatedDbCluster, status: string): void {
  cluster.status = status;
  for (const member of cluster.members) {
    if (member.status !== 'deleting') member.status = status;
  }
}

/** The oldest reader that is available takes over. */
function failOver(cluster: SimulatedDbCluster, writer: SimulatedDbInstance): void {
  const successor = cluster.members.find((member) => member.status === 'available');
  if (successor === undefined) return;
  writer.isWriter = false;
  successor.isWriter = true;
}

function isNamed(name: string, arn: string, wanted: readonly string[]): boolean {
  return wanted.includes(name) || wanted.includes(arn);
}

function wrongClusterState({ name, status }: SimulatedDbCluster, expected: readonly string[]): Error {
  return new InvalidDBClusterStateFault(
    clientFault(
      `DbCluster ${name} is in ${status} state but expected it to be one of ${expected.join(',')}.`,
    ),
  );
}

function wrongInstanceState({ identifier, status }: SimulatedDbInstance): Error {
  return new InvalidDBInstanceStateFault(
    clientFault(`Instance ${identifier} is not in available state, but ${status}.`),
  );
}
