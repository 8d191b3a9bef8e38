import { InsufficientDBInstanceCapacityFault, KMSKeyNotAccessibleFault } from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AuroraTools,
  type AuroraToolsOptions,
  type CreateDatabaseOptions,
} from '../../../src/aurora/index.js';
import {
  InvalidInputError,
  ResourceNotFoundError,
  ResourceStateError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { type FaultKind, SimulatedCloud, type SimulatedDbCluster } from '../../../src/testing/index.js';
import { recorderOf } from '../../support/recorded-lines.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

/** Every setting that differs from the default of RDS. */
const settings = {
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-orders', Status: 'active' }],
  DBSubnetGroup: 'orders-private',
  DBClusterParameterGroup: 'orders-cluster',
  Port: 5433,
  NetworkType: 'DUAL',
  IAMDatabaseAuthenticationEnabled: true,
  EnabledCloudwatchLogsExports: ['postgresql'],
  CopyTagsToSnapshot: true,
  StorageType: 'aurora-iopt1',
  KmsKeyId: 'arn:aws:kms:us-east-1:111111111111:key/orders',
  BackupRetentionPeriod: 14,
  PreferredBackupWindow: '04:00-04:30',
  PreferredMaintenanceWindow: 'sun:05:00-sun:05:30',
  ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 16 },
  DatabaseInsightsMode: 'advanced',
  PerformanceInsightsEnabled: true,
  PerformanceInsightsRetentionPeriod: 465,
  HttpEndpointEnabled: true,
  AssociatedRoles: [{ RoleArn: 'arn:aws:iam::111111111111:role/import', FeatureName: 's3Import' }],
  EngineVersion: '16.4',
  MasterUsername: 'orders',
} as const;

/** Settings of the clusters that serve without an instance. */
const withoutInstances = [{ ClusterScalabilityType: 'limitless' }, { EngineMode: 'serverless' }] as const;

const instanceSettings = {
  DBInstanceClass: 'db.serverless',
  DBParameterGroups: [{ DBParameterGroupName: 'orders-instance' }],
  MonitoringInterval: 15,
  MonitoringRoleArn: 'arn:aws:iam::111111111111:role/monitoring',
  PubliclyAccessible: false,
  AutoMinorVersionUpgrade: false,
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
} as const;

const modifiable = <Value>(value: Value) =>
  structuredClone(value) as { -readonly [Key in keyof Value]: never };

function addPartner(world = cloud): void {
  world.rds.addCluster({
    name: 'blue',
    readers: 2,
    deletionProtection: true,
    tags: {
      team: 'orders',
      'aws:cloudformation:stack-name': 'orders',
      'aws-blue-green-toolkit:source': 'empty',
    },
    settings: modifiable(settings),
    instanceSettings: modifiable(instanceSettings),
  });
}

function createTools(options: Partial<AuroraToolsOptions> = {}, world = cloud) {
  return new AuroraTools({
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    clients: world.clients,
    clock: world.clock,
    logger: recorderOf(world),
    ...options,
  } as AuroraToolsOptions);
}

/** Everything about a cluster, as a later read shows it. */
function describeAll(name: string, world = cloud) {
  if (!world.rds.hasCluster(name)) return undefined;
  const { members, ...cluster } = world.rds.cluster(name);
  return structuredClone({ ...cluster, members: members.map((it) => ({ ...it })) });
}

const isRead = (action: string) => /:(Describe|List|Get)/.test(action);
const changes = (world = cloud) => world.calls.filter((it) => !isRead(it.action) && it.outcome === 'ok');

const sources: readonly CreateDatabaseOptions['from'][] = [
  'clone',
  'empty',
  { snapshotIdentifier: 'monday' },
];

