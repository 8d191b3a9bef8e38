import { DescribeDBClustersCommand } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import { RdsBlueGreen } from '../../src/aurora/index.js';
import { runToEnd } from '../../src/resumable/run-to-end.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedCluster } from './seed/rds.js';

let backend: Backend;

const name = 'orders-upgrade';

beforeEach(async () => {
  backend = await openBackend();
  // moto protects the green instances as well, which RDS does not do.
  const deletionProtection = backend.cloud !== undefined;
  await seedCluster(backend, { name: 'orders', readers: 1, deletionProtection });
});

function createBlueGreen() {
  const { clients, clock } = backend;
  return new RdsBlueGreen({ clusterIdentifier: 'orders', intervalSeconds: 1, clients, clock });
}

/** Resource IDs of the clusters by name. */
async function readClusters(): Promise<Record<string, string | undefined>> {
  const { DBClusters = [] } = await backend.clients.rds.send(new DescribeDBClustersCommand({}));
  return Object.fromEntries(DBClusters.map((it) => [it.DBClusterIdentifier ?? '', it.DbClusterResourceId]));
}

describe('RdsBlueGreen', () => {
  test('switches over, and keeps the former cluster', async () => {
    const before = await readClusters();

    const { outcome, reason } = await runToEnd(createBlueGreen(), { name }, { clock: backend.clock });

    const after = await readClusters();
    expect([outcome, reason]).toEqual(['succeeded', undefined]);
    expect(Object.keys(after).sort()).toEqual(['orders', 'orders-old1']);
    expect(after['orders-old1']).toBe(before['orders']);
    expect(after['orders']).not.toBe(before['orders']);
    expect(await createBlueGreen().getDeployment({ name })).toMatchObject({ state: 'switchedOver' });
  });

  test('deletes the green environment, and nothing else', async () => {
    const before = await readClusters();
    const blueGreen = createBlueGreen();
    await runToEnd(blueGreen, { name, switchOver: 'no' }, { clock: backend.clock });
    expect(Object.keys(await readClusters())).toHaveLength(2);

    expect(await blueGreen.deleteGreenEnvironment({ name })).toEqual({ deleted: true });
    await backend.clock.sleep(backend.cloud === undefined ? 0 : 600_000);

    expect(await readClusters()).toEqual(before);
    expect(await blueGreen.getDeployment({ name })).toMatchObject({ state: 'none' });
  });

  test('deletes the deployment alone after the switchover', async () => {
    const request = { name, deleteDeployment: true };

    const { outcome } = await runToEnd(createBlueGreen(), request, { clock: backend.clock });

    expect(outcome).toBe('succeeded');
    expect(Object.keys(await readClusters()).sort()).toEqual(['orders', 'orders-old1']);
    expect(await createBlueGreen().getDeployment({ name })).toMatchObject({ state: 'none' });
  });
});
