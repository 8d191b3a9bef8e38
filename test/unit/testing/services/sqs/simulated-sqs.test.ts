import { GetQueueAttributesCommand, GetQueueUrlCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.sqs.addQueue({ name: 'orders-dlq' });
  cloud.sqs.addQueue({ name: 'orders', deadLetterQueue: 'orders-dlq', maxReceiveCount: 2 });
});

function purge(name = 'orders') {
  return cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue(name).url }));
}

async function readAttributes(
  names?: ('All' | 'QueueArn' | 'ApproximateNumberOfMessages')[],
  name = 'orders',
) {
  const { Attributes } = await cloud.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: cloud.sqs.queue(name).url, AttributeNames: names }),
  );
  return Attributes;
}

const bodies = (name: string) => cloud.sqs.queue(name).messages.map(({ body }) => body);

describe('SimulatedSqs', () => {
  describe('GetQueueUrl', () => {
    test('finds a queue by its name', async () => {
      const { QueueUrl } = await cloud.clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }));

      expect(QueueUrl).toBe('https://sqs.eu-west-1.amazonaws.com/123456789012/orders');
    });

    test('throws for an unknown name, and without one', async () => {
      const ask = (QueueName: string | undefined) =>
        cloud.clients.sqs.send(new GetQueueUrlCommand({ QueueName }));

      await expect(ask('gone')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
      await expect(ask(undefined)).rejects.toMatchObject({ name: 'ValidationException' });
    });
  });

  describe('GetQueueAttributes', () => {
    test('returns the requested attributes', async () => {
      expect(await readAttributes(['QueueArn'])).toEqual({
        QueueArn: 'arn:aws:sqs:eu-west-1:123456789012:orders',
      });
      expect(await readAttributes()).toEqual({});
    });

    test.each(['NumberOfMessages', 'queueArn', ''])('refuses the unknown attribute %j', async (name) => {
      // @ts-expect-error no attribute of a queue
      const read = readAttributes([name]);

      await expect(read).rejects.toMatchObject({ name: 'InvalidAttributeName' });
    });

    test('omits known attributes that the queue does not have', async () => {
      const command = new GetQueueAttributesCommand({
        QueueUrl: cloud.sqs.queue('orders').url,
        AttributeNames: ['KmsMasterKeyId', 'VisibilityTimeout', 'RedrivePolicy'],
      });

      const { Attributes = {} } = await cloud.clients.sqs.send(command);

      expect(Object.keys(Attributes).sort()).toEqual(['RedrivePolicy', 'VisibilityTimeout']);
      expect(JSON.parse(Attributes['RedrivePolicy'] ?? '')).toEqual({
        deadLetterTargetArn: cloud.sqs.queue('orders-dlq').arn,
        maxReceiveCount: 2,
      });
    });

    test('counts messages in flight separately', async () => {
      cloud.sqs.send('orders', 'a');
      cloud.sqs.send('orders', 'b');
      cloud.sqs.receive('orders', 1);

      expect(await readAttributes(['All'])).toMatchObject({
        ApproximateNumberOfMessages: '1',
        ApproximateNumberOfMessagesNotVisible: '1',
        ApproximateNumberOfMessagesDelayed: '0',
      });
    });

    test('returns FifoQueue for a FIFO queue', async () => {
      cloud.sqs.addQueue({ name: 'orders.fifo' });

      expect(await readAttributes(['All'], 'orders.fifo')).toMatchObject({ FifoQueue: 'true' });
      expect(await readAttributes(['All'])).not.toHaveProperty('FifoQueue');
    });
  });

  describe('PurgeQueue', () => {
    test('takes a minute, and deletes messages that arrive or are in flight meanwhile', async () => {
      cloud.sqs.send('orders', 'before');
      cloud.sqs.receive('orders');

      await purge();
      await cloud.clock.sleep(30_000);
      cloud.sqs.send('orders', 'meanwhile');
      const during = bodies('orders');
      await cloud.clock.sleep(30_001);
      cloud.sqs.send('orders', 'after');

      expect(during).toEqual(['before', 'meanwhile']);
      expect(bodies('orders')).toEqual(['after']);
    });

    test('refuses a second purge within the minute, and accepts one after it', async () => {
      await purge();
      await cloud.clock.sleep(59_999);

      await expect(purge()).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
      await purge('orders-dlq');
      await cloud.clock.sleep(1);

      await expect(purge()).resolves.toBeDefined();
    });

    test('deletes messages that are sent meanwhile before they are received', async () => {
      cloud.sqs.send('orders', 'before');
      await cloud.clock.sleep(1_000);
      await purge();
      const receivable = () => cloud.sqs.receive('orders').map(({ body }) => body);
      await cloud.clock.sleep(30_000);
      cloud.sqs.send('orders', 'meanwhile');

      expect(receivable()).toEqual(['before']);

      await cloud.clock.sleep(30_000);
      cloud.sqs.send('orders', 'afterwards');
      expect(bodies('orders')).toEqual(['afterwards']);
      expect(receivable()).toEqual(['afterwards']);
    });

    test('refuses an unknown queue', async () => {
      const command = new PurgeQueueCommand({
        QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/gone',
      });

      await expect(cloud.clients.sqs.send(command)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    });
  });

  describe('messages', () => {
    test('are visible again when the consumer does not delete them in time', async () => {
      cloud.sqs.send('orders', 'a');
      const [first] = cloud.sqs.receive('orders');
      const none = cloud.sqs.receive('orders');
      await cloud.clock.sleep(30_000);
      const [again] = cloud.sqs.receive('orders');

      expect(none).toEqual([]);
      expect(again?.id).toBe(first?.id);
      expect(again?.receiveCount).toBe(2);
    });

    test('are removed when the consumer deletes them', () => {
      cloud.sqs.send('orders', 'a');
      for (const message of cloud.sqs.receive('orders')) cloud.sqs.delete('orders', message);

      expect(bodies('orders')).toEqual([]);
    });

    test('move to the dead-letter queue after too many receives', async () => {
      cloud.sqs.send('orders', 'broken');
      for (let time = 0; time < 3; time += 1) {
        cloud.sqs.receive('orders');
        await cloud.clock.sleep(30_000);
      }

      expect(bodies('orders')).toEqual([]);
      expect(cloud.sqs.queue('orders-dlq').messages).toMatchObject([{ body: 'broken', receiveCount: 0 }]);
    });

    test('are received for ever without a dead-letter queue', async () => {
      cloud.sqs.send('orders-dlq', 'broken');
      for (let time = 0; time < 9; time += 1) {
        cloud.sqs.receive('orders-dlq');
        await cloud.clock.sleep(30_000);
      }

      expect(cloud.sqs.queue('orders-dlq').messages).toMatchObject([{ receiveCount: 9 }]);
    });

    test('are received in batches, oldest first', () => {
      for (let number = 1; number <= 12; number += 1) cloud.sqs.send('orders', String(number));

      expect(cloud.sqs.receive('orders').map(({ body }) => body)).toEqual(
        Array.from({ length: 10 }, (_, index) => String(index + 1)),
      );
      expect(cloud.sqs.receive('orders', 1)).toHaveLength(1);
    });

    test('stay invisible for the visibility timeout of their queue', async () => {
      cloud.sqs.addQueue({ name: 'slow', visibilityTimeoutSeconds: 300 });
      cloud.sqs.send('slow', 'a');
      cloud.sqs.receive('slow');

      await cloud.clock.sleep(299_999);
      const before = cloud.sqs.receive('slow').length;
      await cloud.clock.sleep(1);

      expect([before, cloud.sqs.receive('slow').length]).toEqual([0, 1]);
    });
  });

  describe('queue', () => {
    test('finds a queue by name, ARN and URL', () => {
      const queue = cloud.sqs.queue('orders');

      expect(cloud.sqs.queue(queue.arn)).toBe(queue);
      expect(cloud.sqs.queue(queue.url)).toBe(queue);
    });

    test('uses the region and partition of the cloud', () => {
      cloud = new SimulatedCloud({ partition: 'aws-cn', region: 'cn-north-1' });

      expect(cloud.sqs.addQueue({ name: 'orders' })).toMatchObject({
        url: 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders',
        arn: 'arn:aws-cn:sqs:cn-north-1:123456789012:orders',
      });
    });
  });
});
