import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { RDSClient } from '@aws-sdk/client-rds';
import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { systemClock } from '../core/clock.js';
import { ResourceStateError } from '../core/errors.js';
import { silentLogger } from '../core/logger.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { nonEmptyString, seconds, stackPair, wholeNumber } from '../core/schemas.js';
import {
  parseStackReference,
  partnerOf,
  type StackPair,
  type StackReference,
} from '../core/stack-reference.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import {
  clusterNotFound,
  findClusterState,
  readClusterState,
  startCluster,
  stopCluster,
} from './cluster-power.js';
import { ClusterState, isOutOfReach } from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds } from './context.js';
import { DatabaseDeleter } from './database-deletion.js';
import { LastPower } from './last-power.js';
import { RdsApi } from './rds-api.js';
import { parseRdsEvent } from './rds-event.js';
import { countReaders } from './reader-count.js';
import { insightIntoReader, type ReaderEventSettings, tagReader } from './reader-events.js';
import { ReaderScaling } from './reader-scaling.js';
import type {
  AuroraStackOptions,
  AuroraToolsClients,
  AuroraToolsOptions,
  DatabaseDeletion,
  EnablePerformanceInsightsOptions,
  IgnoredEvent,
  PerformanceInsightsEnabled,
  ReaderBounds,
  SnsEventRecord,
  TaggedReader,
} from './types.js';

/** RDS keeps identifiers in lower case, so ours are made so before they are compared with its answers. */
const clusterIdentifier = v.pipe(
  v.string(),
  v.check(
    (value) => value.length <= 63 && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(value),
    'an RDS identifier: at most 63 letters, digits and single hyphens, beginning with a letter',
  ),
  v.toLowerCase(),
);

const tagKey = v.pipe(
  nonEmptyString,
  v.check((key) => !/^aws:/i.test(key), 'a tag key that does not begin with "aws:"'),
);

const optionsSchema = v.object({
  ...stackPair(v.object({ clusterIdentifier })),
  minimumReaderCount: v.optional(
    v.pipe(
      wholeNumber,
      v.check((count) => count <= 15, 'at most 15, the most readers of an Aurora cluster'),
    ),
    1,
  ),
  onMaxCapacityTooLow: v.optional(v.picklist(['raise', 'refuse']), 'raise'),
  onTransition: v.optional(v.picklist(['wait', 'fail']), 'wait'),
  finalSnapshot: v.optional(v.picklist(['create', 'skip']), 'create'),
  namespace: v.optional(nonEmptyString, '*'),
  readerTags: v.optional(v.record(tagKey, v.string()), {}),
});

const insightsSchema = v.object({
  reEnableIfDisabled: v.optional(v.boolean(), true),
  retryDelaySeconds: v.optional(seconds, 60),
  retryAttempts: v.optional(wholeNumber, 5),
});