describe('AuroraTools.createDatabase', () => {
  test('clones the partner with all its settings, a writer and the readers', async () => {
    addPartner();
    const before = describeAll('blue');

    const created = await createTools({ minimumReaderCount: 2 }).createDatabase('green', { from: 'clone' });
    await createTools().waitForClusterState('green', 'available');

    const green = cloud.rds.cluster('green');
    expect(green.settings).toMatchObject(settings);
    expect(green).toMatchObject({
      deletionProtection: true,
      engine: 'aurora-postgresql',
      status: 'available',
    });
    expect(green.cloneGroupId).toBe(cloud.rds.cluster('blue').cloneGroupId);
    expect(green.members.map((it) => [it.identifier, it.isWriter, it.status])).toEqual([
      ['green-1', true, 'available'],
      ['green-2', false, 'available'],
      ['green-3', false, 'available'],
    ]);
    for (const { settings: present, performanceInsightsEnabled } of green.members) {
      expect(present).toMatchObject({ ...instanceSettings, PerformanceInsightsRetentionPeriod: 465 });
      expect(performanceInsightsEnabled).toBe(true);
    }
    expect(created).toMatchObject({
      outcome: 'created',
      clusterIdentifier: 'green',
      instanceIdentifiers: ['green-1', 'green-2', 'green-3'],
      copy: 'copyOnWrite',
      masterUserSecretArn: undefined,
    });
    expect({ ...describeAll('blue'), cloneGroupId: undefined }).toEqual({
      ...before,
      cloneGroupId: undefined,
    });
  });

  test('returns the names of the copied settings, without the given ones', async () => {
    addPartner();
    const tools = createTools();

    const { copiedSettings } = await tools.createDatabase('green', {
      from: 'clone',
      settings: { instanceClass: 'db.r6g.xlarge', deletionProtection: false, tags: { team: 'green' } },
    });

    expect(copiedSettings).toEqual([
      'autoMinorVersionUpgrade',
      'backupRetentionDays',
      'backupWindow',
      'caCertificate',
      'clusterParameterGroup',
      'copyTagsToSnapshot',
      'dataApi',
      'databaseInsightsMode',
      'iamAuthentication',
      'instanceParameterGroup',
      'logExports',
      'maintenanceWindow',
      'monitoring',
      'networkType',
      'performanceInsights',
      'port',
      'publiclyAccessible',
      'roles',
      'securityGroupIds',
      'serverlessScaling',
      'storageType',
      'subnetGroup',
    ]);
    const green = cloud.rds.cluster('green');
    expect(green.deletionProtection).toBe(false);
    expect(green.members[0]?.settings.DBInstanceClass).toBe('db.r6g.xlarge');
    expect(green.tags).toMatchObject({ team: 'green' });
  });

  test('copies the tags without those of AWS and marks the source', async () => {
    addPartner();

    await createTools().createDatabase('green', { from: 'clone', creationId: 'swap-1' });

    const tags = {
      team: 'orders',
      'aws-blue-green-toolkit:source': `clone/blue/${cloud.rds.cluster('blue').resourceId}`,
      'aws-blue-green-toolkit:creation': 'swap-1',
    };
    expect(cloud.rds.cluster('green').tags).toEqual(tags);
    expect(cloud.rds.instances('green').map((it) => it.tags)).toEqual([tags, tags]);
  });

  test('creates an empty database whose password RDS manages', async () => {
    addPartner();

    const created = await createTools().createDatabase('green', { from: 'empty' });

    expect(created.masterUserSecretArn).toMatch(/^arn:aws:secretsmanager:/);
    expect(cloud.rds.cluster('green').settings).toMatchObject(settings);
    expect(JSON.stringify(cloud.calls)).not.toMatch(/MasterUserPassword":"/);
  });

  test('lets RDS manage the password of a clone when it manages that of the partner', async () => {
    addPartner();
    cloud.rds.cluster('blue').settings.MasterUserSecret = { SecretArn: 'arn:secret', KmsKeyId: 'arn:key' };

    const created = await createTools().createDatabase('green', { from: 'clone' });

    expect(created.masterUserSecretArn).toMatch(/^arn:aws:secretsmanager:/);
    expect(created.copiedSettings).toContain('managedMasterPassword');
  });

  test('restores a snapshot with its own engine version', async () => {
    addPartner();
    cloud.rds.addSnapshot({ identifier: 'monday', cluster: 'blue', engineVersion: '15.9' });

    const created = await createTools().createDatabase('green', { from: { snapshotIdentifier: 'monday' } });

    expect(created).toMatchObject({ outcome: 'created', copy: undefined });
    expect(cloud.rds.cluster('green').settings).toMatchObject({ EngineVersion: '15.9', Port: 5433 });
  });

  test.each(sources)('leaves a complete database unchanged (%o)', async (from) => {
    addPartner();
    cloud.rds.addSnapshot({ identifier: 'monday', cluster: 'blue' });
    const tools = createTools();
    await tools.createDatabase('green', { from });
    await tools.waitForClusterState('green', 'available');
    cloud.rds.cluster('green').settings.PreferredMaintenanceWindow = 'sat:05:00-sat:05:30';
    const before = describeAll('green');
    const count = changes().length;

    const again = await tools.createDatabase('green', { from });

    expect(again).toMatchObject({ outcome: 'existing', copiedSettings: [] });
    expect(describeAll('green')).toEqual(before);
    expect(changes()).toHaveLength(count);
  });

  test('leaves a complete clone unchanged when the partner is gone', async () => {
    addPartner();
    const tools = createTools();
    await tools.createDatabase('green', { from: 'clone' });
    cloud.rds.removeCluster('blue');

    await expect(tools.createDatabase('green', { from: 'clone' })).resolves.toMatchObject({
      outcome: 'existing',
    });
  });

  test('refuses the database of a snapshot whose name begins in the same way, without the partner', async () => {
    cloud.rds.addCluster({ name: 'green', tags: { 'aws-blue-green-toolkit:source': 'snapshot/monday' } });

    await expect(
      createTools().createDatabase('green', { from: { snapshotIdentifier: 'mon' } }),
    ).rejects.toThrow(/created as snapshot\/mon, got one of snapshot\/monday/);
  });

  test('creates a missing reader again', async () => {
    addPartner();
    const tools = createTools();
    await tools.createDatabase('green', { from: 'clone' });
    await tools.waitForClusterState('green', 'available');
    cloud.rds.cluster('green').members.splice(1, 1);

    const again = await tools.createDatabase('green', { from: 'clone' });

    expect(again).toMatchObject({ outcome: 'continued', instanceIdentifiers: ['green-1', 'green-2'] });
  });

  test('creates one database when two processes create it at the same time', async () => {
    addPartner();
    const create = () =>
      createTools({ minimumReaderCount: 2 }).createDatabase('green', { from: 'clone', creationId: 'swap-1' });

    const results = await Promise.all([create(), create(), create()]);

    expect(cloud.rds.instances('green').map((it) => it.identifier)).toEqual([
      'green-1',
      'green-2',
      'green-3',
    ]);
    expect(results.map((it) => it.instanceIdentifiers.length)).toEqual([3, 3, 3]);
    expect(results.filter((it) => it.outcome === 'created')).toHaveLength(1);
  });

  test('waits until a cluster that is being deleted is gone', async () => {
    addPartner();
    cloud.rds.addCluster({ name: 'green' });
    const tools = createTools({ finalSnapshot: 'skip' });
    await tools.deleteDatabase('green');

    await expect(tools.createDatabase('green', { from: 'clone' })).resolves.toMatchObject({
      outcome: 'created',
    });
  });

  describe('of another origin', () => {
    test.each<[string, Record<string, string>]>([
      ['without a tag of this package', {}],
      ['from another source', { 'aws-blue-green-toolkit:source': 'empty' }],
      [
        'from an earlier cluster of the same name',
        { 'aws-blue-green-toolkit:source': 'clone/blue/cluster-old' },
      ],
    ])('throws ResourceStateError for a cluster %s, and changes nothing', async (_, tags) => {
      addPartner();
      cloud.rds.addCluster({ name: 'green', tags });
      const before = describeAll('green');

      const creation = createTools().createDatabase('green', { from: 'clone' });

      await expect(creation).rejects.toThrowError(ResourceStateError);
      await expect(creation).rejects.toThrowError(/Use the present cluster \(startDatabase\)/);
      expect(describeAll('green')).toEqual(before);
      expect(changes()).toEqual([]);
    });

    test('throws ResourceStateError for a cluster of another creation', async () => {
      addPartner();
      const tools = createTools();
      await tools.createDatabase('green', { from: 'clone', creationId: 'swap-1' });

      const creation = tools.createDatabase('green', { from: 'clone', creationId: 'swap-2' });

      await expect(creation).rejects.toThrowError(/by swap-2, got one of clone\/blue\/[\w-]+ by swap-1/);
    });
  });

  describe('refused by AWS', () => {
    test.each<[string, (rds: SimulatedCloud['rds']) => unknown, RegExp]>([
      [
        'the quota of clusters',
        (it) => {
          it.clusterQuota = 1;
        },
        /DBClusterQuotaExceededFault: Cannot create more than 1/,
      ],
      [
        'the quota of instances',
        (it) => {
          it.instanceQuota = 4;
        },
        /InstanceQuotaExceededFault: Cannot create more than 4/,
      ],
      [
        'a KMS key',
        (it) =>
          vi.spyOn(it.operations, 'RestoreDBClusterToPointInTime').mockImplementation(() => {
            throw new KMSKeyNotAccessibleFault({
              message: 'The key is disabled.',
              $metadata: { httpStatusCode: 400 },
            });
          }),
        /KMSKeyNotAccessibleFault: The key is disabled/,
      ],
    ])('throws ResourceStateError with the sentence of AWS for %s', async (_, arrange, sentence) => {
      addPartner();
      arrange(cloud.rds);

      const creation = createTools().createDatabase('green', { from: 'clone' });

      await expect(creation).rejects.toThrowError(ResourceStateError);
      await expect(creation).rejects.toThrowError(sentence);
    });

    test('throws ResourceStateError for an engine that does not match', async () => {
      addPartner();
      cloud.rds.addSnapshot({ identifier: 'mysql', cluster: 'old', engine: 'aurora-mysql' });
      cloud.rds.cluster('blue').settings.DBClusterParameterGroup = 'default.aurora-postgresql16';

      const creation = createTools().createDatabase('green', { from: { snapshotIdentifier: 'mysql' } });

      await expect(creation).rejects.toThrowError(/InvalidParameterCombination: The Parameter Group default/);
      expect(cloud.rds.hasCluster('green')).toBe(false);
    });

    test.each([0, 1, 2])('continues when capacity comes back after %i instances', async (accepted) => {
      addPartner();
      const { CreateDBInstance } = cloud.rds.operations;
      const start = cloud.clock.now();
      let created = 0;
      vi.spyOn(cloud.rds.operations, 'CreateDBInstance').mockImplementation((input) => {
        if (created < accepted || cloud.clock.now() >= start + 900_000) {
          created += 1;
          return CreateDBInstance(input);
        }
        throw new InsufficientDBInstanceCapacityFault({
          message: 'No capacity in the Availability Zone.',
          $metadata: { httpStatusCode: 400 },
        });
      });

      const tools = createTools({ minimumReaderCount: 2 });
      await expect(tools.createDatabase('green', { from: 'clone' })).resolves.toMatchObject({
        outcome: 'created',
        instanceIdentifiers: ['green-1', 'green-2', 'green-3'],
      });
    });

    test('throws ResourceStateError at once for a cluster that is being deleted with onTransition: fail', async () => {
      addPartner();
      cloud.rds.addCluster({ name: 'green' });
      await createTools({ finalSnapshot: 'skip' }).deleteDatabase('green');
      const start = cloud.clock.now();

      const creation = createTools({ onTransition: 'fail' }).createDatabase('green', { from: 'clone' });

      await expect(creation).rejects.toThrowError(/got deleting.*onTransition: "wait"/);
      expect(cloud.clock.now()).toBe(start);
    });

    test('throws WaitTimeoutError with the sentence of AWS while capacity lacks', async () => {
      addPartner();
      vi.spyOn(cloud.rds.operations, 'CreateDBInstance').mockImplementation(() => {
        throw new InsufficientDBInstanceCapacityFault({
          message: 'No capacity in the Availability Zone.',
          $metadata: { httpStatusCode: 400 },
        });
      });

      const creation = createTools().createDatabase('green', { from: 'clone', maxWaitSeconds: 900 });

      await expect(creation).rejects.toThrowError(WaitTimeoutError);
      await expect(creation).rejects.toThrowError(/No capacity in the Availability Zone/);
    });

    test('throws ResourceStateError soon when the partner cannot be cloned', async () => {
      addPartner();
      cloud.rds.cluster('blue').status = 'stopped';
      const start = cloud.clock.now();

      const creation = createTools().createDatabase('green', { from: 'clone' });

      await expect(creation).rejects.toThrowError(/DbCluster blue is in stopped state/);
      expect(cloud.clock.now() - start).toBeLessThanOrEqual(60_000);
    });

    test('waits for a partner that is changing', async () => {
      addPartner();
      const blue = cloud.rds.cluster('blue');
      blue.status = 'modifying';
      cloud.clock.schedule(120, () => {
        blue.status = 'available';
      });

      await expect(createTools().createDatabase('green', { from: 'clone' })).resolves.toMatchObject({
        outcome: 'created',
      });
    });

    test('throws ResourceStateError for a clone that has failed', async () => {
      addPartner();
      const tools = createTools();
      const creation = tools.createDatabase('green', { from: 'clone' });
      cloud.clock.schedule(60, () => {
        cloud.rds.cluster('green').status = 'cloning-failed';
      });

      await expect(creation).rejects.toThrowError(/got cloning-failed.*Delete it \(deleteDatabase\)/);
    });
  });

  test('reports and warns of the clone that becomes a full copy', async () => {
    addPartner();
    const blue = cloud.rds.cluster('blue');
    blue.cloneGroupId = 'group';
    for (let clone = 1; clone <= 15; clone += 1)
      cloud.rds.addCluster({ name: `clone-${clone}`, readers: 0 }).cloneGroupId = 'group';
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

    const created = await createTools({ logger }).createDatabase('green', {
      from: 'clone',
      maxWaitSeconds: 3600,
    });

    expect(created.copy).toBe('full');
    expect(logger.warn).toHaveBeenCalledWith('Clone becomes a full copy of database cluster', {
      resource: 'green',
      clones: 15,
    });
  });

  test('throws ResourceNotFoundError without a partner', async () => {
    await expect(createTools().createDatabase('green', { from: 'clone' })).rejects.toThrowError(
      ResourceNotFoundError,
    );
  });

  test.each<[unknown, RegExp]>([
    [{}, /from: expected a value, got nothing/],
    [{ from: 'copy' }, /from: expected 'clone', 'empty' or an object with snapshotIdentifier/],
    [{ from: {} }, /from\.snapshotIdentifier/],
    [{ from: { snapshot: 'monday' } }, /from\.snapshot: unknown option; did you mean snapshotIdentifier/],
    [{ from: 'clone', settings: { engineVersion: '16' } }, /settings\.engineVersion/],
    [
      { from: 'clone', settings: { masterUserPassword: 'x' } },
      /settings\.masterUserPassword: unknown option/,
    ],
    [{ from: 'empty', settings: { managedMasterPassword: false } }, /settings\.managedMasterPassword/],
    [{ from: 'clone', creationId: '#' }, /creationId/],
    [{ from: 'clone', password: 'x' }, /password: unknown option/],
  ])('throws InvalidInputError before any call for %o', async (options, message) => {
    const creation = createTools().createDatabase('green', options as CreateDatabaseOptions);

    await expect(creation).rejects.toThrowError(InvalidInputError);
    await expect(creation).rejects.toThrowError(message);
    expect(cloud.calls).toEqual([]);
  });
});

