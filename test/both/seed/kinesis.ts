import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import type { Backend } from '../../support/backend.js';

/** Creates a stream, waits until it is `ACTIVE`, and returns its ARN. */
export async function seedStream({ cloud, clients }: Backend, name: string): Promise<string> {
  if (cloud !== undefined) return cloud.kinesis.addStream({ name }).arn;
  await clients.kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
  await waitUntilStreamExists({ client: clients.kinesis, maxWaitTime: 120 }, { StreamName: name });
  const command = new DescribeStreamSummaryCommand({ StreamName: name });
  const { StreamDescriptionSummary } = await clients.kinesis.send(command);
  return StreamDescriptionSummary?.StreamARN ?? '';
}
