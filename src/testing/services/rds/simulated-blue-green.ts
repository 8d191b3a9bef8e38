import {
  BlueGreenDeploymentAlreadyExistsFault,
  BlueGreenDeploymentNotFoundFault,
  type CreateBlueGreenDeploymentCommandInput,
  type CreateBlueGreenDeploymentCommandOutput,
  type DeleteBlueGreenDeploymentCommandInput,
  type DeleteBlueGreenDeploymentCommandOutput,
  type DescribeBlueGreenDeploymentsCommandInput,
  type DescribeBlueGreenDeploymentsCommandOutput,
  InvalidBlueGreenDeploymentStateFault,
  InvalidDBClusterStateFault,
  InvalidDBInstanceStateFault,
  SourceClusterNotSupportedFault,
  type SwitchoverBlueGreenDeploymentCommandInput,
  type SwitchoverBlueGreenDeploymentCommandOutput,
} from '@aws-sdk/client-rds';
import { awsError, clientFault, type OperationOutput, required } from '../../cloud/environment.js';
import type { SimulatedCloudWatch } from '../cloudwatch/simulated-cloudwatch.js';
import {
  describeBlueGreen,
  type SimulatedBlueGreenDeployment,
  type SimulatedBlueGreenTask,
  type SimulatedDatabase,
} from './simulated-blue-green-deployment.js';
import { addGreenEnvironment, isCluster, nameOf, renameDatabase } from './simulated-green-environment.js';
import { publishGreenLag } from './simulated-green-lag.js';
import { filterValues, rdsPage } from './simulated-rds-cluster.js';
import type { CreationDependencies } from './simulated-rds-creation.js';
import {
  requireClusterQuota,
  requireInstanceQuota,
  wrongClusterState,
  wrongInstanceState,
} from './simulated-rds-faults.js';

/** Seconds from one task of the green environment to the next one. */
const taskSeconds = 300;
const switchoverSeconds = 45;
const deletionSeconds = 120;

/** Statuses in which a deployment cannot be deleted. */
const undeletable = ['PROVISIONING', 'SWITCHOVER_IN_PROGRESS', 'DELETING'];

/** The blue/green deployments of the {@link SimulatedRds}, with their transitions over time. */
export class SimulatedBlueGreenDeployments {
  readonly #dependencies: () => CreationDependencies;
  readonly #cloudWatch: SimulatedCloudWatch;
  #deployments: SimulatedBlueGreenDeployment[] = [];

  constructor(dependencies: () => CreationDependencies, cloudWatch: SimulatedCloudWatch) {
    this.#dependencies = dependencies;
    this.#cloudWatch = cloudWatch;
  }

  get all(): readonly SimulatedBlueGreenDeployment[] {
    return this.#deployments;
  }

  remove(deployment: SimulatedBlueGreenDeployment): void {
    this.#deployments = this.#deployments.filter((it) => it !== deployment);
  }

