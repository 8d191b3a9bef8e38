import { beforeEach, describe, expect, test } from 'vitest';
import { AuroraTools } from '../../src/aurora/index.js';
import { CloudWatchTools } from '../../src/cloudwatch/index.js';
import { type Clock, type Logger, UnexpectedResponseError } from '../../src/core/index.js';
import { DynamoTools } from '../../src/dynamo/index.js';
import { EcsTools } from '../../src/ecs/index.js';
import { KinesisTools } from '../../src/kinesis/index.js';
import { LambdaTools } from '../../src/lambda/index.js';
import { SnsTools } from '../../src/sns/index.js';
import { SqsTools } from '../../src/sqs/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { brokenLogger } from '../support/broken-logger.js';

let cloud: SimulatedCloud;
let subscriptionArns: { blue: string; green: string };

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const name of ['blue', 'green']) {
    cloud.rds.addCluster({ name });
    cloud.sqs.addQueue({ name });
    cloud.lambda.addFunction({ name });
    cloud.dynamoDb.addTable({ name });
    cloud.ecs.addService({ cluster: 'shop', name, desiredCount: 1 });
  }
  cloud.cloudWatch.addAlarm({ name: 'blue-errors' });
  const topic = cloud.sns.addTopic('orders').arn;
  const subscribe = (queue: string) => cloud.sns.subscribe({ topic, queue }).arn;
  subscriptionArns = { blue: subscribe('blue'), green: subscribe('green') };
  cloud.eventBridge.addRule({ name: 'hourly', targets: [cloud.lambda.function('blue').arn] });
});

interface Dependencies {
  readonly clients: SimulatedCloud['clients'];
  readonly clock: Clock;
  readonly logger?: Logger;
}

/** One change of each tool. It is logged, and it reads the clock. */
const changes: Readonly<Record<string, (dependencies: Dependencies) => Promise<unknown>>> = {
  AuroraTools: (dependencies) =>
    new AuroraTools({
      blue: { clusterIdentifier: 'blue' },
      green: { clusterIdentifier: 'green' },
      ...dependencies,
    }).stopDatabase('blue'),
  CloudWatchTools: (dependencies) =>
    new CloudWatchTools({
      blue: { alarmNamePrefix: 'blue-' },
      green: { alarmNamePrefix: 'green-' },
      ...dependencies,
    }).disableAlarmsActions('blue'),
  DynamoTools: (dependencies) =>
    new DynamoTools({
      blue: { tableName: 'blue' },
      green: { tableName: 'green' },
      ...dependencies,
    }).deleteTable('blue'),
  EcsTools: (dependencies) =>
    new EcsTools({
      blue: { cluster: 'shop', service: 'blue', desiredCount: 1 },
      green: { cluster: 'shop', service: 'green', desiredCount: 1 },
      ...dependencies,
    }).disableService('blue'),
  KinesisTools: (dependencies) =>
    new KinesisTools({
      streamArn: cloud.kinesis.addStream({ name: 'orders' }).arn,
      blue: { consumerName: 'blue' },
      green: { consumerName: 'green' },
      ...dependencies,
    }).registerConsumer('blue'),
  LambdaTools: (dependencies) =>
    new LambdaTools({
      blue: { functionName: 'blue' },
      green: { functionName: 'green' },
      ...dependencies,
    }).disableRule('blue'),
  SnsTools: (dependencies) =>
    new SnsTools({
      blue: { subscriptionArn: subscriptionArns.blue },
      green: { subscriptionArn: subscriptionArns.green },
      ...dependencies,
    }).disableSubscription('blue'),
  SqsTools: (dependencies) =>
    new SqsTools({
      blue: { queue: 'blue' },
      green: { queue: 'green' },
      ...dependencies,
    }).purgeQueues('blue'),
};

describe.each(Object.entries(changes))('Class: %s', (_, change) => {
  test('makes a change although the logger throws', async () => {
    const { clients, clock } = cloud;

    await expect(change({ clients, clock, logger: brokenLogger })).resolves.not.toThrow();
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, '1', 1n])(
    'throws UnexpectedResponseError before any call when the clock shows %o',
    async (now) => {
      const clock = { now: () => now as number, sleep: async () => {} };

      await expect(change({ clients: cloud.clients, clock })).rejects.toThrowError(UnexpectedResponseError);

      expect(cloud.calls.filter(({ action }) => !/:(Describe|Get|List)/.test(action))).toEqual([]);
    },
  );
});
