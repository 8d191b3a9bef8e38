import { describe, expect, test } from 'vitest';
import type { BlueGreenRequest, BlueGreenState } from '../../../src/aurora/index.js';
import { BlueGreenDeploymentError, BlueGreenNotReadyError, RdsBlueGreen } from '../../../src/aurora/index.js';
import { runToEnd } from '../../../src/resumable/run-to-end.js';
import { type SimulatedBlueGreenDeployment, SimulatedCloud } from '../../../src/testing/index.js';
import { makeBlueGreenWorld } from '../../support/blue-green-world.js';

const name = 'orders-to-17';
const request = { name, green: { engineVersion: '17.4' } };

type World = ReturnType<typeof makeBlueGreenWorld>;

/** A world whose green environment is available. */
async function available(options: Parameters<typeof makeBlueGreenWorld>[0] = {}) {
  const world = makeBlueGreenWorld(options);
  const blueGreen = world.make();
  await blueGreen.createDeployment(request);
  await world.clock.sleep(1_800_000);
  const deployment = world.cloud.rds.blueGreenDeployment(name);
  return { ...world, blueGreen, deployment, before: world.read(), since: world.changes().length };
}

function run({ make, clock }: Pick<World, 'make' | 'clock'>, more: Partial<BlueGreenRequest> = {}) {
  return runToEnd(make(), { ...request, ...more }, { clock });
}

const greenOf = ({ members: [first] }: SimulatedBlueGreenDeployment) => first?.target ?? expect.unreachable();

