import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { RDSClient } from '@aws-sdk/client-rds';
import type { CallOptions } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import type { WaitOptions } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { callOptionsSchema, nonEmptyString, waitOptionsSchema } from '../core/schemas.js';
import {
  parseStackReference,
  partnerOf,
  type StackPair,
  type StackReference,
} from '../core/stack-reference.js';
import { toolDependencies } from '../core/tool-options.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { boundsSchema, deleteSchema, insightsSchema, optionsSchema } from './aurora-options.js';
import { clusterNotFound, readClusterState, startCluster, stopCluster } from './cluster-power.js';
import type { ClusterState } from './cluster-state.js';
import { waitForCluster } from './cluster-wait.js';
import { type AuroraContext, maxPowerLagSeconds } from './context.js';
import { deleteCreated, readCreationState } from './created-database.js';
import { CreationApi } from './creation-api.js';
import { parseCreateOptions, parseCreationQuery, parseDeleteCreated } from './creation-options.js';
import type {
  CreateDatabaseOptions,
  CreatedDatabaseDeletion,
  DatabaseCreation,
  DatabaseCreationQuery,
  DatabaseCreationState,
  DeleteCreatedDatabaseOptions,
} from './creation-types.js';
import { DatabaseCreator } from './database-creation.js';
import { DatabaseDeleter } from './database-deletion.js';
import { RdsApi } from './rds-api.js';
import { parseRdsEvent } from './rds-event.js';
import { countReaders } from './reader-count.js';
import { type ReaderEventSettings, tagReader } from './reader-events.js';
import { enableInsightsOfReader } from './reader-insights.js';
import { ReaderScaling } from './reader-scaling.js';
import type {
  AuroraStackOptions,
  AuroraToolsClients,
  AuroraToolsOptions,
  DatabaseDeletion,
  DeleteDatabaseOptions,
  EnablePerformanceInsightsOptions,
  IgnoredEvent,
  PerformanceInsightsEnabled,
  PresentReaderBounds,
  RdsEventInput,
  ReaderBounds,
  TaggedReader,
} from './types.js';

/**
 * Creates, starts, scales, stops and deletes the Aurora clusters of a pair of stacks, and completes the readers that a scale-out
 * creates.
 *
 * @example
 * ```ts
 * import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
 *
 * const databases = new AuroraTools({
 *   blue: { clusterIdentifier: 'orders-blue' },
 *   green: { clusterIdentifier: 'orders-green' },
 *   minimumReaderCount: 1,
 * });
 *
 * await databases.startDatabase('green');
 * await databases.waitForClusterState('green', 'available', { maxWaitSeconds: 1200 });
 * await databases.scaleOut('green'); // as many readers as blue has now
 * ```
 */
export class AuroraTools {
  readonly #stacks: StackPair<AuroraStackOptions>;
  readonly #minimumReaderCount: number;
  readonly #withSnapshot: boolean;
  readonly #readerEvents: ReaderEventSettings;
  readonly #scaling: ReaderScaling;
  readonly #context: AuroraContext;
  readonly #creation: CreationApi;

  /** @throws InvalidInputError when an option is missing, malformed or unknown, or when both stacks share a cluster. */
  constructor(options: AuroraToolsOptions) {
    const { blue, green, ...settings } = parseInput('AuroraTools options', optionsSchema, options);
    const [one, other] = [blue.clusterIdentifier, green.clusterIdentifier];
    requireDistinct('AuroraTools options', 'clusterIdentifier', [one], [other]);
    this.#stacks = { blue, green };
    this.#minimumReaderCount = settings.minimumReaderCount;
    this.#withSnapshot = settings.finalSnapshot === 'create';
    const { namespace, readerTags, onMaxCapacityTooLow, onTransition } = settings;
    this.#readerEvents = { clusters: [one, other], namespace, readerTags };
    const { rds, applicationAutoScaling } = resolveClients<AuroraToolsClients>(options, {
      rds: RDSClient,
      applicationAutoScaling: ApplicationAutoScalingClient,
    });
    const { clock, logger } = toolDependencies(settings);
    this.#scaling = new ReaderScaling({ client: applicationAutoScaling, clock, logger, onMaxCapacityTooLow });
    const recentPower = new RecentWrites<'start' | 'stop'>(clock, { maxLagSeconds: maxPowerLagSeconds });
    this.#creation = new CreationApi(rds);
    this.#context = { api: new RdsApi(rds), clock, logger, onTransition, recentPower };
  }