/** Changes the responses to one command before the tool sees them. */
function rewrite(command: string, change: (output: never) => void): void {
  cloud.clients.rds.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context['commandName'] === command) change(result.output as never);
      return result;
    },
    { step: 'initialize', name: `rewrite ${command}` },
  );
}

describe('AuroraTools.createDatabase during a deletion by another process', () => {
  test.each([10, 100, 200, 290])(
    'creates no second cluster when it is deleted after %d s',
    async (seconds) => {
      const world = new SimulatedCloud({ latencyMilliseconds: 1370 });
      addPartner(world);
      const options = { from: 'clone', creationId: 'swap-1' } as const;
      const creation = createTools({}, world)
        .createDatabase('green', options)
        .catch((error: unknown) => error);
      await world.clock.sleep(seconds * 1000);

      await createTools({}, world).deleteCreatedDatabase('green', { creationId: 'swap-1' });
      const failure = await creation;
      await world.clock.sleep(1_200_000);

      expect(failure).toMatchObject({
        name: 'ResourceStateError',
        actual: expect.stringMatching(/another program has deleted it/),
      });
      expect(world.rds.hasCluster('green')).toBe(false);
      expect(world.calls.filter((it) => it.action.startsWith('rds:Restore'))).toHaveLength(1);
    },
  );
});

