import {
  type BlueGreenDeployment,
  CreateBlueGreenDeploymentCommand,
  type CreateBlueGreenDeploymentCommandInput,
  DeleteBlueGreenDeploymentCommand,
  DescribeBlueGreenDeploymentsCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  paginateDescribeBlueGreenDeployments,
  type RDSClient,
  SwitchoverBlueGreenDeploymentCommand,
} from '@aws-sdk/client-rds';
import { type CallOptions, callAws, collectPages, requireField } from '../../core/aws-call.js';
import { unlessMissing } from '../../core/not-found.js';

/** The calls to RDS for blue/green deployments. They decide nothing. */
export class BlueGreenApi {
  readonly #rds: RDSClient;

  constructor(rds: RDSClient) {
    this.#rds = rds;
  }

  /** The deployment of this name, unless there is none. */
  async findByName(name: string, { signal }: CallOptions): Promise<BlueGreenDeployment | undefined> {
    const call = { action: 'rds:DescribeBlueGreenDeployments', resource: name, signal };
    const input = { Filters: [{ Name: 'blue-green-deployment-name', Values: [name] }] };
    const found = await collectPages(
      call,
      (http) =>
        paginateDescribeBlueGreenDeployments({ client: this.#rds, stopOnSameToken: true }, input, http),
      (page) => page.BlueGreenDeployments,
    );
    return found.find((it) => it.BlueGreenDeploymentName === name);
  }

  /** The deployment with this ID, unless it is gone. */
  async findById(id: string, { signal }: CallOptions): Promise<BlueGreenDeployment | undefined> {
    const call = { action: 'rds:DescribeBlueGreenDeployments', resource: id, signal };
    const command = new DescribeBlueGreenDeploymentsCommand({ BlueGreenDeploymentIdentifier: id });
    const response = await unlessMissing(
      callAws(call, (http) => this.#rds.send(command, http)),
      'BlueGreenDeploymentNotFoundFault',
    );
    return response && requireField(response.BlueGreenDeployments, 'BlueGreenDeployments', call)[0];
  }

  async create(
    input: CreateBlueGreenDeploymentCommandInput,
    { signal }: CallOptions,
  ): Promise<BlueGreenDeployment | undefined> {
    const resource = input.BlueGreenDeploymentName ?? '';
    const call = { action: 'rds:CreateBlueGreenDeployment', resource, signal };
    const command = new CreateBlueGreenDeploymentCommand(input);
    return (await callAws(call, (http) => this.#rds.send(command, http))).BlueGreenDeployment;
  }

  async switchOver(id: string, timeoutSeconds: number, { signal }: CallOptions): Promise<void> {
    const call = { action: 'rds:SwitchoverBlueGreenDeployment', resource: id, signal };
    const command = new SwitchoverBlueGreenDeploymentCommand({
      BlueGreenDeploymentIdentifier: id,
      SwitchoverTimeout: Math.round(timeoutSeconds),
    });
    await callAws(call, (http) => this.#rds.send(command, http));
  }

  /** Deletes the deployment; one that is gone is no error. */
  async delete(id: string, withGreen: boolean, { signal }: CallOptions): Promise<void> {
    const call = { action: 'rds:DeleteBlueGreenDeployment', resource: id, signal };
    const command = new DeleteBlueGreenDeploymentCommand({
      BlueGreenDeploymentIdentifier: id,
      ...(withGreen && { DeleteTarget: true }),
    });
    await unlessMissing(
      callAws(call, (http) => this.#rds.send(command, http)),
      'BlueGreenDeploymentNotFoundFault',
    );
  }

  async unprotectCluster(cluster: string, { signal }: CallOptions): Promise<void> {
    const command = new ModifyDBClusterCommand({
      DBClusterIdentifier: cluster,
      DeletionProtection: false,
      ApplyImmediately: true,
    });
    await callAws({ action: 'rds:ModifyDBCluster', resource: cluster, signal }, (http) =>
      this.#rds.send(command, http),
    );
  }

  async unprotectInstance(instance: string, { signal }: CallOptions): Promise<void> {
    const command = new ModifyDBInstanceCommand({
      DBInstanceIdentifier: instance,
      DeletionProtection: false,
      ApplyImmediately: true,
    });
    await callAws({ action: 'rds:ModifyDBInstance', resource: instance, signal }, (http) =>
      this.#rds.send(command, http),
    );
  }
}
