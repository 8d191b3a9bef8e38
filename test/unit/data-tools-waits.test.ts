import { describe, expect, test } from 'vitest';
import { AuroraTools, type AuroraToolsOptions } from '../../src/aurora/index.js';
import { type Clock, type WaitOptions, WaitTimeoutError } from '../../src/core/index.js';
import { DynamoTools } from '../../src/dynamo/index.js';
import { KinesisTools } from '../../src/kinesis/index.js';
import { SqsTools } from '../../src/sqs/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { SettableClock } from '../support/settable-clock.js';

/** A wait that does not end, on a cloud and a clock. */
type EndlessWait = (cloud: SimulatedCloud, clock: Clock, options: WaitOptions) => Promise<unknown>;

function aurora(cloud: SimulatedCloud, clock: Clock, status: string): AuroraTools {
  cloud.rds.addCluster({ name: 'blue', status });
  const options: AuroraToolsOptions = {
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    clients: cloud.clients,
    clock,
  };
  return new AuroraTools(options);
}

function dynamo(cloud: SimulatedCloud, clock: Clock): DynamoTools {
  const [blue, green] = [{ tableName: 'blue' }, { tableName: 'green' }];
  return new DynamoTools({ blue, green, clients: cloud.clients, clock });
}

function kinesis(cloud: SimulatedCloud, clock: Clock, status: 'CREATING' | 'DELETING'): KinesisTools {
  const { arn: streamArn } = cloud.kinesis.addStream({ name: 'orders' });
  cloud.kinesis.addConsumer({ streamArn, name: 'blue', status });
  const [blue, green] = [{ consumerName: 'blue' }, { consumerName: 'green' }];
  return new KinesisTools({ streamArn, blue, green, clients: cloud.clients, clock });
}

const waits: Readonly<Record<string, EndlessWait>> = {
  'AuroraTools.waitForClusterState': (cloud, clock, options) =>
    aurora(cloud, clock, 'modifying').waitForClusterState('blue', 'available', options),
  'AuroraTools.startDatabase': (cloud, clock, options) =>
    aurora(cloud, clock, 'stopping').startDatabase('blue', options),
  'AuroraTools.stopDatabase': (cloud, clock, options) =>
    aurora(cloud, clock, 'modifying').stopDatabase('blue', options),
  'AuroraTools.deleteDatabase': (cloud, clock, options) => {
    const tools = aurora(cloud, clock, 'available');
    cloud.rds.addReader('blue', { status: 'creating' });
    return tools.deleteDatabase('blue', options);
  },
  'DynamoTools.deleteTable': (cloud, clock, options) => {
    cloud.dynamoDb.addTable({ name: 'blue' }).status = 'UPDATING';
    return dynamo(cloud, clock).deleteTable('blue', options);
  },
  'DynamoTools.waitForTableDeleted': (cloud, clock, options) => {
    cloud.dynamoDb.addTable({ name: 'blue' });
    return dynamo(cloud, clock).waitForTableDeleted('blue', options);
  },
  'KinesisTools.registerConsumer': (cloud, clock, options) =>
    kinesis(cloud, clock, 'DELETING').registerConsumer('blue', options),
  'KinesisTools.deregisterConsumer': (cloud, clock, options) =>
    kinesis(cloud, clock, 'CREATING').deregisterConsumer('blue', options),
  'KinesisTools.waitForConsumerState': (cloud, clock, options) =>
    kinesis(cloud, clock, 'CREATING').waitForConsumerState('blue', 'ACTIVE', options),
  'SqsTools.waitForPurge': (cloud, clock, options) => {
    for (const name of ['blue', 'green']) cloud.sqs.addQueue({ name });
    cloud.sqs.send('blue', 'an order');
    const [blue, green] = [{ queue: 'blue' }, { queue: 'green' }];
    return new SqsTools({ blue, green, clients: cloud.clients, clock }).waitForPurge('blue', options);
  },
};

describe.each(Object.entries(waits))('Method: %s', (_, wait) => {
  test.each([0, 7200])(
    'waits for maxWaitSeconds when the clock is set back by %d s meanwhile',
    async (seconds) => {
      const cloud = new SimulatedCloud();
      const clock = new SettableClock(cloud.clock);
      cloud.clock.schedule(70, () => clock.setBack(seconds));
      const start = cloud.clock.now();

      await expect(wait(cloud, clock, { maxWaitSeconds: 120 })).rejects.toThrowError(WaitTimeoutError);

      expect((cloud.clock.now() - start) / 1000).toBe(120);
    },
  );
});
