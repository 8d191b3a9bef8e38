import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

/** The attributes of a published message, by name. */
export type SimulatedMessageAttributes = Readonly<
  Record<string, string | number | readonly (string | number | boolean | null)[]>
>;

/** A message as it arrives in a queue. */
export interface Delivery {
  readonly body: string;
  readonly messageAttributes: Readonly<Record<string, MessageAttributeValue>>;
}

/** The most attributes of a raw message. SNS discards a message with more, because SQS accepts no more. */
const maxRawAttributes = 10;

/**
 * Delivers a message raw: the body as it was published, with its attributes. Returns undefined when SNS discards it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
 */
export function rawDelivery(body: string, attributes: SimulatedMessageAttributes): Delivery | undefined {
  const typed = typedAttributes(attributes);
  if (typed.length > maxRawAttributes) return undefined;
  const entries = typed.map(([name, type, value]) => [name, { DataType: type, StringValue: value }]);
  return { body, messageAttributes: Object.fromEntries(entries) };
}

/** Delivers a message in the JSON envelope of a notification, which contains the attributes. */
export function envelopeDelivery(
  body: string,
  attributes: SimulatedMessageAttributes,
  notification: {
    readonly messageId: string;
    readonly topicArn: string;
    readonly subscriptionArn: string;
    readonly partition: string;
    readonly region: string;
    readonly at: Date;
  },
): Delivery {
  const suffix = notification.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = `https://sns.${notification.region}.${suffix}`;
  const typed = typedAttributes(attributes);
  const entries = typed.map(([name, type, value]) => [name, { Type: type, Value: value }]);
  const envelope = {
    Type: 'Notification',
    MessageId: notification.messageId,
    TopicArn: notification.topicArn,
    Message: body,
    Timestamp: notification.at.toISOString(),
    SignatureVersion: '1',
    Signature: 'simulated',
    SigningCertURL: `${host}/SimpleNotificationService-simulated.pem`,
    UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=${notification.subscriptionArn}`,
    ...(typed.length > 0 && { MessageAttributes: Object.fromEntries(entries) }),
  };
  return { body: JSON.stringify(envelope), messageAttributes: {} };
}

function typedAttributes(attributes: SimulatedMessageAttributes) {
  return Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'string') return [name, 'String', value] as const;
    if (typeof value === 'number') return [name, 'Number', String(value)] as const;
    return [name, 'String.Array', JSON.stringify(value)] as const;
  });
}
