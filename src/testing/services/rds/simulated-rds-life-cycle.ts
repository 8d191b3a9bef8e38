import { DBClusterNotFoundFault, type DBInstance, DBInstanceNotFoundFault } from '@aws-sdk/client-rds';
import { clientFault, type SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedApplicationAutoScaling } from '../application-auto-scaling/simulated-application-auto-scaling.js';
import {
  describeInstance,
  isNamed,
  type SimulatedDbCluster,
  type SimulatedDbInstance,
  type SimulatedDbInstanceSettings,
} from './simulated-rds-cluster.js';

const minute = 60;
const startSeconds = 6 * minute;
const stopSeconds = 4 * minute;
const createInstanceSeconds = 5 * minute;
const modifyInstanceSeconds = minute;
const modifyClusterSeconds = minute;
/** Members are deleted one after the other. */
const deleteInstanceSeconds = 2 * minute;
/** Seconds from the deletion of the last member to the deletion of the cluster. */
const deleteClusterSeconds = 2 * minute;
const maxStopSeconds = 7 * 24 * 60 * minute;

/** The clusters of the {@link SimulatedRds}, with their transitions over time. */
export class SimulatedRdsClusters {
  readonly #environment: SimulatedEnvironment;
  readonly #applicationAutoScaling: SimulatedApplicationAutoScaling;
  #clusters: SimulatedDbCluster[] = [];
  #ownInstances: SimulatedDbInstance[] = [];
  #resourceCount = 0;

  constructor(
    environment: SimulatedEnvironment,
    { applicationAutoScaling }: { applicationAutoScaling: SimulatedApplicationAutoScaling },
  ) {
    this.#environment = environment;
    this.#applicationAutoScaling = applicationAutoScaling;
    applicationAutoScaling.manage('rds', {
      getCapacity: (resourceId) => this.#getReaderCount(resourceId),
      setCapacity: (resourceId, count) => this.#setReaderCount(resourceId, count),
      refusalOf: (resourceId) =>
        this.#byResourceId(resourceId) === undefined ? "DB cluster doesn't exist" : undefined,
    });
  }

  /** Returns a resource ID that no database has had. */
  nextResourceId(kind: 'cluster' | 'db' = 'cluster'): string {
    this.#resourceCount += 1;
    return `${kind}-${String(this.#resourceCount).padStart(8, '0')}`;
  }