describe('AuroraTools.createDatabase with stale reads', () => {
  test.each([[[1]], [[2]], [[3, 4, 5]], [[1, 2, 3, 4]]])(
    'waits for its cluster that the reads %j lack',
    async (stale) => {
      addPartner();
      let reads = 0;
      rewrite('DescribeDBClustersCommand', (output: { DBClusters: { DBClusterIdentifier: string }[] }) => {
        if (output.DBClusters.every((it) => it.DBClusterIdentifier !== 'green')) return;
        reads += 1;
        if (stale.includes(reads)) output.DBClusters = [];
      });

      const created = await createTools().createDatabase('green', { from: 'clone', creationId: 'swap-1' });

      expect(created).toMatchObject({ instanceIdentifiers: ['green-1', 'green-2'] });
      expect(reads).toBeGreaterThanOrEqual(Math.max(...stale));
      expect(changes().filter((it) => it.action.startsWith('rds:Restore'))).toHaveLength(1);
    },
  );

  test('creates no second cluster when the first one is deleted before a read shows it', async () => {
    addPartner();
    rewrite('DescribeDBClustersCommand', (output: { DBClusters: { DBClusterIdentifier: string }[] }) => {
      output.DBClusters = output.DBClusters.filter((it) => it.DBClusterIdentifier !== 'green');
    });

    const creation = createTools().createDatabase('green', { from: 'clone', creationId: 'swap-1' });

    await expect(creation).rejects.toMatchObject({ actual: 'no cluster: another program has deleted it' });
    expect(cloud.calls.filter((it) => it.action.startsWith('rds:Restore'))).toHaveLength(1);
  });

  test('waits for an instance that exists and that a read does not show', async () => {
    addPartner();
    let isStale = true;
    cloud.injectFault({ kind: 'lostResponse', action: 'rds:CreateDBInstance', times: 1 });
    rewrite('DescribeDBInstancesCommand', (output: { DBInstances: { DBInstanceIdentifier: string }[] }) => {
      if (!isStale || output.DBInstances.every((it) => it.DBInstanceIdentifier !== 'green-1')) return;
      isStale = false;
      output.DBInstances = [];
    });

    const created = await createTools().createDatabase('green', { from: 'clone', creationId: 'swap-1' });

    expect(created.instanceIdentifiers).toEqual(['green-1', 'green-2']);
  });

  test.each([1, 60, 300])(
    'pauses between its reads while the list lacks its instances for %d s',
    async (staleSeconds) => {
      addPartner();
      let visibleAt = Number.POSITIVE_INFINITY;
      rewrite('CreateDBInstanceCommand', () => {
        visibleAt = Math.min(visibleAt, cloud.clock.now() + staleSeconds * 1000);
      });
      rewrite('DescribeDBInstancesCommand', (output: { DBInstances: { DBInstanceIdentifier: string }[] }) => {
        if (cloud.calls.length > 500) throw new Error('reads without a pause');
        if (cloud.clock.now() < visibleAt && output.DBInstances.length > 1)
          output.DBInstances = output.DBInstances.filter((it) => !/^green/.test(it.DBInstanceIdentifier));
      });

      const created = await createTools({ minimumReaderCount: 2 }).createDatabase('green', { from: 'clone' });

      expect(created.instanceIdentifiers).toEqual(['green-1', 'green-2', 'green-3']);
      expect(changes().filter((it) => it.action === 'rds:CreateDBInstance')).toHaveLength(3);
      expect(cloud.calls.length).toBeLessThan(150);
    },
  );
});

