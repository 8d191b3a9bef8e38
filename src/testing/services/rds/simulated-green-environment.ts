import type { CreateBlueGreenDeploymentCommandInput } from '@aws-sdk/client-rds';
import type { SimulatedDatabase } from './simulated-blue-green-deployment.js';
import type { SimulatedDbCluster, SimulatedDbInstance } from './simulated-rds-cluster.js';
import type { CreationDependencies } from './simulated-rds-creation.js';

/** A database of the blue environment, and its copy. */
export interface DatabasePair {
  readonly source: SimulatedDatabase;
  readonly target: SimulatedDatabase;
}

export function isCluster(database: SimulatedDatabase): database is SimulatedDbCluster {
  return 'members' in database;
}

export function nameOf(database: SimulatedDatabase): string {
  return isCluster(database) ? database.name : database.identifier;
}

/** Changes the identifier of a database, and with it its ARN and the cluster name of its members. */
export function renameDatabase(database: SimulatedDatabase, name: string): void {
  const arnOf = (arn: string) => arn.replace(/[^:]+$/, name);
  database.arn = arnOf(database.arn);
  if (!isCluster(database)) {
    database.identifier = name;
    return;
  }
  database.name = name;
  for (const member of database.members) member.cluster = name;
}

/** Adds the copies of a database and its members, with the changes of the call. They exist at once, and are available later. */
export function addGreenEnvironment(
  dependencies: CreationDependencies,
  source: SimulatedDatabase,
  input: CreateBlueGreenDeploymentCommandInput,
): readonly DatabasePair[] {
  const suffix = `green-${dependencies.environment.nextId().slice(-6)}`;
  return isCluster(source)
    ? addGreenCluster(dependencies, source, { input, suffix })
    : [{ source, target: addGreenInstance(dependencies, source, { input, suffix }) }];
}

interface Changes {
  readonly input: CreateBlueGreenDeploymentCommandInput;
  readonly suffix: string;
}

function addGreenCluster(
  { clusters, environment }: CreationDependencies,
  source: SimulatedDbCluster,
  { input, suffix }: Changes,
): DatabasePair[] {
  const name = `${source.name}-${suffix}`;
  const group = input.TargetDBParameterGroupName;
  const target: SimulatedDbCluster = {
    ...source,
    name,
    arn: environment.arn('rds', `cluster:${name}`),
    resourceId: clusters.nextResourceId(),
    status: 'creating',
    replicationSourceIdentifier: source.arn,
    readReplicaIdentifiers: [],
    tags: { ...source.tags },
    members: [],
    settings: {
      ...source.settings,
      ...(input.TargetEngineVersion !== undefined && { EngineVersion: input.TargetEngineVersion }),
      ...(input.TargetDBClusterParameterGroupName !== undefined && {
        DBClusterParameterGroup: input.TargetDBClusterParameterGroupName,
      }),
    },
  };
  clusters.add(target);
  const members = source.members.map((member) => ({
    source: member,
    target: clusters.addMember(target, {
      identifier: `${member.identifier}-${suffix}`,
      isWriter: member.isWriter,
      status: 'creating',
      tags: { ...member.tags },
      settings: {
        ...member.settings,
        ...(group !== undefined && { DBParameterGroups: [{ DBParameterGroupName: group }] }),
      },
      performanceInsightsEnabled: member.performanceInsightsEnabled,
    }),
  }));
  return [{ source, target }, ...members];
}

function addGreenInstance(
  { clusters, environment }: CreationDependencies,
  source: SimulatedDbInstance,
  { input, suffix }: Changes,
): SimulatedDbInstance {
  const identifier = `${source.identifier}-${suffix}`;
  const group = input.TargetDBParameterGroupName;
  const target: SimulatedDbInstance = {
    ...source,
    identifier,
    arn: environment.arn('rds', `db:${identifier}`),
    resourceId: clusters.nextResourceId('db'),
    status: 'creating',
    tags: { ...source.tags },
    settings: {
      ...source.settings,
      ...(input.TargetEngineVersion !== undefined && { EngineVersion: input.TargetEngineVersion }),
      ...(input.TargetDBInstanceClass !== undefined && { DBInstanceClass: input.TargetDBInstanceClass }),
      ...(group !== undefined && { DBParameterGroups: [{ DBParameterGroupName: group }] }),
      ...(!isLogical(source, input) && {
        ReadReplicaSourceDBInstanceIdentifier: source.identifier,
        StatusInfos: [{ StatusType: 'read replication', Status: 'replicating', Normal: true }],
      }),
    },
  };
  clusters.addOwnInstance(target);
  return target;
}

/**
 * True for a green instance that is no read replica: RDS PostgreSQL replicates logically to another major version.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-replication-type.html
 */
export function isLogical(
  { engine, settings }: Pick<SimulatedDbInstance, 'engine' | 'settings'>,
  {
    TargetEngineVersion = settings.EngineVersion,
  }: Pick<CreateBlueGreenDeploymentCommandInput, 'TargetEngineVersion'>,
): boolean {
  const majorOf = (version = '') => version.split('.')[0];
  return engine === 'postgres' && majorOf(TargetEngineVersion) !== majorOf(settings.EngineVersion);
}
