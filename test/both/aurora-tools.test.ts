import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { beforeEach, describe, expect, test } from 'vitest';
import { AuroraTools, type AuroraToolsOptions } from '../../src/aurora/index.js';
import { ResourceNotFoundError, ResourceStateError } from '../../src/core/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { inAllForms, insightsDisabledRecord, rdsEventRecord } from '../support/rds-events.js';
import { readInstanceTags, readSnapshots, seedCluster, seedReplication } from './seed/rds.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

function createTools(settings: Partial<AuroraToolsOptions> = {}) {
  return new AuroraTools({
    blue: { clusterIdentifier: 'orders-blue' },
    green: { clusterIdentifier: 'orders-green' },
    clients: backend.clients,
    clock: backend.clock,
    ...settings,
  } as AuroraToolsOptions);
}

async function readBounds(cluster: string) {
  const { ScalableTargets = [] } = await backend.clients.applicationAutoScaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'rds', ResourceIds: [`cluster:${cluster}`] }),
  );
  return { minimum: ScalableTargets[0]?.MinCapacity, maximum: ScalableTargets[0]?.MaxCapacity };
}

describe('AuroraTools', () => {
  test('starts a stopped cluster, waits until it is available, and stops it again', async () => {
    await seedCluster(backend, { name: 'orders-green', readers: 1, stopped: true });
    const tools = createTools();

    expect(await tools.getClusterState('green')).toBe('stopped');
    await tools.startDatabase('green');
    await tools.startDatabase('green');
    await tools.waitForClusterState('green', 'available');
    expect(await tools.getClusterState('green')).toBe('available');
    await tools.stopDatabase('green');
    await tools.stopDatabase('green');
    await tools.waitForClusterState('green', 'stopped');

    expect(await tools.getClusterState('green')).toBe('stopped');
  });

  test('counts the readers of a cluster and of no other', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 3 });
    await seedCluster(backend, { name: 'orders-green', readers: 1 });

    expect(await createTools().getReaderCount('blue')).toBe(3);
  });

  test('scales out to the size of the partner, raises the maximum, and scales in again', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 3 });
    const autoscaling = { minCapacity: 1, maxCapacity: 2 };
    await seedCluster(backend, { name: 'orders-green', readers: 1, autoscaling });
    const tools = createTools();

    await tools.scaleOut('green');
    expect(await readBounds('orders-green')).toEqual({ minimum: 3, maximum: 3 });
    await tools.scaleIn('green');

    expect(await readBounds('orders-green')).toEqual({ minimum: 1, maximum: 3 });
  });

  test('restores the bounds of before a scale-out', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 3 });
    const autoscaling = { minCapacity: 1, maxCapacity: 2 };
    await seedCluster(backend, { name: 'orders-green', readers: 1, autoscaling });
    const tools = createTools();

    const { normalMinimum, ...before } = await tools.getReaderBounds('green');
    await tools.scaleOut('green');
    await tools.setReaderBounds('green', before);

    expect(normalMinimum).toBe(1);
    expect(await readBounds('orders-green')).toEqual({ minimum: 1, maximum: 2 });
  });

  test('throws ResourceNotFoundError for a cluster that is not scaled', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1 });

    await expect(createTools().scaleIn('blue')).rejects.toThrowError(ResourceNotFoundError);
  });

  test('clones the partner with a writer and a reader, once, and deletes only that', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1, tags: { team: 'orders' } });
    const tools = createTools();
    const options = { from: 'clone', creationId: 'swap-1' } as const;

    const created = await tools.createDatabase('green', options);
    await tools.waitForClusterState('green', 'available');
    const again = await tools.createDatabase('green', options);

    expect(created).toMatchObject({ outcome: 'created', clusterIdentifier: 'orders-green' });
    expect(created.instanceIdentifiers).toEqual(['orders-green-1', 'orders-green-2']);
    expect(again.outcome).toBe('existing');
    expect(await tools.getReaderCount('green')).toBe(1);
    expect(await readInstanceTags(backend, 'orders-green-2')).toMatchObject({ team: 'orders' });
    expect(await tools.deleteCreatedDatabase('green', { creationId: 'swap-2' })).toEqual({ deleted: false });
    expect(await tools.deleteCreatedDatabase('green', { creationId: 'swap-1' })).toEqual({ deleted: true });
    await tools.waitForClusterState('green', 'deleted');
    expect(await tools.getDatabaseCreation('green')).toBe('none');
    expect(await tools.getReaderCount('blue')).toBe(1);
  });

  test('refuses to create a database in place of one that exists', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1 });
    await seedCluster(backend, { name: 'orders-green', readers: 1 });
    const tools = createTools();

    await expect(tools.createDatabase('green', { from: 'clone' })).rejects.toThrowError(ResourceStateError);

    expect(await tools.getReaderCount('green')).toBe(1);
    expect(await tools.getDatabaseCreation('green')).toBe('other');
  });

  test('creates an empty database like the partner', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1 });
    const tools = createTools();

    const created = await tools.createDatabase('green', {
      from: 'empty',
      settings: { masterUsername: 'orders', deletionProtection: false },
    });

    expect(created.outcome).toBe('created');
    expect(await tools.getReaderCount('green')).toBe(1);
  });

  test('deletes the members and the cluster, and leaves a final snapshot', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 2 });
    await seedCluster(backend, { name: 'orders-green', readers: 1 });
    const tools = createTools();

    const { finalSnapshotIdentifier } = await tools.deleteDatabase('blue');
    await tools.waitForClusterState('blue', 'deleted');
    await tools.deleteDatabase('blue');

    await expect(tools.getClusterState('blue')).rejects.toThrowError(ResourceNotFoundError);
    expect(await readSnapshots(backend, 'orders-blue')).toEqual([finalSnapshotIdentifier]);
    expect(await tools.getReaderCount('green')).toBe(1);
  });

  test('deletes without a final snapshot with finalSnapshot: skip', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1 });
    const tools = createTools({ finalSnapshot: 'skip' });

    await tools.deleteDatabase('blue');
    await tools.waitForClusterState('blue', 'deleted');

    expect(await readSnapshots(backend, 'orders-blue')).toEqual([]);
  });

  test('deletes nothing of a cluster with deletion protection', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1, deletionProtection: true });
    const tools = createTools();

    await expect(tools.deleteDatabase('blue')).rejects.toThrowError(ResourceStateError);

    expect(await tools.getReaderCount('blue')).toBe(1);
  });

  test.each(['orders-blue', 'orders-green'])(
    'deletes nothing of %s while one cluster replicates the other',
    async (cluster) => {
      await seedReplication(backend, { source: 'orders-blue', replica: 'orders-green' });
      const tools = createTools();
      const stack = cluster === 'orders-blue' ? 'blue' : 'green';

      await expect(tools.deleteDatabase(stack)).rejects.toThrowError(ResourceStateError);

      expect(await tools.getReaderCount(stack)).toBe(1);
    },
  );

  test('deletes nothing of a member of a global database', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1, globalClusterIdentifier: 'world' });
    const tools = createTools();

    await expect(tools.deleteDatabase('blue')).rejects.toThrowError(ResourceStateError);

    expect(await tools.getReaderCount('blue')).toBe(1);
  });

  test.each(inAllForms('orders-blue-reader-1'))('tags the reader of an event from %s', async (_, event) => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1 });

    const report = await createTools().applyTags(event);

    expect(report).toMatchObject({ outcome: 'tagged' });
    expect(await readInstanceTags(backend, 'orders-blue-reader-1')).toMatchObject({ Role: 'Reader' });
  });

  test('tags a scaled-out reader like its cluster', async () => {
    await seedCluster(backend, { name: 'orders-blue', readers: 1, tags: { team: 'orders' } });
    const tools = createTools();

    await tools.applyTags(rdsEventRecord('orders-blue-reader-1', { 'Source ARN': undefined }));
    const writer = await tools.applyTags(rdsEventRecord('orders-blue-writer'));
    const gone = await tools.applyTags(rdsEventRecord('orders-blue-reader-9'));

    expect(writer).toMatchObject({ outcome: 'ignored', reason: 'notScaledOut' });
    expect(gone).toMatchObject({ outcome: 'ignored', reason: 'instanceGone' });
    expect(await readInstanceTags(backend, 'orders-blue-reader-1')).toEqual({
      'application-autoscaling:resourceId': 'cluster:orders-blue',
      team: 'orders',
      Role: 'Reader',
    });
  });

  test.each([rdsEventRecord, insightsDisabledRecord])(
    'enables Performance Insights on a scaled-out reader (moto never shows it)',
    async (recordOf) => {
      await seedCluster(backend, { name: 'orders-blue', readers: 1 });

      const report = await createTools().enablePerformanceInsights(recordOf('orders-blue-reader-1'));

      expect(report).toEqual({ outcome: 'enabled', instance: 'orders-blue-reader-1' });
    },
  );
});