/** A creation that stops at one call, and is continued by a new process. */
describe('AuroraTools.createDatabase, interrupted at each of its calls', () => {
  function arrange() {
    const world = new SimulatedCloud();
    addPartner(world);
    world.rds.addSnapshot({ identifier: 'monday', cluster: 'blue' });
    return world;
  }

  const comparable = (world: SimulatedCloud) => JSON.stringify(describeAll('green', world));

  test.each(sources)('ends as an undisturbed one (%o)', { timeout: 240_000 }, async (from) => {
    const options = { from, creationId: 'swap-1', maxWaitSeconds: 7200 } as const;
    const reference = arrange();
    const partnerBefore = describeAll('blue', reference);
    await createTools({ minimumReaderCount: 2 }, reference).createDatabase('green', options);
    await createTools({}, reference).waitForClusterState('green', 'available');
    const expected = comparable(reference);
    const kinds: readonly FaultKind[] = ['crashBefore', 'crashAfter', 'lostResponse'];
    const actions = reference.calls.map((it) => it.action);
    // Polls of the same kind in a row are the same point.
    const points = actions.flatMap((action, index) =>
      action === actions[index - 2] && isRead(action) ? [] : [index + 1],
    );
    let interrupted = 0;
    for (const kind of kinds) {
      for (const atCall of points) {
        const world = arrange();
        world.injectFault({ kind, atCall, times: 3 });
        await createTools({ minimumReaderCount: 2 }, world)
          .createDatabase('green', options)
          .catch(() => undefined);
        interrupted += world.calls.some((it) => it.outcome !== 'ok') ? 1 : 0;
        world.clearFaults();
        world.restart();
        const tools = createTools({ minimumReaderCount: 2 }, world);
        await tools.createDatabase('green', options);
        await tools.waitForClusterState('green', 'available');

        expect(comparable(world), `${kind} at call ${atCall}`).toBe(expected);
        expect(world.rds.instances('green')).toHaveLength(3);
        expect({ ...describeAll('blue', world), cloneGroupId: undefined }).toEqual({
          ...partnerBefore,
          cloneGroupId: undefined,
        });
        const created = world.calls.filter(
          (it) => it.outcome === 'ok' && /:(Restore|Create)/.test(it.action),
        );
        expect(created.length, `${kind} at call ${atCall}`).toBeLessThanOrEqual(4);
      }
    }
    expect(points.length).toBeGreaterThanOrEqual(12);
    expect(interrupted).toBe(points.length * kinds.length);
  });
});