/**
 * Starts, scales, stops and deletes the Aurora clusters of a pair of stacks, and completes the readers that a scale-out
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

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a cluster. */
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
    const { clock = systemClock, logger = silentLogger } = options;
    this.#scaling = new ReaderScaling({ client: applicationAutoScaling, clock, logger, onMaxCapacityTooLow });
    this.#context = { api: new RdsApi(rds), clock, logger, onTransition, lastPower: new LastPower() };
  }

  /**
   * The present state of the stack's cluster, as RDS tells it: also one that `ClusterState` does not know.
   *
   * @remarks IAM: rds:DescribeDBClusters
   * @throws ResourceNotFoundError when there is no such cluster; AccessDeniedError, OperationAbortedError
   */
  async getClusterState(stack: StackReference, options: CallOptions = {}): Promise<ClusterState> {
    return readClusterState(this.#context.api, this.#clusterOf(stack), options);
  }

  /**
   * Waits until the stack's cluster is in a state, or, for `'deleted'`, until it is gone. Fails at once when that state
   * cannot come any more: the cluster is gone, is being deleted, or has failed for good.
   *
   * @param options - `maxWaitSeconds` is 1800 by default.
   * @remarks IAM: rds:DescribeDBClusters
   * @throws WaitTimeoutError, ResourceStateError, ResourceNotFoundError, AccessDeniedError, OperationAbortedError
   */
  async waitForClusterState(
    stack: StackReference,
    state: ClusterState,
    options: WaitOptions = {},
  ): Promise<void> {
    const cluster = this.#clusterOf(stack);
    const wanted: ClusterState = parseInput('ClusterState', nonEmptyString, state);
    const { api, clock } = this.#context;
    await pollUntil({
      resource: cluster,
      expected: wanted,
      maxWaitSeconds: options.maxWaitSeconds ?? defaultWaitSeconds,
      signal: options.signal,
      intervalSeconds: pollSeconds,
      clock,
      observe: () => findClusterState(api, cluster, options),
      isDone: (actual) => hasArrived(cluster, wanted, actual),
      describe: (actual) => actual ?? ClusterState.deleted,
    });
  }

  /**
   * The readers of the stack's cluster that are, or will be, in service: members which are not the writer, without
   * those that are stopped, failed or being deleted. A cluster without a writer is no special case.
   *
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances
   * @throws ResourceNotFoundError when there is no such cluster; AccessDeniedError, OperationAbortedError
   */
  async getReaderCount(stack: StackReference, options: CallOptions = {}): Promise<number> {
    const cluster = this.#clusterOf(stack);
    const { api } = this.#context;
    const [found, instances] = await Promise.all([
      api.findCluster(cluster, options),
      api.listInstances(cluster, options),
    ]);
    if (found === undefined) throw clusterNotFound(cluster);
    return countReaders(found.DBClusterMembers ?? [], instances);
  }

  /**
   * Sets the auto scaling minimum of the stack's cluster to the number of readers that its partner has now, or to
   * `minimumReaderCount` if that is more. Does not wait for the new readers; Application Auto Scaling creates them when the
   * cluster is available.
   *
   * @returns the bounds that are in force now.
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances, application-autoscaling:DescribeScalableTargets,
   * application-autoscaling:RegisterScalableTarget; and by way of Application Auto Scaling alone rds:AddTagsToResource,
   * rds:CreateDBInstance, rds:DeleteDBInstance, cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms,
   * cloudwatch:PutMetricAlarm
   * @throws ResourceStateError when the maximum is too low and may not be lifted; ResourceNotFoundError when the partner's
   * cluster or the scalable target does not exist; AccessDeniedError, OperationAbortedError
   */
  async scaleOut(stack: StackReference, options: CallOptions = {}): Promise<ReaderBounds> {
    const cluster = this.#clusterOf(stack);
    const minimum = this.getReaderCount(partnerOf(stack), options).then((readers) =>
      Math.max(readers, this.#minimumReaderCount),
    );
    return this.#scaling.setMinimum(cluster, minimum, options);
  }

  /**
   * Sets the auto scaling minimum of the stack's cluster back to `minimumReaderCount`. A maximum that a scale-out has
   * lifted stays as it is; readers go when the scaling policy finds that they are not needed.
   *
   * @returns the bounds that are in force now.
   * @remarks IAM: application-autoscaling:DescribeScalableTargets, application-autoscaling:RegisterScalableTarget; and by
   * way of Application Auto Scaling alone rds:DescribeDBClusters, rds:DescribeDBInstances, rds:AddTagsToResource,
   * rds:CreateDBInstance, rds:DeleteDBInstance, cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms,
   * cloudwatch:PutMetricAlarm
   * @throws ResourceStateError when the maximum is too low and may not be lifted; ResourceNotFoundError when the scalable
   * target does not exist; AccessDeniedError, OperationAbortedError
   */
  async scaleIn(stack: StackReference, options: CallOptions = {}): Promise<ReaderBounds> {
    return this.#scaling.setMinimum(this.#clusterOf(stack), this.#minimumReaderCount, options);
  }

  /**
   * Starts the stack's cluster. Returns when RDS has accepted it; `waitForClusterState` waits until the cluster is
   * available. One that is up or on its way there counts as started; one that is still being stopped is waited for, or
   * is an error (`onTransition`).
   *
   * @param options - `maxWaitSeconds` is 1800 by default.
   * @remarks IAM: rds:DescribeDBClusters, rds:StartDBCluster
   * @throws ResourceStateError, ResourceNotFoundError, WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async startDatabase(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    await startCluster(this.#context, this.#clusterOf(stack), options);
  }

  /**
   * Stops the stack's cluster with all its members. Returns when RDS has accepted it. One that is stopped or on its way
   * there counts as stopped; one that is on its way to being available, or has a member that is, is waited for, or is an
   * error (`onTransition`). RDS starts a stopped cluster by itself after seven days.
   *
   * @param options - `maxWaitSeconds` is 1800 by default.
   * @remarks IAM: rds:DescribeDBClusters, rds:StopDBCluster
   * @throws ResourceStateError, ResourceNotFoundError, WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async stopDatabase(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    await stopCluster(this.#context, this.#clusterOf(stack), options);
  }

  /**
   * Deletes the members of the stack's cluster, then the cluster, by default with a final snapshot that is named after the
   * cluster and the time. Returns when RDS has accepted all of it; `waitForClusterState` waits for `'deleted'`. A half-done
   * deletion is taken up where it was left. Nothing is deleted when the cluster is protected against deletion, or is
   * stopped: RDS does not delete a stopped cluster.
   *
   * @param options - `maxWaitSeconds` (1800 by default) is how long members that cannot be deleted yet are waited for.
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances, rds:DeleteDBInstance, rds:DeleteDBCluster, and
   * rds:CreateDBClusterSnapshot and rds:AddTagsToResource for the final snapshot.
   * @throws ResourceStateError, WaitTimeoutError, AccessDeniedError, OperationAbortedError, MultipleFailuresError
   */
  async deleteDatabase(stack: StackReference, options: WaitOptions = {}): Promise<DatabaseDeletion> {
    const settings = { ...options, withSnapshot: this.#withSnapshot };
    return new DatabaseDeleter(this.#context, this.#clusterOf(stack), settings).run();
  }

  /**
   * Reacts to an RDS event that came by SNS: a reader that a scale-out has created for one of the two clusters gets the
   * `readerTags` (or its cluster's own tags) and `Role=Reader`. Every other event is left alone, and the report says why.
   *
   * @remarks IAM: rds:DescribeDBInstances, rds:DescribeDBClusters, rds:ListTagsForResource, rds:AddTagsToResource
   * @throws InvalidInputError when the record is malformed; AccessDeniedError, OperationAbortedError
   */
  async applyTags(record: SnsEventRecord, options: CallOptions = {}): Promise<TaggedReader | IgnoredEvent> {
    return tagReader(this.#context, this.#readerEvents, parseRdsEvent(record), options);
  }

  /**
   * Reacts to an RDS event that came by SNS: a reader that a scale-out has created for one of the two clusters gets
   * Performance Insights, also when it has been disabled. Returns when RDS has accepted the change; as long as the instance is in a
   * state in which it cannot be changed, it tries again. Every other event is left alone, and the report says why.
   *
   * @remarks IAM: rds:DescribeDBInstances, rds:ListTagsForResource, rds:ModifyDBInstance
   * @throws ResourceStateError when all attempts were refused; InvalidInputError when the record or an option is malformed;
   * AccessDeniedError, OperationAbortedError
   */
  async enablePerformanceInsights(
    record: SnsEventRecord,
    options: EnablePerformanceInsightsOptions = {},
  ): Promise<PerformanceInsightsEnabled | IgnoredEvent> {
    const parsed = parseInput('enablePerformanceInsights options', insightsSchema, options);
    const settings = { ...parsed, signal: options.signal };
    return insightIntoReader(this.#context, this.#readerEvents, parseRdsEvent(record), settings);
  }

  #clusterOf(stack: StackReference): string {
    return this.#stacks[parseStackReference(stack)].clusterIdentifier;
  }
}

function hasArrived(cluster: string, wanted: ClusterState, actual: ClusterState | undefined): boolean {
  if ((actual ?? ClusterState.deleted) === wanted) return true;
  if (actual === undefined) throw clusterNotFound(cluster);
  if (!isOutOfReach(wanted, actual)) return false;
  throw new ResourceStateError(`${cluster} will not be ${wanted} any more`, {
    resource: cluster,
    expected: wanted,
    actual,
    remedy: 'Repair the cluster, or create it anew',
  });
}
