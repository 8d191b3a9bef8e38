import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Backend } from '../../support/backend.js';

/** Subscribes a new queue to the topic, and gives the subscription's ARN. */
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
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: queue }));
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const { SubscriptionArn } = await clients.sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.['QueueArn'],
      Attributes: {
        RawMessageDelivery: 'true',
        ...(scope && { FilterPolicyScope: scope }),
        ...(filterPolicy && { FilterPolicy: filterPolicy }),
      },
    }),
  );
  return SubscriptionArn ?? '';
}

/** Publishes a message which carries a type, and gives how many messages wait in the queue then. */
export async function publishAndCount(
  { cloud, clients, clock }: Backend,
  { topic, queue, type }: { topic: string; queue: string; type: string },
): Promise<number> {
  const body = JSON.stringify({ order: { type } });
  if (cloud !== undefined) {
    await clock.sleep(cloud.sns.filterPropagationSeconds * 1000);
    cloud.sns.publish(topic, body, { type });
    return cloud.sqs.queue(queue).messages.length;
  }
  const { TopicArn } = await clients.sns.send(new CreateTopicCommand({ Name: topic }));
  await clients.sns.send(
    new PublishCommand({
      TopicArn,
      Message: body,
      MessageAttributes: { type: { DataType: 'String', StringValue: type } },
    }),
  );
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: queue }));
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessages']);
}