describe('AuroraTools.deleteCreatedDatabase', () => {
  test('deletes what the creation has created, although it has the deletion protection of the partner', async () => {
    addPartner();
    const tools = createTools();
    await tools.createDatabase('green', { from: 'clone', creationId: 'swap-1' });

    const deleted = await tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });
    await tools.waitForClusterState('green', 'deleted');

    expect(deleted).toEqual({ deleted: true });
    expect(cloud.rds.snapshots).toEqual([]);
    expect(cloud.rds.cluster('blue')).toMatchObject({ status: 'available', deletionProtection: true });
  });

  test.each<[string, Record<string, string>]>([
    ['that createDatabase did not create', {}],
    [
      'of another creation',
      { 'aws-blue-green-toolkit:source': 'empty', 'aws-blue-green-toolkit:creation': 'swap-0' },
    ],
    ['without an ID of its creation', { 'aws-blue-green-toolkit:source': 'empty' }],
  ])('changes nothing of a cluster %s', async (_, tags) => {
    cloud.rds.addCluster({ name: 'green', tags });
    const before = describeAll('green');

    const deleted = await createTools().deleteCreatedDatabase('green', { creationId: 'swap-1' });

    expect(deleted).toEqual({ deleted: false });
    expect(describeAll('green')).toEqual(before);
    expect(changes()).toEqual([]);
  });

  test.each<[string, Partial<SimulatedDbCluster>, RegExp]>([
    ['a source of a replica', { readReplicaIdentifiers: ['arn:replica'] }, /read replicas/],
    ['a replica', { replicationSourceIdentifier: 'arn:source' }, /a read replica/],
    ['a member of a global database', { globalClusterIdentifier: 'orders' }, /global database/],
    ['stopped', { status: 'stopped' }, /a stopped cluster/],
    ['being stopped', { status: 'stopping' }, /a stopped cluster/],
  ])('leaves the protection on, and fails at once, when the cluster is %s', async (_, state, message) => {
    addPartner();
    const tools = createTools();
    await tools.createDatabase('green', { from: 'clone', creationId: 'swap-1' });
    await tools.waitForClusterState('green', 'available');
    Object.assign(cloud.rds.cluster('green'), state);
    const [before, callsBefore, start] = [describeAll('green'), changes().length, cloud.clock.now()];

    const deletion = tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });

    await expect(deletion).rejects.toMatchObject({
      name: 'ResourceStateError',
      message: expect.stringMatching(message),
    });
    expect(cloud.clock.now()).toBe(start);
    expect(describeAll('green')).toEqual(before);
    expect(changes()).toHaveLength(callsBefore);
  });

  test('waits while a read shows the protection that it has turned off', async () => {
    addPartner();
    const tools = createTools();
    await tools.createDatabase('green', { from: 'clone', creationId: 'swap-1' });
    await tools.waitForClusterState('green', 'available');
    const visibleAt = cloud.clock.now() + 20_000;
    rewrite('DescribeDBClustersCommand', (output: { DBClusters: { DeletionProtection: boolean }[] }) => {
      for (const cluster of output.DBClusters)
        if (cloud.clock.now() < visibleAt) cluster.DeletionProtection = true;
    });

    await tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });

    expect(cloud.rds.cluster('green').status).toBe('deleting');
  });

  test('keeps another cluster that gets the name during the wait', async () => {
    addPartner();
    const tools = createTools();
    await tools.createDatabase('green', { from: 'clone', creationId: 'swap-1' });
    const own = cloud.rds.cluster('green');
    own.status = 'renaming';
    rewrite(
      'DescribeDBClustersCommand',
      (output: { DBClusters: { DbClusterResourceId: string; Status: string }[] }) => {
        for (const cluster of output.DBClusters)
          if (cloud.clock.now() - start > 20_000)
            Object.assign(cluster, { DbClusterResourceId: 'cluster-OTHER', Status: 'available' });
      },
    );
    const start = cloud.clock.now();
    const callsBefore = changes().length;

    const deletion = tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });

    await expect(deletion).rejects.toThrow(/another one, cluster-OTHER, which has the name now/);
    expect(changes()).toHaveLength(callsBefore);
  });

  test('deletes a creation that stopped at each of its calls', { timeout: 240_000 }, async () => {
    const options = { from: 'clone', creationId: 'swap-1', maxWaitSeconds: 7200 } as const;
    addPartner();
    await createTools().createDatabase('green', options);
    const actions = cloud.calls.map((it) => it.action);
    const points = actions.flatMap((action, index) =>
      action === actions[index - 2] && isRead(action) ? [] : [index + 1],
    );
    for (const atCall of points) {
      const world = new SimulatedCloud();
      addPartner(world);
      const before = describeAll('blue', world);
      world.injectFault({ kind: 'crashAfter', atCall });
      await createTools({}, world)
        .createDatabase('green', options)
        .catch(() => undefined);
      world.clearFaults();
      world.restart();
      const tools = createTools({}, world);
      await tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });
      await tools.waitForClusterState('green', 'deleted');

      expect(world.rds.hasCluster('green')).toBe(false);
      expect(world.rds.snapshots).toEqual([]);
      expect({ ...describeAll('blue', world), cloneGroupId: undefined }).toEqual({
        ...before,
        cloneGroupId: undefined,
      });
    }
  });
});

