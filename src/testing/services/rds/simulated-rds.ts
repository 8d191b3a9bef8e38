import {
  type AddTagsToResourceCommandInput,
  type DescribeAccountAttributesCommandInput,
  type DescribeAccountAttributesCommandOutput,
  type DescribeDBClustersCommandInput,
  type DescribeDBClustersCommandOutput,
  type DescribeDBInstancesCommandInput,
  type DescribeDBInstancesCommandOutput,
  InvalidDBClusterStateFault,
  type ListTagsForResourceCommandInput,
  type ListTagsForResourceCommandOutput,
  type StartDBClusterCommandInput,
  type StartDBClusterCommandOutput,
  type StopDBClusterCommandInput,
  type StopDBClusterCommandOutput,
} from '@aws-sdk/client-rds';
import {
  awsError,
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedApplicationAutoScaling } from '../application-auto-scaling/simulated-application-auto-scaling.js';
import type { SimulatedCloudWatch } from '../cloudwatch/simulated-cloudwatch.js';
import { blueGreenOperations, SimulatedBlueGreenDeployments } from './simulated-blue-green.js';
import type { SimulatedBlueGreenDeployment } from './simulated-blue-green-deployment.js';
import {
  describeCluster,
  filterValues,
  isNamed,
  rdsPage,
  type SimulatedDbCluster,
  type SimulatedDbClusterSettings,
  type SimulatedDbClusterSnapshot,
  type SimulatedDbInstance,
  type SimulatedDbInstanceSettings,
  toTagList,
} from './simulated-rds-cluster.js';
import {
  type CreationDependencies,
  creationOperations,
  type RestorableSnapshot,
} from './simulated-rds-creation.js';
import { deletionOperations, replicationRoleOf } from './simulated-rds-deletion.js';
import { wrongClusterState, wrongInstanceState } from './simulated-rds-faults.js';
import { SimulatedRdsClusters } from './simulated-rds-life-cycle.js';
import { modificationOperations } from './simulated-rds-modification.js';

const maxTags = 50;

/** States of a cluster that its instances are in as well. In every other one the cluster alone is changing. */
const sharedStates =
  /^(starting|stopping|stopped|creating|deleting|rebooting|modifying|inaccessible-encryption-credentials.*)$/;