  /**
   * Returns the present state of the stack's cluster as RDS reports it, also one that `ClusterState` does not know.
   *
   * @remarks IAM: rds:DescribeDBClusters
   * @throws ResourceNotFoundError when the cluster does not exist; InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async getClusterState(stack: StackReference, options: CallOptions = {}): Promise<ClusterState> {
    const parsed = parseInput('getClusterState options', callOptionsSchema, options);
    const { state } = await readClusterState(this.#context.api, this.#clusterOf(stack), parsed);
    return state;
  }

  /**
   * Waits until the stack's cluster is in a state, or, for `'deleted'`, until it is gone. For `'available'` all its instances have to
   * be available too, and there has to be one, except in Aurora Limitless and Serverless v1. An instance that is being deleted does not
   * count. Fails at once when that state cannot be reached any more: the cluster is gone, is being deleted, or it or an instance has
   * failed permanently. The error has the reasons of RDS.
   *
   * @param options - `maxWaitSeconds` is 1800 by default.
   * @remarks IAM: rds:DescribeDBClusters, and rds:DescribeDBInstances for `'available'`
   * @throws WaitTimeoutError, ResourceStateError, ResourceNotFoundError, InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async waitForClusterState(
    stack: StackReference,
    state: ClusterState,
    options: WaitOptions = {},
  ): Promise<void> {
    const cluster = this.#clusterOf(stack);
    const wanted: ClusterState = parseInput('cluster state', nonEmptyString, state);
    const parsed = parseInput('waitForClusterState options', waitOptionsSchema, options);
    await waitForCluster(this.#context, { cluster, wanted, ...parsed });
  }

  /**
   * Creates the database of the stack: its cluster, from a clone of the partner's cluster, from a snapshot, or empty; and then a writer
   * and `minimumReaderCount` readers with the class and the parameter group of the partner's writer. AWS inherits hardly any setting, so all
   * settings are copied from the partner unless `settings` has them; the result names the copied ones. Application Auto Scaling,
   * custom endpoints and activity streams are not copied. The partner is only read.
   *
   * Returns when the cluster is available and RDS has accepted its instances; `waitForClusterState` waits for those. A tag of this
   * package names the source, so a call that was interrupted anywhere is continued by the next one. A complete database is left
   * unchanged, and a cluster of another source, or of another `creationId`, is refused. A cluster that another program deletes during
   * the call is an error. AWS makes a full copy in place of the sixteenth clone of a cluster: a warning is logged before it, and the
   * result has `copy: 'full'`.
   *
   * No option takes a password. An empty database has one that RDS manages, and a clone or a restored snapshot has that of its source
   * until RDS manages it.
   *
   * @param options - `maxWaitSeconds` (7200 by default) limits the wait for the cluster.
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances, rds:CreateDBInstance, rds:AddTagsToResource, and by the source
   * rds:RestoreDBClusterToPointInTime, rds:RestoreDBClusterFromSnapshot and rds:DescribeDBClusterSnapshots, or rds:CreateDBCluster; by
   * the settings rds:ModifyDBCluster, rds:EnableHttpEndpoint, iam:PassRole, secretsmanager:CreateSecret, secretsmanager:TagResource,
   * kms:CreateGrant and kms:DescribeKey.
   * @throws ResourceStateError for a cluster of another origin, or with AWS's sentence for a refusal, such as a quota, a lack of
   * capacity, a KMS key or an engine that does not match; WaitTimeoutError, ResourceNotFoundError when the partner does not exist,
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   *
   * @example
   * ```ts
   * import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
   *
   * const databases = new AuroraTools({
   *   blue: { clusterIdentifier: 'orders-blue' },
   *   green: { clusterIdentifier: 'orders-green' },
   * });
   *
   * const { copiedSettings } = await databases.createDatabase('green', { from: 'clone' });
   * await databases.waitForClusterState('green', 'available');
   * console.log(copiedSettings);
   * ```
   */
  async createDatabase(stack: StackReference, options: CreateDatabaseOptions): Promise<DatabaseCreation> {
    const cluster = this.#clusterOf(stack);
    const partner = this.#clusterOf(partnerOf(stack));
    const parsed = parseCreateOptions(options);
    const members = 1 + this.#minimumReaderCount;
    return new DatabaseCreator(this.#context, this.#creation, { ...parsed, cluster, partner, members }).run();
  }

  /**
   * Returns the state of the creation of the stack's database. With a `creationId` a database of another creation is `'other'`.
   *
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances
   * @throws InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async getDatabaseCreation(
    stack: StackReference,
    options: DatabaseCreationQuery & CallOptions = {},
  ): Promise<DatabaseCreationState> {
    const cluster = this.#clusterOf(stack);
    const { creationId, signal } = parseCreationQuery(options);
    const members = 1 + this.#minimumReaderCount;
    return readCreationState(this.#context.api, { cluster, members, creationId }, { signal });
  }

  /**
   * Deletes the stack's database if {@link createDatabase} has created it with this `creationId`, and leaves any other one unchanged.
   * Deletion protection is turned off first, because it was the partner's setting, unless RDS shows beforehand that it would refuse
   * the deletion. There is no final snapshot. Returns when RDS has accepted it. A half-done deletion continues where it stopped. Another
   * cluster that gets the name during the wait is not deleted.
   *
   * @param options - `maxWaitSeconds` (1800 by default) limits the wait for a cluster and instances that cannot be deleted yet.
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances, rds:ModifyDBCluster, rds:DeleteDBInstance, rds:DeleteDBCluster
   * @throws ResourceStateError, WaitTimeoutError, InvalidInputError, AccessDeniedError, OperationAbortedError,
   * MultipleFailuresError
   */
  async deleteCreatedDatabase(
    stack: StackReference,
    options: DeleteCreatedDatabaseOptions,
  ): Promise<CreatedDatabaseDeletion> {
    const cluster = this.#clusterOf(stack);
    const parsed = parseDeleteCreated(options);
    return deleteCreated(this.#context, this.#creation, { ...parsed, cluster });
  }

  /**
   * Counts the readers of the stack's cluster that are, or will be, in service: all members except the writer, if any, and
   * except those that are stopped, failed or being deleted.
   *
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances
   * @throws ResourceNotFoundError when the cluster does not exist; InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async getReaderCount(stack: StackReference, options: CallOptions = {}): Promise<number> {
    const parsed = parseInput('getReaderCount options', callOptionsSchema, options);
    return this.#countReaders(this.#clusterOf(stack), parsed);
  }

  /**
   * Sets the auto scaling minimum of the stack's cluster to the number of readers that its partner has now, or to
   * `minimumReaderCount` if that is more. Does not wait for the new readers; Application Auto Scaling creates them when the
   * cluster is available. While scaling out is suspended it creates none: the result has the suspended parts, and a warning
   * is logged.
   *
   * @returns the bounds that are set now.
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances, application-autoscaling:DescribeScalableTargets,
   * application-autoscaling:RegisterScalableTarget; and by way of Application Auto Scaling alone rds:AddTagsToResource,
   * rds:CreateDBInstance, rds:DeleteDBInstance, cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms,
   * cloudwatch:PutMetricAlarm
   * @throws ResourceStateError when the maximum is too low and may not be raised; ResourceNotFoundError when the partner's
   * cluster or the scalable target does not exist; InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async scaleOut(stack: StackReference, options: CallOptions = {}): Promise<ReaderBounds> {
    const cluster = this.#clusterOf(stack);
    const parsed = parseInput('scaleOut options', callOptionsSchema, options);
    const minimum = this.#countReaders(this.#clusterOf(partnerOf(stack)), parsed).then((readers) =>
      Math.max(readers, this.#minimumReaderCount),
    );
    return this.#scaling.setMinimum(cluster, minimum, 'DynamicScalingOut', parsed);
  }

  /**
   * Sets the auto scaling minimum of the stack's cluster back to `minimumReaderCount`. A maximum that a scale-out has
   * raised stays unchanged; readers are removed when the scaling policy finds that they are not needed. While scaling in is
   * suspended none are removed: the result has the suspended parts, and a warning is logged.
   *
   * @returns the bounds that are set now.
   * @remarks IAM: application-autoscaling:DescribeScalableTargets, application-autoscaling:RegisterScalableTarget; and by
   * way of Application Auto Scaling alone rds:DescribeDBClusters, rds:DescribeDBInstances, rds:AddTagsToResource,
   * rds:CreateDBInstance, rds:DeleteDBInstance, cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms,
   * cloudwatch:PutMetricAlarm
   * @throws ResourceStateError when the maximum is too low and may not be raised; ResourceNotFoundError when the scalable
   * target does not exist; InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async scaleIn(stack: StackReference, options: CallOptions = {}): Promise<ReaderBounds> {
    const cluster = this.#clusterOf(stack);
    const parsed = parseInput('scaleIn options', callOptionsSchema, options);
    return this.#scaling.setMinimum(cluster, this.#minimumReaderCount, 'DynamicScalingIn', parsed);
  }

  /**
   * Returns the auto scaling bounds of the stack's cluster, and the minimum that {@link scaleIn} sets.
   *
   * @remarks IAM: application-autoscaling:DescribeScalableTargets
   * @throws ResourceNotFoundError when the scalable target does not exist; InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async getReaderBounds(stack: StackReference, options: CallOptions = {}): Promise<PresentReaderBounds> {
    const cluster = this.#clusterOf(stack);
    const parsed = parseInput('getReaderBounds options', callOptionsSchema, options);
    const bounds = await this.#scaling.getBounds(cluster, parsed);
    return { ...bounds, normalMinimum: this.#minimumReaderCount };
  }

  /**
   * Sets the auto scaling bounds of the stack's cluster, for example to those of before a {@link scaleOut}. Does not wait for
   * readers to be created or removed.
   *
   * @returns the bounds that are set now.
   * @remarks IAM: application-autoscaling:DescribeScalableTargets, application-autoscaling:RegisterScalableTarget; and by
   * way of Application Auto Scaling alone rds:DescribeDBClusters, rds:DescribeDBInstances, rds:AddTagsToResource,
   * rds:CreateDBInstance, rds:DeleteDBInstance, cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms,
   * cloudwatch:PutMetricAlarm
   * @throws InvalidInputError also when the minimum is above the maximum; ResourceNotFoundError when the scalable target does
   * not exist; AccessDeniedError, OperationAbortedError
   */
  async setReaderBounds(
    stack: StackReference,
    bounds: Pick<ReaderBounds, 'minimum' | 'maximum'>,
    options: CallOptions = {},
  ): Promise<ReaderBounds> {
    const cluster = this.#clusterOf(stack);
    const wanted = parseInput('reader bounds', boundsSchema, bounds);
    const parsed = parseInput('setReaderBounds options', callOptionsSchema, options);
    return this.#scaling.setBounds(cluster, wanted, parsed);
  }

  /**
   * Starts the stack's cluster. Returns when RDS has accepted it; `waitForClusterState` waits until the cluster is
   * available. A cluster that is available, or in a state that is known to lead there, counts as started. One that is being
   * stopped, or in an unknown state, is waited for, or is an error (`onTransition`).
   *
   * @param options - `maxWaitSeconds` is 1800 by default.
   * @remarks IAM: rds:DescribeDBClusters, rds:StartDBCluster
   * @throws ResourceStateError, ResourceNotFoundError, WaitTimeoutError, InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async startDatabase(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    const parsed = parseInput('startDatabase options', waitOptionsSchema, options);
    await startCluster(this.#context, this.#clusterOf(stack), parsed);
  }

  /**
   * Stops the stack's cluster with all its members. Returns when RDS has accepted it. A cluster that is stopped or being
   * stopped counts as stopped. One that is changing or in an unknown state, or has a member that is, is waited for, or is
   * an error (`onTransition`). RDS starts a stopped cluster by itself after seven days.
   *
   * @param options - `maxWaitSeconds` is 1800 by default.
   * @remarks IAM: rds:DescribeDBClusters, rds:StopDBCluster
   * @throws ResourceStateError, ResourceNotFoundError, WaitTimeoutError, InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async stopDatabase(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    const parsed = parseInput('stopDatabase options', waitOptionsSchema, options);
    await stopCluster(this.#context, this.#clusterOf(stack), parsed);
  }

  /**
   * Deletes the members of the stack's cluster, then the cluster, by default with a final snapshot that is named after the
   * cluster and the time. Returns when RDS has accepted all of it; `waitForClusterState` waits for `'deleted'`. A half-done
   * deletion continues where it stopped. RDS deletes the automated backups with the cluster, unless `deleteAutomatedBackups` is false.
   *
   * Nothing is deleted when RDS shows beforehand that it would refuse: deletion protection, a stopped cluster (RDS does not
   * delete it), membership in a global database, replication in either direction, no room for the final snapshot in the
   * account's quota, or a KMS key that the final snapshot needs and RDS cannot use. When RDS refuses for another reason, the
   * error names the members that are already deleted. Another cluster that gets the name during the wait, such as by the switchover of
   * a blue/green deployment, is an error.
   *
   * @param options - `maxWaitSeconds` (1800 by default) limits the wait for a cluster and members that cannot be deleted
   * yet.
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances, rds:DeleteDBInstance, rds:DeleteDBCluster, and
   * rds:DescribeAccountAttributes, rds:CreateDBClusterSnapshot and rds:AddTagsToResource for the final snapshot.
   * @throws ResourceStateError, WaitTimeoutError, InvalidInputError, AccessDeniedError, OperationAbortedError,
   * MultipleFailuresError
   */
  async deleteDatabase(
    stack: StackReference,
    options: DeleteDatabaseOptions = {},
  ): Promise<DatabaseDeletion> {
    const { deleteAutomatedBackups, ...parsed } = parseInput('deleteDatabase options', deleteSchema, options);
    const settings = { ...parsed, deleteAutomatedBackups, withSnapshot: this.#withSnapshot };
    return new DatabaseDeleter(this.#context, this.#clusterOf(stack), settings).run();
  }

  /**
   * Handles an RDS event: adds the `readerTags` (or the cluster's own tags) and `Role=Reader` to a reader that a scale-out
   * has created for one of the two clusters. Every other event is ignored, and the result has the reason.
   *
   * @param event - a record of SNS, from an RDS event subscription or from an EventBridge rule, or an EventBridge event.
   * @remarks IAM: rds:DescribeDBInstances, rds:DescribeDBClusters, rds:ListTagsForResource, rds:AddTagsToResource
   * @throws InvalidInputError when the event has none of these forms; ResourceNotFoundError, AccessDeniedError,
   * OperationAbortedError
   */
  async applyTags(event: RdsEventInput, options: CallOptions = {}): Promise<TaggedReader | IgnoredEvent> {
    const parsed = parseInput('applyTags options', callOptionsSchema, options);
    return tagReader(this.#context, this.#readerEvents, parseRdsEvent(event), parsed);
  }

  /**
   * Handles an RDS event: enables Performance Insights on a reader that a scale-out has created for one of the two
   * clusters, also after it was disabled. Returns when RDS has accepted the change. The call is retried while the state of
   * the instance does not allow a change. Every other event is ignored, and the result has the reason.
   *
   * With `databaseInsightsMode` the mode of Database Insights is changed for the whole cluster, before the reader. Pending changes of
   * the cluster and the reader stay pending.
   *
   * @param event - a record of SNS, from an RDS event subscription or from an EventBridge rule, or an EventBridge event.
   * @remarks IAM: rds:DescribeDBInstances, rds:ListTagsForResource, rds:ModifyDBInstance, and rds:DescribeDBClusters,
   * rds:ModifyDBCluster with the option `databaseInsightsMode`
   * @throws ResourceStateError when all attempts were refused; InvalidInputError when the event has none of these forms or
   * an option is malformed; AccessDeniedError, OperationAbortedError
   */
  async enablePerformanceInsights(
    event: RdsEventInput,
    options: EnablePerformanceInsightsOptions = {},
  ): Promise<PerformanceInsightsEnabled | IgnoredEvent> {
    const parsed = parseInput('enablePerformanceInsights options', insightsSchema, options);
    return enableInsightsOfReader(this.#context, this.#readerEvents, parseRdsEvent(event), parsed);
  }

  async #countReaders(cluster: string, options: CallOptions): Promise<number> {
    const { api } = this.#context;
    const [found, instances] = await Promise.all([
      api.findCluster(cluster, options),
      api.listInstances(cluster, options),
    ]);
    if (found === undefined) throw clusterNotFound(cluster);
    return countReaders(found.DBClusterMembers ?? [], instances);
  }

  #clusterOf(stack: StackReference): string {
    return this.#stacks[parseStackReference(stack)].clusterIdentifier;
  }
}
