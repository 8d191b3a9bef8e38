import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SqsTools } from '../../src/sqs/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedQueue } from './seed/sqs.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

async function countMessages(name: string): Promise<string | undefined> {
  const { QueueUrl } = await backend.clients.sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  const { Attributes } = await backend.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Attributes?.['ApproximateNumberOfMessages'];
}

describe('SqsTools', () => {
  test.each(['', '.fifo'])(
    'purges the queue and the dead-letter queue of one stack (orders%s)',
    async (suffix) => {
      const names = ['blue', 'blue-dlq', 'green', 'green-dlq'].map((stack) => `orders-${stack}${suffix}`);
      for (const name of names) await seedQueue(backend, name);
      const [queue = '', deadLetterQueue = '', otherQueue = '', otherDeadLetterQueue = ''] = names;
      const tools = new SqsTools({
        blue: { queue, deadLetterQueue },
        green: { queue: otherQueue, deadLetterQueue: otherDeadLetterQueue },
        clients: backend.clients,
        clock: backend.clock,
      });

      await tools.purgeQueues('blue');
      await tools.waitForPurge('blue');

      expect(await Promise.all(names.map(countMessages))).toEqual(['0', '0', '1', '1']);
    },
  );

  test('succeeds while another purge is under way', async () => {
    for (const stack of ['blue', 'green']) await seedQueue(backend, `orders-${stack}`);
    const tools = new SqsTools({
      blue: { queue: 'orders-blue' },
      green: { queue: 'orders-green' },
      clients: backend.clients,
      clock: backend.clock,
    });
    await tools.purgeQueues('blue');

    await tools.purgeQueues('blue');
    await tools.waitForPurge('blue');

    expect(await Promise.all(['orders-blue', 'orders-green'].map(countMessages))).toEqual(['0', '1']);
  });
});

describe('SQS: GetQueueAttributes', () => {
  test('throws InvalidAttributeName for an unknown name', async () => {
    await seedQueue(backend, 'orders-blue');
    const { sqs } = backend.clients;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders-blue' }));
    // @ts-expect-error: SQS has no attribute of this name, so the SDK's type refuses it; AWS must refuse it too
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['NumberOfMessages'] });

    await expect(sqs.send(command)).rejects.toMatchObject({ name: 'InvalidAttributeName' });
  });
});
