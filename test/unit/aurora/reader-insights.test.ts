import { beforeEach, describe, expect, test } from 'vitest';
import { AuroraTools, type EnablePerformanceInsightsOptions } from '../../../src/aurora/index.js';
import { iamPolicyFor } from '../../../src/iam/index.js';
import { SimulatedCloud, type SimulatedDbInstance } from '../../../src/testing/index.js';
import { insightsDisabledRecord, rdsEventRecord } from '../../support/rds-events.js';
import { recorderOf } from '../../support/recorded-lines.js';

let cloud: SimulatedCloud;
let reader: SimulatedDbInstance;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.rds.addCluster({ name: 'blue' });
  cloud.rds.addCluster({ name: 'green' });
  const tags = { 'application-autoscaling:resourceId': 'cluster:blue' };
  reader = cloud.rds.addReader('blue', { identifier: 'reader', tags });
});

function enable(options: EnablePerformanceInsightsOptions = {}, record = rdsEventRecord('reader')) {
  return new AuroraTools({
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  }).enablePerformanceInsights(record, options);
}

const changes = () =>
  cloud.calls.filter((it) => /:Modify/.test(it.action)).map(({ action, input }) => [action, input]);

describe('AuroraTools.enablePerformanceInsights with databaseInsightsMode', () => {
  test('changes the mode of the whole cluster with 465 days, and no mode of an instance', async () => {
    const report = await enable({ databaseInsightsMode: 'advanced', kmsKeyId: 'alias/insights' });

    expect(report).toEqual({ outcome: 'enabled', instance: 'reader', databaseInsightsMode: 'advanced' });
    expect(changes()).toEqual([
      [
        'rds:ModifyDBCluster',
        {
          DBClusterIdentifier: 'blue',
          DatabaseInsightsMode: 'advanced',
          EnablePerformanceInsights: true,
          PerformanceInsightsKMSKeyId: 'alias/insights',
          PerformanceInsightsRetentionPeriod: 465,
        },
      ],
    ]);
    expect(cloud.rds.instances('blue').map((it) => it.performanceInsightsEnabled)).toEqual([
      true,
      true,
      true,
    ]);
    expect(cloud.rds.cluster('green').settings.DatabaseInsightsMode).toBeUndefined();
  });

  test.each<[string, number | undefined, number | undefined, number | undefined, number]>([
    ['of the cluster', 731, undefined, undefined, 731],
    ['of an instance', undefined, 713, undefined, 713],
    ['that is shorter', 7, 31, undefined, 465],
    ['other than the option', 731, 731, 496, 496],
  ])('shortens no retention by itself (%s)', async (_, ofCluster, ofInstance, retentionDays, expected) => {
    const { settings, members } = cloud.rds.cluster('blue');
    Object.assign(settings, { PerformanceInsightsRetentionPeriod: ofCluster });
    const [writer] = members;
    if (writer !== undefined && ofInstance !== undefined)
      Object.assign(writer, {
        performanceInsightsEnabled: true,
        performanceInsights: { retentionDays: ofInstance },
      });

    await enable({ databaseInsightsMode: 'advanced', retentionDays });

    expect(settings).toMatchObject({ PerformanceInsightsRetentionPeriod: expected });
  });

  test('changes the mode although Performance Insights is on, and returns at once', async () => {
    reader.performanceInsightsEnabled = true;
    const start = cloud.clock.now();

    expect(await enable({ databaseInsightsMode: 'advanced' })).toMatchObject({
      databaseInsightsMode: 'advanced',
    });
    expect(cloud.clock.now()).toBe(start);
  });

  test('changes the mode back to standard', async () => {
    cloud.rds.cluster('blue').settings.DatabaseInsightsMode = 'advanced';
    reader.performanceInsightsEnabled = true;

    await enable({ databaseInsightsMode: 'standard', retentionDays: 7 });

    expect(cloud.rds.cluster('blue').settings).toMatchObject({
      DatabaseInsightsMode: 'standard',
      PerformanceInsightsRetentionPeriod: 7,
    });
  });

  test('ignores a reader whose cluster has the mode already', async () => {
    cloud.rds.cluster('blue').settings.DatabaseInsightsMode = 'advanced';
    reader.performanceInsightsEnabled = true;

    expect(await enable({ databaseInsightsMode: 'advanced' })).toMatchObject({ reason: 'alreadyEnabled' });
    expect(changes()).toEqual([]);
  });

  test('counts a cluster that reports no mode as standard', async () => {
    reader.performanceInsightsEnabled = true;

    expect(await enable({ databaseInsightsMode: 'standard' })).toMatchObject({ reason: 'alreadyEnabled' });
  });

  test.each([undefined, 'advanced'] as const)(
    'keeps the data of a reader for 465 days in a cluster in the advanced mode (option: %s)',
    async (databaseInsightsMode) => {
      cloud.rds.cluster('blue').settings.DatabaseInsightsMode = 'advanced';

      const report = await enable({ databaseInsightsMode }, insightsDisabledRecord('reader'));

      expect(report).toEqual({ outcome: 'enabled', instance: 'reader' });
      expect(reader.performanceInsights?.retentionDays).toBe(465);
      expect(changes().map(([action]) => action)).toEqual(['rds:ModifyDBInstance']);
    },
  );

  test('enables the reader itself when the change of the cluster does not', async () => {
    const { ModifyDBCluster } = cloud.rds.operations;
    cloud.rds.operations.ModifyDBCluster = (input) =>
      ModifyDBCluster({ ...input, EnablePerformanceInsights: undefined, DatabaseInsightsMode: undefined });
    cloud.clock.schedule(1, () => {
      cloud.rds.cluster('blue').settings.DatabaseInsightsMode = 'advanced';
    });

    await enable({ databaseInsightsMode: 'advanced' });

    expect(reader.performanceInsights?.retentionDays).toBe(465);
    expect(changes().map(([action]) => action)).toEqual(['rds:ModifyDBCluster', 'rds:ModifyDBInstance']);
  });

  test('changes the mode once when several readers are created at the same time', async () => {
    const tags = { 'application-autoscaling:resourceId': 'cluster:blue' };
    cloud.rds.addReader('blue', { identifier: 'reader-2', tags });
    const mode = { databaseInsightsMode: 'advanced' } as const;

    const reports = await Promise.all([enable(mode), enable(mode, rdsEventRecord('reader-2'))]);

    expect(reports.map((it) => it.outcome)).toEqual(['enabled', 'enabled']);
    const succeeded = cloud.calls.filter((it) => it.action === 'rds:ModifyDBCluster' && it.outcome === 'ok');
    expect(succeeded).toHaveLength(1);
    expect(cloud.rds.instances('blue').every((it) => it.performanceInsightsEnabled)).toBe(true);
  });

  test('retries while the cluster is in a wrong state', async () => {
    cloud.rds.cluster('blue').status = 'modifying';
    cloud.clock.schedule(90, () => {
      cloud.rds.cluster('blue').status = 'available';
    });

    expect(await enable({ databaseInsightsMode: 'advanced' })).toMatchObject({
      databaseInsightsMode: 'advanced',
    });
  });

  test('throws ResourceStateError with the sentence of AWS when the cluster stays in a wrong state', async () => {
    cloud.rds.cluster('blue').status = 'upgrading';

    const report = enable({ databaseInsightsMode: 'advanced', retryAttempts: 1 });

    await expect(report).rejects.toMatchObject({ name: 'ResourceStateError', resource: 'reader' });
    await expect(report).rejects.toThrowError(
      /2 refusals, the last one: DbCluster blue is in upgrading state/,
    );
  });

  test('throws AccessDeniedError without rds:ModifyDBCluster, before the reader is changed', async () => {
    cloud.injectFault({ kind: 'accessDenied', action: 'rds:ModifyDBCluster' });

    await expect(enable({ databaseInsightsMode: 'advanced' })).rejects.toMatchObject({
      name: 'AccessDeniedError',
      action: 'rds:ModifyDBCluster',
    });
    expect(changes()).toHaveLength(1);
    expect(reader.performanceInsightsEnabled).toBe(false);
  });

  test('applies no other pending change', async () => {
    await enable({ databaseInsightsMode: 'advanced' });

    for (const [, input] of changes()) expect(input).not.toHaveProperty('ApplyImmediately');
  });

  test('calls nothing of the cluster without the option', async () => {
    await enable();

    expect(cloud.calls.filter((it) => /DBCluster/.test(it.action))).toEqual([]);
  });

  test('needs the permissions of the cluster only with the option', () => {
    const actionsOf = (without: readonly 'databaseInsights'[]) =>
      iamPolicyFor(['AuroraTools.enablePerformanceInsights'], '*', { without }).Statement.flatMap(
        ({ Action }) => Action,
      );

    expect(actionsOf(['databaseInsights'])).not.toContain('rds:ModifyDBCluster');
    expect(actionsOf([])).toContain('rds:ModifyDBCluster');
  });

  test.each([
    [[], true],
    [['databaseInsights'], false],
  ] as const)('may list the instances of the cluster without %j: %s', (without, expected) => {
    const resources = {
      dbCluster: 'arn:aws:rds:us-east-1:111111111111:cluster:blue',
      dbInstance: 'arn:aws:rds:us-east-1:111111111111:db:reader',
    };

    const policy = iamPolicyFor(['AuroraTools.enablePerformanceInsights'], resources, { without });

    const listing = policy.Statement.filter(({ Action }) => Action.includes('rds:DescribeDBInstances'));
    expect(listing.some(({ Resource }) => [Resource].flat().includes('*'))).toBe(expected);
  });

  test.each([
    [{ databaseInsightsMode: 'advanced', retentionDays: 434 }, /retentionDays: expected 465 days or more/],
    [{ databaseInsightsMode: 'Advanced' }, /databaseInsightsMode/],
    [{ databaseInsights: 'advanced' }, /did you mean databaseInsightsMode/],
  ])('throws InvalidInputError before any call for %o', async (options, message) => {
    const report = enable(options as EnablePerformanceInsightsOptions);

    await expect(report).rejects.toThrowError(message);
    expect(cloud.calls).toEqual([]);
  });
});
