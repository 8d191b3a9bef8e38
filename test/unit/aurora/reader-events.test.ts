import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AuroraTools, type AuroraToolsOptions } from '../../../src/aurora/index.js';
import {
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
} from '../../../src/core/index.js';
import { SimulatedCloud, type SimulatedDbInstance } from '../../../src/testing/index.js';
import { inAllForms, insightsDisabledRecord, rdsEventRecord } from '../../support/rds-events.js';

const scaledOutOf = (cluster: string) => ({ 'application-autoscaling:resourceId': `cluster:${cluster}` });

let cloud: SimulatedCloud;
let reader: SimulatedDbInstance;

beforeEach(() => {
  arrange(new SimulatedCloud());
});

function arrange(fresh: SimulatedCloud) {
  cloud = fresh;
  cloud.rds.addCluster({
    name: 'orders-blue',
    tags: { team: 'orders', 'aws:cloudformation:stack-name': 'x' },
  });
  cloud.rds.addCluster({ name: 'orders-green' });
  cloud.rds.addCluster({ name: 'other' });
  reader = cloud.rds.addReader('orders-blue', { identifier: 'reader', tags: scaledOutOf('orders-blue') });
}

function createTools(options: Partial<AuroraToolsOptions> = {}) {
  return new AuroraTools({
    blue: { clusterIdentifier: 'orders-blue' },
    green: { clusterIdentifier: 'orders-green' },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as AuroraToolsOptions);
}

/** Situations in which neither method changes anything. */
const ignoredEvents = [
  {
    situation: 'another event',
    reason: 'otherEvent',
    instance: 'reader',
    record: () => rdsEventRecord('reader', { 'Event ID': '#RDS-EVENT-0006' }),
  },
  {
    situation: 'an instance that is gone',
    reason: 'instanceGone',
    instance: 'gone',
    record: () => rdsEventRecord('gone'),
  },
  {
    situation: 'an instance that is being deleted',
    reason: 'instanceGone',
    instance: 'reader',
    record: () => {
      reader.status = 'deleting';
      return rdsEventRecord('reader');
    },
  },
  {
    situation: 'an instance of another cluster',
    reason: 'otherCluster',
    instance: 'stranger',
    record: () => {
      cloud.rds.addReader('other', { identifier: 'stranger', tags: scaledOutOf('other') });
      return rdsEventRecord('stranger');
    },
  },
  {
    situation: 'an instance that was created by hand',
    reason: 'notScaledOut',
    instance: 'orders-blue-writer',
    record: () => rdsEventRecord('orders-blue-writer'),
  },
];

describe('AuroraTools', () => {
  describe('applyTags', () => {
    test('copies the tags of the cluster without those of AWS, and adds the role', async () => {
      const report = await createTools().applyTags(rdsEventRecord('reader'));

      const tags = { team: 'orders', Role: 'Reader' };
      expect(report).toEqual({ outcome: 'tagged', instance: 'reader', tags });
      expect(reader.tags).toEqual({ ...scaledOutOf('orders-blue'), ...tags });
    });

    test.each(inAllForms('reader'))('tags the reader of an event from %s', async (_, event) => {
      const report = await createTools().applyTags(event);

      expect(report.outcome).toBe('tagged');
      expect(reader.tags).toMatchObject({ Role: 'Reader' });
    });

    test('retries while RDS refuses the tags because of the state of another resource', async () => {
      const refusal = Object.assign(new Error('modifying'), { name: 'InvalidDBClusterStateFault' });
      cloud.injectFault({ kind: refusal, action: 'rds:AddTagsToResource', times: 3 });

      const report = await createTools().applyTags(rdsEventRecord('reader'));

      expect(report.outcome).toBe('tagged');
    });

    test('sets the configured tags instead of those of the cluster', async () => {
      await createTools({ readerTags: { app: 'orders' } }).applyTags(rdsEventRecord('reader'));

      expect(reader.tags).toEqual({ ...scaledOutOf('orders-blue'), app: 'orders', Role: 'Reader' });
    });

    test.each([{}, { 'Source ARN': undefined }])(
      'tags the reader of an event with and without "Source ARN"',
      async (changes) => {
        const report = await createTools().applyTags(rdsEventRecord('reader', changes));

        expect(report.outcome).toBe('tagged');
      },
    );

    test('tags a reader in another partition', async () => {
      arrange(new SimulatedCloud({ partition: 'aws-cn', region: 'cn-north-1' }));

      await createTools().applyTags(rdsEventRecord('reader'));

      expect(reader.tags).toMatchObject({ Role: 'Reader' });
    });

    test('logs each change once', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      const tools = createTools({ logger });

      await tools.applyTags(rdsEventRecord('reader'));
      const report = await tools.applyTags(rdsEventRecord('reader'));

      expect(report).toEqual({ outcome: 'ignored', reason: 'alreadyTagged', instance: 'reader' });
      expect(logger.info.mock.calls).toEqual([
        ['Tagged reader', { resource: 'reader', tags: ['team', 'Role'], durationMs: 0 }],
      ]);
    });

    test.each([
      ['orders', 'tagged'],
      ['*', 'tagged'],
      ['payments', 'ignored'],
    ])('compares the namespace %s', async (namespace, outcome) => {
      const report = await createTools({ namespace }).applyTags(rdsEventRecord('reader'));

      expect(report.outcome).toBe(outcome);
    });

    test.each(ignoredEvents)('ignores $situation', async ({ record, reason, instance }) => {
      const report = await createTools().applyTags(record());

      expect(report).toEqual({ outcome: 'ignored', reason, instance });
      expect(cloud.calls.map((it) => it.action)).not.toContain('rds:AddTagsToResource');
    });

    test('logs the reason for which it ignores an event', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

      await createTools({ logger }).applyTags(rdsEventRecord('gone'));

      expect(logger.debug.mock.calls).toEqual([
        ['Ignored RDS event', { resource: 'gone', reason: 'instanceGone' }],
      ]);
    });

    test('throws InvalidInputError for a malformed record', async () => {
      // @ts-expect-error no record
      await expect(createTools().applyTags({})).rejects.toThrowError(InvalidInputError);
    });

    test('throws ResourceNotFoundError when the cluster is gone meanwhile', async () => {
      const gone = Object.assign(new Error('gone'), { name: 'DBClusterNotFoundFault' });
      cloud.injectFault({ kind: gone, action: 'rds:DescribeDBClusters' });

      const report = createTools().applyTags(rdsEventRecord('reader'));

      await expect(report).rejects.toThrowError(ResourceNotFoundError);
    });
  });

  describe('enablePerformanceInsights', () => {
    test('passes the KMS key and the retention on', async () => {
      const record = rdsEventRecord('reader');

      await createTools().enablePerformanceInsights(record, {
        kmsKeyId: 'alias/insights',
        retentionDays: 465,
      });

      expect(reader.performanceInsights).toEqual({ kmsKeyId: 'alias/insights', retentionDays: 465 });
    });

    test.each([0, 8, 30, 714, 744, Number.NaN])(
      'throws InvalidInputError for %d days',
      async (retentionDays) => {
        const enable = createTools().enablePerformanceInsights(rdsEventRecord('reader'), { retentionDays });

        await expect(enable).rejects.toMatchObject({ name: 'InvalidInputError' });
      },
    );

    test.each([
      ['was created', rdsEventRecord('reader')],
      ['was disabled', insightsDisabledRecord('reader')],
    ])('enables it on a reader that %s', async (_what, record) => {
      const report = await createTools().enablePerformanceInsights(record);

      expect(report).toEqual({ outcome: 'enabled', instance: 'reader' });
      await cloud.clock.sleep(60_000);
      expect(reader.performanceInsightsEnabled).toBe(true);
    });

    test.each([...inAllForms('reader'), ...inAllForms('reader', 'insightsDisabled')])(
      'enables it after an event from %s',
      async (_, event) => {
        const report = await createTools().enablePerformanceInsights(event);

        expect(report).toEqual({ outcome: 'enabled', instance: 'reader' });
      },
    );

    test('applies no other pending change', async () => {
      await createTools().enablePerformanceInsights(rdsEventRecord('reader'));

      const change = cloud.calls.find((it) => it.action === 'rds:ModifyDBInstance');
      expect(change?.input).toEqual({ DBInstanceIdentifier: 'reader', EnablePerformanceInsights: true });
    });

    test('leaves it disabled with reEnableIfDisabled: false', async () => {
      const report = await createTools().enablePerformanceInsights(insightsDisabledRecord('reader'), {
        reEnableIfDisabled: false,
      });

      expect(report).toEqual({ outcome: 'ignored', reason: 'reEnablingIsOff', instance: 'reader' });
    });

    test('ignores a reader on which it is enabled', async () => {
      reader.performanceInsightsEnabled = true;

      const report = await createTools().enablePerformanceInsights(rdsEventRecord('reader'));

      expect(report).toEqual({ outcome: 'ignored', reason: 'alreadyEnabled', instance: 'reader' });
    });

    test.each(ignoredEvents)('ignores $situation', async ({ record, reason, instance }) => {
      const report = await createTools().enablePerformanceInsights(record());

      expect(report).toEqual({ outcome: 'ignored', reason, instance });
    });

    test('retries while the reader is in a wrong state', async () => {
      reader.status = 'backing-up';
      cloud.clock.schedule(150, () => {
        reader.status = 'available';
      });
      const start = cloud.clock.now();

      const report = await createTools().enablePerformanceInsights(rdsEventRecord('reader'));

      expect(report.outcome).toBe('enabled');
      expect(cloud.clock.now() - start).toBe(180_000);
    });

    test('succeeds when the response is lost and the change itself puts the reader into a wrong state', async () => {
      cloud.injectFault({ kind: 'lostResponse', action: 'rds:ModifyDBInstance' });

      const report = await createTools().enablePerformanceInsights(rdsEventRecord('reader'));

      expect(report).toEqual({ outcome: 'enabled', instance: 'reader' });
      expect(reader.performanceInsightsEnabled).toBe(true);
    });

    test.each([
      'InvalidDBClusterStateFault',
      'InvalidDBSecurityGroupStateFault',
      'InvalidVPCNetworkStateFault',
      'InvalidSomethingOfTomorrowState',
      'Throttling',
    ])('retries while RDS refuses with %s', async (name) => {
      const refusal = Object.assign(new Error('modifying'), { name, $metadata: { httpStatusCode: 400 } });
      cloud.injectFault({ kind: refusal, action: 'rds:ModifyDBInstance', times: 5 });

      const report = await createTools().enablePerformanceInsights(rdsEventRecord('reader'));

      expect(report.outcome).toBe('enabled');
      await cloud.clock.sleep(600_000);
      expect(reader.performanceInsightsEnabled).toBe(true);
    });

    test('throws a state fault that cannot pass at once', async () => {
      const message = 'The cluster is a member of a global cluster';
      const refusal = Object.assign(new Error(message), { name: 'InvalidDBClusterStateFault' });
      cloud.injectFault({ kind: refusal, action: 'rds:ModifyDBInstance', times: Number.POSITIVE_INFINITY });
      const start = cloud.clock.now();

      const report = createTools().enablePerformanceInsights(rdsEventRecord('reader'));

      await expect(report).rejects.toMatchObject({ name: 'ResourceStateError', cause: refusal });
      await expect(report).rejects.toThrowError(message);
      expect(cloud.clock.now()).toBe(start);
    });

    test('stops retrying when the reader is gone', async () => {
      reader.status = 'creating';
      cloud.clock.schedule(30, () => {
        reader.status = 'deleting';
      });

      const report = await createTools().enablePerformanceInsights(rdsEventRecord('reader'));

      expect(report).toEqual({ outcome: 'ignored', reason: 'instanceGone', instance: 'reader' });
    });

    test('throws OperationAbortedError when the signal is aborted', async () => {
      reader.status = 'creating';
      const controller = new AbortController();
      cloud.clock.schedule(30, () => controller.abort(new Error('the deadline is near')));

      const report = createTools().enablePerformanceInsights(rdsEventRecord('reader'), {
        signal: controller.signal,
      });

      await expect(report).rejects.toThrowError(OperationAbortedError);
    });

    test('throws other errors as they are', async () => {
      const error = Object.assign(new Error('unheard of'), { name: 'SomethingElse' });
      cloud.injectFault({ kind: error, action: 'rds:ModifyDBInstance' });

      await expect(createTools().enablePerformanceInsights(rdsEventRecord('reader'))).rejects.toBe(error);
    });

    test('throws InvalidInputError for a negative number of attempts', async () => {
      const report = createTools().enablePerformanceInsights(rdsEventRecord('reader'), { retryAttempts: -1 });

      await expect(report).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('Faults of the original toolkit', () => {
    test('throws when all attempts were refused', async () => {
      reader.status = 'creating';
      const start = cloud.clock.now();

      const report = createTools().enablePerformanceInsights(rdsEventRecord('reader'), {
        retryAttempts: 2,
        retryDelaySeconds: 10,
      });

      await expect(report).rejects.toThrowError(ResourceStateError);
      await expect(report).rejects.toMatchObject({ actual: expect.stringContaining('3 refusals') });
      expect(cloud.clock.now() - start).toBe(20_000);
    });
  });
});
