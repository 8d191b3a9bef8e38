import {
  CreateDBClusterCommand,
  type CreateDBClusterCommandInput,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotsCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterCommandInput,
  paginateDescribeDBClusters,
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  type RestoreDBClusterFromSnapshotCommandInput,
  RestoreDBClusterToPointInTimeCommand,
  type RestoreDBClusterToPointInTimeCommandInput,
} from '@aws-sdk/client-rds';
import { type CallOptions, callAws, collectPages, requireField } from '../core/aws-call.js';

/** The calls to RDS that create a database. They decide nothing. */
export class CreationApi {
  readonly #rds: RDSClient;

  constructor(rds: RDSClient) {
    this.#rds = rds;
  }

  /** @throws DBClusterSnapshotNotFoundFault */
  async readSnapshot(snapshot: string, { signal }: CallOptions): Promise<DBClusterSnapshot | undefined> {
    const call = { action: 'rds:DescribeDBClusterSnapshots', resource: snapshot, signal };
    const command = new DescribeDBClusterSnapshotsCommand({
      DBClusterSnapshotIdentifier: snapshot,
      // RDS finds a snapshot of another account by its ARN only with this flag.
      IncludeShared: snapshot.startsWith('arn:') ? true : undefined,
    });
    const response = await callAws(call, (http) => this.#rds.send(command, http));
    return requireField(response.DBClusterSnapshots, 'DBClusterSnapshots', call)[0];
  }

  /** Number of clusters in a clone group, the first one included. */
  async countClones(cluster: string, cloneGroup: string, { signal }: CallOptions): Promise<number> {
    const input = { Filters: [{ Name: 'clone-group-id', Values: [cloneGroup] }] };
    const clusters = await collectPages(
      { action: 'rds:DescribeDBClusters', resource: cluster, signal },
      (http) => paginateDescribeDBClusters({ client: this.#rds, stopOnSameToken: true }, input, http),
      (page) => page.DBClusters,
    );
    return clusters.length;
  }

  async clone(input: RestoreDBClusterToPointInTimeCommandInput, options: CallOptions): Promise<void> {
    const call = callFor('rds:RestoreDBClusterToPointInTime', input.DBClusterIdentifier, options);
    await callAws(call, (http) => this.#rds.send(new RestoreDBClusterToPointInTimeCommand(input), http));
  }

  async restore(input: RestoreDBClusterFromSnapshotCommandInput, options: CallOptions): Promise<void> {
    const call = callFor('rds:RestoreDBClusterFromSnapshot', input.DBClusterIdentifier, options);
    await callAws(call, (http) => this.#rds.send(new RestoreDBClusterFromSnapshotCommand(input), http));
  }

  async createCluster(input: CreateDBClusterCommandInput, options: CallOptions): Promise<void> {
    const call = callFor('rds:CreateDBCluster', input.DBClusterIdentifier, options);
    await callAws(call, (http) => this.#rds.send(new CreateDBClusterCommand(input), http));
  }

  async createInstance(input: CreateDBInstanceCommandInput, options: CallOptions): Promise<void> {
    const call = callFor('rds:CreateDBInstance', input.DBInstanceIdentifier, options);
    await callAws(call, (http) => this.#rds.send(new CreateDBInstanceCommand(input), http));
  }

  async modifyCluster(
    cluster: string,
    changes: Omit<ModifyDBClusterCommandInput, 'DBClusterIdentifier'>,
    options: CallOptions,
  ): Promise<void> {
    const command = new ModifyDBClusterCommand({ ...changes, DBClusterIdentifier: cluster });
    await callAws(callFor('rds:ModifyDBCluster', cluster, options), (http) => this.#rds.send(command, http));
  }

  async enableDataApi(arn: string, options: CallOptions): Promise<void> {
    const command = new EnableHttpEndpointCommand({ ResourceArn: arn });
    await callAws(callFor('rds:EnableHttpEndpoint', arn, options), (http) => this.#rds.send(command, http));
  }
}

function callFor(action: string, resource = '', { signal }: CallOptions) {
  return { action, resource, signal };
}