  matching({ Filters }: DescribeBlueGreenDeploymentsCommandInput): SimulatedBlueGreenDeployment[] {
    const supported = ['blue-green-deployment-identifier', 'blue-green-deployment-name', 'source', 'target'];
    const valuesOf = (name: string) => filterValues(Filters, supported, name);
    const ids = valuesOf('blue-green-deployment-identifier');
    const names = valuesOf('blue-green-deployment-name');
    const sources = valuesOf('source');
    const targets = valuesOf('target');
    return this.#deployments.filter(({ id, name, members: [first] }) => {
      const has = (values: readonly string[] | undefined, value = '') => values?.includes(value) ?? true;
      return (
        has(ids, id) && has(names, name) && has(sources, first?.source.arn) && has(targets, first?.target.arn)
      );
    });
  }

  byId(id: string | undefined): SimulatedBlueGreenDeployment {
    const wanted = required(id, 'BlueGreenDeploymentIdentifier').toLowerCase();
    const found = this.#deployments.find((it) => it.id === wanted);
    if (found === undefined)
      throw new BlueGreenDeploymentNotFoundFault(clientFault(`Blue Green Deployment ${id} not found.`, 404));
    return found;
  }

  create(input: CreateBlueGreenDeploymentCommandInput): SimulatedBlueGreenDeployment {
    const { environment, clusters } = this.#dependencies();
    const name = required(input.BlueGreenDeploymentName, 'BlueGreenDeploymentName');
    if (name.length > 60 || !/^[a-zA-Z](?:-?[a-zA-Z0-9]+)*$/.test(name))
      throw awsError('InvalidParameterValue', `Invalid blue/green deployment name: ${name}`);
    if (this.#deployments.some((it) => it.name === name))
      throw new BlueGreenDeploymentAlreadyExistsFault(
        clientFault(`A Blue Green Deployment with the name '${name}' already exists`),
      );
    const arn = required(input.Source, 'Source');
    if (!arn.startsWith('arn:')) throw awsError('InvalidParameterValue', `Invalid source ARN: ${arn}`);
    const source = arn.includes(':cluster:') ? clusters.byName(arn) : clusters.instance(arn);
    this.#checkSource(source, input);
    this.#checkQuotas(source);
    const pairs = addGreenEnvironment(this.#dependencies(), source, input);
    const tags = (input.Tags ?? []).map(({ Key, Value = '' }) => [required(Key, 'Key'), Value]);
    const deployment: SimulatedBlueGreenDeployment = {
      id: `bgd-${environment.nextId()}`,
      name,
      members: pairs.map((pair) => ({ ...pair, status: 'PROVISIONING' })),
      status: 'PROVISIONING',
      statusDetails: undefined,
      tasks: tasksOf(source, input),
      tags: Object.fromEntries(tags),
      createdAt: environment.clock.now(),
      switchoverSeconds,
      guardrailFailure: undefined,
      replicaLagSeconds: 0,
      switchovers: 0,
    };
    this.#deployments.push(deployment);
    this.#provision(deployment);
    return deployment;
  }

  #checkSource(source: SimulatedDatabase, input: CreateBlueGreenDeploymentCommandInput): void {
    if (!isCluster(source)) {
      if (source.cluster !== '')
        throw awsError(
          'InvalidParameterCombination',
          `${source.identifier} is a member of an Aurora cluster`,
        );
      if (source.status !== 'available') throw wrongInstanceState(source);
    } else {
      if (source.settings.EngineMode === 'serverless')
        throw new SourceClusterNotSupportedFault(
          clientFault(`The source DB cluster ${source.name} is not supported for blue/green deployments.`),
        );
      if (input.TargetDBInstanceClass !== undefined)
        throw awsError(
          'InvalidParameterCombination',
          'TargetDBInstanceClass cannot be specified for an Aurora DB cluster',
        );
      if (source.status !== 'available') throw wrongClusterState(source);
    }
    const other = this.#deployments.find(
      ({ members, status }) =>
        status !== 'SWITCHOVER_COMPLETED' &&
        members.some((it) => it.source === source || it.target === source),
    );
    if (other !== undefined)
      throw new (isCluster(source) ? InvalidDBClusterStateFault : InvalidDBInstanceStateFault)(
        clientFault(`${nameOf(source)} is already part of the blue/green deployment ${other.name}.`),
      );
  }

  #checkQuotas(source: SimulatedDatabase): void {
    const { clusters, quotas } = this.#dependencies();
    if (isCluster(source)) requireClusterQuota(clusters, quotas);
    requireInstanceQuota(clusters, quotas, isCluster(source) ? source.members.length : 1);
  }

  /** Completes one task after the other. */
  #provision(deployment: SimulatedBlueGreenDeployment): void {
    const { clock } = this.#dependencies().environment;
    const [first] = deployment.tasks;
    if (first !== undefined) first.status = 'IN_PROGRESS';
    for (const [index, task] of deployment.tasks.entries()) {
      clock.schedule(taskSeconds * (index + 1), () => {
        if (deployment.status !== 'PROVISIONING') return;
        task.status = 'COMPLETED';
        if (index === 0) this.#publishLags(deployment);
        const next = deployment.tasks[index + 1];
        if (next !== undefined) next.status = 'IN_PROGRESS';
        else this.#becomeAvailable(deployment);
      });
    }
  }

  #becomeAvailable(deployment: SimulatedBlueGreenDeployment): void {
    deployment.status = 'AVAILABLE';
    for (const member of deployment.members) {
      member.status = 'AVAILABLE';
      if (member.target.status === 'creating') member.target.status = 'available';
    }
  }

  /** The replication runs since the first task. */
  #publishLags(deployment: SimulatedBlueGreenDeployment): void {
    const { environment, clusters } = this.#dependencies();
    const stop = environment.clock.every(60, () => {
      if (this.#deployments.includes(deployment)) publishGreenLag(this.#cloudWatch, clusters, deployment);
      else stop();
    });
  }

  switchOver(deployment: SimulatedBlueGreenDeployment, timeout: number): void {
    if (timeout < 30 || timeout > 3600)
      throw awsError('InvalidParameterValue', 'SwitchoverTimeout has to be between 30 and 3600 seconds');
    if (deployment.status !== 'AVAILABLE') throw wrongState(deployment);
    const busy = deployment.members
      .flatMap(({ source, target }) => [source, target])
      .find((it) => it.status !== 'available');
    if (busy !== undefined)
      throw new InvalidBlueGreenDeploymentStateFault(
        clientFault(
          `DB ${isCluster(busy) ? 'cluster' : 'instance'} ${nameOf(busy)} is not in available state`,
        ),
      );
    const { clock } = this.#dependencies().environment;
    deployment.switchovers += 1;
    setStatus(deployment, 'SWITCHOVER_IN_PROGRESS');
    deployment.statusDetails = undefined;
    const isLate = deployment.switchoverSeconds > timeout;
    const failure =
      deployment.guardrailFailure ?? (isLate ? 'the switchover timeout was exceeded' : undefined);
    clock.schedule(Math.min(deployment.switchoverSeconds, timeout), () => {
      if (deployment.status !== 'SWITCHOVER_IN_PROGRESS') return;
      if (failure === undefined) this.#completeSwitchover(deployment);
      else {
        setStatus(deployment, 'AVAILABLE');
        deployment.statusDetails = `Switchover was canceled: ${failure}`;
      }
    });
  }

  /** Gives the names of the blue environment to the green one. */
  #completeSwitchover(deployment: SimulatedBlueGreenDeployment): void {
    const { clusters } = this.#dependencies();
    for (const { source, target } of deployment.members) {
      const name = nameOf(source);
      const taken = [
        ...clusters.all.map((it) => it.name),
        ...clusters.instances.map(({ identifier }) => identifier),
      ];
      let number = 1;
      while (taken.includes(`${name}-old${number}`)) number += 1;
      renameDatabase(source, `${name}-old${number}`);
      renameDatabase(target, name);
    }
    setStatus(deployment, 'SWITCHOVER_COMPLETED');
  }

  delete(deployment: SimulatedBlueGreenDeployment, withTarget: boolean): void {
    if (undeletable.includes(deployment.status)) throw wrongState(deployment);
    if (withTarget && deployment.status === 'SWITCHOVER_COMPLETED')
      throw awsError(
        'InvalidParameterCombination',
        'DeleteTarget cannot be specified for a blue/green deployment whose switchover is completed',
      );
    const targets = deployment.members.map(({ target }) => target);
    if (withTarget && targets.some((it) => it.deletionProtection === true))
      throw awsError(
        'InvalidParameterCombination',
        'Cannot delete a protected DB cluster or instance, please disable deletion protection and try again.',
      );
    const { clock } = this.#dependencies().environment;
    setStatus(deployment, 'DELETING');
    if (withTarget) for (const target of targets) target.status = 'deleting';
    clock.schedule(deletionSeconds, () => {
      if (withTarget) this.#removeAll(targets);
      this.remove(deployment);
    });
  }

  #removeAll(targets: readonly SimulatedDatabase[]): void {
    const { clusters } = this.#dependencies();
    for (const target of targets) {
      if (isCluster(target)) clusters.remove(target);
      else clusters.removeInstance(target);
    }
  }
}