describe('RdsBlueGreen', () => {
  test.each([{}, { clusterIdentifier: 'a', instanceIdentifier: 'b' }, { clusterIdentifier: 'arn:aws:rds' }])(
    'rejects the source %j',
    (source) => {
      expect(() => new RdsBlueGreen(source as never)).toThrow(/Invalid RdsBlueGreen options/);
    },
  );

  test.each(['aws-cn', 'aws-us-gov'] as const)(
    'upgrades a database in the partition %s',
    async (partition) => {
      const region = partition === 'aws-cn' ? 'cn-north-1' : 'us-gov-west-1';
      const world = makeBlueGreenWorld({ cloud: new SimulatedCloud({ partition, region }) });

      expect((await run(world)).outcome).toBe('succeeded');
      expect(world.cloud.rds.cluster('orders')).toMatchObject({
        arn: `arn:${partition}:rds:${region}:123456789012:cluster:orders`,
        settings: { EngineVersion: '17.4' },
      });
    },
  );

  test('passes every setting and tag on to RDS', async () => {
    const { cloud, make } = makeBlueGreenWorld({ kind: 'instance' });
    const green = {
      engineVersion: '8.4.3',
      parameterGroupName: 'orders-84',
      instanceClass: 'db.r8g.large',
      storageType: 'gp3',
      allocatedStorage: 200,
      iops: 4000,
      storageThroughput: 250,
      upgradeStorageConfig: true,
      kmsKeys: { 'arn:aws:rds:eu-west-1:123456789012:db:orders': 'alias/orders' },
    };

    await make().createDeployment({ name, green, tags: { team: 'orders' }, creationId: 'swap-7' });

    const call = cloud.calls.find(({ action }) => action === 'rds:CreateBlueGreenDeployment');
    expect(call?.input).toEqual({
      BlueGreenDeploymentName: name,
      Source: 'arn:aws:rds:eu-west-1:123456789012:db:orders',
      TargetEngineVersion: '8.4.3',
      TargetDBParameterGroupName: 'orders-84',
      TargetDBInstanceClass: 'db.r8g.large',
      TargetStorageType: 'gp3',
      TargetAllocatedStorage: 200,
      TargetIops: 4000,
      TargetStorageThroughput: 250,
      UpgradeTargetStorageConfig: true,
      TargetResourceConfigurations: [
        { SourceArn: 'arn:aws:rds:eu-west-1:123456789012:db:orders', TargetKmsKeyId: 'alias/orders' },
      ],
      Tags: [
        { Key: 'team', Value: 'orders' },
        { Key: 'aws-blue-green-toolkit:blue-green-source', Value: 'db-00000001' },
        { Key: 'aws-blue-green-toolkit:blue-green-settings', Value: expect.stringMatching(/^[\da-f]+$/) },
        { Key: 'aws-blue-green-toolkit:creation', Value: 'swap-7' },
      ],
    });
  });

  test('throws ResourceNotFoundError without the database, before anything is created', async () => {
    const world = makeBlueGreenWorld();
    world.cloud.rds.removeCluster('orders');

    await expect(world.make().begin(request)).rejects.toThrow('Database cluster orders not found');
    expect(world.changes()).toEqual([]);
  });

  test('ends with the available green environment when no switchover is asked for', async () => {
    const world = makeBlueGreenWorld();

    const { outcome } = await run(world, { switchOver: 'no' });

    expect(outcome).toBe('succeeded');
    expect(world.cloud.rds.blueGreenDeployment(name)).toMatchObject({ status: 'AVAILABLE', switchovers: 0 });
    expect((await run(world)).outcome).toBe('succeeded');
    expect(world.cloud.rds.blueGreenDeployment(name)).toMatchObject({ status: 'SWITCHOVER_COMPLETED' });
  });

  test('waits while RDS refuses the creation because the database is changing', async () => {
    const world = makeBlueGreenWorld();
    world.cloud.rds.cluster('orders').status = 'modifying';
    world.clock.schedule(600, () => {
      world.cloud.rds.cluster('orders').status = 'available';
    });

    expect((await run(world)).outcome).toBe('succeeded');
  });

  test("rolls back with AWS's sentence when RDS refuses the creation for good", async () => {
    const world = makeBlueGreenWorld();
    world.cloud.rds.cluster('orders').settings.EngineMode = 'serverless';

    const { outcome, reason } = await run(world);

    expect(outcome).toBe('rolledBack');
    expect(reason).toMatch(/source DB cluster orders is not supported/);
  });

  test('creates nothing when the name belongs to another database than at the beginning', async () => {
    const world = makeBlueGreenWorld();
    const state = await world.make().begin(request);
    world.cloud.rds.removeCluster('orders');
    world.cloud.rds.addCluster({ name: 'orders' });
    const next = await world.make().advance(state);

    await expect(world.make().advance(next.state)).rejects.toThrow(BlueGreenDeploymentError);
    expect(world.changes()).toEqual([]);
  });

  test.each(['no', 'atOnce'] as const)(
    'rolls back after a failed task (switchOver: %s)',
    async (switchOver) => {
      const world = await available();
      Object.assign(world.deployment.tasks[0] ?? expect.unreachable(), { status: 'FAILED' });

      const { outcome, reason } = await run(world, { switchOver });

      expect(outcome).toBe('rolledBack');
      expect(reason).toMatch(/AVAILABLE, CREATING_READ_REPLICA_OF_SOURCE FAILED/);
      expect(world.cloud.rds.clusterNames).toEqual(['orders', 'invoices']);
    },
  );

  test('waits in a status that RDS has added since', async () => {
    const world = await available();
    world.deployment.status = 'OPTIMIZING';
    world.clock.schedule(3000, () => {
      world.deployment.status = 'AVAILABLE';
    });

    expect((await run(world)).outcome).toBe('succeeded');
  });

  test('rolls back when the time for the run is over', async () => {
    const world = makeBlueGreenWorld();
    const before = world.read();

    const { outcome, reason } = await runToEnd(
      world.make(),
      { ...request, switchOver: 'afterApproval' },
      {
        clock: world.clock,
        isApproved: () => false,
        rollBackAt: world.clock.now() + 7_200_000,
      },
    );

    expect([outcome, reason]).toEqual(['rolledBack', 'The time for the blue/green deployment is over']);
    expect(world.read()).toEqual(before);
  });

  test('stops at an abort before any call', async () => {
    const world = await available();
    const state = await world.make().begin(request);
    const since = world.cloud.calls.length;

    await expect(world.make().advance(state, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
    expect(world.cloud.calls.length).toBe(since);
  });
});

describe('RdsBlueGreen › a deployment of others', () => {
  const foreign: readonly [string, (deployment: SimulatedBlueGreenDeployment) => unknown][] = [
    [
      'without a mark',
      ({ tags }) => Reflect.deleteProperty(tags, 'aws-blue-green-toolkit:blue-green-source'),
    ],
    [
      'for another database',
      ({ tags }) => Object.assign(tags, { 'aws-blue-green-toolkit:blue-green-source': 'x' }),
    ],
    [
      'of another creation',
      ({ tags }) => Object.assign(tags, { 'aws-blue-green-toolkit:creation': 'swap-2' }),
    ],
  ];

  test.each(foreign)('is neither continued nor deleted: %s', async (_, change) => {
    const world = await available();
    change(world.deployment);
    const creationId = 'swap-1';

    const { outcome, reason } = await run(world, { creationId });

    expect(outcome).toBe('rolledBack');
    expect(reason).toMatch(/belongs to another caller/);
    await expect(world.blueGreen.createDeployment({ ...request, creationId })).rejects.toThrow(
      /another caller/,
    );
    await expect(world.blueGreen.switchOver({ name, creationId })).rejects.toThrow(/another caller/);
    expect(await world.blueGreen.deleteGreenEnvironment({ name, creationId })).toEqual({ deleted: false });
    expect((await world.blueGreen.getDeployment({ name, creationId })).state).toBe('other');
    expect(world.changes().length).toBe(world.since);
    expect(world.read()).toEqual(world.before);
  });

  test('that appears instead of the own one ends the run without a change', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    const { tags } = world.deployment;
    for (const key of Object.keys(tags)) delete tags[key];

    await expect(world.make().advance(state)).rejects.toThrow(/belongs to another caller/);
    expect((await world.make().rollBack(state, 'by hand')).outcome).toBe('rolledBack');
    expect(world.read()).toEqual(world.before);
  });
});

describe('RdsBlueGreen › a deployment of another database with the same name', () => {
  const statuses = ['AVAILABLE', 'SWITCHOVER_IN_PROGRESS', 'SWITCHOVER_FAILED', 'INVALID_CONFIGURATION'];

  test.each(statuses)('is never deleted or switched over in the status %s', async (status) => {
    const world = await available();
    const { cloud, clock, deployment } = world;
    deployment.status = status;
    const clients = { clients: cloud.clients, clock };
    const invoices = new RdsBlueGreen({ clusterIdentifier: 'invoices', ...clients });

    expect((await invoices.getDeployment({ name })).state).toBe('other');
    expect(await invoices.deleteGreenEnvironment({ name })).toEqual({ deleted: false });
    await expect(invoices.switchOver({ name })).rejects.toThrow(/belongs to another caller/);
    expect((await runToEnd(invoices, request, { clock })).reason).toMatch(/belongs to another caller/);
    expect(world.read().databases).toEqual(world.before.databases);
    expect(world.changes().length).toBe(world.since);
  });

  test('is not taken for the own one after its switchover', async () => {
    const world = await available();
    await world.blueGreen.switchOver({ name });
    await world.clock.sleep(600_000);
    const clients = { clients: world.cloud.clients, clock: world.clock };
    const invoices = new RdsBlueGreen({ clusterIdentifier: 'invoices', ...clients });

    const { outcome, reason } = await runToEnd(invoices, request, { clock: world.clock });

    expect(outcome).toBe('rolledBack');
    expect(reason).toMatch(/belongs to another caller/);
  });
});

describe('RdsBlueGreen › another upgrade with the same name', () => {
  test('is refused, before and after the switchover of the first', async () => {
    const world = await available();
    const next = { green: { engineVersion: '18.1' } };

    const during = await run(world, next);
    expect(during).toMatchObject({ outcome: 'rolledBack', reason: expect.stringMatching(/another upgrade/) });
    expect(world.read()).toEqual(world.before);

    await run(world);
    const end = world.read();
    const after = await run(world, next);
    expect(after.outcome).toBe('rolledBack');
    expect(world.read()).toEqual(end);
    await expect(world.blueGreen.createDeployment({ name, ...next })).rejects.toThrow(/another upgrade/);
  });
});

describe('RdsBlueGreen › guardrails', () => {
  const green = (deployment: SimulatedBlueGreenDeployment) => greenOf(deployment);
  const temporary: readonly [string, (deployment: SimulatedBlueGreenDeployment, world: World) => unknown][] =
    [
      ['replicaLag', (it) => Object.assign(it, { replicaLagSeconds: 60 })],
      ['replicaLag', (it) => Object.assign(it, { replicaLagSeconds: undefined })],
      ['replicaLag', (it) => Object.assign(it, { replicaLagSeconds: -1 })],
      ['greenAvailable', (it) => Object.assign(green(it), { status: 'storage-optimization' })],
      [
        'greenAvailable',
        (it) => Object.assign(it.members[1]?.target ?? green(it), { status: 'configuring' }),
      ],
      [
        'blueAvailable',
        (_, { cloud }) => Object.assign(cloud.rds.cluster('orders'), { status: 'backing-up' }),
      ],
      ['members', (it) => it.members.map((member) => Object.assign(member, { status: 'PROVISIONING' }))],
      ['tasks', (it) => it.tasks.push({ name: 'CONFIGURE_BACKUPS', status: 'IN_PROGRESS' })],
      [
        'replication',
        (_, { cloud }) => {
          const [writer] = cloud.rds.instances(
            cloud.rds.clusterNames.find((it) => it.includes('-green-')) ?? '',
          );
          if (writer !== undefined)
            writer.settings.StatusInfos = [
              { StatusType: 'read replication', Status: 'error', Normal: false },
            ];
        },
      ],
    ];
  const final: typeof temporary = [
    ['status', (it) => Object.assign(it, { status: 'INVALID_CONFIGURATION' })],
    ['status', (it) => Object.assign(it, { statusDetails: 'Replication degraded: unsupported DDL' })],
    ['tasks', (it) => it.tasks.push({ name: 'DB_ENGINE_VERSION_UPGRADE', status: 'FAILED' })],
    ['members', (it) => it.members.map((member) => Object.assign(member, { status: 'MISSING_TARGET' }))],
    [
      'externalReplication',
      (_, { cloud }) => {
        cloud.rds.cluster('orders').replicationSourceIdentifier = 'arn:aws:rds:eu-west-1:1:cluster:other';
      },
    ],
  ];

  const settled = async (change: (typeof temporary)[number][1]) => {
    const world = await available({ engine: 'aurora-mysql' });
    change(world.deployment, world);
    await world.clock.sleep(240_000);
    return { ...world, before: world.read() };
  };

  test.each(temporary)('keep the switchover from beginning for now: %s (%#)', async (guardrail, change) => {
    const { blueGreen, deployment, changes, since } = await settled(change);

    const failure = await blueGreen.switchOver({ name }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(BlueGreenNotReadyError);
    expect(failure).toMatchObject({ guardrails: [{ name: guardrail, outcome: 'notMet', mayPass: true }] });
    expect(changes().length).toBe(since);
    expect(deployment.switchovers).toBe(0);
  });

  test.each(final)('keep the switchover from ever beginning: %s (%#)', async (guardrail, change) => {
    const { blueGreen, deployment, changes, since } = await settled(change);

    const failure = await blueGreen.switchOver({ name }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(BlueGreenDeploymentError);
    expect(failure).toMatchObject({ message: expect.stringContaining(`${guardrail}: `) });
    expect(changes().length).toBe(since);
    expect(deployment.switchovers).toBe(0);
  });

  test('are all met before the switchover, except those that only RDS can read', async () => {
    const { blueGreen } = await available();

    const guardrails = await blueGreen.readGuardrails({ name });

    expect(guardrails.filter(({ outcome }) => outcome !== 'met')).toEqual([
      {
        name: 'replicaLag',
        outcome: 'unreadable',
        mayPass: true,
        detail: expect.stringMatching(/no metric/),
      },
      { name: 'writes', outcome: 'unreadable', mayPass: true, detail: expect.stringMatching(/RDS checks/) },
    ]);
  });

  test.each([
    ['17.4', 'unreadable', /orders-green-\w+ \(postgres\) has no metric/],
    ['16.6', 'met', /^0 s/],
  ] as const)(
    'read the lag of RDS PostgreSQL as far as there is a metric: %s',
    async (engineVersion, outcome, detail) => {
      const world = makeBlueGreenWorld({ kind: 'instance', engine: 'postgres' });
      const green = { engineVersion };
      await world.make().createDeployment({ name, green });
      await world.clock.sleep(3_600_000);

      const guardrails = await world.make().readGuardrails({ name });

      expect(guardrails.find((it) => it.name === 'replicaLag')).toMatchObject({
        outcome,
        detail: expect.stringMatching(detail),
      });
      expect((await run(world, { green })).outcome).toBe('succeeded');
    },
  );

  test('can be met later while RDS creates the green environment', async () => {
    const world = makeBlueGreenWorld();
    await world.make().createDeployment(request);

    const error = await world.make().switchOver({ name }).catch(String);

    expect(error).toMatch(/BlueGreenNotReadyError: .*status: PROVISIONING/);
    const notMet = (await world.make().readGuardrails({ name })).filter((it) => it.outcome === 'notMet');
    expect(notMet.map((it) => it.name)).toContain('identity');
    expect(notMet.every(({ mayPass }) => mayPass)).toBe(true);
  });

  test('are waited for, and the switchover follows', async () => {
    const world = await available({ engine: 'aurora-mysql' });
    world.deployment.replicaLagSeconds = 60;
    await world.clock.sleep(240_000);
    world.clock.schedule(1200, () => {
      world.deployment.replicaLagSeconds = 1;
    });

    const { outcome, history } = await run(world);

    expect(outcome).toBe('succeeded');
    expect(history.filter(({ type }) => type === 'guardrailsChanged')).toMatchObject([
      { notMet: [{ name: 'replicaLag', detail: '60 s (max 10 s)' }] },
      { notMet: [] },
    ]);
  });

  test('halt the run after the maximum wait, and keep the green environment', async () => {
    const world = await available({ engine: 'aurora-mysql' });
    world.deployment.replicaLagSeconds = 60;
    await world.clock.sleep(240_000);

    const { outcome, reason, state } = await run(world, { maxGuardrailWaitSeconds: 600 });

    expect(outcome).toBe('halted');
    expect(reason).toMatch(/replicaLag: 60 s \(max 10 s\)\. Nothing was changed/);
    expect(world.read()).toEqual(world.before);
    world.deployment.replicaLagSeconds = 0;
    await world.clock.sleep(300_000);
    expect(await finish(world, state)).toBe('succeeded');
  });
});

describe('RdsBlueGreen › switchover', () => {
  test('that exceeds its time limit changes nothing, and halts the run', async () => {
    const world = await available();
    world.deployment.switchoverSeconds = 400;

    const { outcome, reason, state } = await run(world, { switchoverTimeoutSeconds: 60 });

    expect(outcome).toBe('halted');
    expect(reason).toMatch(/ended without effect: AVAILABLE \(Switchover was canceled.*timeout/);
    expect(world.deployment.switchovers).toBe(1);
    expect(world.read()).toEqual(world.before);
    world.deployment.switchoverSeconds = 30;
    expect(await finish(world, state)).toBe('succeeded');
  });

  test('that RDS cancels can be rolled back', async () => {
    const world = makeBlueGreenWorld();
    const before = world.read();
    const state = await reach(world, (it) => it.switchover !== undefined);
    world.cloud.rds.blueGreenDeployment(name).guardrailFailure = 'long-running writes';
    world.cloud.rds.blueGreenDeployment(name).status = 'AVAILABLE';

    const end = await rollBack(world, state);

    expect(end).toMatchObject({ outcome: 'rolledBack' });
    expect(world.read()).toEqual(before);
  });

  test('that failed halts the run, and is not repeated', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.switchover !== undefined);
    world.deployment.status = 'SWITCHOVER_FAILED';

    const outcomes = [await finish(world, state)];

    expect(outcomes).toEqual(['halted']);
    expect(world.deployment.switchovers).toBe(1);
  });

  test('that is completed halts a rollback, deletes nothing and names the former database', async () => {
    const world = makeBlueGreenWorld();
    const { outcome, state } = await run(world);
    const [end, since] = [world.read(), world.changes().length];
    expect(outcome).toBe('succeeded');

    const late = await world.make().rollBack(state, 'orders are late');

    expect(late.outcome).toBe('halted');
    expect(late.state.haltReason).toMatch(
      /cannot be taken back: orders are late\. Keep orders-old1 \(cluster-0/,
    );
    expect([world.read(), world.changes().length]).toEqual([end, since]);
    await expect(world.make().deleteGreenEnvironment({ name })).rejects.toThrow(/cannot be taken back/);
    expect(world.read()).toEqual(end);
  });

  test('is found complete by a run that begins again', async () => {
    const world = makeBlueGreenWorld();
    await run(world);
    const [end, since] = [world.read(), world.changes().length];

    const { outcome } = await run(world);

    expect([outcome, world.read(), world.changes().length]).toEqual(['succeeded', end, since]);
  });

  test('is found complete although its deployment was deleted by hand', async () => {
    const world = makeBlueGreenWorld();
    const state = await reach(world, (it) => it.switchover !== undefined);
    await world.clock.sleep(120_000);
    await world.make().deleteCompletedDeployment({ name });
    await world.clock.sleep(600_000);

    expect(await finish(world, state)).toBe('succeeded');
  });

  test('never deletes the database that has the name of the production database', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    // RDS shows a status from before the exchange of the names.
    await world.blueGreen.switchOver({ name });
    await world.clock.sleep(120_000);
    world.deployment.status = 'SWITCHOVER_FAILED';
    const [end, since] = [world.read(), world.changes().length];

    await expect(rollBack(world, state)).rejects.toThrow(/Compare the databases by their resource IDs/);
    expect([world.read(), world.changes().length]).toEqual([end, since]);
  });

  test('never deletes a green database whose name is that of production, and that RDS names by its former ARN', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    const [first] = world.deployment.members;
    const former = { ...greenOf(world.deployment) };
    await world.blueGreen.switchOver({ name });
    await world.clock.sleep(120_000);
    world.deployment.status = 'SWITCHOVER_FAILED';
    Object.assign(first ?? expect.unreachable(), { target: former });
    const [end, since] = [world.read(), world.changes().length];

    await expect(rollBack(world, state)).rejects.toThrow(/Compare the databases by their resource IDs/);
    await expect(world.make().deleteGreenEnvironment({ name })).resolves.toEqual({ deleted: false });
    expect([world.read(), world.changes().length]).toEqual([end, since]);
  });

  test('whose response was lost is a success when the time for the run is over', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    await world.blueGreen.switchOver({ name });
    await world.clock.sleep(600_000);

    const progress = await world.make().advance(state, { rollBackAt: world.clock.now() });

    expect(progress.state.rollbackReason).toBeUndefined();
    expect(await finish(world, progress.state)).toBe('succeeded');
  });

  test('whose response was lost is found although its deployment was deleted by hand', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    await world.blueGreen.switchOver({ name });
    await world.clock.sleep(600_000);
    world.cloud.rds.forgetBlueGreenDeployment(name);

    expect(await finish(world, state)).toBe('succeeded');
    expect((await rollBack(world, state)).state.haltReason).toMatch(/cannot be taken back: by hand/);
  });

  test('that failed with exchanged names halts the run, and names the database', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.switchover !== undefined);
    await world.clock.sleep(120_000);
    world.deployment.status = 'SWITCHOVER_FAILED';
    const [end, since] = [world.read(), world.changes().length];

    expect(await finish(world, state)).toBe('halted');
    await expect(rollBack(world, state)).rejects.toThrow(/Compare the databases by their resource IDs/);
    expect([world.read(), world.changes().length]).toEqual([end, since]);
  });

  test('deletes the deployment alone when that is asked for', async () => {
    const world = makeBlueGreenWorld();

    const { outcome } = await run(world, { deleteDeployment: true });

    expect(outcome).toBe('succeeded');
    expect(world.cloud.rds.clusterNames).toEqual(expect.arrayContaining(['orders', 'orders-old1']));
    expect(world.cloud.rds.blueGreenDeployments).toEqual([]);
  });
});

