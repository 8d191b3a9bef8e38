import {
  AddTagsToResourceCommand,
  type DBCluster,
  type DBInstance,
  DeleteDBClusterCommand,
  type DeleteDBClusterCommandInput,
  DeleteDBInstanceCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  type RDSClient,
  StartDBClusterCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { type CallOptions, callAws, collectPages, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { unlessMissing } from '../core/not-found.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';

/** Settings of Performance Insights. RDS chooses a default for each missing one. */
export interface InsightsSettings {
  readonly kmsKeyId?: string | undefined;
  readonly retentionDays?: number | undefined;
}

/** The calls to RDS. They decide nothing. */
export class RdsApi {
  readonly #rds: RDSClient;

  constructor(rds: RDSClient) {
    this.#rds = rds;
  }

  /** The cluster, unless it does not exist. */
  async findCluster(cluster: string, { signal }: CallOptions): Promise<DBCluster | undefined> {
    const call = { action: 'rds:DescribeDBClusters', resource: cluster, signal };
    const command = new DescribeDBClustersCommand({ DBClusterIdentifier: cluster });
    const response = await orGone(callAws(call, (http) => this.#rds.send(command, http)));
    return response && requireField(response.DBClusters, 'DBClusters', call)[0];
  }

  /** The instances of the cluster, and no others. */
  async listInstances(cluster: string, { signal }: CallOptions): Promise<DBInstance[]> {
    const input = { Filters: [{ Name: 'db-cluster-id', Values: [cluster] }] };
    const pages = collectPages(
      { action: 'rds:DescribeDBInstances', resource: cluster, signal },
      (http) => paginateDescribeDBInstances({ client: this.#rds, stopOnSameToken: true }, input, http),
      (page) => page.DBInstances,
    );
    const instances = (await orGone(pages)) ?? [];
    return instances.filter((it) => it.DBClusterIdentifier?.toLowerCase() === cluster);
  }

  /** The instance, unless it does not exist. */
  async findInstance(instance: string, { signal }: CallOptions): Promise<DBInstance | undefined> {
    const call = { action: 'rds:DescribeDBInstances', resource: instance, signal };
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance });
    const response = await orGone(callAws(call, (http) => this.#rds.send(command, http)));
    return response && requireField(response.DBInstances, 'DBInstances', call)[0];
  }

  /** The use of the account's quota of cluster snapshots that users make, to which a final snapshot counts. */
  async findSnapshotQuota(
    cluster: string,
    { signal }: CallOptions,
  ): Promise<{ readonly used: number; readonly max: number } | undefined> {
    const call = { action: 'rds:DescribeAccountAttributes', resource: cluster, signal };
    const command = new DescribeAccountAttributesCommand({});
    const { AccountQuotas = [] } = await callAws(call, (http) => this.#rds.send(command, http));
    const quota = AccountQuotas.find((it) => it.AccountQuotaName === 'ManualClusterSnapshots');
    if (quota?.Used === undefined || quota.Max === undefined) return undefined;
    return { used: quota.Used, max: quota.Max };
  }

  async startCluster(cluster: string, { signal }: CallOptions): Promise<void> {
    const command = new StartDBClusterCommand({ DBClusterIdentifier: cluster });
    await callAws({ action: 'rds:StartDBCluster', resource: cluster, signal }, (http) =>
      this.#rds.send(command, http),
    );
  }

  async stopCluster(cluster: string, { signal }: CallOptions): Promise<void> {
    const command = new StopDBClusterCommand({ DBClusterIdentifier: cluster });
    await callAws({ action: 'rds:StopDBCluster', resource: cluster, signal }, (http) =>
      this.#rds.send(command, http),
    );
  }

  /** Deletes the cluster, with a final snapshot when that is named. One that is gone is no error. */
  async deleteCluster(
    cluster: string,
    {
      snapshot,
      deleteAutomatedBackups,
    }: { readonly snapshot: string | undefined; readonly deleteAutomatedBackups: boolean | undefined },
    { signal }: CallOptions,
  ): Promise<void> {
    const input: DeleteDBClusterCommandInput = {
      DBClusterIdentifier: cluster,
      ...(deleteAutomatedBackups !== undefined && { DeleteAutomatedBackups: deleteAutomatedBackups }),
      ...(snapshot === undefined
        ? { SkipFinalSnapshot: true }
        : { SkipFinalSnapshot: false, FinalDBSnapshotIdentifier: snapshot }),
    };
    await orGone(
      callAws({ action: 'rds:DeleteDBCluster', resource: cluster, signal }, (http) =>
        this.#rds.send(new DeleteDBClusterCommand(input), http),
      ),
    );
  }

  /** Deletes a member of a cluster; one that is gone is no error. The data, and so the snapshot, are the cluster's. */
  async deleteInstance(instance: string, { signal }: CallOptions): Promise<void> {
    const command = new DeleteDBInstanceCommand({ DBInstanceIdentifier: instance });
    await orGone(
      callAws({ action: 'rds:DeleteDBInstance', resource: instance, signal }, (http) =>
        this.#rds.send(command, http),
      ),
    );
  }

  /** `ApplyImmediately` is left out: this change does not need it, and it would apply other pending changes, too. */
  async enablePerformanceInsights(
    instance: string,
    { signal, kmsKeyId, retentionDays }: CallOptions & InsightsSettings,
  ): Promise<void> {
    const command = new ModifyDBInstanceCommand({
      DBInstanceIdentifier: instance,
      EnablePerformanceInsights: true,
      PerformanceInsightsKMSKeyId: kmsKeyId,
      PerformanceInsightsRetentionPeriod: retentionDays,
    });
    await callAws({ action: 'rds:ModifyDBInstance', resource: instance, signal }, (http) =>
      this.#rds.send(command, http),
    );
  }

  /** Sets the mode of Database Insights for all instances of a cluster. `ApplyImmediately` is left out for the same reason. */
  async setInsightsMode(
    cluster: string,
    {
      signal,
      mode,
      kmsKeyId,
      retentionDays,
    }: CallOptions & InsightsSettings & { readonly mode: 'standard' | 'advanced' },
  ): Promise<void> {
    const command = new ModifyDBClusterCommand({
      DBClusterIdentifier: cluster,
      DatabaseInsightsMode: mode,
      EnablePerformanceInsights: true,
      PerformanceInsightsKMSKeyId: kmsKeyId,
      PerformanceInsightsRetentionPeriod: retentionDays,
    });
    await callAws({ action: 'rds:ModifyDBCluster', resource: cluster, signal }, (http) =>
      this.#rds.send(command, http),
    );
  }

  async listTags(arn: string, { signal }: CallOptions): Promise<Record<string, string>> {
    const command = new ListTagsForResourceCommand({ ResourceName: arn });
    const { TagList = [] } = await callAws(
      { action: 'rds:ListTagsForResource', resource: arn, signal },
      (http) => this.#rds.send(command, http),
    );
    return Object.fromEntries(TagList.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  /** Tags a resource; the refusals of one that is changing, or has a relative that is, pass soon. */
  async addTags(
    arn: string,
    tags: Readonly<Record<string, string>>,
    { signal, clock }: CallOptions & { readonly clock: Clock },
  ): Promise<void> {
    const command = new AddTagsToResourceCommand({
      ResourceName: arn,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
    await retryOnConflict({ action: 'rds:AddTagsToResource', resource: arn, signal }, { clock }, (http) =>
      this.#rds.send(command, http),
    );
  }
}

/**
 * True for the errors by which RDS reports that a resource is in the wrong state for a change. Their number grows, so their
 * shape decides.
 */
export function isStateFault(error: unknown): error is Error {
  return error instanceof Error && /^Invalid\w*State(Fault)?$/.test(error.name);
}

function orGone<T>(response: Promise<T>): Promise<T | undefined> {
  return unlessMissing(response, 'DBClusterNotFoundFault', 'DBInstanceNotFoundFault', 'DBInstanceNotFound');
}