/** Returns the operations for blue/green deployments. */
export function blueGreenOperations(deployments: () => SimulatedBlueGreenDeployments) {
  return {
    CreateBlueGreenDeployment: (
      input: CreateBlueGreenDeploymentCommandInput,
    ): OperationOutput<CreateBlueGreenDeploymentCommandOutput> => ({
      BlueGreenDeployment: describeBlueGreen(deployments().create(input)),
    }),

    DescribeBlueGreenDeployments: (
      input: DescribeBlueGreenDeploymentsCommandInput,
    ): OperationOutput<DescribeBlueGreenDeploymentsCommandOutput> => {
      const id = input.BlueGreenDeploymentIdentifier;
      if (id !== undefined) return { BlueGreenDeployments: [describeBlueGreen(deployments().byId(id))] };
      const { items, nextToken } = rdsPage(deployments().matching(input), input);
      return { BlueGreenDeployments: items.map(describeBlueGreen), Marker: nextToken };
    },

    SwitchoverBlueGreenDeployment: (
      input: SwitchoverBlueGreenDeploymentCommandInput,
    ): OperationOutput<SwitchoverBlueGreenDeploymentCommandOutput> => {
      const deployment = deployments().byId(input.BlueGreenDeploymentIdentifier);
      deployments().switchOver(deployment, input.SwitchoverTimeout ?? 300);
      return { BlueGreenDeployment: describeBlueGreen(deployment) };
    },

    DeleteBlueGreenDeployment: (
      input: DeleteBlueGreenDeploymentCommandInput,
    ): OperationOutput<DeleteBlueGreenDeploymentCommandOutput> => {
      const deployment = deployments().byId(input.BlueGreenDeploymentIdentifier);
      deployments().delete(deployment, input.DeleteTarget ?? false);
      return { BlueGreenDeployment: describeBlueGreen(deployment) };
    },
  };
}

function tasksOf(
  source: SimulatedDatabase,
  { TargetEngineVersion }: CreateBlueGreenDeploymentCommandInput,
): SimulatedBlueGreenTask[] {
  const names = [
    'CREATING_READ_REPLICA_OF_SOURCE',
    ...(TargetEngineVersion === undefined ? [] : ['DB_ENGINE_VERSION_UPGRADE']),
    ...(isCluster(source) ? ['CREATE_DB_INSTANCES_FOR_CLUSTER'] : ['CONFIGURE_BACKUPS']),
  ];
  return names.map((name) => ({ name, status: 'PENDING' }));
}

function setStatus(deployment: SimulatedBlueGreenDeployment, status: string): void {
  deployment.status = status;
  for (const member of deployment.members) member.status = status;
}

function wrongState({ id, status }: SimulatedBlueGreenDeployment): Error {
  return new InvalidBlueGreenDeploymentStateFault(
    clientFault(`The blue/green deployment ${id} is in ${status} state.`),
  );
}
