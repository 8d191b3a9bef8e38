import { RDSClient } from '@aws-sdk/client-rds';
import { RdsBlueGreen, type RdsBlueGreenOptions } from '../../src/aurora/index.js';
import { silentLogger } from '../../src/core/logger.js';
import { SimulatedCloud, type SimulatedDatabase } from '../../src/testing/index.js';

/** Kind of the production database. */
export type DatabaseKind = 'cluster' | 'instance';

/** Adds the production database `orders`, a database of others, and its blue/green run. */
export function makeBlueGreenWorld({
  kind = 'cluster',
  engine,
  deletionProtection = true,
  cloud = new SimulatedCloud(),
}: {
  readonly kind?: DatabaseKind;
  readonly engine?: string;
  readonly deletionProtection?: boolean;
  readonly cloud?: SimulatedCloud;
} = {}) {
  const settings = { EngineVersion: '16.4' };
  const blue: SimulatedDatabase =
    kind === 'cluster'
      ? cloud.rds.addCluster({
          name: 'orders',
          readers: 1,
          deletionProtection,
          settings,
          ...(engine !== undefined && { engine }),
        })
      : cloud.rds.addInstance({
          identifier: 'orders',
          deletionProtection,
          settings,
          ...(engine !== undefined && { engine }),
        });
  cloud.rds.addCluster({ name: 'invoices', readers: 0, settings: { EngineVersion: '15.8' } });
  const originals = new Set([
    ...cloud.rds.clusterNames.map((name) => cloud.rds.cluster(name).resourceId),
    ...cloud.rds.ownInstances.map(({ resourceId }) => resourceId),
  ]);
  const make = (options: Partial<RdsBlueGreenOptions> = {}) =>
    new RdsBlueGreen({
      ...(kind === 'cluster' ? { clusterIdentifier: 'orders' } : { instanceIdentifier: 'orders' }),
      clients: cloud.clients,
      clock: cloud.clock,
      logger: silentLogger,
      ...options,
    } as RdsBlueGreenOptions);
  return {
    cloud,
    clock: cloud.clock,
    blue,
    make,
    clientWithoutRetries: () => clientWithoutRetries(cloud),
    read: () => readWorld(cloud, originals),
    changes: () => changesOf(cloud),
  };
}

/** Every database, by name: `present` for one from the beginning, with its version and state; and the deployments. */
function readWorld({ rds }: SimulatedCloud, originals: ReadonlySet<string>) {
  const describe = (database: SimulatedDatabase) => {
    const { resourceId, status, deletionProtection, settings } = database;
    const origin = originals.has(resourceId) ? 'present' : 'new';
    return `${origin}, ${settings.EngineVersion}, ${status}${deletionProtection === true ? ', protected' : ''}`;
  };
  const clusters = rds.clusterNames.map((name) => [
    name,
    describe(rds.cluster(name)),
    ...rds.cluster(name).members.map((it) => `${it.identifier} ${it.status}`),
  ]);
  return {
    databases: [...clusters, ...rds.ownInstances.map((it) => [it.identifier, describe(it)])].sort(),
    deployments: rds.blueGreenDeployments.map(({ name, status }) => `${name} ${status}`),
  };
}

function clientWithoutRetries(cloud: SimulatedCloud): RDSClient {
  return cloud.connect(
    new RDSClient({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
      maxAttempts: 1,
    }),
  );
}

function changesOf(cloud: SimulatedCloud): string[] {
  return cloud.calls.map(({ action }) => action).filter((action) => !/:(Describe|List|Get)/.test(action));
}