describe('AuroraTools.getDatabaseCreation', () => {
  test('returns each state of a creation', async () => {
    addPartner();
    const tools = createTools();
    const states: string[] = [];
    const read = async () => states.push(await tools.getDatabaseCreation('green', { creationId: 'swap-1' }));

    await read();
    await tools.createDatabase('green', { from: 'clone', creationId: 'swap-1' });
    await read();
    await tools.waitForClusterState('green', 'available');
    await read();
    states.push(await tools.getDatabaseCreation('green', { creationId: 'swap-2' }));
    await tools.deleteCreatedDatabase('green', { creationId: 'swap-1' });
    await read();

    expect(states).toEqual(['none', 'inProgress', 'complete', 'other', 'deleting']);
  });

  test.each([
    ['available', 0, 'otherWithoutInstance'],
    ['backing-up', 0, 'otherWithoutInstance'],
    ['creating', 0, 'other'],
    ['stopped', 0, 'other'],
    ['available', 1, 'other'],
  ])(
    'returns the state of a cluster of another origin (%s, %d instances)',
    async (status, count, expected) => {
      cloud.rds.addCluster({ name: 'green', status }).members.length = count;

      expect(await createTools().getDatabaseCreation('green', { creationId: 'swap-1' })).toBe(expected);
    },
  );

  test.each(withoutInstances)('returns other for a cluster that needs no instance (%j)', async (kind) => {
    cloud.rds.addCluster({ name: 'green', settings: kind }).members.length = 0;

    expect(await createTools().getDatabaseCreation('green', { creationId: 'swap-1' })).toBe('other');
  });
});

