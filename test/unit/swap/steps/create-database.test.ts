import { describe, expect, test } from 'vitest';
import { AuroraTools } from '../../../../src/aurora/index.js';
import type { JsonValue, SwapStep } from '../../../../src/swap/plan/step.js';
import { createDatabase } from '../../../../src/swap/steps/create-database.js';
import {
  type DeleteDatabaseStepOptions,
  deleteDatabase,
} from '../../../../src/swap/steps/delete-database.js';
import { startOrCreateDatabase } from '../../../../src/swap/steps/start-or-create-database.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { stepContext } from '../../../support/step-context.js';

function arrange(create: (tools: AuroraTools) => SwapStep) {
  const cloud = new SimulatedCloud();
  cloud.rds.addCluster({ name: 'blue', deletionProtection: true });
  const tools = new AuroraTools({
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
  });
  const step = create(tools);
  const context = (swapId = 'swap-1') => ({
    ...stepContext(),
    clock: cloud.clock,
    stack: 'green' as const,
    swapId,
  });
  const undo = async (before: JsonValue | undefined) => {
    if (step.undo !== 'none') await step.undo(context(), before);
  };
  return { cloud, tools, step, context, undo };
}

const clone = (tools: AuroraTools) => createDatabase(tools, { from: 'clone' });
const startOrClone = (tools: AuroraTools) => startOrCreateDatabase(tools, { from: 'clone' });
const changes = (cloud: SimulatedCloud) =>
  cloud.calls.map((it) => it.action).filter((it) => !it.startsWith('rds:Describe'));

describe('createDatabase', () => {
  test.each(['available', 'stopped'])(
    'fails for a cluster that exists (%s), and its undo keeps it',
    async (status) => {
      const { cloud, step, context, undo } = arrange(clone);
      cloud.rds.addCluster({ name: 'green', status });
      const before = await step.before?.(context());

      await expect(async () => step.run(context())).rejects.toThrow(
        /a cluster that createDatabase did not create/,
      );
      await undo(before);

      expect(await step.isDone?.(context())).toBe(false);
      expect(await step.isUndone?.(context(), before)).toBe(true);
      expect(cloud.rds.cluster('green').status).toBe(status);
      expect(changes(cloud)).toEqual([]);
    },
  );

  test('fails for the clone of an earlier swap, whose data may be old', async () => {
    const { cloud, step, context, undo } = arrange(clone);
    await step.run(context('swap-0'));
    await cloud.clock.sleep(600_000);
    const before = await step.before?.(context());

    await expect(async () => step.run(context())).rejects.toThrow(/by swap-1, got one of .* by swap-0/);
    await undo(before);

    expect(cloud.rds.cluster('green').status).toBe('available');
  });

  test('deletes its own clone although the cluster has deletion protection', async () => {
    const { cloud, step, context, undo } = arrange(clone);
    const before = await step.before?.(context());
    await step.run(context());
    await cloud.clock.sleep(600_000);
    expect(await step.isDone?.(context())).toBe(true);
    await undo(before);
    await cloud.clock.sleep(600_000);

    expect(await step.isUndone?.(context(), before)).toBe(true);
    expect(cloud.rds.hasCluster('green')).toBe(false);
    expect(cloud.rds.cluster('blue')).toMatchObject({ status: 'available', deletionProtection: true });
  });

  test.each([
    ['clone' as const, 'rds:RestoreDBClusterToPointInTime'],
    ['empty' as const, 'rds:CreateDBCluster'],
    [{ snapshotIdentifier: 'monday' }, 'rds:RestoreDBClusterFromSnapshot'],
  ])('needs only the permissions of its source (%o)', (from, action) => {
    const { step } = arrange((tools) => createDatabase(tools, { from }));
    const actions = step.permissions?.map((it) => it.action) ?? [];

    expect(actions.filter((it) => /Restore|CreateDBCluster$/.test(it))).toEqual([action]);
  });
});