/** RDS in memory: Aurora clusters with members and tags, which start, stop, scale and are deleted within minutes. */
export class SimulatedRds implements SimulatedService {
  readonly serviceId = 'RDS';
  readonly iamPrefix = 'rds';
  readonly throttlingError = 'Throttling';
  /** @internal */
  readonly operations = {
    ...creationOperations(() => this.#creation),
    ...modificationOperations(() => this.#creation),
    ...deletionOperations(() => ({
      ...this.#creation,
      quotas: this,
      retainedBackups: this.#retainedBackups,
      addSnapshot: (snapshot) => this.addSnapshot(snapshot),
    })),
    ...blueGreenOperations(() => this.#blueGreen),

    DescribeAccountAttributes: (
      _input: DescribeAccountAttributesCommandInput,
    ): OperationOutput<DescribeAccountAttributesCommandOutput> => ({
      AccountQuotas: [
        { AccountQuotaName: 'DBClusters', Used: this.#clusters.all.length, Max: this.clusterQuota },
        {
          AccountQuotaName: 'ManualClusterSnapshots',
          Used: this.#snapshots.length,
          Max: this.clusterSnapshotQuota,
        },
      ],
    }),

    DescribeDBClusters: (
      input: DescribeDBClustersCommandInput,
    ): OperationOutput<DescribeDBClustersCommandOutput> => {
      const wanted = input.DBClusterIdentifier?.toLowerCase();
      if (wanted !== undefined) return { DBClusters: [describeCluster(this.#clusters.byName(wanted))] };
      const supported = ['db-cluster-id', 'clone-group-id'];
      const ids = filterValues(input.Filters, supported, 'db-cluster-id');
      const groups = filterValues(input.Filters, supported, 'clone-group-id');
      const matching = this.#clusters.all
        .filter((it) => ids === undefined || isNamed(it.name, it.arn, ids))
        .filter((it) => groups === undefined || groups.includes(it.cloneGroupId ?? ''));
      const { items, nextToken } = rdsPage(matching, input);
      return { DBClusters: items.map(describeCluster), Marker: nextToken };
    },

    DescribeDBInstances: (
      input: DescribeDBInstancesCommandInput,
    ): OperationOutput<DescribeDBInstancesCommandOutput> => {
      const wanted = input.DBInstanceIdentifier;
      if (wanted !== undefined)
        return { DBInstances: [this.#clusters.describe(this.#clusters.instance(wanted))] };
      const supported = ['db-cluster-id', 'db-instance-id'];
      const clusters = filterValues(input.Filters, supported, 'db-cluster-id');
      const ids = filterValues(input.Filters, supported, 'db-instance-id');
      const own = clusters === undefined ? this.#clusters.ownInstances : [];
      const matching = this.#clusters.all
        .filter((it) => clusters === undefined || isNamed(it.name, it.arn, clusters))
        .flatMap((it) => it.members)
        .concat(own)
        .filter((it) => ids === undefined || isNamed(it.identifier, it.arn, ids));
      const { items, nextToken } = rdsPage(matching, input);
      return { DBInstances: items.map((it) => this.#clusters.describe(it)), Marker: nextToken };
    },

    StartDBCluster: (input: StartDBClusterCommandInput): OperationOutput<StartDBClusterCommandOutput> => {
      const cluster = this.#clusters.byName(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
      const startable = ['stopped', 'inaccessible-encryption-credentials-recoverable'];
      if (!startable.includes(cluster.status)) throw wrongClusterState(cluster, startable);
      this.#clusters.start(cluster);
      return { DBCluster: describeCluster(cluster) };
    },

    StopDBCluster: (input: StopDBClusterCommandInput): OperationOutput<StopDBClusterCommandOutput> => {
      const cluster = this.#clusters.byName(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
      if (cluster.status !== 'available') throw wrongClusterState(cluster);
      const membership = membershipOf(cluster);
      if (membership !== undefined)
        throw new InvalidDBClusterStateFault(
          clientFault(`DbCluster ${cluster.name} is ${membership} and cannot be stopped.`),
        );
      const busy = cluster.members.find((member) => member.status !== 'available');
      if (busy !== undefined) throw wrongInstanceState(busy);
      this.#clusters.stop(cluster);
      return { DBCluster: describeCluster(cluster) };
    },

    ListTagsForResource: (
      input: ListTagsForResourceCommandInput,
    ): OperationOutput<ListTagsForResourceCommandOutput> => {
      return { TagList: toTagList(this.#tagged(required(input.ResourceName, 'ResourceName')).tags) };
    },

    AddTagsToResource: (input: AddTagsToResourceCommandInput): void => {
      const resource = this.#tagged(required(input.ResourceName, 'ResourceName'));
      const added = required(input.Tags, 'Tags').map(({ Key, Value = '' }) => [required(Key, 'Key'), Value]);
      if (added.some(([key]) => key?.startsWith('aws:')))
        throw awsError('InvalidParameterValue', 'Tag keys that begin with aws: are reserved');
      const tags: Record<string, string> = { ...resource.tags, ...Object.fromEntries(added) };
      if (Object.keys(tags).length > maxTags)
        throw awsError('TagQuotaExceeded', `A resource has at most ${maxTags} tags`);
      resource.tags = tags;
    },
  };

  /** The account's quota of final snapshots. A test can set another number. */
  clusterSnapshotQuota = 100;
  /** The account's quota of clusters. A test can set another number. */
  clusterQuota = 40;
  /** The account's quota of instances. A test can set another number. */
  instanceQuota = 40;

  readonly #environment: SimulatedEnvironment;
  readonly #blueGreen: SimulatedBlueGreenDeployments;
  readonly #applicationAutoScaling: SimulatedApplicationAutoScaling;
  readonly #clusters: SimulatedRdsClusters;
  readonly #snapshots: RestorableSnapshot[] = [];
  readonly #retainedBackups: string[] = [];

  constructor(
    environment: SimulatedEnvironment,
    dependencies: {
      applicationAutoScaling: SimulatedApplicationAutoScaling;
      cloudWatch: SimulatedCloudWatch;
    },
  ) {
    this.#environment = environment;
    this.#blueGreen = new SimulatedBlueGreenDeployments(() => this.#creation, dependencies.cloudWatch);
    this.#applicationAutoScaling = dependencies.applicationAutoScaling;
    this.#clusters = new SimulatedRdsClusters(environment, dependencies);
  }

  /** Creates a cluster with a writer and readers, in the cluster's state when that is one of instances too, or else available. */
  addCluster(options: {
    name: string;
    /** @default 1 */
    readers?: number;
    /** @default 'available' */
    status?: string;
    /** @default 'aurora-postgresql' */
    engine?: string;
    deletionProtection?: boolean;
    globalClusterIdentifier?: string;
    replicationSourceIdentifier?: string;
    /** @default none */
    readReplicaIdentifiers?: readonly string[];
    tags?: Record<string, string>;
    /** Further members of the description of the cluster, such as `Port`. */
    settings?: SimulatedDbClusterSettings;
    /** Further members of the description of its instances. @default `{ DBInstanceClass: 'db.r6g.large' }` */
    instanceSettings?: SimulatedDbInstanceSettings;
    /** Bounds of the readers for Application Auto Scaling. */
    autoscaling?: { minCapacity: number; maxCapacity: number };
  }): SimulatedDbCluster {
    requireOptions('SimulatedRds.addCluster', options, {
      name: 'text',
      readers: 'optional',
      status: 'optional',
      engine: 'optional',
      deletionProtection: 'optional',
      globalClusterIdentifier: 'optional',
      replicationSourceIdentifier: 'optional',
      readReplicaIdentifiers: 'optional',
      tags: 'optional',
      settings: 'optional',
      instanceSettings: 'optional',
      autoscaling: 'optional',
    });
    const { name, status = 'available' } = options;
    const cluster: SimulatedDbCluster = {
      name,
      arn: this.#environment.arn('rds', `cluster:${name}`),
      engine: options.engine ?? 'aurora-postgresql',
      status,
      deletionProtection: options.deletionProtection ?? false,
      globalClusterIdentifier: options.globalClusterIdentifier,
      replicationSourceIdentifier: options.replicationSourceIdentifier,
      readReplicaIdentifiers: [...(options.readReplicaIdentifiers ?? [])],
      tags: options.tags ?? {},
      members: [],
      resourceId: this.#clusters.nextResourceId(),
      settings: { ...options.settings },
    };
    this.#clusters.add(cluster);
    const settings = { DBInstanceClass: 'db.r6g.large', ...options.instanceSettings };
    const member = { status: sharedStates.test(status) ? status : 'available', settings };
    this.#clusters.addMember(cluster, { identifier: `${name}-writer`, isWriter: true, ...member });
    for (let reader = 1; reader <= (options.readers ?? 1); reader += 1) {
      this.addReader(name, { identifier: `${name}-reader-${reader}`, ...member });
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
    options: {
      identifier?: string;
      status?: string;
      tags?: Record<string, string>;
      settings?: SimulatedDbInstanceSettings;
    } = {},
  ): SimulatedDbInstance {
    requireOptions('SimulatedRds.addReader', options, {
      identifier: 'optional',
      status: 'optional',
      tags: 'optional',
      settings: 'optional',
    });
    const cluster = this.cluster(clusterName);
    return this.#clusters.addMember(cluster, {
      identifier: options.identifier ?? `${clusterName}-reader-${cluster.members.length}`,
      isWriter: false,
      status: options.status ?? 'available',
      ...(options.tags && { tags: options.tags }),
      ...(options.settings && { settings: { ...options.settings } }),
    });
  }

  /** Creates an available database instance that is no member of a cluster. */
  addInstance(options: {
    identifier: string;
    /** @default 'mysql' */
    engine?: string;
    /** @default 'available' */
    status?: string;
    deletionProtection?: boolean;
    tags?: Record<string, string>;
    /** Further members of the description, such as `EngineVersion`. @default `{ DBInstanceClass: 'db.r6g.large' }` */
    settings?: SimulatedDbInstanceSettings;
  }): SimulatedDbInstance {
    requireOptions('SimulatedRds.addInstance', options, {
      identifier: 'text',
      engine: 'optional',
      status: 'optional',
      deletionProtection: 'optional',
      tags: 'optional',
      settings: 'optional',
    });
    const { identifier } = options;
    const instance: SimulatedDbInstance = {
      identifier,
      arn: this.#environment.arn('rds', `db:${identifier}`),
      cluster: '',
      resourceId: this.#clusters.nextResourceId('db'),
      engine: options.engine ?? 'mysql',
      deletionProtection: options.deletionProtection ?? false,
      isWriter: true,
      status: options.status ?? 'available',
      tags: options.tags ?? {},
      performanceInsightsEnabled: false,
      settings: { DBInstanceClass: 'db.r6g.large', ...options.settings },
    };
    this.#clusters.addOwnInstance(instance);
    return instance;
  }

  /** The instances that are no member of a cluster. */
  get ownInstances(): readonly SimulatedDbInstance[] {
    return this.#clusters.ownInstances;
  }

  /** The names of all clusters. */
  get clusterNames(): readonly string[] {
    return this.#clusters.all.map(({ name }) => name);
  }

  /** The blue/green deployments, oldest first. A deleted one is no longer among them. */
  get blueGreenDeployments(): readonly SimulatedBlueGreenDeployment[] {
    return this.#blueGreen.all;
  }

  /** The blue/green deployment of this name. */
  blueGreenDeployment(name: string): SimulatedBlueGreenDeployment {
    const deployment = this.#blueGreen.all.find((it) => it.name === name);
    if (deployment === undefined) throw new TypeError(`SimulatedCloud has no blue/green deployment ${name}`);
    return deployment;
  }

  /** Removes a blue/green deployment at once, and no database. */
  forgetBlueGreenDeployment(name: string): void {
    this.#blueGreen.remove(this.blueGreenDeployment(name));
  }

  /** Adds a snapshot of a cluster, which has to exist unless the engine is given. */
  addSnapshot(options: {
    identifier: string;
    cluster: string;
    /** @default that of the cluster */
    engine?: string;
    /** @default that of the cluster */
    engineVersion?: string;
  }): SimulatedDbClusterSnapshot {
    requireOptions('SimulatedRds.addSnapshot', options, {
      identifier: 'text',
      cluster: 'text',
      engine: 'optional',
      engineVersion: 'optional',
    });
    const { identifier, cluster } = options;
    const engine = options.engine ?? this.cluster(cluster).engine;
    const found = this.#clusters.all.find((it) => it.name === cluster);
    const engineVersion = options.engineVersion ?? found?.settings.EngineVersion;
    this.#snapshots.push({ identifier, cluster, engine, engineVersion });
    return { identifier, cluster };
  }

  /** The cluster of this name. */
  cluster(name: string): SimulatedDbCluster {
    const cluster = this.#clusters.all.find((it) => it.name === name);
    if (cluster === undefined) throw new TypeError(`SimulatedCloud has no database cluster ${name}`);
    return cluster;
  }

  /** Removes a cluster with its members at once. */
  removeCluster(name: string): void {
    this.#clusters.remove(this.cluster(name));
  }

  /** True when there is a cluster of this name. */
  hasCluster(name: string): boolean {
    return this.#clusters.all.some((it) => it.name === name);
  }

  /** Returns the members of the cluster, including the writer and members that are being created or deleted. */
  instances(clusterName: string): readonly SimulatedDbInstance[] {
    return this.cluster(clusterName).members;
  }

  /** Names of the deleted clusters whose automated backups were kept. */
  get retainedBackups(): readonly string[] {
    return this.#retainedBackups;
  }

  /** The snapshots of clusters, such as the final ones of deleted clusters. */
  get snapshots(): readonly SimulatedDbClusterSnapshot[] {
    return this.#snapshots.map(({ identifier, cluster }) => ({ identifier, cluster }));
  }

  get #creation(): CreationDependencies {
    return {
      environment: this.#environment,
      clusters: this.#clusters,
      snapshots: this.#snapshots,
      quotas: this,
    };
  }

  #tagged(arn: string): SimulatedDbCluster | SimulatedDbInstance {
    if (!arn.startsWith('arn:')) throw awsError('InvalidParameterValue', `Invalid resource name: ${arn}`);
    return arn.includes(':cluster:') ? this.#clusters.byName(arn) : this.#clusters.instance(arn);
  }
}

function membershipOf(cluster: SimulatedDbCluster): string | undefined {
  return cluster.globalClusterIdentifier === undefined
    ? replicationRoleOf(cluster)
    : 'a member of a global cluster';
}