describe('RdsBlueGreen › deletions from outside', () => {
  test('of the deployment end the run, and its rollback says that the green database is left', async () => {
    const world = await available();
    const state = await reach(
      world,
      (it) => it.target !== undefined,
      { maxReplicaLagSeconds: 0 },
      (it) => {
        greenOf(it).status = 'modifying';
      },
    );
    world.cloud.rds.forgetBlueGreenDeployment(name);

    await expect(world.make().advance(state)).rejects.toThrow(/was deleted outside the run/);
    const end = await rollBack(world, state);

    expect(end.outcome).toBe('halted');
    expect(end.state.haltReason).toMatch(/Green database orders-green-\w+ \(cluster-\d+\) still exists/);
  });

  test('before any reading of a guardrail leave a green database that the rollback names', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    world.cloud.rds.forgetBlueGreenDeployment(name);

    const end = await rollBack(world, state);

    expect(end.outcome).toBe('halted');
    expect(end.state.haltReason).toMatch(/Green database orders-green-\w+ \(cluster-\d+\) still exists/);
  });
});

describe('RdsBlueGreen › a rollback after a lost response', () => {
  test('waits for the green database that RDS is still deleting', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    await world.blueGreen.deleteGreenEnvironment({ name });
    world.cloud.rds.forgetBlueGreenDeployment(name);

    const end = await rollBack(world, state);

    expect(end.outcome).toBe('rolledBack');
    expect(world.cloud.rds.clusterNames).toEqual(['orders', 'invoices']);
  });

  test('halts when RDS keeps the green database for more than an hour', async () => {
    const world = await available();
    const state = await reach(world, (it) => it.status === 'AVAILABLE', { switchOver: 'afterApproval' });
    world.cloud.rds.forgetBlueGreenDeployment(name);
    const deleted = { ...state, rollbackReason: 'by hand', deletionRequestedAt: world.clock.now() };

    const end = await rollBack(world, deleted);

    expect(end.state.haltReason).toMatch(/still exists, although its deployment is deleted/);
    expect(world.clock.now()).toBe(deleted.deletionRequestedAt + 3_600_000);
  });

  test('deletes a deployment that was accepted an hour after the start, and that RDS lists late', async () => {
    const world = makeBlueGreenWorld();
    const { cloud, blue } = world;
    blue.status = 'modifying';
    let state = await world.make().begin(request);
    for (let call = 0; call < 100; call += 1) {
      const progress = await world.make().advance(state);
      state = progress.state;
      await world.clock.sleep(progress.waitSeconds * 1000);
    }
    blue.status = 'available';
    cloud.injectFault({ action: 'rds:CreateBlueGreenDeployment', kind: 'crashAfter' });
    await expect(world.make().advance(state)).rejects.toThrow(/crash/);
    cloud.restart();
    cloud.injectFault({ action: 'rds:DescribeBlueGreenDeployments', kind: 'staleRead' });

    expect((await rollBack(world, state)).outcome).toBe('rolledBack');
    expect(cloud.rds.clusterNames).toEqual(['orders', 'invoices']);
    expect(cloud.rds.blueGreenDeployments).toEqual([]);
  });
});