describe('AuroraTools.waitForClusterState with instances', () => {
  test.each(withoutInstances)('waits for no instance of a cluster that needs none (%j)', async (kind) => {
    cloud.rds.addCluster({ name: 'blue', settings: kind }).members.length = 0;
    const start = cloud.clock.now();

    await createTools().waitForClusterState('blue', 'available');

    expect(cloud.clock.now()).toBe(start);
  });

  test('waits for the instances of an available cluster', async () => {
    cloud.rds.addCluster({ name: 'blue', readers: 1 });
    const [, reader] = cloud.rds.instances('blue');
    if (reader !== undefined) reader.status = 'creating';
    const start = cloud.clock.now();
    cloud.clock.schedule(120, () => {
      if (reader !== undefined) reader.status = 'available';
    });

    await createTools().waitForClusterState('blue', 'available');

    expect(cloud.clock.now() - start).toBe(120_000);
  });

  test.each(['a-state-of-the-future', 'creating', 'rebooting'])(
    'waits for an instance that is %s',
    async (status) => {
      cloud.rds.addCluster({ name: 'blue', readers: 1 });
      const [, reader] = cloud.rds.instances('blue');
      if (reader !== undefined) reader.status = status;

      const wait = createTools().waitForClusterState('blue', 'available', { maxWaitSeconds: 60 });

      await expect(wait).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: `available (blue-reader-1 ${status})`,
      });
    },
  );

  test('throws ResourceStateError at once for an instance that has failed', async () => {
    cloud.rds.addCluster({ name: 'blue', readers: 1 });
    const [, reader] = cloud.rds.instances('blue');
    if (reader !== undefined) reader.status = 'incompatible-network';

    await expect(createTools().waitForClusterState('blue', 'available')).rejects.toMatchObject({
      name: 'ResourceStateError',
      actual: 'available (blue-reader-1 incompatible-network)',
    });
  });

  test('ignores an instance that is being deleted', async () => {
    cloud.rds.addCluster({ name: 'blue', readers: 1 });
    const [, reader] = cloud.rds.instances('blue');
    if (reader !== undefined) reader.status = 'deleting';

    await expect(createTools().waitForClusterState('blue', 'available')).resolves.toBeUndefined();
  });

  test('waits for the first instance of a cluster without one', async () => {
    cloud.rds.addCluster({ name: 'blue', readers: 0 }).members.length = 0;

    const wait = createTools().waitForClusterState('blue', 'available', { maxWaitSeconds: 30 });

    await expect(wait).rejects.toMatchObject({ actual: 'available (no instance)' });
  });
});