describe('startOrCreateDatabase', () => {
  test('starts a cluster that exists, with its data, and its undo stops it', async () => {
    const { cloud, step, context, undo } = arrange(startOrClone);
    const green = cloud.rds.addCluster({ name: 'green', status: 'stopped' });
    const before = await step.before?.(context());

    expect(await step.isDone?.(context())).toBe(false);
    await step.run(context());
    await cloud.clock.sleep(600_000);
    expect(await step.isDone?.(context())).toBe(true);
    await undo(before);
    await cloud.clock.sleep(600_000);

    expect(await step.isUndone?.(context(), before)).toBe(true);
    expect(cloud.rds.cluster('green')).toBe(green);
    expect(green.status).toBe('stopped');
    expect(changes(cloud)).toEqual(['rds:StartDBCluster', 'rds:StopDBCluster']);
  });

  test('keeps a cluster running that ran before', async () => {
    const { cloud, step, context, undo } = arrange(startOrClone);
    cloud.rds.addCluster({ name: 'green' });
    const before = await step.before?.(context());

    await step.run(context());
    await undo(before);

    expect(await step.isUndone?.(context(), before)).toBe(true);
    expect(changes(cloud)).toEqual([]);
  });

  test('starts the clone of an earlier swap', async () => {
    const { cloud, tools, step, context } = arrange(startOrClone);
    await step.run(context('swap-0'));
    await tools.waitForClusterState('green', 'available');
    await tools.stopDatabase('green');
    await tools.waitForClusterState('green', 'stopped');

    await step.run(context());
    await cloud.clock.sleep(600_000);

    expect(await step.isDone?.(context())).toBe(true);
  });

  test.each([0, 600_000])(
    'creates the database when the cluster is being deleted, or gone since (%d ms), and its undo deletes it',
    async (milliseconds) => {
      const { cloud, tools, step, context, undo } = arrange(startOrClone);
      cloud.rds.addCluster({ name: 'green' });
      await tools.deleteDatabase('green');
      const before = await step.before?.(context());
      await cloud.clock.sleep(milliseconds);

      expect(await step.isDone?.(context())).toBe(false);
      await step.run(context());
      await cloud.clock.sleep(600_000);
      expect(await step.isDone?.(context())).toBe(true);
      await undo(before);
      await cloud.clock.sleep(600_000);

      expect(await step.isUndone?.(context(), before)).toBe(true);
      expect(cloud.rds.hasCluster('green')).toBe(false);
    },
  );

  test('creates the database when the cluster goes between two of its reads', async () => {
    const { cloud, tools, context } = arrange(startOrClone);
    cloud.rds.addCluster({ name: 'green' });
    const step = startOrCreateDatabase(
      {
        getDatabaseCreation: async () => 'other',
        createDatabase: (stack, options) => tools.createDatabase(stack, options),
        deleteCreatedDatabase: (stack, options) => tools.deleteCreatedDatabase(stack, options),
        startDatabase: (stack, options) => tools.startDatabase(stack, options),
        stopDatabase: (stack, options) => tools.stopDatabase(stack, options),
        getClusterState: (stack, options) => tools.getClusterState(stack, options),
      },
      { from: 'clone' },
    );
    await tools.deleteDatabase('green');
    await tools.waitForClusterState('green', 'deleted');

    await step.run(context());

    expect(cloud.rds.cluster('green').status).toBe('available');
  });

  test('fails for a cluster without an instance, which serves nothing, and its undo keeps it', async () => {
    const { cloud, step, context, undo } = arrange(startOrClone);
    cloud.rds.addCluster({ name: 'green' }).members.length = 0;
    const reports: string[] = [];
    const before = await step.before?.(context());

    const isDone = await step.isDone?.({ ...context(), report: (reason) => void reports.push(reason) });
    await expect(async () => step.run(context())).rejects.toMatchObject({ name: 'ResourceStateError' });
    await undo(before);

    expect(isDone).toBe(false);
    expect(reports).toEqual(['the cluster is not of this swap, and has no instance']);
    expect(await step.isUndone?.(context(), before)).toBe(true);
    expect(cloud.rds.cluster('green').status).toBe('available');
    expect(changes(cloud)).toEqual([]);
  });

  test('fails for the cluster of an earlier swap that stopped before its first instance', async () => {
    const { cloud, step, context } = arrange(startOrClone);
    cloud.injectFault({ kind: 'crashBefore', action: 'rds:CreateDBInstance' });
    await expect(async () => step.run(context('swap-0'))).rejects.toThrow();
    cloud.clearFaults();
    cloud.restart();

    expect(cloud.rds.cluster('green')).toMatchObject({ status: 'available', members: [] });
    expect(await step.isDone?.(context())).toBe(false);
    await expect(async () => step.run(context())).rejects.toThrow(/by swap-1, got one of .* by swap-0/);
  });

  test('keeps a cluster that appears after the swap has begun', async () => {
    const { cloud, step, context, undo } = arrange(startOrClone);
    const before = await step.before?.(context());
    cloud.rds.addCluster({ name: 'green' });

    await step.run(context());
    await undo(before);

    expect(await step.isUndone?.(context(), before)).toBe(true);
    expect(cloud.rds.cluster('green').status).toBe('available');
    expect(changes(cloud)).toEqual([]);
  });
});

describe('createDatabase and startOrCreateDatabase', () => {
  test.each([
    ['create', clone],
    ['start or create', startOrClone],
  ])(
    'delete what they created after a database of the same swap that was being deleted (%s)',
    async (_, create) => {
      const { cloud, tools, step, context, undo } = arrange(create);
      await step.run(context());
      await tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });
      const before = await step.before?.(context());
      await step.run(context());
      await cloud.clock.sleep(600_000);
      await undo(before);
      await cloud.clock.sleep(600_000);

      expect(await step.isUndone?.(context(), before)).toBe(true);
      expect(cloud.rds.hasCluster('green')).toBe(false);
    },
  );

  test.each([
    ['create', clone],
    ['start or create', startOrClone],
  ])('report what the step waits for (%s)', async (_, create) => {
    const { cloud, step, context } = arrange(create);
    const reports: string[] = [];
    const reporting = () => ({ ...context(), report: (reason: string) => void reports.push(reason) });
    await step.isDone?.(reporting());
    await step.run(reporting());
    await step.isDone?.(reporting());
    await cloud.clock.sleep(600_000);

    expect(await step.isDone?.(reporting())).toBe(true);
    expect(reports).toEqual([
      'there is no cluster',
      'the cluster or one of its instances is not available yet',
    ]);
  });

  test('report the state of a cluster that is being started', async () => {
    const { cloud, step, context } = arrange(startOrClone);
    cloud.rds.addCluster({ name: 'green', status: 'stopped' });
    const reports: string[] = [];
    await step.run(context());

    await step.isDone?.({ ...context(), report: (reason) => void reports.push(reason) });

    expect(reports).toEqual(['the cluster is starting']);
  });
});

describe('deleteDatabase', () => {
  test.each<[DeleteDatabaseStepOptions, readonly string[]]>([
    [{}, []],
    [{ deleteAutomatedBackups: true }, []],
    [{ deleteAutomatedBackups: false }, ['green']],
  ])('keeps the automated backups as the option says (%o)', async (options, kept) => {
    const { cloud, step, context } = arrange((tools) => deleteDatabase(tools, options));
    cloud.rds.addCluster({ name: 'green' });

    await step.run(context());

    expect(cloud.rds.retainedBackups).toEqual(kept);
  });
});