describe('RdsBlueGreen › single changes', () => {
  test('create the deployment once', async () => {
    const { blueGreen, changes } = await available();

    expect(await blueGreen.createDeployment(request)).toMatchObject({ state: 'available' });
    expect(changes()).toEqual(['rds:CreateBlueGreenDeployment']);
  });

  test('delete the green environment with its protection, and leave the production database protected', async () => {
    const world = makeBlueGreenWorld();
    const before = world.read();
    await world.make().createDeployment({ name });

    expect(await world.make().deleteGreenEnvironment({ name })).toEqual({ deleted: true });
    await world.clock.sleep(600_000);

    expect(world.read()).toEqual(before);
    expect(await world.make().deleteGreenEnvironment({ name })).toEqual({ deleted: false });
  });

  test('throw BlueGreenDeploymentError when another caller creates the deployment at the same time', async () => {
    const world = makeBlueGreenWorld();
    await world.make().getDeployment({ name });
    await world.make().createDeployment({ ...request, creationId: 'swap-2' });
    world.cloud.injectFault({ action: 'rds:DescribeBlueGreenDeployments', kind: 'staleRead' });

    await expect(world.make().createDeployment({ ...request, creationId: 'swap-1' })).rejects.toThrow(
      /belongs to another caller/,
    );
  });

  test('continue a deployment whose KMS keys are given in another order', async () => {
    const world = makeBlueGreenWorld({ kind: 'instance' });
    const [one, two] = ['arn:aws:rds:eu-west-1:123456789012:db:a', 'arn:aws:rds:eu-west-1:123456789012:db:b'];
    await world.make().createDeployment({ name, green: { kmsKeys: { [one]: 'k1', [two]: 'k2' } } });

    const again = await world
      .make()
      .createDeployment({ name, green: { kmsKeys: { [two]: 'k2', [one]: 'k1' } } });
    const other = world.make().createDeployment({ name, green: { kmsKeys: { [two]: 'k1', [one]: 'k2' } } });

    expect(again.state).toBe('provisioning');
    await expect(other).rejects.toThrow(/another upgrade/);
  });

  test('throw WaitTimeoutError while RDS refuses the deletion', async () => {
    const world = makeBlueGreenWorld();
    await world.make().createDeployment({ name });

    const deletion = world.make().deleteGreenEnvironment({ name, maxWaitSeconds: 60 });

    await expect(deletion).rejects.toMatchObject({ name: 'WaitTimeoutError', actual: 'PROVISIONING' });
  });

  test('refuse the deletion of a deployment that is not switched over', async () => {
    const world = await available();

    await expect(world.blueGreen.deleteCompletedDeployment({ name })).rejects.toThrow(/SWITCHOVER_COMPLETED/);
    expect(world.read()).toEqual(world.before);
  });

  test('throw ResourceNotFoundError for a switchover without a deployment', async () => {
    await expect(makeBlueGreenWorld().make().switchOver({ name })).rejects.toThrow(/not found/);
  });

  test('do nothing when the switchover is completed', async () => {
    const world = await available();
    await world.blueGreen.switchOver({ name });
    await world.clock.sleep(600_000);
    await world.blueGreen.switchOver({ name });

    expect(world.deployment.switchovers).toBe(1);
    expect(await world.blueGreen.getDeployment({ name })).toMatchObject({
      state: 'switchedOver',
      greenIdentifier: 'orders',
      blueIdentifier: 'orders-old1',
    });
  });
});

