import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Backend } from '../../support/backend.js';

/** Creates a queue with one message in it. */
export async function seedQueue({ cloud, clients }: Backend, name: string): Promise<void> {
  if (cloud !== undefined) {
    cloud.sqs.addQueue({ name });
    cloud.sqs.send(name, 'an order');
    return;
  }
  const fifo = name.endsWith('.fifo');
  const { QueueUrl } = await clients.sqs.send(
    new CreateQueueCommand({ QueueName: name, ...(fifo && { Attributes: { FifoQueue: 'true' } }) }),
  );
  await clients.sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: 'an order',
      ...(fifo && { MessageGroupId: 'orders', MessageDeduplicationId: 'order-1' }),
    }),
  );
}
