import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Backend } from '../../support/backend.js';

/** Subscribes a new queue to the topic, and returns the subscription's ARN. */
export async function seedSubscription(
  { cloud, clients }: Backend,
  {
    topic,
    queue,
    filterPolicy,
    scope,
  }: {
    topic: string;
    queue: string;
    filterPolicy?: string;
    scope?: 'MessageAttributes' | 'MessageBody';
  },
): Promise<string> {
  if (cloud !== undefined) {
    cloud.sns.addTopic(topic);
    cloud.sqs.addQueue({ name: queue });
    return cloud.sns.subscribe({
      topic,
      queue,
      ...(filterPolicy && { filterPolicy }),
      ...(scope && { scope }),
    }).arn;
  }
  const { TopicArn } = await clients.sns.send(new CreateTopicCommand({ Name: topic }));
  const attributes = {
    ...(scope && { FilterPolicyScope: scope }),
    ...(filterPolicy && { FilterPolicy: filterPolicy }),
  };
  return subscribeQueue(clients, { TopicArn, queue, attributes });
}

/**
 * Publishes a message with a type, and returns the number of messages in the queue afterwards. Delivery is asynchronous: a second
 * subscription without a filter shows when it is complete, and the count is polled until it is the expected one.
 */
export async function publishAndCount(
  { cloud, clients, clock }: Backend,
  { topic, queue, type, expected }: { topic: string; queue: string; type: string; expected: number },
): Promise<number> {
  const body = JSON.stringify({ order: { type } });
  if (cloud !== undefined) {
    await clock.sleep(cloud.sns.filterPropagationSeconds * 1000);
    cloud.sns.publish(topic, body, { type });
    return cloud.sqs.queue(queue).messages.length;
  }
  const { TopicArn } = await clients.sns.send(new CreateTopicCommand({ Name: topic }));
  const witness = `${queue}-witness-${randomUUID()}`;
  await subscribeQueue(clients, { TopicArn, queue: witness });
  await clients.sns.send(
    new PublishCommand({
      TopicArn,
      Message: body,
      MessageAttributes: { type: { DataType: 'String', StringValue: type } },
    }),
  );
  await pollCount(clients, witness, 1);
  return pollCount(clients, queue, expected);
}

/** Subscribes a new queue, and returns the subscription's ARN. */
async function subscribeQueue(
  { sns, sqs }: Backend['clients'],
  {
    TopicArn,
    queue,
    attributes = {},
  }: { TopicArn: string | undefined; queue: string; attributes?: Record<string, string> },
): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.['QueueArn'],
      Attributes: { RawMessageDelivery: 'true', ...attributes },
    }),
  );
  return SubscriptionArn ?? '';
}

/** Reads the number of messages until it is the expected one, for a minute at most. */
async function pollCount({ sqs }: Backend['clients'], queue: string, expected: number): Promise<number> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue }));
  for (let poll = 0; ; poll += 1) {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    const count = Number(Attributes?.['ApproximateNumberOfMessages']);
    if (count === expected || poll === 60) return count;
    await sleep(1000);
  }
}
