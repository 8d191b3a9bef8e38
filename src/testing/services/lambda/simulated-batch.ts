import type { SimulatedMessage } from '../sqs/simulated-sqs.js';

/** Builds the record of an SQS event. */
export function toRecord(
  message: SimulatedMessage,
  { eventSourceArn, region }: { readonly eventSourceArn: string; readonly region: string },
) {
  const attributes = Object.entries(message.messageAttributes).map(([name, { DataType, StringValue }]) => [
    name,
    { dataType: DataType, stringValue: StringValue, stringListValues: [], binaryListValues: [] },
  ]);
  return {
    messageId: message.id,
    receiptHandle: `${message.id}-${message.receiveCount}`,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt),
    },
    messageAttributes: Object.fromEntries(attributes),
    eventSource: 'aws:sqs',
    eventSourceARN: eventSourceArn,
    awsRegion: region,
  };
}

/**
 * Returns the messages of a batch that the function has processed: all of them without `ReportBatchItemFailures`, otherwise
 * those that the response does not name. An invalid response, or one that names an unknown message, means that none was
 * processed.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function processedMessages(
  messages: readonly SimulatedMessage[],
  response: unknown,
  responseTypes: readonly string[] = [],
): readonly SimulatedMessage[] {
  if (!responseTypes.includes('ReportBatchItemFailures')) return messages;
  const failures = failuresIn(response);
  const identifiers = failures?.map((item) => identifierOf(item));
  if (identifiers === undefined) return [];
  const isKnown = (identifier: unknown) => messages.some(({ id }) => id === identifier);
  return identifiers.every(isKnown) ? messages.filter(({ id }) => !identifiers.includes(id)) : [];
}

/** Returns the failures in a response: none without a response, undefined for an invalid one. */
function failuresIn(response: unknown): readonly unknown[] | undefined {
  if (response === null || response === undefined) return [];
  if (typeof response !== 'object') return undefined;
  const { batchItemFailures = null } = response as { readonly batchItemFailures?: unknown };
  if (batchItemFailures === null) return [];
  return Array.isArray(batchItemFailures) ? batchItemFailures : undefined;
}

function identifierOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'itemIdentifier' in item
    ? item.itemIdentifier
    : undefined;
}