/** Advances a run until its state is as wanted. */
async function reach(
  world: World,
  isReached: (state: BlueGreenState) => boolean,
  more: Partial<BlueGreenRequest> = {},
  change: (deployment: SimulatedBlueGreenDeployment) => void = () => {},
): Promise<BlueGreenState> {
  let state = await world.make().begin({ ...request, ...more });
  for (let call = 0; call < 200 && !isReached(state); call += 1) {
    for (const deployment of world.cloud.rds.blueGreenDeployments) change(deployment);
    const progress = await world.make().advance(state);
    state = progress.state;
    if (!isReached(state)) await world.clock.sleep(progress.waitSeconds * 1000);
  }
  return state;
}

async function finish(world: World, from: BlueGreenState): Promise<string | undefined> {
  for (let state = from, call = 0; call < 200; call += 1) {
    const progress = await world.make().advance(state);
    if (progress.outcome !== undefined) return progress.outcome;
    state = progress.state;
    await world.clock.sleep(progress.waitSeconds * 1000);
  }
  return undefined;
}

async function rollBack(world: World, from: BlueGreenState) {
  for (let state = from, call = 0; ; call += 1) {
    const progress = await world.make().rollBack(state, 'by hand');
    if (progress.outcome !== undefined || call > 200) return progress;
    state = progress.state;
    await world.clock.sleep(progress.waitSeconds * 1000);
  }
}