  /** All instances, the members of clusters first. */
  get instances(): readonly SimulatedDbInstance[] {
    return [...this.#clusters.flatMap(({ members }) => members), ...this.#ownInstances];
  }

  /** The instances that are no member of a cluster. */
  get ownInstances(): readonly SimulatedDbInstance[] {
    return this.#ownInstances;
  }

  addOwnInstance(instance: SimulatedDbInstance): void {
    this.#ownInstances.push(instance);
  }

  /** Removes an instance at once. */
  removeInstance(instance: SimulatedDbInstance): void {
    this.#ownInstances = this.#ownInstances.filter((it) => it !== instance);
    for (const cluster of this.#clusters) {
      cluster.members = cluster.members.filter((it) => it !== instance);
    }
  }

  /** Removes a cluster at once. */
  remove(cluster: SimulatedDbCluster): void {
    this.#clusters = this.#clusters.filter((it) => it !== cluster);
  }

  get all(): readonly SimulatedDbCluster[] {
    return this.#clusters;
  }

  add(cluster: SimulatedDbCluster): void {
    this.#clusters.push(cluster);
  }

  addMember(
    cluster: SimulatedDbCluster,
    options: {
      identifier: string;
      isWriter: boolean;
      status: string;
      tags?: Record<string, string>;
      settings?: SimulatedDbInstanceSettings;
      performanceInsightsEnabled?: boolean;
    },
  ): SimulatedDbInstance {
    const instance: SimulatedDbInstance = {
      settings: {},
      ...options,
      resourceId: this.nextResourceId('db'),
      arn: this.#environment.arn('rds', `db:${options.identifier}`),
      cluster: cluster.name,
      tags: options.tags ?? {},
      performanceInsightsEnabled: options.performanceInsightsEnabled ?? false,
    };
    cluster.members.push(instance);
    return instance;
  }

  byName(nameOrArn: string): SimulatedDbCluster {
    const cluster = this.#clusters.find((it) => isNamed(it.name, it.arn, [nameOrArn.toLowerCase()]));
    if (cluster === undefined)
      throw new DBClusterNotFoundFault(clientFault(`DBCluster ${nameOrArn} not found.`, 404));
    return cluster;
  }

  instance(identifierOrArn: string): SimulatedDbInstance {
    const wanted = [identifierOrArn.toLowerCase()];
    const instance = this.instances.find((it) => isNamed(it.identifier, it.arn, wanted));
    if (instance === undefined)
      throw new DBInstanceNotFoundFault(clientFault(`DBInstance ${identifierOrArn} not found.`, 404));
    return instance;
  }

  /** Returns an instance as RDS describes it. */
  describe(instance: SimulatedDbInstance): DBInstance {
    if (instance.cluster === '') return describeInstance(instance, instance.engine ?? '');
    const { engine, settings } = this.byName(instance.cluster);
    const { DatabaseInsightsMode = 'standard' } = settings;
    return { ...describeInstance(instance, engine), DatabaseInsightsMode };
  }

  /** Adds a cluster that becomes available after a while. */
  create(cluster: SimulatedDbCluster, seconds: number): void {
    this.add(cluster);
    this.#environment.clock.schedule(seconds, () => {
      if (cluster.status === 'creating') cluster.status = 'available';
    });
  }

  /** Adds a member that becomes available after a while. The first one is the writer. */
  createMember(
    cluster: SimulatedDbCluster,
    options: {
      identifier: string;
      tags: Record<string, string>;
      settings?: SimulatedDbInstanceSettings;
      performanceInsightsEnabled?: boolean;
    },
  ): SimulatedDbInstance {
    const isWriter = cluster.members.every((member) => member.status === 'deleting');
    const instance = this.addMember(cluster, { ...options, isWriter, status: 'creating' });
    this.#environment.clock.schedule(createInstanceSeconds, () => this.#endTransition(instance, 'creating'));
    return instance;
  }

  /** Shows the cluster as modified for a while. */
  modify(cluster: SimulatedDbCluster): void {
    cluster.status = 'modifying';
    this.#environment.clock.schedule(modifyClusterSeconds, () => {
      if (cluster.status === 'modifying') cluster.status = 'available';
    });
  }

  start(cluster: SimulatedDbCluster): void {
    setStatus(cluster, 'starting');
    cluster.automaticRestartAt = undefined;
    this.#environment.clock.schedule(startSeconds, () => {
      if (cluster.status !== 'starting') return;
      setStatus(cluster, 'available');
      this.#reevaluate(cluster);
    });
  }

  stop(cluster: SimulatedDbCluster): void {
    setStatus(cluster, 'stopping');
    this.#environment.clock.schedule(stopSeconds, () => {
      if (cluster.status !== 'stopping') return;
      setStatus(cluster, 'stopped');
      const restartAt = this.#environment.clock.now() + maxStopSeconds * 1000;
      cluster.automaticRestartAt = restartAt;
      this.#environment.clock.schedule(maxStopSeconds, () => {
        if (cluster.automaticRestartAt === restartAt) this.start(cluster);
      });
    });
  }

  deleteInstance(instance: SimulatedDbInstance): void {
    if (instance.cluster === '') {
      instance.status = 'deleting';
      this.#environment.clock.schedule(deleteInstanceSeconds, () => this.removeInstance(instance));
      return;
    }
    const cluster = this.byName(instance.cluster);
    instance.status = 'deleting';
    if (instance.isWriter) failOver(cluster, instance);
    const queue = cluster.members.filter((member) => member.status === 'deleting').length;
    this.#environment.clock.schedule(deleteInstanceSeconds * queue, () => {
      cluster.members = cluster.members.filter((member) => member !== instance);
      this.#endDeletion(cluster);
    });
  }

  deleteCluster(cluster: SimulatedDbCluster): void {
    cluster.status = 'deleting';
    this.#endDeletion(cluster);
  }

  enablePerformanceInsights(instance: SimulatedDbInstance, enabled: boolean): void {
    instance.status = 'modifying';
    this.#environment.clock.schedule(modifyInstanceSeconds, () => {
      instance.performanceInsightsEnabled = enabled;
      this.#endTransition(instance, 'modifying');
    });
  }

  #endDeletion(cluster: SimulatedDbCluster): void {
    if (cluster.status !== 'deleting' || cluster.members.length > 0) return;
    this.#environment.clock.schedule(deleteClusterSeconds, () => {
      this.remove(cluster);
    });
  }

  #byResourceId(resourceId: string): SimulatedDbCluster | undefined {
    return this.#clusters.find((it) => resourceId === `cluster:${it.name}`);
  }

  /** Returns the number of readers; undefined unless the cluster and all members are available, because scaling then pauses. */
  #getReaderCount(resourceId: string): number | undefined {
    const cluster = this.#byResourceId(resourceId);
    if (cluster?.status !== 'available') return undefined;
    if (cluster.members.some((member) => member.status !== 'available')) return undefined;
    return cluster.members.filter((member) => !member.isWriter).length;
  }

  /** Adds readers, or deletes readers that scaling has added. */
  #setReaderCount(resourceId: string, count: number): void {
    const cluster = this.byName(resourceId.replace('cluster:', ''));
    const readers = cluster.members.filter((member) => !member.isWriter);
    for (let missing = count - readers.length; missing > 0; missing -= 1) {
      this.createMember(cluster, {
        identifier: `application-autoscaling-${this.#environment.nextId()}`,
        tags: { 'application-autoscaling:resourceId': resourceId },
      });
    }
    const removable = readers.filter((it) => 'application-autoscaling:resourceId' in it.tags);
    const surplus = Math.max(0, readers.length - count);
    for (const reader of removable.slice(0, surplus)) this.deleteInstance(reader);
  }

  /** Ends a transition, unless the state has changed meanwhile. */
  #endTransition(instance: SimulatedDbInstance, transition: string): void {
    if (instance.status !== transition) return;
    instance.status = 'available';
    if (instance.cluster !== '') this.#reevaluate(this.byName(instance.cluster));
  }

  #reevaluate({ name }: SimulatedDbCluster): void {
    this.#applicationAutoScaling.reevaluate('rds', `cluster:${name}`);
  }
}

function setStatus(cluster: SimulatedDbCluster, status: string): void {
  cluster.status = status;
  for (const member of cluster.members) {
    if (member.status !== 'deleting') member.status = status;
  }
}

/** Makes the oldest available reader the writer. */
function failOver(cluster: SimulatedDbCluster, writer: SimulatedDbInstance): void {
  const successor = cluster.members.find((member) => member.status === 'available');
  if (successor === undefined) return;
  writer.isWriter = false;
  successor.isWriter = true;
}
