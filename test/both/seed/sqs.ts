import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
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

/** A queue by its URL and its ARN. */
export interface SeededQueue {
  readonly url: string;
  readonly arn: string;
}

/** Creates an empty queue, with another one for its dead letters if given. */
export async function seedEmptyQueue(
  { cloud, clients }: Backend,
  name: string,
  deadLetters?: SeededQueue,
): Promise<SeededQueue> {
  if (cloud !== undefined)
    return cloud.sqs.addQueue({ name, ...(deadLetters && { deadLetterQueue: deadLetters.arn }) });
  const policy = deadLetters && { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 3 };
  const { QueueUrl: url = '' } = await clients.sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      ...(policy && { Attributes: { RedrivePolicy: JSON.stringify(policy) } }),
    }),
  );
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
  const { Attributes } = await clients.sqs.send(command);
  return { url, arn: Attributes?.['QueueArn'] ?? '' };
}
